"""The formulas for float32 against the C library's functions in float64, also inside compiled loops of many numbers."""

import math

import numpy as np
import pytest
from numba.core import config
from numpy.testing import assert_allclose, assert_array_equal

import minicnn.functional as F
from minicnn.kernels import exp as _exp
from minicnn.kernels.running.jit import jit

NAN, INF = np.nan, np.inf


def loop(f):
    @jit
    def kernel(x, y):
        for i in range(y.size):
            y[i] = f(x[i])

    def run(x):
        y = np.empty_like(x)
        kernel(x, y)
        return y

    return run


def units(y, x, f):
    """How many units in the last place y is away from f(x)."""
    exact = np.array([f(float(v)) for v in x])
    return np.abs(y - exact) / np.spacing(np.abs(exact).astype(np.float32))


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="the formulas for float32 are those of kernels")
@pytest.mark.parametrize(
    ("f", "exact", "low", "high", "most"),
    [
        (_exp.exp, math.exp, -104, 88.7, 1.1),
        (_exp.expm1, math.expm1, -30, 0, 1.5),
        (_exp.log1p, math.log1p, 0, 1, 2),
        (_exp.normal_cdf, _exp.normal_cdf, -3, 10, 8),
        (_exp.normal_cdf, _exp.normal_cdf, -14, -3, 90),
    ],
)
def test_float32(f, exact, low, high, most):
    x = np.linspace(low, high, 20_011).astype(np.float32)
    x = np.concatenate([x, x / 1e6])
    assert units(loop(f)(x), x, exact).max() < most


def test_tiny_numbers_keep_all_digits():
    x = np.float32([-1e-38, -1e-10, -1e-5])
    assert_allclose(loop(_exp.expm1)(x), x, rtol=1e-5)
    assert_allclose(loop(_exp.log1p)(-x), -x, rtol=1e-5)
    assert_allclose(F.tanh(x), x, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_and_infinity(dtype):
    x = np.array([NAN, INF, -INF, 1000, -1000], dtype)
    assert_array_equal(loop(_exp.exp)(x), [NAN, INF, 0, INF, 0])
    assert_array_equal(loop(_exp.normal_cdf)(x), [NAN, 1, 0, 1, 0])
    assert_array_equal(loop(_exp.expm1)(x[[0, 2, 4]]), [NAN, -1, -1])
    assert_array_equal(loop(_exp.log1p)(x[:1]), [NAN])


def test_float64_is_the_c_librarys_and_so_is_python_without_the_compiler():
    x = np.linspace(-3, 0, 100)
    for f, exact in [(_exp.exp, math.exp), (_exp.expm1, math.expm1), (_exp.normal_cdf, _exp.normal_cdf)]:
        assert_allclose(loop(f)(x), [exact(v) for v in x], rtol=1e-15)
    assert _exp.log1p(0.5) == math.log1p(0.5)
    assert math.isclose(_exp.normal_cdf(-10.0), 7.619853024160495e-24, rel_tol=1e-13)


SETTINGS = [
    ("relu", {}), ("leaky_relu", {}), ("tanh", {}), ("scaled_tanh", {}), ("sigmoid", {}), ("silu", {}), ("gelu", {}),
    ("gelu", dict(approximate="tanh")), ("softplus", {}), ("softplus", dict(beta=-1, threshold=2)), ("elu", {}),
    ("selu", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), SETTINGS)
def test_float32_against_float64(name, options):
    x = np.random.default_rng(0).normal(0, 4, 9973)
    dy = np.cos(x)
    f = getattr(F, f"{name}_vjp")
    y, vjp = f(x, **options)
    y32, vjp32 = f(x.astype(np.float32), **options)
    assert_allclose(y32, y, rtol=1e-5, atol=1e-6)
    assert_allclose(vjp32(dy.astype(np.float32))[0], vjp(dy)[0], atol=3e-6)


@pytest.mark.parametrize(("name", "options"), SETTINGS)
def test_a_number_gets_the_same_bits_wherever_it_stands(name, options):
    x = np.tile(np.random.default_rng(0).normal(0, 4, 101).astype(np.float32), 1000)  # so many that threads share them
    y, vjp = getattr(F, f"{name}_vjp")(x, **options)
    for a in (y, vjp(np.cos(x))[0]):
        assert_array_equal(a.reshape(1000, 101), np.broadcast_to(a[:101], (1000, 101)))
    for n in (1, 7, 33):
        assert_array_equal(getattr(F, name)(x[:n], **options), y[:n])


def test_infinite_gradients_pass_relu_only_where_it_is_open():
    _, vjp = F.relu_vjp(np.array([-1.0, 0.0, 2.0, NAN]))
    assert_array_equal(vjp(np.full(4, INF))[0], [0, 0, INF, INF])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (400, 500)])
@pytest.mark.parametrize("p", [0.3, 1])
def test_dropout_of_numbers(shape, p, dtype):
    x = np.asarray(np.random.default_rng(1).normal(size=shape[::-1]).astype(dtype)).T
    y, vjp = F.dropout_vjp(x, p, rng=np.random.default_rng(0))
    keep = np.asarray(np.random.default_rng(0).random(shape) >= p)
    scale = dtype(1 / (1 - p) if p < 1 else 1)
    assert_array_equal(y, x * keep * scale, strict=True)
    assert_array_equal(vjp(np.cos(x))[0], np.cos(x) * keep * scale)
