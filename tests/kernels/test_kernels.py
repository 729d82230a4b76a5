"""Every kernel against a naive reference."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn.functional as F
from minicnn.functional._standardize import standardize
from minicnn.kernels import simd
from tests.reference import windows

RNG = np.random.default_rng(0)
CASES = [
    # size, kernel, stride, dilation
    ((9,), (3,), (1,), (1,)),
    ((9,), (2,), (3,), (4,)),
    ((6, 5), (3, 2), (1, 1), (1, 1)),
    ((7, 8), (2, 3), (3, 2), (2, 1)),
    ((4, 5, 3), (2, 3, 1), (1, 2, 1), (1, 1, 2)),
    ((5, 4, 6), (2, 2, 2), (2, 1, 3), (3, 1, 2)),
    ((1, 2, 6), (1, 2, 2), (2, 2, 2), (1, 1, 1)),
    ((4, 2, 6), (2, 2, 2), (2, 2, 2), (1, 1, 1)),
]


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_convolution(case, groups):
    size, kernel, stride, dilation = case
    x, w = RNG.standard_normal((2, 4, *size)), RNG.standard_normal((6, 4 // groups, *kernel))
    options = dict(stride=stride, dilation=dilation, groups=groups)
    y, vjp = getattr(F, f"conv{len(size)}d_vjp")(x, w, **options)
    dy = RNG.standard_normal(y.shape)
    for got, expected in zip((y, *vjp(dy)[:2]), windows.conv(x, w, dy, **options), strict=True):
        assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("where", ["x", "w", "dy"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_nan_and_inf_reach_exactly_what_they_touch(case, where, bad):
    size, kernel, stride, dilation = case
    arrays = dict(x=RNG.standard_normal((2, 4, *size)), w=RNG.standard_normal((6, 2, *kernel)))
    options = dict(stride=stride, dilation=dilation, groups=2)
    convolve = getattr(F, f"conv{len(size)}d_vjp")
    arrays["dy"] = RNG.standard_normal(convolve(arrays["x"], arrays["w"], **options)[0].shape)
    flat = arrays[where].reshape(-1)
    flat[RNG.integers(flat.size, size=2)] = bad
    with np.errstate(invalid="ignore"):
        expected = windows.conv(**arrays, **options)
        y, vjp = convolve(arrays["x"], arrays["w"], **options)
        for got, wanted in zip((y, *vjp(arrays["dy"])[:2]), expected, strict=True):
            assert_allclose(got, wanted, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_pooling(case):
    size, kernel, stride, dilation = case
    nd, ones = len(size), (1,) * len(size)
    x = RNG.permutation(6 * math.prod(size)).reshape(2, 3, *size) / 7
    y, vjp = getattr(F, f"max_pool{nd}d_vjp")(x, kernel, stride, dilation=dilation)
    dy = RNG.standard_normal(y.shape)
    largest, dx, _, _ = windows.pool(x, kernel, stride, dilation, dy)
    assert_array_equal(y, largest)
    assert_allclose(vjp(dy)[0], dx, rtol=1e-12, atol=1e-12)
    y, vjp = getattr(F, f"avg_pool{nd}d_vjp")(x, kernel, stride)
    dy = RNG.standard_normal(y.shape)
    _, _, mean, dx = windows.pool(x, kernel, stride, ones, dy)
    assert_allclose(y, mean, rtol=1e-12)
    assert_allclose(vjp(dy)[0], dx, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 4, 5), (8, 48, 7), (9, 49, 2), (17, 100, 33), (70, 10, 84)], ids=str)
@pytest.mark.parametrize("plain", [False, True])
def test_matrix_products(plain, shape, dtype, monkeypatch):
    """x wᵀ + b and both its gradients, by the engine and by plain loops."""
    if plain:
        monkeypatch.setattr(simd, "NAME", "plain")
    N, O, I = shape
    x, w, b, dy = (RNG.integers(-5, 6, s).astype(dtype) for s in [(N, I), (O, I), (O,), (N, O)])  # exact sums
    y, vjp = F.linear_vjp(x, w, b)
    assert_array_equal(y, [[sum(x[n, i] * w[o, i] for i in range(I)) + b[o] for o in range(O)] for n in range(N)])
    dx, dw, _ = vjp(dy)
    assert_array_equal(dx, [[sum(dy[n, o] * w[o, i] for o in range(O)) for i in range(I)] for n in range(N)])
    assert_array_equal(dw, [[sum(dy[n, o] * x[n, i] for n in range(N)) for i in range(I)] for o in range(O)])


def test_standardization():
    """Two groups of two rows each, with a weight for each row; forward and back by hand."""
    A, B, K, L, eps = 3, 2, 2, 5, 1e-3
    x, dy = RNG.standard_normal((2, A, B, K, L)) + [[[[[1000]]]], [[[[0]]]]]
    w, b = RNG.standard_normal((2, B * K))
    y, vjp, mean, var = standardize(x, (A, B, K, L), eps, w, b)
    dx, dw, db, _ = vjp(dy)
    dw, db = dw.reshape(B, K), db.reshape(B, K)
    for g in range(B):
        places = [(a, g, k, i) for a, k, i in np.ndindex(A, K, L)]
        count, m = len(places), math.fsum(x[p] for p in places) / len(places)
        v = math.fsum((x[p] - m) ** 2 for p in places) / count
        assert math.isclose(mean[g], m)
        assert math.isclose(var[g], v, rel_tol=1e-9)
        z = {p: (x[p] - m) / math.sqrt(v + eps) for p in places}
        dz = {p: dy[p] * w[g * K + p[2]] for p in places}
        mean_dz, mean_dzz = math.fsum(dz.values()) / count, math.fsum(dz[p] * z[p] for p in places) / count
        for p in places:
            assert math.isclose(y[p], z[p] * w[g * K + p[2]] + b[g * K + p[2]], abs_tol=1e-9)
            assert math.isclose(dx[p], (dz[p] - mean_dz - z[p] * mean_dzz) / math.sqrt(v + eps), abs_tol=1e-9)
        for k in range(K):
            assert math.isclose(dw[g, k], math.fsum(dy[p] * z[p] for p in places if p[2] == k), abs_tol=1e-9)
            assert math.isclose(db[g, k], math.fsum(dy[p] for p in places if p[2] == k), abs_tol=1e-9)
