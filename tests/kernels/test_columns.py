"""Convolutions with hardly any windows against the same in float64, computed another way."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn.functional as F
from minicnn.functional.convolution import ways
from minicnn.functional.convolution import winograd as winograd_tables
from minicnn.functional.convolution.images import Geometry
from tests.kernels.test_engine import needs_vectors, no_memory

pytestmark = needs_vectors


@pytest.fixture
def used(monkeypatch):
    """How often it was done so."""
    no_memory(monkeypatch)
    monkeypatch.setattr(winograd_tables, "choose", lambda *_: None)  # with few lanes it would take some
    calls, real = [], ways._by_columns
    monkeypatch.setattr(ways, "_by_columns", lambda *args: calls.append(1) or real(*args))
    return calls


@pytest.mark.parametrize(
    ("x", "w", "options"),
    [
        ((1, 64, 4, 4), (128, 64, 3, 3), dict(padding=1)),
        ((3, 128, 2, 2), (64, 128, 3, 3), dict(padding=1)),
        ((1, 128, 7, 6), (72, 128, 3, 3), dict(stride=2, padding=(0, 1), dilation=(1, 2))),
        ((16, 512, 1, 1), (130, 512, 1, 1), {}),
        ((2, 256, 8), (100, 256, 3), dict(padding=1)),
        ((1, 64, 2, 2, 3), (64, 64, 2, 3, 3), dict(padding=1, stride=2)),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equals_the_sum(x, w, options, dtype, used, monkeypatch):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s) for s in (x, w, w[:1])]
    conv = getattr(F, f"conv{len(x) - 2}d")
    y = conv(*(a.astype(dtype) for a in arrays), **options)
    assert used
    monkeypatch.setattr(ways, "COLUMNS", 0)
    expected = conv(*arrays, **options)
    assert len(used) == 1
    assert_allclose(y, expected, rtol=0, atol=(1e-6 if dtype == np.float32 else 1e-14) * abs(expected).max())


def test_what_is_not_finite_stays_where_it_belongs(used):
    x, w = np.ones((1, 64, 4, 4), np.float32), np.ones((128, 64, 3, 3), np.float32)
    x[0, 3, 0, 0], w[7] = np.inf, np.nan
    y = F.conv2d(x, w, padding=1)
    assert used
    assert np.isnan(y[0, 7]).all()
    others = np.delete(y[0], 7, 0)
    assert_array_equal(np.isinf(others), np.broadcast_to(np.add.outer([0, 0, 1, 1], [0, 0, 1, 1]) == 0, others.shape))


def test_it_takes_over_where_it_pays():
    def pays(N=1, C=64, O=128, size=(4, 4), groups=1):
        g = Geometry.of(size, (1, 1), (3, 3), (1, 1), (1, 1), size, groups)
        return ways._columns_pay(g, N, C, O, np.dtype(np.float32))

    assert pays()
    assert pays(4, size=(2, 2))
    assert not pays(2)  # too many windows
    assert not pays(C=16, O=64)  # too few weights
    assert not pays(C=63)  # no whole vectors
    assert not pays(groups=2)
