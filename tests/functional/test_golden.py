"""Every operation gives PyTorch's outputs and gradients, to rounding."""

from pathlib import Path

import numpy as np
import pytest

import minicnn as mc
import minicnn.functional as F
from tests.golden.cases import CASES

GOLDEN = {path.stem: np.load(path) for path in (Path(__file__).parents[1] / "golden" / "functional").glob("*.npy")}
ROWS, EXPECTED = {}, {}
for case in CASES:  # the rows of a case follow those of the case before
    first = ROWS.get(case.operation, 0)
    ROWS[case.operation] = first + 1 + sum(case.inputs()[1])
    EXPECTED[str(case)] = GOLDEN[case.operation][first : ROWS[case.operation]]


def compare(case, answers, tolerance):
    for which, (array, expected) in enumerate(zip(answers, EXPECTED[str(case)], strict=True)):
        size = np.linalg.norm(np.ravel(array)) * np.sqrt(np.size(array)) + 1
        difference = np.abs(case.fingerprint(np.asarray(array, np.float64), which) - expected)
        what = "the output" if which == 0 else f"the gradient of input {which - 1}"
        assert (difference <= tolerance * size).all(), f"{what} differs from PyTorch's"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_arrays(case):
    inputs, has_gradient = case.inputs()
    arrays, options = case.arguments(inputs)
    y, vjp = getattr(F, f"{case.operation}_vjp")(*arrays, **options)
    y = y[0] if isinstance(y, tuple) else y
    gradients = [dx for dx in vjp(np.asarray(case.c(np.shape(y)))) if dx is not None]
    assert [np.shape(dx) for dx in gradients] == [x.shape for x, has in zip(inputs, has_gradient, strict=True) if has]
    compare(case, [y, *gradients], 1e-13)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_tensors_in_float32(case):
    inputs = [a.astype(np.float32) if getattr(a, "dtype", None) == np.float64 else a for a in case.inputs()[0]]
    inputs = [mc.Tensor(a, True) if has else a for a, has in zip(inputs, case.inputs()[1], strict=True)]
    y = case.call(getattr(F, case.operation), inputs)
    y = y[0] if isinstance(y, tuple) else y
    y.backward(case.c(y.shape))
    gradients = [a.grad for a in inputs if isinstance(a, mc.Tensor)]
    assert {a.dtype for a in [y, *gradients]} == {np.dtype(np.float32)}
    compare(case, [y.data, *gradients], 1e-5)


def test_every_golden_answer_is_asked_for():
    assert {operation: len(rows) for operation, rows in GOLDEN.items()} == ROWS
    assert len(EXPECTED) == len(CASES)
