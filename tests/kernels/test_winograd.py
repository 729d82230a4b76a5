"""Winograd's convolution against the direct one in float64, which it never replaces, and against the direct engine."""

import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F
from minicnn.functional.convolution import images, winograd, winograd_rows
from minicnn.kernels import simd
from tests.kernels.convolutions import job, only

RNG = np.random.default_rng(0)
vectors = pytest.mark.skipif(simd.NAME == "plain", reason="Winograd's convolution needs vectors")


@pytest.fixture(autouse=True, params=["tiles", "rows"])
def everywhere(request, monkeypatch):
    """One of the two ways, however few the channels are, and whatever is computed for nothing."""
    way = winograd if request.param == "tiles" else winograd_rows
    only(monkeypatch, way, images)
    for name, value in (("FEWEST_CHANNELS", 1), ("MOST_CHANNELS", np.inf), ("LEAST_FILLED", 0)):
        monkeypatch.setattr(way, name, value, raising=False)
    return request.param


def problem(N=16, C=16, O=16, size=(8, 8), padding=(1, 1)):
    """x, w, b and dy, float32."""
    out = [n + 2 * p - 2 for n, p in zip(size, padding, strict=True)]
    shapes = (N, C, *size), (O, C, 3, 3), (O,), (N, O, *out)
    return [RNG.standard_normal(s).astype(np.float32) for s in shapes]


def both(x, w, b, dy, padding=(1, 1)):
    """y, dx and dw."""
    y, vjp = F.conv2d_vjp(x, w, b, padding=padding)
    return y, *vjp(dy)[:2]


@pytest.fixture
def calls(monkeypatch):
    """What Winograd's convolution is asked for, and whether it delivers."""
    seen, original = [], winograd.convolve

    def spy(*args):
        spoilt = original(*args)
        seen.append(not spoilt)
        return spoilt

    for way in (winograd, winograd_rows):
        monkeypatch.setattr(way, "convolve", spy)
    return seen


@pytest.fixture
def direct(monkeypatch):
    """Call it to have everything computed directly from then on."""
    return lambda: only(monkeypatch, images)


@vectors
@pytest.mark.parametrize("padding", [(0, 0), (1, 1), (2, 0), (1, 2), (3, 3)], ids=str)
@pytest.mark.parametrize("size", [(6, 6), (12, 12), (13, 18), (23, 11), (40, 31)], ids=str)
def test_equals_the_direct_convolution_in_float64(size, padding, calls, everywhere):
    arrays = problem(size=size, padding=padding)
    got, expected = both(*arrays, padding), both(*(a.astype(np.float64) for a in arrays), padding)
    for a, b in zip(got, expected, strict=True):
        assert_allclose(a, b, rtol=0, atol=2e-6 * abs(b).max())
    assert all(calls)
    assert len(calls) == (1 if everywhere == "rows" and padding == (3, 3) else 2)  # then dy has no rows before it


@vectors
@pytest.mark.parametrize("sizes", [(4, 8, 16), (15, 16, 9), (17, 23, 33), (37, 24, 17), (130, 8, 64)], ids=str)
def test_any_number_of_images_and_channels(sizes, calls):
    arrays = problem(*sizes, size=(12, 12))
    for a, b in zip(both(*arrays), both(*(a.astype(np.float64) for a in arrays)), strict=True):
        assert_allclose(a, b, rtol=0, atol=2e-6 * abs(b).max())
    assert calls == [True, True]


@vectors
def test_large_images_in_bands(calls):
    arrays = problem(4, 24, 24, (150, 97))
    for a, b in zip(both(*arrays), both(*(a.astype(np.float64) for a in arrays)), strict=True):
        assert_allclose(a, b, rtol=0, atol=2e-6 * abs(b).max())
    assert calls == [True, True]


@vectors
@pytest.mark.parametrize("C", [16, 64, 256])
def test_hardly_less_exact_than_the_direct_convolution(C, calls, direct):
    arrays = problem(C=C, O=C)
    expected, errors = both(*(a.astype(np.float64) for a in arrays)), []
    for _ in range(2):
        errors.append([np.sqrt(np.mean((a - b) ** 2)) for a, b in zip(both(*arrays), expected, strict=True)])
        direct()
    assert calls == [True, True]
    assert np.all(np.array(errors[0]) < 3 * np.array(errors[1]))


