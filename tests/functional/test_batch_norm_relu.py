"""Batch norm, residual and ReLU in one: against the three one by one, which are compared with PyTorch's elsewhere."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F
from tests.functional.test_normalization import X, problems


def fused_and_composed(x, residual, weight, bias, training, statistics=(None, None)):
    """y and all gradients of batch_norm_relu, and of relu(batch_norm + residual) one by one."""
    y, vjp = F.batch_norm_relu_vjp(x, *statistics, weight, bias, training, 0.1, 0.01, residual)
    z, norm_vjp = F.batch_norm_vjp(x, *statistics, weight, bias, training, 0.1, 0.01)
    composed, relu_vjp = F.relu_vjp(z if residual is None else z + residual)
    dy = np.random.default_rng(1).standard_normal(y.shape).astype(y.dtype)
    (dz,) = relu_vjp(dy)
    dx, dw, db = norm_vjp(dz)
    return (y, *vjp(dy)), (composed, dx, dw, db, None if residual is None else dz)


@given(problems(), st.booleans(), st.booleans())
def test_batch_norm_relu_is_relu_of_batch_norm_plus_residual(problem, training, with_residual):
    x, weight, bias, _ = problem
    C, residual = x.shape[1], np.sin(np.arange(x.size)).reshape(x.shape) if with_residual else None
    statistics = (None, None) if training else (np.linspace(-1, 1, C), np.linspace(1, 2, C))
    for fused, composed in zip(*fused_and_composed(x, residual, weight, bias, training, statistics), strict=True):
        assert (fused is None) == (composed is None)
        if fused is not None:
            assert_allclose(fused, composed, rtol=1e-11, atol=1e-12)
    away = np.abs(F.batch_norm(x, *statistics, weight, bias, training, 0, 0.01) + (residual if with_residual else 0))
    if away.min() > 1e-3:  # else a step of the check crosses the kink

        def batch_norm_relu_vjp(x, weight, bias, residual):
            return F.batch_norm_relu_vjp(x, *statistics, weight, bias, training, 0, 0.01, residual)

        mc.gradcheck(batch_norm_relu_vjp, x, weight, bias, residual)


@pytest.mark.parametrize("shape", [(4, 3, 50, 41), (4, 3, 7), (40, 3), (0, 3, 4)])
def test_batch_norm_relu_in_float32(shape):
    rng = np.random.default_rng(0)
    x, residual = rng.standard_normal((2, *shape)).astype(np.float32)
    w = np.array([1, 0, -1], np.float32)
    for fused, composed in zip(*fused_and_composed(x, residual, w, w, True), strict=True):
        assert fused.dtype == np.float32
        assert_allclose(fused, composed, rtol=1e-5, atol=1e-5)


def test_batch_norm_relu_keeps_nan_and_infinity():
    ones, zero = np.ones(1), np.zeros(1)
    x = np.array([[np.nan], [np.inf], [-np.inf], [2.0], [0.0]])
    y, vjp = F.batch_norm_relu_vjp(x, zero, ones, eps=0)
    assert_array_equal(y, [[np.nan], [np.inf], [0], [2], [0]])
    assert_array_equal(vjp(np.full((5, 1), 7.0))[0], [[7], [7], [0], [7], [0]])


def test_batch_norm_relu_used_twice_in_a_graph():
    x, w, b, r = (mc.Tensor(a, True) for a in (X, np.linspace(0.5, 1, 6), np.linspace(-1, 1, 6), np.cos(X)))
    once = F.batch_norm_relu(x, None, None, w, b, True, residual=r)
    F.sum(F.batch_norm_relu(once, None, None, w, b, True, residual=once) * X).backward()
    got = [t.grad for t in (x, w, b, r)]
    x, w, b, r = (mc.Tensor(t.data, True) for t in (x, w, b, r))
    once = F.relu(F.batch_norm(x, None, None, w, b, True) + r)
    F.sum(F.relu(F.batch_norm(once, None, None, w, b, True) + once) * X).backward()
    for a, t in zip(got, (x, w, b, r), strict=True):
        assert_allclose(a, t.grad, rtol=1e-9, atol=1e-11)


@pytest.mark.patient
def test_the_same_result_with_one_thread():
    code = (
        "import numpy as np, minicnn.functional as F\n"
        "x = np.random.default_rng(0).standard_normal((8, 40, 37, 7)).astype(np.float32)\n"
        "w = x[0, :, 0, 0]\n"
        "for y, vjp in (\n"
        "    F.batch_norm_vjp(x, None, None, w, w, True),\n"
        "    F.group_norm_vjp(x, 4, w, w),\n"
        "    F.layer_norm_vjp(x, (7,), w[:7]),\n"
        "    F.batch_norm_relu_vjp(x, None, None, w, w, True, residual=x[::-1]),\n"
        "):\n"
        "    print(*(a.tobytes().hex()[::97] for a in (y, *vjp(x)) if a is not None))"
    )
    run = [
        subprocess.run([sys.executable, "-c", f"import os\nos.environ['NUMBA_NUM_THREADS'] = '{n}'\n{code}"],
                       capture_output=True, text=True, check=True).stdout
        for n in (1, 2)
    ]  # fmt: skip
    assert run[0] == run[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            dict(running_mean=np.ones(6), running_var=np.ones(6), residual=X[:1]),
            "batch_norm_relu: for x of shape (4, 6, 5, 3), residual must have shape (4, 6, 5, 3), not (1, 6, 5, 3). "
            "Add arrays of one shape only.",
        ),
        (
            dict(running_mean=None, running_var=None),
            "batch_norm_relu: running_mean and running_var must be given where those of the input are not used. "
            "Call train() first, or keep running statistics with track_running_stats=True.",
        ),
    ],
)
def test_errors(options, message):
    with pytest.raises(ValueError) as raised:
        F.batch_norm_relu(X, **options)
    assert str(raised.value) == message


@pytest.mark.parametrize("f", [F.batch_norm, F.batch_norm_relu])
@pytest.mark.parametrize("shape", [(4, 6, 5, 3), (4, 6)])
def test_running_statistics_may_be_views_and_if_given_read_only(f, shape):
    x, (mean, var) = np.random.default_rng(0).normal(3, 2, shape), np.ones((6, 2)).T
    own = mean.copy(), var.copy()
    f(x, mean, var, training=True, momentum=0.3)
    f(x, *own, training=True, momentum=0.3)
    assert_array_equal([mean, var], own)
    axes = (0, *range(2, x.ndim))
    assert_allclose(mean, 0.7 + 0.3 * x.mean(axes))
    assert_allclose(var, 0.7 + 0.3 * x.var(axes, ddof=1))

    for a in (mean, var, *own):
        a.flags.writeable = False
    assert_array_equal(f(x, mean, var), f(x, *own))
    assert_array_equal([mean, var], own)
