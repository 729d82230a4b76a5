import numpy as np
import pytest

import minicnn.functional as F
from minicnn.figures import KERNELS, ConvolutionExplorer

IMAGE = np.random.default_rng(0).integers(0, 17, (6, 8))
COLOUR = np.random.default_rng(1).integers(0, 17, (3, 6, 7))


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (
            (np.zeros((2, 9)),),
            {},
            "image has shape (2, 9) but the figure shows 3 to 12 rows and columns, (H, W) or (3, H, W). "
            "Pass a crop, such as image[..., :8, :8].",
        ),
        (
            (np.zeros((2, 8, 8)),),
            {},
            "image has shape (2, 8, 8) but the figure shows 3 to 12 rows and columns, (H, W) or (3, H, W). "
            "Pass a crop, such as image[..., :8, :8].",
        ),
        (
            (IMAGE, np.ones((2, 2))),
            {},
            "kernel has shape (2, 2) but the figure edits 3×3 kernels. Pass a 3×3 array.",
        ),
        (
            (COLOUR, np.ones((2, 3, 3))),
            {},
            "kernel has shape (2, 3, 3) but the figure edits 3×3 kernels. Pass a 3×3 array, or three: (3, 3, 3).",
        ),
        (
            (IMAGE, "edges"),
            {},
            "no kernel is named 'edges'. Pass one of vertical edge, horizontal edge, sharpen, blur, emboss, "
            "or a 3×3 array.",
        ),
        (
            (IMAGE * 100,),
            {},
            "image must have numbers from −255 to 255, but its largest is 1600. "
            "Pass smaller ones, such as image / abs(image).max().",
        ),
        ((IMAGE,), {"padding": 3}, "padding must be 0, 1 or 2, not 3."),
        ((IMAGE,), {"stride": 0}, "stride must be 1, 2 or 3, not 0."),
    ],
)
def test_errors_name_the_rule_and_the_repair(arguments, options, message):
    with pytest.raises(ValueError) as error:
        ConvolutionExplorer(*arguments, **options)
    assert str(error.value) == f"ConvolutionExplorer: {message}"


def test_what_is_no_array_of_numbers_is_told_so():
    with pytest.raises(TypeError) as error:
        ConvolutionExplorer("digit")
    assert str(error.value) == "ConvolutionExplorer: image must be an array of numbers, not 'digit'."


@pytest.mark.parametrize("image", [IMAGE, COLOUR], ids=["grey", "colour"])
@pytest.mark.parametrize("options", [{}, {"flip": True}, {"padding": 2, "stride": 3}], ids=str)
def test_still_picture_shows_the_library_result(image, options):
    figure = ConvolutionExplorer(image, "emboss", **options)
    channels = image.reshape(-1, *image.shape[-2:]).astype(float)
    weight = np.stack([np.array(KERNELS["emboss"], float)] * len(channels))
    if options.get("flip"):
        weight = weight[:, ::-1, ::-1].copy()
    steps = {key: value for key, value in options.items() if key != "flip"}
    expected = F.conv2d(channels[None], weight[None], **steps)[0, 0]
    np.testing.assert_array_equal(figure.feature_map, expected)
    corner = f"{figure.feature_map[-1, -1]:g}".replace("-", "−")
    assert figure.picture().rindex(f">{corner}</text>") > figure.picture().rindex("<text")
    rows, columns = expected.shape
    assert f"{rows}×{columns} feature map" in figure.alt
