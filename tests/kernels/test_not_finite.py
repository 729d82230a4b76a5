"""What is not finite reaches the windows that see it, and nothing else, whichever way a convolution is computed."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn.functional as F
from minicnn.functional.conv import checked_geometry
from minicnn.functional.convolution import channels, columns, depthwise, exact, images, plain, rows, strips
from tests.kernels.convolutions import needs_vectors, only, without_strips

WAYS = {
    "images": ((20, 3, 8, 8), (5, 3, 3, 3)),
    "strips": ((1, 3, 20, 8), (5, 3, 3, 3)),
    "rows": ((2, 3, 12, 37), (5, 3, 3, 3)),
    "channels": ((2, 20, 12, 7), (9, 20, 3, 3)),
    "depthwise": ((2, 3, 12, 13), (3, 1, 3, 3)),
    "columns": ((1, 64, 4, 4), (128, 64, 3, 3)),
    "plain": ((2, 3, 8, 8), (5, 3, 3, 3)),
}


@needs_vectors
@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("way", WAYS)
def test_what_is_not_finite_reaches_only_its_own_windows(way, bad, monkeypatch):
    monkeypatch.setattr(images, "pays", lambda job: True)
    module = {"channels": channels, "columns": columns, "depthwise": depthwise, "rows": rows, "plain": plain}
    only(monkeypatch, module.get(way, images))
    if way == "images":
        without_strips(monkeypatch)
    cut, real = [], strips.cut
    monkeypatch.setattr(strips, "cut", lambda *args: cut.append(1) or real(*args))
    monkeypatch.setattr(channels, "FASTER", np.inf)

    rng = np.random.default_rng(0)
    x, w = (rng.integers(-4, 5, shape).astype(float) for shape in WAYS[way])
    N, groups = len(x), x.shape[1] // w.shape[1]
    y, vjp = F.conv2d_vjp(x, w, groups=groups)
    dx, dw, _ = vjp(np.ones_like(y))
    x[N - 1, 1, 2, 3] = bad
    spoilt, vjp = F.conv2d_vjp(x, w, groups=groups)
    seen = np.zeros(y.shape, bool)
    seen[N - 1, 1 if groups > 1 else slice(None), 0:3, 1:4] = True
    assert_array_equal(np.isfinite(spoilt), ~seen)
    assert_array_equal(spoilt[~seen], y[~seen])
    spoilt_dx, spoilt_dw, _ = vjp(np.ones_like(y))
    assert_array_equal(spoilt_dx, dx)
    own = (1, 0) if groups > 1 else (slice(None), 1)
    assert not np.isfinite(spoilt_dw[own]).all()
    spoilt_dw[own] = dw[own]
    assert_allclose(spoilt_dw, dw, rtol=1e-12)
    assert bool(cut) == (way == "strips")


@needs_vectors
@pytest.mark.parametrize("way", ["images", "rows"])
def test_a_weight_that_is_not_finite_spoils_only_what_it_met(way, monkeypatch):
    monkeypatch.setattr(images, "pays", lambda job: True)
    only(monkeypatch, rows if way == "rows" else images)
    x, w = np.ones((2, 3, 6, 40)), np.ones((4, 3, 3, 3))
    w[2, 1, 0, 0] = np.inf
    y, vjp = F.conv2d_vjp(x, w, padding=1, stride=2)
    dx, _, _ = vjp(np.ones_like(y))
    expected = np.zeros(x.shape, bool)
    expected[:, 1, 1:5:2, 1:39:2] = True  # the pixels on which this tap stood
    assert_array_equal(np.isfinite(dx), ~expected)


@pytest.mark.parametrize("stride", [1, (2, 1)])
def test_exact_gradients_are_those_of_the_loops(stride):
    """The sums that count where something is not finite: windows, one by one, by the reference."""
    rng = np.random.default_rng(0)
    x, w = rng.integers(-4, 5, (3, 4, 7, 6)).astype(float), rng.integers(-4, 5, (6, 2, 3, 2)).astype(float)
    options = dict(stride=stride, padding=(2, 1), dilation=(1, 2), groups=2)
    y, vjp = F.conv2d_vjp(x, w, **options)
    dy = rng.integers(-4, 5, y.shape).astype(float)
    dx, dw, _ = vjp(dy)
    g = checked_geometry("conv2d", 2, x, w, None, **options)
    flat = [a.reshape(*a.shape[:2], -1) for a in (x, w, dy)]
    assert_array_equal(exact.exact_grad_input(flat[2], flat[1], g), dx.reshape(3, 4, -1))
    assert_array_equal(exact.exact_grad_weight(flat[0], flat[2], flat[1], g), dw.reshape(6, 2, -1))
