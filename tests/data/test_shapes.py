"""The drawn shapes: the same bits everywhere, nothing in them but form to go by, and networks told apart by them."""

import hashlib

import numpy as np
import pytest

import minicnn as mc
from minicnn import functional as F
from minicnn.data import shapes
from minicnn.data.forms import FORMS


def rng(seed=0):
    return np.random.default_rng(seed)


def test_images_and_labels():
    data = shapes(203, rng=rng())
    assert (data.images.shape, data.images.dtype) == ((203, 3, 32, 32), np.float32)
    steps = np.rint(data.images * 255)
    np.testing.assert_array_equal(data.images, steps.astype(np.float32) / np.float32(255))
    assert 0 <= steps.min() < 20 < 235 < steps.max() <= 255
    assert data.classes == tuple(sorted(data.classes)) == tuple(FORMS)
    assert data.labels.dtype == np.int64
    assert np.bincount(data.labels).tolist() == [21, 21, 21] + [20] * 7
    assert (np.diff(data.labels) != 0).mean() > 0.8  # in random order
    assert shapes(0, 64).images.shape == (0, 3, 64, 64)


def test_the_seed_decides_every_bit_on_every_machine():
    bits = [np.rint(shapes(300, rng=rng(seed)).images * 255).astype(np.uint8).tobytes() for seed in (0, 0, 1)]
    assert bits[0] == bits[1] != bits[2]
    assert hashlib.sha256(bits[0]).hexdigest() == "29b4e63a868658c976258c87fa8eaf5f456f1ac0324da2bb8fdaea4b7aaa763a"


def test_a_larger_picture_shows_the_same():
    small, large = shapes(60, 24, rng=rng()), shapes(60, 72, rng=rng())
    np.testing.assert_array_equal(small.labels, large.labels)
    thirds = large.images.reshape(60, 3, 24, 3, 24, 3).mean((3, 5))
    assert np.abs(thirds - small.images).mean() < 0.02  # grain aside


def test_all_forms_have_one_area_and_fit_in_the_picture():
    x, y = np.meshgrid(*[np.linspace(-2, 2, 801, dtype=np.float32)] * 2)
    for name, form in FORMS.items():
        inside = form(x, y) < 0
        assert 1.44 < inside.sum() * 0.005**2 < 1.56, name
        assert np.sqrt(x * x + y * y)[inside].max() < 1.25, name


def test_distances_are_those_of_the_forms():
    """Edges are as soft as a pixel for all: just outside, distances grow as fast as the way."""
    x, y = np.meshgrid(*[np.linspace(-1.3, 1.3, 521, dtype=np.float32)] * 2)
    for name, form in FORMS.items():
        outside = form(x, y)
        slopes = np.hypot(*np.gradient(outside, 0.005))[np.abs(outside) < 0.02]
        assert 0.9 < np.median(slopes) < 1.1, name


def test_colours_do_not_tell_the_class():
    """Least squares on means, spreads and extremes of the colours guess hardly better than one in ten."""

    def features(images):
        each = [images.mean((2, 3)), images.std((2, 3)), images.min((2, 3)), images.max((2, 3))]
        first = np.concatenate(each, 1)
        return np.concatenate([first, first**2, np.ones((len(first), 1))], 1)

    train, test = shapes(2000, rng=rng(0)), shapes(1000, rng=rng(1))
    weights = np.linalg.lstsq(features(train.images), np.eye(10)[train.labels], rcond=None)[0]
    assert ((features(test.images) @ weights).argmax(1) == test.labels).mean() < 0.2


# --- networks -------------------------------------------------------------------------------------


class Block(mc.Module):
    """Two 3×3 convolutions and a way round them; half the size, twice the channels."""

    def __init__(self, channels, rng):
        self.conv1 = mc.Conv2d(channels, 2 * channels, 3, 2, 1, bias=False, rng=rng)
        self.bn1 = mc.BatchNorm2d(2 * channels)
        self.conv2 = mc.Conv2d(2 * channels, 2 * channels, 3, 1, 1, bias=False, rng=rng)
        self.bn2 = mc.BatchNorm2d(2 * channels)
        self.shortcut = mc.Conv2d(channels, 2 * channels, 1, 2, bias=False, rng=rng)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


def linear(rng):
    return mc.Sequential(mc.Flatten(), mc.Linear(3072, 10, rng=rng))


def mlp(rng):
    layers = [mc.Linear(3072, 256, rng=rng), mc.ReLU(), mc.Linear(256, 128, rng=rng), mc.ReLU()]
    return mc.Sequential(mc.Flatten(), *layers, mc.Linear(128, 10, rng=rng))


def lenet(rng):
    maps = [mc.Conv2d(3, 6, 5, rng=rng), mc.ReLU(), mc.AvgPool2d(2), mc.Conv2d(6, 16, 5, rng=rng), mc.ReLU()]
    units = [mc.Linear(400, 120, rng=rng), mc.ReLU(), mc.Linear(120, 84, rng=rng), mc.ReLU()]
    return mc.Sequential(*maps, mc.AvgPool2d(2), mc.Flatten(), *units, mc.Linear(84, 10, rng=rng))


def resnet(rng):
    stem = [mc.Conv2d(3, 8, 3, 1, 1, bias=False, rng=rng), mc.BatchNorm2d(8), mc.ReLU()]
    blocks = [Block(8, rng), Block(16, rng), Block(32, rng)]
    return mc.Sequential(*stem, *blocks, mc.AdaptiveAvgPool2d(1), mc.Flatten(), mc.Linear(64, 10, rng=rng))


def accuracy(network, seed, n=2000, epochs=30):
    """On 1,000 other pictures, after training with Adam, in batches of 32."""
    generator = rng(seed)
    train, test = shapes(n, rng=generator), shapes(1000, rng=generator)
    model = network(generator)
    loader = mc.data.DataLoader(train, 32, shuffle=True, rng=generator)
    optimizer = mc.Adam(model.parameters(), lr=2e-3)
    schedule = mc.OneCycleLR(optimizer, 2e-3, total_steps=epochs * len(loader))
    mc.fit(model, loader, optimizer=optimizer, epochs=epochs, schedule=schedule, progress=False)
    return mc.evaluate(model, mc.data.DataLoader(test, 250))[1]


@pytest.mark.slow
def test_networks_are_told_apart():
    """2,000 pictures, 30 epochs: the budget of the book's experiments. Means over three seeds."""
    means = {f: np.mean([accuracy(f, seed) for seed in range(3)]) for f in (linear, mlp, lenet, resnet)}
    assert 0.1 < means[linear] < 0.25
    assert means[linear] + 0.05 < means[mlp] < 0.5
    assert 0.75 < means[lenet] < 0.9
    assert means[lenet] + 0.02 < means[resnet] < 0.99


@pytest.mark.patient
def test_a_few_epochs_tell_a_residual_network_from_a_linear_one():
    assert accuracy(linear, 0, 1000, 5) < 0.2 < 0.3 < accuracy(resnet, 0, 1000, 5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: shapes(2.5), TypeError, "shapes: n must be an int, not 2.5."),
        (lambda: shapes(-1), ValueError, "shapes: n must be at least 0, not -1."),
        (lambda: shapes(5, 8), ValueError, "shapes: size must be at least 16, not 8."),
        (lambda: shapes(5, rng=1), TypeError,
         "shapes: rng must be a numpy.random.Generator, not 1. Pass np.random.default_rng(seed)."),
    ],
)  # fmt: skip
def test_errors(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
