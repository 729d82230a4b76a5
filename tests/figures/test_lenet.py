import matplotlib.pyplot as plt
import numpy as np
import pytest

import minicnn.functional as F
from minicnn import data, models
from minicnn.figures import LeNetExplorer, draw_network


@pytest.fixture(scope="module")
def digits():
    return data.digits(size=32)[:3]


@pytest.fixture(scope="module")
def model():
    return models.LeNet5(rng=np.random.default_rng(0))


def test_the_diagram_prints_the_shapes_of_its_arrays(model, digits):
    image = digits[0][:1]
    steps = {"input": image, "conv1": F.relu(model.conv1(image)).data, "fc3": model(image).data}
    figure = draw_network(steps)
    written = [text.get_text() for text in figure.axes[0].texts]
    assert written == ["input", "1×32×32", "conv1", "6×28×28", "fc3", "10"]
    assert len(figure.axes[0].images) == 1 + 6 + 1  # every map is there
    plt.close(figure)


@pytest.mark.parametrize(("shape", "labels"), [((2, 1, 28, 28), [3, 8]), ((2, 1, 32, 32), [3])])
def test_wrong_images_or_labels_are_named(model, shape, labels):
    with pytest.raises(ValueError) as error:
        LeNetExplorer(model, np.zeros(shape), labels)
    assert str(error.value) == (
        f"LeNetExplorer: images must have shape (K, 1, 32, 32) with one label each, not {shape} with "
        f"{len(labels)} labels. Pass a few digits, such as data.images[:6] and data.labels[:6]."
    )


def test_one_character_a_weight_stays_close_and_leaves_the_model_alone(model, digits):
    before = {name: value.copy() for name, value in model.state_dict().items()}
    figure = LeNetExplorer(model, *digits, mean=0.3, std=0.4)
    after = model.state_dict()
    assert all(np.array_equal(before[name], after[name]) for name in before)
    for name, weight in figure.model.state_dict().items():
        assert 0 < np.abs(weight - before[name]).max() < np.abs(before[name]).max() / 80
    exact = F.softmax(model(((digits[0] - 0.3) / 0.4).astype(np.float32)).data, 1)
    np.testing.assert_allclose(figure.probabilities, exact, atol=0.01)


def test_equal_content_gives_equal_html_of_bounded_size(model, digits):
    page = LeNetExplorer(model, *digits).to_html()
    assert page == LeNetExplorer(model, *digits).to_html()
    assert len(page.encode()) < 130_000
    assert page != LeNetExplorer(model, *digits, mean=0.3).to_html()


def test_still_picture_has_every_layer(model, digits):
    picture = LeNetExplorer(model, *digits).picture()
    assert picture.count("<image") == 5
    assert len(picture) < 10_000
    assert "conv2 + ReLU 16×10×10" in picture
