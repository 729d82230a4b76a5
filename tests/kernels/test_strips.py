"""Few large images, cut into strips for the engine, against the plain loops, as in test_engine.py."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import minicnn.functional as F
from minicnn.functional.convolution import strips as strip_tables
from minicnn.functional.convolution import ways
from minicnn.functional.convolution.images import Geometry
from minicnn.kernels import simd
from tests.kernels.test_engine import (
    both_ways,
    geometry,
    needs_vectors,
    only_vectors_of_images,
    same_on_any_number_of_threads,
)

pytestmark = needs_vectors


@pytest.fixture(autouse=True)
def _engine(monkeypatch):
    only_vectors_of_images(monkeypatch)
    monkeypatch.setattr(ways, "_pays", lambda *_: True)


@pytest.mark.parametrize("seed", range(40))
def test_strips_and_plain_loops_agree(seed, monkeypatch):
    shapes, dtype, cut = geometry(np.random.default_rng(seed), 7, (30, 30, 9)), (np.float32, np.float64)[seed % 2], []
    real = strip_tables.cut
    monkeypatch.setattr(strip_tables, "cut", lambda *args: cut.append(1) or real(*args))
    by_strips = both_ways(np.random.default_rng(1), *shapes, dtype)
    monkeypatch.setattr(ways, "_pays", lambda *_: False)
    for got, expected in zip(by_strips, both_ways(np.random.default_rng(1), *shapes, dtype), strict=True):
        assert_array_equal(got, expected)
        assert got.dtype == dtype
    rows = shapes[0][2]
    assert cut or shapes[0][0] > 5 or rows < 12 or simd.NAME != "avx512"


def test_same_bits_on_any_number_of_threads():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 6, 33, 9)).astype("f"), rng.standard_normal((10, 6, 3, 3)).astype("f")
    same_on_any_number_of_threads(x, w, padding=1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_reaches_only_its_own_windows(bad):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((1, 3, 20, 8)), rng.standard_normal((5, 3, 3, 3))
    y, vjp = F.conv2d_vjp(x, w)
    dx = vjp(np.ones_like(y))[0]
    x[0, 1, 9, 3] = bad
    spoilt, vjp = F.conv2d_vjp(x, w)
    seen = np.zeros(y.shape, bool)
    seen[0, :, 7:10, 1:4] = True
    assert_array_equal(np.isfinite(spoilt), ~seen)
    assert_array_equal(spoilt[~seen], y[~seen])
    assert_array_equal(vjp(np.ones_like(y))[0], dx)


@pytest.mark.skipif(simd.NAME != "avx512", reason="the numbers are for vectors of 16")
@pytest.mark.parametrize(
    ("N", "rows", "count"),
    [(1, 32, 16), (1, 5, 5), (4, 32, 4), (8, 14, 2), (16, 32, 1), (24, 32, 1), (3, 28, 5), (1, 1, 1), (0, 8, 1)],
)
def test_how_many_strips(N, rows, count):
    """As few as make the work least; none where they save less than a third of it."""
    g = Geometry.of((rows + 2, 9), (0, 0), (3, 3), (1, 1), (1, 1), (rows, 7), 1)
    assert strip_tables.forward(g, N, 4).count == count
