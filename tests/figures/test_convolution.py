import numpy as np
import pytest

import minicnn.functional as F
from minicnn.figures import KERNELS, ConvolutionExplorer

IMAGE = np.random.default_rng(0).integers(0, 17, (6, 8))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (np.zeros((2, 9)),),
            "ConvolutionExplorer: image has shape (2, 9) but the figure shows 3 to 12 rows and columns. "
            "Pass a crop, such as image[:8, :8].",
        ),
        (
            (IMAGE, np.ones((2, 2))),
            "ConvolutionExplorer: kernel has shape (2, 2) but the figure edits 3×3 kernels. Pass a 3×3 array.",
        ),
        (
            (IMAGE, "edges"),
            "ConvolutionExplorer: no kernel is named 'edges'. "
            "Pass one of vertical edge, horizontal edge, sharpen, blur, emboss, or a 3×3 array.",
        ),
    ],
)
def test_errors_name_the_rule_and_the_repair(arguments, message):
    with pytest.raises(ValueError) as error:
        ConvolutionExplorer(*arguments)
    assert str(error.value) == message


@pytest.mark.parametrize("flip", [False, True])
def test_still_picture_shows_the_library_result(flip):
    figure = ConvolutionExplorer(IMAGE, "emboss", flip=flip)
    weight = np.array(KERNELS["emboss"], dtype=float)
    weight = weight[::-1, ::-1].copy() if flip else weight
    expected = F.conv2d(IMAGE[None, None].astype(float), weight[None, None])[0, 0]
    np.testing.assert_array_equal(figure.feature_map, expected)
    corner = f"{figure.feature_map[-1, -1]:g}".replace("-", "−")
    assert figure.picture().rindex(f">{corner}</text>") > figure.picture().rindex("<text")
