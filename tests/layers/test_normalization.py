from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

GOLDEN = dict(np.load(Path(__file__).parents[1] / "golden" / "normalization.npz"))
CASES = [name for name in GOLDEN if "(" in name]
X = np.random.default_rng(0).normal(3, 2, (4, 6, 5, 3)).astype(np.float32)


@pytest.mark.parametrize("case", CASES)
def test_running_statistics_after_three_batches_are_pytorchs(case):
    call, batches = case.split(" x")
    layer = eval(f"mc.{call[:-1]}, dtype=np.float64)", {"mc": mc, "np": np})
    for x in GOLDEN[f"x{batches}"]:
        y = layer.train()(x)
    answers = [getattr(a, "data", a) for a in (y, layer.eval()(x))] + list(layer.buffers())
    assert_allclose(np.concatenate([np.ravel(np.asarray(a)) for a in answers]), GOLDEN[case], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("layer", "text", "keys"),
    [
        (
            mc.BatchNorm2d(6, momentum=None),
            "BatchNorm2d(6, eps=1e-05, momentum=None, affine=True, bias=True, track_running_stats=True)",
            ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"],
        ),
        (
            mc.BatchNorm3d(6, 1e-3, 0.2, False, False),
            "BatchNorm3d(6, eps=0.001, momentum=0.2, affine=False, bias=False, track_running_stats=False)",
            [],
        ),
        (
            mc.BatchNorm1d(6, bias=False, track_running_stats=False),
            "BatchNorm1d(6, eps=1e-05, momentum=0.1, affine=True, bias=False, track_running_stats=False)",
            ["weight"],
        ),
        (
            mc.InstanceNorm1d(6),
            "InstanceNorm1d(6, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False)",
            [],
        ),
        (
            mc.InstanceNorm2d(6, affine=True, track_running_stats=True),
            "InstanceNorm2d(6, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)",
            ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"],
        ),
        (mc.LayerNorm(3), "LayerNorm((3,), eps=1e-05, elementwise_affine=True, bias=True)", ["weight", "bias"]),
        (
            mc.LayerNorm((5, 3), bias=False),
            "LayerNorm((5, 3), eps=1e-05, elementwise_affine=True, bias=False)",
            ["weight"],
        ),
        (
            mc.LayerNorm([5, 3], elementwise_affine=False),
            "LayerNorm((5, 3), eps=1e-05, elementwise_affine=False, bias=False)",
            [],
        ),
        (mc.GroupNorm(2, 6), "GroupNorm(2, 6, eps=1e-05, affine=True, bias=True)", ["weight", "bias"]),
        (mc.GroupNorm(2, 6, affine=False), "GroupNorm(2, 6, eps=1e-05, affine=False, bias=False)", []),
        (mc.RMSNorm(3), "RMSNorm((3,), eps=None, elementwise_affine=True)", ["weight"]),
        (mc.RMSNorm((5, 3), 0.1, False), "RMSNorm((5, 3), eps=0.1, elementwise_affine=False)", []),
        (mc.LocalResponseNorm(5, 1e-3, 0.5, 2), "LocalResponseNorm(5, alpha=0.001, beta=0.5, k=2)", []),
    ],
    ids=lambda value: type(value).__name__,
)
def test_repr_and_keys_are_pytorchs(layer, text, keys):
    assert repr(layer) == text
    assert list(layer.state_dict()) == keys


