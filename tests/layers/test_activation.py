import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

X = np.random.default_rng(0).normal(0, 4, (2, 3, 4)).astype(np.float32)


@pytest.mark.parametrize(
    ("layer", "text", "y"),
    [
        (mc.ReLU(), "ReLU()", F.relu(X)),
        (mc.ReLU6(), "ReLU6()", F.relu6(X)),
        (mc.LeakyReLU(), "LeakyReLU(negative_slope=0.01)", F.leaky_relu(X)),
        (mc.LeakyReLU(0.2), "LeakyReLU(negative_slope=0.2)", F.leaky_relu(X, 0.2)),
        (mc.Hardtanh(), "Hardtanh(min_val=-1.0, max_val=1.0)", F.hardtanh(X)),
        (mc.Hardtanh(-2, 3), "Hardtanh(min_val=-2, max_val=3)", F.hardtanh(X, -2, 3)),
        (mc.Hardsigmoid(), "Hardsigmoid()", F.hardsigmoid(X)),
        (mc.Hardswish(), "Hardswish()", F.hardswish(X)),
        (mc.Tanh(), "Tanh()", F.tanh(X)),
        (mc.ScaledTanh(), "ScaledTanh()", F.scaled_tanh(X)),
        (mc.Sigmoid(), "Sigmoid()", F.sigmoid(X)),
        (mc.SiLU(), "SiLU()", F.silu(X)),
        (mc.GELU(), "GELU(approximate='none')", F.gelu(X)),
        (mc.GELU("tanh"), "GELU(approximate='tanh')", F.gelu(X, "tanh")),
        (mc.Softplus(), "Softplus(beta=1.0, threshold=20.0)", F.softplus(X)),
        (mc.Softplus(2, 5), "Softplus(beta=2, threshold=5)", F.softplus(X, 2, 5)),
        (mc.ELU(), "ELU(alpha=1.0)", F.elu(X)),
        (mc.ELU(2), "ELU(alpha=2)", F.elu(X, 2)),
        (mc.SELU(), "SELU()", F.selu(X)),
        (mc.Softmax(1), "Softmax(dim=1)", F.softmax(X, 1)),
        (mc.LogSoftmax(1), "LogSoftmax(dim=1)", F.log_softmax(X, 1)),
        (mc.Softmin(1), "Softmin(dim=1)", F.softmin(X, 1)),
        (mc.Softmin(), "Softmin(dim=None)", F.softmin(X)),
        (mc.CELU(), "CELU(alpha=1.0)", F.celu(X)),
        (mc.GLU(), "GLU(dim=-1)", F.glu(X)),
        (mc.Hardshrink(), "Hardshrink(0.5)", F.hardshrink(X)),
        (mc.LogSigmoid(), "LogSigmoid()", F.logsigmoid(X)),
        (mc.Mish(), "Mish()", F.mish(X)),
        (mc.Softshrink(2), "Softshrink(2)", F.softshrink(X, 2)),
        (mc.Softsign(), "Softsign()", F.softsign(X)),
        (mc.Tanhshrink(), "Tanhshrink()", F.tanhshrink(X)),
        (mc.Threshold(0.1, 20), "Threshold(threshold=0.1, value=20)", F.threshold(X, 0.1, 20)),
        (mc.ReLU(True), "ReLU(inplace=True)", F.relu(X)),
        (mc.ReLU6(inplace=True), "ReLU6(inplace=True)", F.relu6(X)),
        (mc.LeakyReLU(0.2, True), "LeakyReLU(negative_slope=0.2, inplace=True)", F.leaky_relu(X, 0.2)),
        (mc.ELU(2, True), "ELU(alpha=2, inplace=True)", F.elu(X, 2)),
        (mc.CELU(2, True), "CELU(alpha=2, inplace=True)", F.celu(X, 2)),
        (mc.SELU(True), "SELU(inplace=True)", F.selu(X)),
        (mc.SiLU(True), "SiLU(inplace=True)", F.silu(X)),
        (mc.Mish(True), "Mish(inplace=True)", F.mish(X)),
        (mc.Hardtanh(-2, 3, True), "Hardtanh(min_val=-2, max_val=3, inplace=True)", F.hardtanh(X, -2, 3)),
        (mc.Hardsigmoid(True), "Hardsigmoid()", F.hardsigmoid(X)),  # so PyTorch prints these two
        (mc.Hardswish(True), "Hardswish()", F.hardswish(X)),
        (mc.Threshold(1, 2, True), "Threshold(threshold=1, value=2, inplace=True)", F.threshold(X, 1, 2)),
    ],
    ids=str,
)
def test_layers_call_their_functions_and_print_as_in_pytorch(layer, text, y):
    assert repr(layer) == text
    assert layer.state_dict() == {}
    assert_array_equal(layer(X), y, strict=True)


def test_prelu_learns_its_slopes():
    layer = mc.PReLU(3, 0.1)
    assert repr(layer) == "PReLU(num_parameters=3)"
    assert_array_equal(layer.state_dict()["weight"], np.full(3, 0.1, np.float32), strict=True)
    layer(X).sum().backward()
    assert_allclose(layer.weight.grad, np.minimum(X, 0).sum((0, 2)), rtol=1e-6)
    assert mc.PReLU().weight.shape == (1,)
    assert mc.PReLU(dtype=np.float64).weight.dtype == np.float64


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: mc.Hardtanh(1, 1),
            "Hardtanh: min_val must be smaller than max_val, but min_val=1 and max_val=1. Exchange them.",
        ),
        (lambda: mc.ReLU(1), "ReLU: inplace must be True or False, not 1."),
        (lambda: mc.PReLU(-1), "PReLU: num_parameters must be at least 0, not -1."),
        (lambda: mc.PReLU(2.0), "PReLU: num_parameters must be an int, not 2.0."),
        (lambda: mc.PReLU(2, "a"), "PReLU: init must be a number, not 'a'."),
    ],
)
def test_errors(make, message):
    with pytest.raises((TypeError, ValueError)) as raised:
        make()
    assert str(raised.value) == message
