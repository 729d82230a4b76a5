import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

X, W, B = np.zeros((2, 5)), np.zeros((3, 5)), np.zeros(3)


@pytest.mark.parametrize("leading", [(), (4,), (2, 3)])
def test_gradients(leading):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s) for s in [(*leading, 5), (3, 5), (3,)]]
    mc.gradcheck(F.linear_vjp, *arrays)
    mc.gradcheck(F.linear_vjp, *arrays[:2], None)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "sizes",  # of x (M, K) and w (N, K): few rows; tiles, vectors and blocks with and without rests; sums of sums
    [(1, 7, 5), (4, 33, 40), (5, 1, 1), (12, 16, 32), (13, 17, 33), (24, 64, 128), (64, 400, 120), (7, 1100, 131)],
)
def test_products_and_their_gradients(sizes, dtype):
    M, K, N = sizes
    rng = np.random.default_rng(M)
    x, w, b, dy = (rng.standard_normal(s) for s in ((M, K), (N, K), (N,), (M, N)))
    y, vjp = F.linear_vjp(*(a.astype(dtype) for a in (x, w, b)))
    expected = x @ w.T + b, dy @ w, dy.T @ x, dy.sum(0)
    for got, wanted in zip((y, *vjp(dy.astype(dtype))), expected, strict=True):
        assert got.dtype == dtype
        assert_allclose(got, wanted, rtol=0, atol=(2e-6 if dtype == np.float32 else 1e-14) * abs(wanted).max())


@pytest.mark.parametrize("leading", [(), (4,), (2, 3), (0,)])
def test_one_output_without_an_axis_of_its_own(leading):
    rng = np.random.default_rng(0)
    x, w, b = rng.standard_normal((*leading, 5)), rng.standard_normal(5), np.array(0.5)
    assert_allclose(F.linear(x, w), x @ w)
    assert_allclose(F.linear(x, w, b), x @ w + b)
    mc.gradcheck(F.linear_vjp, x, w, b)
    mc.gradcheck(F.linear_vjp, x, w, None)


@pytest.mark.parametrize("leading", [(), (4,), (2, 3), (0,)])
def test_bilinear(leading):
    rng = np.random.default_rng(0)
    x1, x2, w, b = (rng.standard_normal(s) for s in [(*leading, 5), (*leading, 2), (3, 5, 2), (3,)])
    y = np.einsum("...i,oij,...j->...o", x1, w, x2)
    assert_allclose(F.bilinear(x1, x2, w), y)
    assert_allclose(F.bilinear(x1, x2, w, b), y + b)
    mc.gradcheck(F.bilinear_vjp, x1, x2, w, b)
    mc.gradcheck(F.bilinear_vjp, x1, x2, w, None)


def test_axes_of_size_0():
    y, vjp = F.linear_vjp(np.zeros((2, 0)), np.zeros((3, 0)), np.ones(3))
    assert_array_equal(y, np.ones((2, 3)))
    assert [a.shape for a in vjp(y)] == [(2, 0), (3, 0), (3,)]
    y, vjp = F.linear_vjp(np.zeros((2, 5)), np.zeros((0, 5)))
    assert y.shape == (2, 0)
    assert [a.shape for a in vjp(y)[:2]] == [(2, 5), (0, 5)]
    y, vjp = F.bilinear_vjp(np.zeros((2, 0)), np.zeros((2, 4)), np.zeros((3, 0, 4)))
    assert_array_equal(y, np.zeros((2, 3)))
    assert [a.shape for a in vjp(y)[:3]] == [(2, 0), (2, 4), (3, 0, 4)]


def test_nan_reaches_its_row_only():
    x = np.array([[1.0, np.nan], [1.0, 2.0]])
    assert_array_equal(np.isnan(F.linear(x, np.ones((3, 2)))), [[True] * 3, [False] * 3])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            (np.zeros((2, 5, 4)), W), ValueError,
            "linear: the last axis of x, shape (2, 5, 4), must have the I=5 entries that w of shape (3, 5) expects. "
            "Pass in_features=4 to Linear, or flatten x first.",
        ),
        ((X, W[0, 0]), ValueError, "linear: w must have the two axes (O, I), not shape ()."),
        (
            (X, W, np.zeros(5)), ValueError,
            "linear: b must hold one number for each of the 3 outputs, so shape (3,), not (5,).",
        ),
        (
            (X.astype(np.float32), W, B), TypeError,
            "linear: all arrays must have one dtype, but x is float32, w is float64, b is float64. "
            "Convert one with .astype(…).",
        ),
    ],
)  # fmt: skip
def test_errors(arguments, error, message):
    with pytest.raises(error) as raised:
        F.linear(*arguments)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            (X, X[:, :2], np.zeros((3, 5, 4))), ValueError,
            "bilinear: w of shape (3, 5, 4) needs x1 of shape (…, 5) and x2 of shape (…, 4), the same …, "
            "not (2, 5) and (2, 2).",
        ),
        (
            (X, X[0], np.zeros((3, 5, 5))), ValueError,
            "bilinear: w of shape (3, 5, 5) needs x1 of shape (…, 5) and x2 of shape (…, 5), the same …, "
            "not (2, 5) and (5,).",
        ),
        ((X, X, W), ValueError, "bilinear: w must have the three axes (O, I, J), not shape (3, 5)."),
        (
            (X, X, np.zeros((3, 5, 5)), np.zeros(5)), ValueError,
            "bilinear: b must hold one number for each of the 3 outputs, so shape (3,), not (5,).",
        ),
        (
            (X, X.astype(int), W), TypeError,
            "bilinear: x2 must be a floating point array, not dtype int64. Use x2.astype(np.float32).",
        ),
    ],
)  # fmt: skip
def test_errors_of_bilinear(arguments, error, message):
    with pytest.raises(error) as raised:
        F.bilinear(*arguments)
    assert str(raised.value) == message
