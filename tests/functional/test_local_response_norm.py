import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

X = np.random.default_rng(0).normal(0, 2, (2, 7, 3, 2))


def by_hand(x, size, alpha, beta, k):
    y = np.empty_like(x)
    for c in range(x.shape[1]):
        window = x[:, max(0, c - size // 2) : c + (size - 1) // 2 + 1]
        y[:, c] = x[:, c] / (k + alpha / size * (window**2).sum(1)) ** beta
    return y


@given(st.integers(1, 9), st.integers(1, 4), st.integers(0, 2**32))
def test_value_and_gradient(size, C, seed):
    x = np.random.default_rng(seed).normal(0, 2, (2, C, 3))
    options = dict(size=size, alpha=0.5, beta=0.75, k=2)
    assert_allclose(F.local_response_norm(x, **options), by_hand(x, **options), rtol=1e-13)
    mc.gradcheck(F.local_response_norm_vjp, x, **options)


def test_alexnets_setting():
    # the paper's sum is not divided by n = 5
    y = F.local_response_norm(X, 5, alpha=5e-4, k=2)
    assert_allclose(y[:, 3], X[:, 3] / (2 + 1e-4 * (X[:, 1:6] ** 2).sum(1)) ** 0.75)


def test_1000_nothing_and_no_channels():
    assert_allclose(F.local_response_norm(np.full((1, 1, 1), -1000.0), 1), -1000 / 101**0.75)
    for shape in ((0, 3, 2), (2, 0, 2), (2, 3, 0)):
        y, vjp = F.local_response_norm_vjp(np.zeros(shape), 3)
        assert y.shape == vjp(y)[0].shape == shape
    x = X.copy()
    x[0, 3] = np.nan
    assert_array_equal(np.isnan(F.local_response_norm(x, 2)[0, :, 0, 0]), [0, 0, 0, 1, 1, 0, 0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: F.local_response_norm(X[0, 0], 2),
            "local_response_norm: x must have shape (N, C, …) with at least three axes, not (3, 2).",
        ),
        (lambda: F.local_response_norm(X, 0), "local_response_norm: size must be at least 1, not 0."),
        (lambda: F.local_response_norm(X, 2.0), "local_response_norm: size must be an int, not 2.0."),
        (lambda: F.local_response_norm(X, 2, "a"), "local_response_norm: alpha must be a number, not 'a'."),
        (
            lambda: F.local_response_norm(X.astype(np.int64), 2),
            "local_response_norm: x must be a floating point array, not dtype int64. Use x.astype(np.float32).",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises((TypeError, ValueError)) as raised:
        call()
    assert str(raised.value) == message
