"""Every operation gives PyTorch's outputs and gradients, to rounding."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import minicnn as mc
import minicnn.functional as F
from tests.golden.cases import CASES

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "functional.npz")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_arrays(case):
    inputs = case.inputs()
    y, vjp = getattr(F, f"{case.operation}_vjp")(*inputs, **case.options)
    assert_allclose(y, GOLDEN[f"{case} y"], rtol=1e-11, atol=1e-12)
    gradients = vjp(np.asarray(case.c(np.shape(y))))
    assert len(gradients) >= len(inputs)
    for k in range(len(inputs)):
        if f"{case} d{k}" in GOLDEN:
            assert gradients[k].shape == inputs[k].shape
            assert_allclose(gradients[k], GOLDEN[f"{case} d{k}"], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_tensors_in_float32(case):
    inputs = [a.astype(np.float32) if a.dtype == np.float64 else a for a in map(np.asarray, case.inputs())]
    tensors = [mc.Tensor(a, requires_grad=a.dtype.kind == "f") for a in inputs]
    y = getattr(F, case.operation)(*tensors, **case.options)
    y.backward(case.c(y.shape))
    assert y.dtype == np.float32
    assert_allclose(y.data, GOLDEN[f"{case} y"], rtol=2e-4, atol=1e-5)
    for k, t in enumerate(tensors):
        if t.requires_grad:
            assert t.grad.dtype == np.float32
            scale = np.abs(GOLDEN[f"{case} d{k}"]).max(initial=1)
            assert_allclose(t.grad, GOLDEN[f"{case} d{k}"], rtol=2e-3, atol=1e-5 * scale)


def test_every_golden_answer_is_asked_for():
    assert {key.rpartition(" ")[0] for key in GOLDEN} == {str(case) for case in CASES}