@vectors
@pytest.mark.parametrize("where", ["x", "w", "b", "dy"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38])
def test_what_is_not_finite_is_as_in_the_direct_convolution(where, bad, calls, direct):
    """3e38 is finite, but the sum of two of them is not."""
    arrays = dict(zip(["x", "w", "b", "dy"], problem(), strict=True))
    flat = arrays[where].reshape(-1)
    flat[RNG.integers(flat.size, size=2)] = bad
    if where == "x":
        arrays["x"][5, 3, 2:4, 2:6] = bad  # neighbours: their differences and sums are not what they are
    with np.errstate(invalid="ignore", over="ignore"):
        got = both(**arrays)
        assert len(calls) == 2
        assert all(calls) == (where == "b" and np.isfinite(bad))
        direct()
        for a, b in zip(got, both(**arrays), strict=True):
            assert np.isfinite(b).any()
            close = np.isfinite(b)
            assert_array_equal(a[~close], b[~close])
            assert_allclose(a[close], b[close], rtol=1e-4, atol=1e-4)


@vectors
def test_same_bits_for_any_number_of_threads(calls):
    before, arrays, results = mc.get_num_threads(), problem(37, 16, 24, (21, 16)), []
    try:
        for threads in (1, 2, 3, 2):
            mc.set_num_threads(threads)
            results.append([a.tobytes() for a in both(*arrays)])
    finally:
        mc.set_num_threads(before)
    assert all(r == results[0] for r in results)
    assert len(calls) == 8


@pytest.mark.skipif(simd.NAME != "avx512", reason="the numbers are for vectors of 16")
def test_only_where_it_pays(monkeypatch):
    monkeypatch.undo()

    def chosen(shape=(64, 64, 64), size=(16, 16), kernel=(3, 3), **options):
        (N, C, O), products = shape, ("forward", "grad_input", "grad_weight")
        shapes = (N, C, *size), (O, C // options.get("groups", 1), *kernel)
        jobs = [job(*shapes, product, padding=1, **options) for product in products]
        return [callable(way.plan(j)) for way in (winograd, winograd_rows) for j in jobs]

    assert chosen() == chosen((64, 64, 64), (8, 8)) == chosen((1, 64, 64), (24, 24)) == [True] * 3 + [False] * 3
    assert chosen((64, 32, 32), (32, 32)) == [True] * 6
    assert chosen((64, 16, 16)) == [False] * 3 + [True] * 3
    assert chosen((64, 8, 16), (32, 32)) == [False] * 3 + [True, True, False]  # dw by vectors of channels: half in vain
    assert chosen((64, 32, 32), (8, 8)) == [True] * 3 + [False, False, True]  # half of each vector of pixels in vain
    assert chosen((64, 3, 64)) == chosen((64, 64, 64), (1, 1)) == [False] * 6  # few channels; most of the tiles in vain
    assert chosen(kernel=(5, 5)) == chosen(kernel=(3, 1)) == [False] * 6
    assert chosen(stride=2) == chosen(groups=2) == chosen(dtype=np.float64) == [False] * 6
    assert chosen(size=(8, 8, 8), kernel=(3, 3, 3)) == chosen(size=(64,), kernel=(3,)) == [False] * 6


def test_not_without_vectors(calls, monkeypatch):
    monkeypatch.setattr(simd, "NAME", "plain")
    arrays = problem()
    for a, b in zip(both(*arrays), both(*(a.astype(np.float64) for a in arrays)), strict=True):
        assert_allclose(a, b, rtol=0, atol=2e-6 * abs(b).max())
    assert not calls


@pytest.mark.skipif(simd.NAME != "avx512", reason="needs a machine that can do more than AVX2")
def test_with_shorter_vectors():
    """AVX2 has 8 lanes, and tiles of 4 × 3 vectors."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__, "-k", "finite or bits"],
        env={**os.environ, "MINICNN_SIMD": "avx2"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
