"""Softmax and cross-entropy against sums in extended precision, row by row."""

import numpy as np
import pytest
from numba.core import config
from numpy.testing import assert_allclose, assert_array_equal

import minicnn.functional as F

RNG = np.random.default_rng(0)
NAN, INF = np.nan, np.inf


def exact(x):
    x = x.astype(np.longdouble)
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 1e-6), (np.float64, 1e-14)])
@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (64, 10), (7, 1001), (3, 1000 if config.DISABLE_JIT else 100_000)])
def test_values_and_gradients(shape, dtype, rtol):
    x, dy = RNG.normal(0, 5, shape).astype(dtype), RNG.normal(size=shape).astype(dtype)
    p = exact(x)
    y, vjp = F.softmax_vjp(x, 1)
    assert y.dtype == dtype
    assert_allclose(y, p.astype(np.float64), rtol=5 * rtol, atol=1e-30)
    assert_allclose(vjp(dy)[0], (p * (dy - (dy * p).sum(-1, keepdims=True))).astype(np.float64), atol=5 * rtol)
    y, vjp = F.log_softmax_vjp(x, 1)
    assert_allclose(y, np.log(p).astype(np.float64), rtol=5 * rtol, atol=5 * rtol)
    total = dy.astype(np.longdouble).sum(-1, keepdims=True)
    assert_allclose(vjp(dy)[0], (dy - p * total).astype(np.float64), atol=1e3 * rtol)
    target = RNG.integers(0, shape[1], shape[0])
    y, vjp = F.cross_entropy_vjp(x, target, reduction="none")
    assert_allclose(y, -np.log(p[np.arange(shape[0]), target]).astype(np.float64), rtol=5 * rtol, atol=5 * rtol)
    assert_allclose(vjp(dy[:, 0])[0], ((p - np.eye(1, shape[1], 0) * 0) * dy[:, :1]).astype(np.float64)
                    - np.where(np.arange(shape[1]) == target[:, None], dy[:, :1], 0), atol=5 * rtol)  # fmt: skip


def test_a_row_gets_the_same_bits_wherever_it_stands():
    x = np.tile(RNG.normal(0, 3, (1, 37)).astype(np.float32), (9000, 1))
    target = np.full(9000, 5)
    y, vjp = F.softmax_vjp(x, 1)
    z, log_vjp = F.log_softmax_vjp(x, 1)
    loss, loss_vjp = F.cross_entropy_vjp(x, target, reduction="none")
    for a in (y, vjp(np.cos(x))[0], z, log_vjp(np.cos(x))[0], loss, loss_vjp(np.ones_like(loss))[0]):
        assert_array_equal(a, np.broadcast_to(a[:1], a.shape))


@pytest.mark.parametrize("dim", [0, 1, 2, 3])
def test_any_axis_of_any_layout(dim):
    x = RNG.normal(size=(3, 4, 5, 6))
    for view in (x, x[:, ::-1, :, ::2], x.transpose(3, 1, 0, 2)):
        dy = RNG.normal(size=view.shape)
        for f in (F.softmax_vjp, F.log_softmax_vjp):
            y, vjp = f(view, dim)
            rows, row_vjp = f(np.moveaxis(view, dim, -1).reshape(-1, view.shape[dim]), 1)
            assert_array_equal(np.moveaxis(y, dim, -1).reshape(rows.shape), rows)
            dx = row_vjp(np.moveaxis(dy, dim, -1).reshape(rows.shape))[0]
            assert_array_equal(np.moveaxis(vjp(dy)[0], dim, -1).reshape(rows.shape), dx)


def test_pixels_of_images_are_samples():
    x, weight = RNG.normal(size=(2, 3, 4, 5)), np.array([0.5, 1, 2])
    target = RNG.integers(0, 3, (2, 4, 5))
    target[0, 0, :3] = -100
    dy = RNG.normal(size=target.shape)
    y, vjp = F.cross_entropy_vjp(x, target, weight, reduction="none")
    rows, row_vjp = F.cross_entropy_vjp(np.moveaxis(x, 1, -1).reshape(-1, 3), target.ravel(), weight, reduction="none")
    assert_array_equal(y.ravel(), rows)
    assert_array_equal(np.moveaxis(vjp(dy)[0], 1, -1).reshape(-1, 3), row_vjp(dy.ravel())[0])
    assert_array_equal(y[0, 0, :3], 0)
    assert_array_equal(vjp(dy)[0][0, :, 0, :3], 0)


def test_the_fast_way_and_the_general_one_agree():
    x, weight = RNG.normal(size=(9, 4)), np.array([0.5, 1, 2, 3])
    target = np.array([0, 1, 2, 3, -100, 1, -100, 0, 3])
    log_p, back = F.log_softmax_vjp(x, 1)
    for reduction in ("mean", "sum", "none"):
        y, vjp = F.cross_entropy_vjp(x, target, weight, reduction=reduction)
        z, nll_vjp = F.nll_loss_vjp(log_p, target, weight, reduction=reduction)
        dy = RNG.normal(size=np.shape(y))
        assert_allclose(y, z, rtol=1e-13)
        assert_allclose(vjp(dy)[0], back(nll_vjp(dy)[0])[0], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("bad", [[NAN, 0, 1], [INF, 0, 1], [-INF, -INF, -INF], [0, NAN, NAN]])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_bad_row_is_nan_and_its_neighbours_are_not(bad, dtype):
    x = np.array([[0, 1, 2], bad, [3, 1, 0]], dtype)
    for f in (F.softmax, F.log_softmax):
        assert_array_equal(np.isnan(f(x, 1)), [[False] * 3, [True] * 3, [False] * 3])
    y, vjp = F.cross_entropy_vjp(x, np.array([0, 1, 2]), reduction="none")
    assert_array_equal(np.isnan(y), [False, True, False])
    assert_array_equal(np.isnan(vjp(np.ones(3, dtype))[0]).any(1), [False, True, False])


def test_huge_scores_keep_their_digits():
    x = np.array([[1000, 1001, 999.5]], np.float32)
    target = np.array([0])
    y, vjp = F.cross_entropy_vjp(x, target)
    z, low_vjp = F.cross_entropy_vjp(x - 1000, target)
    assert_array_equal(y, z)
    assert_array_equal(vjp(1.0)[0], low_vjp(1.0)[0])
    assert_array_equal(F.log_softmax(x, 1), F.log_softmax(x - 1000, 1))
    assert F.cross_entropy(np.array([[0.0, -INF]]), np.array([1])) == INF
