"""Every operation gives PyTorch's outputs and gradients, to rounding."""

from pathlib import Path

import numpy as np
import pytest

import minicnn as mc
import minicnn.functional as F
from tests.golden.cases import CASES, Classes

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "functional.npz")
ROWS, EXPECTED = {}, {}
for case in CASES:  # the rows of a case follow those of the case before
    first = ROWS.get(case.operation, 0)
    ROWS[case.operation] = first + 1 + sum(not isinstance(a, Classes) for a in case.arrays)
    EXPECTED[str(case)] = GOLDEN[case.operation][first : ROWS[case.operation]]


def compare(case, answers, tolerance):
    for which, (array, expected) in enumerate(zip(answers, EXPECTED[str(case)], strict=True)):
        size = np.linalg.norm(np.ravel(array)) * np.sqrt(np.size(array)) + 1
        difference = np.abs(case.fingerprint(np.asarray(array, np.float64), which) - expected)
        what = "the output" if which == 0 else f"the gradient of input {which - 1}"
        assert (difference <= tolerance * size).all(), f"{what} differs from PyTorch's"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_arrays(case):
    inputs = case.inputs()
    y, vjp = getattr(F, f"{case.operation}_vjp")(*inputs, **case.options)
    gradients = [dx for dx in vjp(np.asarray(case.c(np.shape(y)))) if dx is not None]
    assert [np.shape(dx) for dx in gradients] == [np.shape(x) for x in inputs if x.dtype.kind == "f"]
    compare(case, [y, *gradients], 1e-13)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_tensors_in_float32(case):
    inputs = [a.astype(np.float32) if a.dtype == np.float64 else a for a in map(np.asarray, case.inputs())]
    tensors = [mc.Tensor(a, requires_grad=a.dtype.kind == "f") for a in inputs]
    y = getattr(F, case.operation)(*tensors, **case.options)
    y.backward(case.c(y.shape))
    gradients = [t.grad for t in tensors if t.requires_grad]
    assert {a.dtype for a in [y, *gradients]} == {np.dtype(np.float32)}
    compare(case, [y.data, *gradients], 1e-5)


def test_every_golden_answer_is_asked_for():
    assert {operation: len(rows) for operation, rows in GOLDEN.items()} == ROWS
    assert len(EXPECTED) == len(CASES)
