"""Unpooling undoes pooling."""

import numpy as np
import pytest
from hypothesis import assume, given
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F
from tests.functional.test_dimensions import windows


@given(windows())
def test_unpooling_undoes_pooling(problem):
    nd, x, window, _ = problem
    assume(nd == 2)
    y, index = F.max_pool2d(x, **window, return_indices=True)
    back = F.max_unpool2d(y, index, **window, output_size=x.shape)
    assert_array_equal(back[back != 0], x[back != 0])
    assert set(np.unique(y)) - {0.0} == set(np.unique(back)) - {0.0}
    once = len(np.unique(index)) == index.size  # windows overlap: a later number replaces an earlier one
    if once and x.shape[:2] == (1, 1):
        mc.gradcheck(F.max_unpool2d_vjp, y, index, **window, output_size=x.shape)


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
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
