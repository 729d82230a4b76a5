"""Unpooling undoes pooling."""

import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F
from tests.functional.test_dimensions import windows


@given(windows())
def test_unpooling_undoes_pooling(problem):
    nd, x, window, _ = problem
    y, index = getattr(F, f"max_pool{nd}d")(x, **window, return_indices=True)
    unpool = getattr(F, f"max_unpool{nd}d")
    back = unpool(y, index, **window, output_size=x.shape)
    assert_array_equal(unpool(y[0], index[0], **window, output_size=x.shape[2:]), back[0])
    assert_array_equal(back[back != 0], x[back != 0])
    assert set(np.unique(y)) - {0.0} == set(np.unique(back)) - {0.0}
    once = len(np.unique(index)) == index.size  # windows overlap: a later number replaces an earlier one
    if once and x.shape[:2] == (1, 1):
        mc.gradcheck(getattr(F, f"max_unpool{nd}d_vjp"), y, index, **window, output_size=x.shape)


def test_of_equal_places_the_later_number_stays_and_both_get_the_gradient():
    y, vjp = F.max_unpool1d_vjp(np.array([[5.0, 7.0]]), np.array([[1, 1]]), 2)
    assert y.tolist() == [[0, 7, 0, 0]]
    assert vjp(np.array([[1.0, 2, 3, 4]]))[0].tolist() == [[2, 2]]


X = np.zeros((2, 3, 4, 5))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (
            lambda: F.max_unpool2d(X, X[0].astype(int), 2), ValueError,
            "max_unpool2d: x and indices must have one shape, (N, C, H, W) or (C, H, W), "
            "not (2, 3, 4, 5) and (3, 4, 5).",
        ),
        (
            lambda: F.max_unpool2d(X, X, 2), TypeError,
            "max_unpool2d: indices must be ints, not dtype float64. Use those of max_pool2d.",
        ),
        (
            lambda: F.max_unpool2d(X, X.astype(int) + 80, 2), ValueError,
            "max_unpool2d: indices must be from 0 to 79 for an output of (8, 10), but they go from 80 to 80. "
            "Pass the output_size that was pooled.",
        ),
        (
            lambda: F.max_unpool2d(X, X.astype(int), 2, output_size=(11, 10)), ValueError,
            "max_unpool2d: output_size must be less than stride=(2, 2) away from (8, 10), not (11, 10).",
        ),
        (
            lambda: F.max_unpool1d(X[0, 0], X[0, 0].astype(int), 2, output_size=9), TypeError,
            "max_unpool1d: output_size must be a tuple of ints, not 9.",
        ),
        (
            lambda: F.max_unpool3d(X, X.astype(int), 1, padding=4), ValueError,
            "max_unpool3d: nothing is left of the output of (-5, -4, -3). Use less padding.",
        ),
        (lambda: mc.MaxUnpool2d(2, stride=0), ValueError, "MaxUnpool2d: stride must be at least 1, not 0."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
