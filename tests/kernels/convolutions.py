"""What the tests of the ways to convolve share: which one is taken, and any convolution computed two ways."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F
from minicnn.functional.convolution import plain, strips, ways
from minicnn.functional.convolution.geometry import Geometry, Job
from minicnn.kernels import simd

needs_vectors = pytest.mark.skipif(simd.NAME == "plain", reason="this machine, or MINICNN_SIMD, has no vectors")


def only(monkeypatch, *taken):
    """All goes these ways, or by the plain loops. What was chosen before is forgotten."""
    rules = {product: (*(way for way in order if way in taken), plain) for product, order in ways.RULES.items()}
    monkeypatch.setattr(ways, "RULES", rules)
    ways.choose.cache_clear()


def without_strips(monkeypatch):
    monkeypatch.setattr(strips, "of", lambda job: strips.Strips(1, job.g))


def job(x, w, product="forward", padding=0, stride=1, groups=1, dtype=np.float32):
    """A Job, of the shapes of x and w."""
    nd = len(x) - 2
    out = tuple((n + 2 * padding - k) // stride + 1 for n, k in zip(x[2:], w[2:], strict=True))
    g = Geometry.of(x[2:], (padding,) * nd, w[2:], (stride,) * nd, (1,) * nd, out, groups)
    return Job(product, g, *x[:2], w[0], np.dtype(dtype))


def geometry(rng, images=40, longer=(8, 8, 8)):
    """Any convolution of fewer than so many images: shapes of x and w, options. For 1, 2 and 3 dimensions: how much
    longer than its least an axis may be."""
    nd, groups = rng.integers(1, 4), int(rng.integers(1, 4))
    kernel, stride, dilation, padding = (
        tuple(map(int, rng.integers(low, high, nd))) for low, high in [(1, 5), (1, 4), (1, 4), (0, 5)]
    )
    least = [max(1, (k - 1) * d + 1 - 2 * p) for k, d, p in zip(kernel, dilation, padding, strict=True)]
    size = tuple(n + int(rng.integers(0, longer[nd - 1])) for n in least)
    N, C, O = int(rng.integers(1, images)), groups * int(rng.integers(1, 5)), groups * int(rng.integers(1, 12))
    options = dict(stride=stride, padding=padding, dilation=dilation, groups=groups)
    return (N, C, *size), (O, C // groups, *kernel), options


def both_ways(rng, x_shape, w_shape, options, dtype):
    """y, dx, dw, db of a convolution with whole numbers, whose sums are exact in any order."""
    x, w, b = (rng.integers(-4, 5, s).astype(dtype) for s in (x_shape, w_shape, w_shape[:1]))
    y, vjp = getattr(F, f"conv{len(x_shape) - 2}d_vjp")(x, w, b, **options)
    return y, *vjp(rng.integers(-4, 5, y.shape).astype(dtype))


def agree_with_plain_loops(monkeypatch, shapes, dtype):
    """To the last digit, as sums of whole numbers are exact."""
    by_vectors = both_ways(np.random.default_rng(1), *shapes, dtype)
    only(monkeypatch)
    for got, expected in zip(by_vectors, both_ways(np.random.default_rng(1), *shapes, dtype), strict=True):
        assert_array_equal(got, expected)
        assert got.dtype == dtype


def same_on_any_number_of_threads(x, w, **options):
    """y, dx and dw of conv2d, bit for bit."""
    results, before = [], mc.get_num_threads()
    for threads in (1, 2, 5):
        mc.set_num_threads(threads)
        y, vjp = F.conv2d_vjp(x, w, **options)
        results.append((y, *vjp(y)[:2]))
    mc.set_num_threads(before)
    for other in results[1:]:
        for got, expected in zip(other, results[0], strict=True):
            assert_array_equal(got, expected)
