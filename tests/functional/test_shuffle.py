"""Channels and pixels in another order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minicnn as mc
import minicnn.functional as F


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2))
def test_pixel_shuffle(r, c, h, leading):
    x = np.random.default_rng(0).standard_normal((*(2,) * leading, c * r * r, h, 2))
    mc.gradcheck(F.pixel_shuffle_vjp, x, upscale_factor=r)


X = np.zeros((2, 3, 4, 5))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (
            lambda: F.pixel_shuffle(X, 2), ValueError,
            "pixel_shuffle: x must have shape (…, C·r², H, W), but r=2 and x has shape (2, 3, 4, 5). "
            "Use a number of channels that 4 divides.",
        ),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
