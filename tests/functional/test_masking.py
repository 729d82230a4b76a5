import numpy as np
import pytest
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F

X = np.arange(6.0).reshape(2, 3)


def test_masked_fill_keeps_the_dtype_of_x():
    mask = np.array([True, False, True])
    for x in (X, X.astype(np.float32), X.astype(int)):
        y = F.masked_fill(x, mask, np.array(7))
        assert_array_equal(y, np.array([[7, 1, 7], [7, 4, 7]]).astype(x.dtype), strict=True)
    assert F.masked_fill(X.astype(np.float32), mask, np.float64(0.5)).dtype == np.float32
    assert F.masked_fill(np.ones(3), np.ones((2, 1), bool), 0).shape == (2, 3)


def test_the_value_may_be_learned():
    x, value = (mc.Tensor(a, requires_grad=True) for a in (X, np.array(1.0)))
    F.masked_fill(x, mask=mc.Tensor(X > 3), value=value).sum().backward()
    assert_array_equal(x.grad, X <= 3)
    assert value.grad == 2


@pytest.mark.parametrize("k", [-9, -1, 0, 1, 9])
def test_triangles_entry_by_entry(k):
    x, infinite = np.arange(24.0).reshape(2, 3, 4), np.full((2, 3, 4), np.inf)
    i, j = np.indices((3, 4))
    assert_array_equal(F.tril(x, k), np.where(j - i <= k, x, 0))
    assert_array_equal(F.triu(x, k), np.where(j - i >= k, x, 0))
    assert_array_equal(F.triu_vjp(x, k)[1](infinite)[0], np.where(j - i >= k, infinite, 0))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.masked_fill(X, X, 0), TypeError,
         "masked_fill: mask must be an array of bool, not float64. Compare, as in x > 0."),
        (lambda: F.masked_fill(X, X > 0, [1.0]), ValueError,
         "masked_fill: value must be one number, not an array of shape (1,). Use where."),
        (lambda: F.masked_fill(X, X > 0, "1"), TypeError,
         "masked_fill: every operand must be an array or a Tensor, not str. Use np.asarray."),
        (lambda: F.masked_fill(X.astype(int), X > 0, 0.5), TypeError,
         "masked_fill: x of int64 has no room for 0.5. Use x.astype(np.float32)."),
        (lambda: F.masked_fill(X, np.array([True, False]), 0), ValueError,
         "masked_fill: shapes (2, 3) and (2,) do not broadcast. Counted from the last axis, sizes must be equal, or "
         "one be 1."),
        (lambda: F.tril(X[0]), ValueError, "tril: x must have at least two axes, not shape (3,). Use unsqueeze first."),
        (lambda: F.triu(X, 0.5), TypeError, "triu: diagonal must be an int, not 0.5."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