def test_start_and_dtypes():
    state = mc.BatchNorm2d(2).state_dict()
    expected = dict(weight=[1, 1], bias=[0, 0], running_mean=[0, 0], running_var=[1, 1])
    for name, value in expected.items():
        assert_array_equal(state[name], np.array(value, np.float32), strict=True)
    assert_array_equal(state["num_batches_tracked"], np.array(0, np.int64), strict=True)
    assert mc.BatchNorm2d(2, dtype=np.float64).running_var.dtype == np.float64


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (mc.BatchNorm2d(6, eps=0.1), F.batch_norm(X, None, None, training=True, eps=0.1)),
        (mc.InstanceNorm2d(6, eps=0.1), F.instance_norm(X, eps=0.1)),
        (mc.LayerNorm((5, 3), eps=0.1), F.layer_norm(X, (5, 3), eps=0.1)),
        (mc.RMSNorm((5, 3), eps=0.1), F.rms_norm(X, (5, 3), eps=0.1)),
        (mc.GroupNorm(3, 6, eps=0.1), F.group_norm(X, 3, eps=0.1)),
        (mc.LocalResponseNorm(3, 0.1, 0.5, 2), F.local_response_norm(X, 3, 0.1, 0.5, 2)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_layers_call_their_functions_and_learn(layer, expected):
    x = mc.Tensor(X, requires_grad=True)
    y = layer(x)
    assert_array_equal(y.data, expected, strict=True)
    y.backward(X)
    assert x.grad.shape == X.shape
    assert x.grad.dtype == np.float32
    for p in layer.parameters():
        assert p.grad.shape == p.shape
        assert np.abs(p.grad).max() > 0


def test_statistics_can_be_switched_off_and_reset():
    layer = mc.BatchNorm2d(6)
    layer.track_running_stats = False
    layer(X)
    assert_array_equal(layer.running_mean, np.zeros(6))
    layer.track_running_stats = True
    layer(X)
    assert np.abs(layer.running_mean).min() > 0
    layer.reset_running_stats()
    assert_array_equal([layer.running_mean, layer.running_var], [[0] * 6, [1] * 6])
    assert layer.num_batches_tracked == 0
    mc.BatchNorm2d(6, track_running_stats=False).reset_running_stats()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: mc.BatchNorm2d(6)(X[0]),
            "BatchNorm2d: x must have shape (N, C, H, W), not (6, 5, 3). Use x[np.newaxis] for one sample, or the "
            "layer for its number of dimensions.",
        ),
        (
            lambda: mc.BatchNorm1d(6)(X),
            "BatchNorm1d: x must have shape (N, C, L) or (N, C), not (4, 6, 5, 3). Use x[np.newaxis] for one sample, "
            "or the layer for its number of dimensions.",
        ),
        (
            lambda: mc.InstanceNorm3d(6)(X[0]),
            "InstanceNorm3d: x must have shape (N, C, D, H, W), or (C, D, H, W) for one sample, not (6, 5, 3). Use "
            "the layer for its number of dimensions.",
        ),
        (
            lambda: mc.BatchNorm2d(5)(X),
            "batch_norm: for x of shape (4, 6, 5, 3), running_mean must have shape (6,), not (5,). "
            "Pass num_features=6 to the layer.",
        ),
        (lambda: mc.BatchNorm2d(-1), "BatchNorm2d: num_features must be at least 0, not -1."),
        (lambda: mc.BatchNorm2d(2.5), "BatchNorm2d: num_features must be an int, not 2.5."),
        (
            lambda: mc.GroupNorm(4, 6),
            "GroupNorm: num_groups must divide num_channels, but num_groups=4 and num_channels=6.",
        ),
        (lambda: mc.GroupNorm(0, 6), "GroupNorm: num_groups must be at least 1, not 0."),
        (lambda: mc.LayerNorm((3, 2.5)), "LayerNorm: each of normalized_shape must be an int, not 2.5."),
        (lambda: mc.RMSNorm((3, 2.5)), "RMSNorm: each of normalized_shape must be an int, not 2.5."),
        (lambda: mc.LocalResponseNorm(0), "LocalResponseNorm: size must be at least 1, not 0."),
    ],
)
def test_errors(call, message):
    with pytest.raises((TypeError, ValueError)) as raised:
        call()
    assert str(raised.value) == message


@pytest.mark.parametrize(("nd", "momentum"), [(1, 0.1), (2, None), (3, 0.3)])
def test_batch_norm_relu_is_its_three_layers_in_one(nd, momentum):
    x = np.resize(X, (4, 6, 5, 3, 2)[: nd + 2])
    fused = getattr(mc, f"BatchNormReLU{nd}d")(6, momentum=momentum)
    plain = getattr(mc, f"BatchNorm{nd}d")(6, momentum=momentum)
    assert isinstance(fused, type(plain))
    plain.weight.data[:] = np.linspace(-1, 1, 6)
    fused.load_state_dict(plain.state_dict())
    for _ in range(3):
        assert_allclose(fused(x, residual=x).data, np.maximum(plain(x).data + x, 0), rtol=1e-5, atol=1e-6)
        assert_allclose(fused(x).data, np.maximum(plain(x).data, 0), rtol=1e-5, atol=1e-6)
    for key, value in plain.state_dict().items():
        assert_array_equal(fused.state_dict()[key], value)
    assert_allclose(fused.eval()(x, x).data, np.maximum(plain.eval()(x).data + x, 0), rtol=1e-5, atol=1e-6)
    assert repr(fused) == repr(plain).replace("BatchNorm", "BatchNormReLU")
