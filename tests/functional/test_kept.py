"""A pull-back keeps only the arrays whose numbers it needs: the others are free, and may be changed."""

from itertools import groupby

import numpy as np
import pytest

import minicnn.functional as F
from minicnn.tape_errors import kept
from minicnn.tensor import Version
from tests.golden.cases import CASES


def keeps(vjp, array):
    version = Version()
    version.changed = array
    return kept(vjp, version)


def kept_for_nothing(case):
    """Arguments (by number; -1: the result) that are kept, although other numbers in them change no gradient."""
    arrays = case.inputs()[0]
    args, options = case.arguments(arrays)
    y, vjp = getattr(F, f"{case.operation}_vjp")(*args, **options)
    y = y[0] if isinstance(y, tuple) else y
    dy = np.asarray(case.c(np.shape(y)))
    before = [np.array(dx) for dx in vjp(dy) if dx is not None]
    found = {}
    for i, a in {**dict(enumerate(arrays)), -1: y}.items():
        if isinstance(a, np.ndarray) and a.dtype.kind == "f" and a.size and keeps(vjp, a):
            old = a.copy()
            a[...] = np.random.default_rng(i + 1).uniform(0.1, 0.9, a.shape)
            with np.errstate(all="ignore"):
                after = [np.asarray(dx) for dx in vjp(dy) if dx is not None]
            found[i] = all(np.array_equal(dx, was, equal_nan=True) for dx, was in zip(after, before, strict=True))
            a[...] = old
    return found


@pytest.mark.parametrize(
    "operation", {operation: [*cases] for operation, cases in groupby(CASES, lambda case: case.operation)}.items(),
    ids=lambda pair: pair[0],
)  # fmt: skip
def test_nothing_is_kept_for_nothing(operation):
    """In some cases an array may change nothing, as where all numbers are cut off: but not in all of them."""
    found = [kept_for_nothing(case) for case in operation[1]]
    for i in {i for one in found for i in one}:
        assert not all(one[i] for one in found if i in one), f"argument {i} (-1: the result) is kept for nothing"


@pytest.mark.parametrize("operation", [F.conv2d_vjp, F.conv_transpose2d_vjp])
def test_an_image_is_not_kept_for_filters_that_need_no_gradient(operation):
    rng = np.random.default_rng(0)
    x, w = rng.random((2, 3, 6, 6)), rng.random((3, 3, 3, 3))
    assert keeps(operation(x, w)[1], x)
    assert not keeps(operation(x, w, needs=(True, False, False))[1], x)
