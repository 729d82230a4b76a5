"""Convolutions with one channel in a group against the plain loops, as in test_engine.py."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn.functional as F
from minicnn.functional.convolution import depthwise as depthwise_tables
from minicnn.functional.convolution import ways
from minicnn.functional.convolution.images import Geometry
from minicnn.kernels import simd
from tests.kernels.test_engine import (
    both_ways,
    needs_vectors,
    only_vectors_of_images,
    same_on_any_number_of_threads,
)

pytestmark = needs_vectors


@pytest.fixture(autouse=True)
def _from_nothing(monkeypatch):
    only_vectors_of_images(monkeypatch)
    monkeypatch.setattr(ways, "_pays", lambda *_: False)
    monkeypatch.setattr(depthwise_tables, "pays", lambda *_: True)


def geometry(rng):
    """Any depthwise convolution: shapes of x and w, options. Every second one is 3×3 (or of that kind)."""
    nd, groups, common = rng.integers(1, 4), int(rng.integers(1, 5)), rng.random() < 0.5
    ranges = [(3, 4), (1, 3), (1, 2), (0, 3)] if common else [(1, 6), (1, 4), (1, 3), (0, 5)]
    kernel, stride, dilation, padding = (tuple(map(int, rng.integers(low, high, nd))) for low, high in ranges)
    least = [max(1, (k - 1) * d + 1 - 2 * p) for k, d, p in zip(kernel, dilation, padding, strict=True)]
    size = tuple(n + int(rng.integers(0, 40 if nd < 3 else 10)) for n in least)
    filters, N = groups * int(rng.integers(1, 4)), int(rng.integers(1, 4))
    return (N, groups, *size), (filters, 1, *kernel), dict(
        stride=stride, padding=padding, dilation=dilation, groups=groups
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_rows_of_pixels_and_plain_loops_agree(seed, monkeypatch):
    shapes, dtype = geometry(np.random.default_rng(seed)), (np.float32, np.float64)[seed % 2]
    by_rows = both_ways(np.random.default_rng(1), *shapes, dtype)
    monkeypatch.setattr(depthwise_tables, "pays", lambda *_: False)
    for got, expected in zip(by_rows, both_ways(np.random.default_rng(1), *shapes, dtype), strict=True):
        assert_array_equal(got, expected)
        assert got.dtype == dtype


def test_same_bits_on_any_number_of_threads():
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape).astype("f") for shape in ((3, 7, 21, 19), (14, 1, 3, 3)))
    same_on_any_number_of_threads(x, w, padding=1, groups=7)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_reaches_only_its_own_windows(bad):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 12, 13)), rng.standard_normal((3, 1, 3, 3))
    y, vjp = F.conv2d_vjp(x, w, groups=3)
    _, dw, _ = vjp(np.ones_like(y))
    x[1, 1, 2, 3] = bad
    spoilt, vjp = F.conv2d_vjp(x, w, groups=3)
    seen = np.zeros(y.shape, bool)
    seen[1, 1, 0:3, 1:4] = True
    assert_array_equal(np.isfinite(spoilt), ~seen)
    assert_array_equal(spoilt[~seen], y[~seen])
    _, spoilt_dw, _ = vjp(np.ones_like(y))
    assert_array_equal(np.isfinite(spoilt_dw[1]), False)
    assert_allclose(spoilt_dw[[0, 2]], dw[[0, 2]], rtol=1e-12)


@pytest.mark.parametrize(
    ("x", "w", "stride", "expected"),
    [
        ((32, 8, 32, 32), (8, 1, 3, 3), 1, True),
        ((1, 8, 8, 8), (8, 1, 3, 3), 1, True),
        ((32, 8, 4, 4), (8, 1, 3, 3), 1, False),  # rows far shorter than a vector, and images enough for one
        ((32, 8, 32, 32), (8, 1, 3, 3), 2, True),
        ((32, 8, 14, 14), (8, 1, 3, 3), 2, False),
        ((32, 8, 32, 32), (64, 1, 3, 3), 1, False),  # eight filters share a channel: a tile of the engine is full
        ((32, 8, 32, 32), (8, 8, 3, 3), 1, False),
        ((0, 8, 32, 32), (8, 1, 3, 3), 1, False),
    ],
)
def test_it_takes_over_where_it_pays(x, w, stride, expected, monkeypatch):
    monkeypatch.undo()
    if simd.NAME != "avx512":
        pytest.skip("the numbers are for vectors of 16")
    out = tuple((n - 1) // stride + 1 for n in x[2:])
    g = Geometry.of(x[2:], (1, 1), (3, 3), (stride, stride), (1, 1), out, x[1] // w[1])
    assert depthwise_tables.pays(g, *x[:2], w[0], np.dtype("f")) == expected


@pytest.mark.parametrize(
    ("size", "kernel", "options"),
    [
        ((8, 8), (3, 3), dict(padding=3)),
        ((5, 9), (1, 2), dict(padding=(4, 3), stride=(1, 2))),
        ((6, 5, 1), (2, 4, 1), dict(padding=(0, 1, 1), stride=(1, 2, 3))),  # its last axis is of one pixel, never seen
    ],
)
def test_padding_wider_than_the_filter(size, kernel, options, monkeypatch):
    shapes, options = ((2, 4, *size), (4, 1, *kernel)), options | dict(dilation=1, groups=4)
    by_rows = both_ways(np.random.default_rng(1), *shapes, options, np.float32)
    monkeypatch.setattr(depthwise_tables, "pays", lambda *_: False)
    for got, expected in zip(by_rows, both_ways(np.random.default_rng(1), *shapes, options, np.float32), strict=True):
        assert_array_equal(got, expected)
