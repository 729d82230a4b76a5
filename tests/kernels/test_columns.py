"""Convolutions with hardly any windows against the same in float64, computed another way."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import minicnn.functional as F
from minicnn.functional.convolution import columns
from tests.kernels.convolutions import job, needs_vectors, only

pytestmark = needs_vectors


@pytest.fixture
def used(monkeypatch):
    """How often it was done so."""
    only(monkeypatch, columns)
    calls, real = [], columns.forward
    monkeypatch.setattr(columns, "forward", lambda *args: calls.append(1) or real(*args))
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
    only(monkeypatch)
    expected = conv(*arrays, **options)
    assert len(used) == 1
    assert_allclose(y, expected, rtol=0, atol=(1e-6 if dtype == np.float32 else 1e-14) * abs(expected).max())


def test_it_takes_over_where_it_pays():
    def pays(N=1, C=64, O=128, size=(4, 4), groups=1):
        return callable(columns.plan(job((N, C, *size), (O, C // groups, 3, 3), padding=1, groups=groups)))

    assert pays()
    assert pays(4, size=(2, 2))
    assert not pays(2)  # too many windows
    assert not pays(C=16, O=64)  # too few weights
    assert not pays(C=63)  # no whole vectors
    assert not pays(groups=2)
