"""Channels and pixels in another order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2))
def test_pixel_shuffle(r, c, h, leading):
    x = np.random.default_rng(0).standard_normal((*(2,) * leading, c * r * r, h, 2))
    mc.gradcheck(F.pixel_shuffle_vjp, x, upscale_factor=r)
    y = F.pixel_shuffle(x, r)
    mc.gradcheck(F.pixel_unshuffle_vjp, y, downscale_factor=r)
    assert_array_equal(F.pixel_unshuffle(y, r), x)


def test_pixels_become_channels():
    x = np.arange(24).reshape(1, 4, 6)
    y = F.pixel_unshuffle(x, 2)
    for i, j in np.ndindex(2, 2):
        assert_array_equal(y[2 * i + j], x[0, i::2, j::2])


def test_no_images_have_a_shape_too():
    assert F.pixel_unshuffle(np.zeros((0, 1, 4, 6)), 2).shape == (0, 4, 2, 3)


@given(st.integers(1, 3), st.integers(1, 3))
def test_channel_shuffle(groups, each):
    x = np.random.default_rng(0).standard_normal((2, groups * each, 3, 2))
    y = F.channel_shuffle(x, groups)
    for i in range(each):
        assert_array_equal(y[:, i * groups : (i + 1) * groups], x[:, i::each])
    assert_array_equal(F.channel_shuffle(y, each), x)
    mc.gradcheck(F.channel_shuffle_vjp, x, groups=groups)


X = np.zeros((2, 3, 4, 5))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.pixel_shuffle(X, 2), ValueError,
         "pixel_shuffle: x must have shape (…, C·r², H, W), but r=2 and x has shape (2, 3, 4, 5). Use a number of "
         "channels that 4 divides."),
        (lambda: F.pixel_unshuffle(X, 2), ValueError,
         "pixel_unshuffle: x must have shape (…, C, H·r, W·r), but r=2 and x has shape (2, 3, 4, 5). Use a height and "
         "a width that 2 divides."),
        (lambda: F.pixel_unshuffle(X, 0), ValueError, "pixel_unshuffle: downscale_factor must be at least 1, not 0."),
        (lambda: F.channel_shuffle(X, 2), ValueError,
         "channel_shuffle: x must have shape (N, C, …), at least three axes, and groups must divide C, but groups=2 "
         "and x has shape (2, 3, 4, 5)."),
        (lambda: F.channel_shuffle(X[0, 0], 1), ValueError,
         "channel_shuffle: x must have shape (N, C, …), at least three axes, and groups must divide C, but groups=1 "
         "and x has shape (4, 5)."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
