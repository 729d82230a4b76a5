"""What convolution layers do beyond the functions that they call."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F


@pytest.mark.parametrize("nd", [1, 2, 3])
@pytest.mark.parametrize("settings", [dict(stride=2), dict(stride=3, padding=1), dict(stride=2, dilation=3)], ids=str)
def test_a_transposed_convolution_leads_back_to_every_size(nd, settings):
    down = getattr(mc, f"Conv{nd}d")(2, 3, 3, **settings)
    up = getattr(mc, f"ConvTranspose{nd}d")(3, 2, 3, **settings)
    for n in range(9, 13):
        x = np.ones((1, 2, *range(n, n + nd)), np.float32)
        h = down(x)
        assert up(h, x.shape).shape == x.shape
        assert up(h[0], output_size=x.shape[2:]).shape == x.shape[1:]


def test_output_size_takes_the_place_of_output_padding():
    layer = mc.ConvTranspose2d(2, 2, 3, stride=3, output_padding=1, rng=np.random.default_rng(0))
    x = np.random.default_rng(0).standard_normal((1, 2, 4, 4)).astype(np.float32)
    y = F.conv_transpose2d(x, layer.weight, layer.bias, stride=3, output_padding=(0, 2))
    assert_array_equal(layer(x, (12, 14)).data, y.data)
    assert layer(x).shape == (1, 2, 13, 13)


X = np.zeros((1, 1, 3, 3), np.float32)
UP = mc.ConvTranspose2d(1, 1, 3, stride=2)


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: UP(X, (9, 8)), ValueError,
         "ConvTranspose2d: output_size must be from (7, 7) to (8, 8) for x of (1, 1, 3, 3), not (9, 8)."),
        (lambda: UP(X, (1, 8, 8)), ValueError,
         "ConvTranspose2d: output_size must be from (7, 7) to (8, 8) for x of (1, 1, 3, 3), not (1, 8, 8)."),
        (lambda: UP(X, 8), TypeError, "ConvTranspose2d: output_size must be a tuple of ints, not 8."),
        (lambda: UP(X, (8, 8.0)), TypeError, "ConvTranspose2d: each of output_size must be an int, not 8.0."),
        (lambda: UP(X[0, 0], (8, 8)), ValueError,
         "conv_transpose2d: x must have shape (N, C, H, W), or (C, H, W) for one image, not (3, 3)."),
        (lambda: mc.ConvTranspose2d(1, 1, 3, padding_mode="reflect"), ValueError,
         "ConvTranspose2d: padding_mode must be \"zeros\", as nothing is padded here, not 'reflect'."),
        (lambda: mc.ConvTranspose2d(1, 1, 3, padding="same"), TypeError,
         "ConvTranspose2d: padding must be an int or a pair of ints, not 'same'."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
