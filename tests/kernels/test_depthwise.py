"""Convolutions with one channel in a group against the plain loops, as in test_engine.py."""

import numpy as np
import pytest

from minicnn.functional.convolution import depthwise
from minicnn.kernels import simd
from tests.kernels.convolutions import (
    agree_with_plain_loops,
    job,
    needs_vectors,
    only,
    same_on_any_number_of_threads,
)

pytestmark = needs_vectors


@pytest.fixture(autouse=True)
def _everywhere(monkeypatch):
    """Even where images would fill vectors better."""
    only(monkeypatch, depthwise)
    monkeypatch.setattr(depthwise, "PER_IMAGES", np.inf)


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
    agree_with_plain_loops(monkeypatch, shapes, dtype)


def test_same_bits_on_any_number_of_threads():
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape).astype("f") for shape in ((3, 7, 21, 19), (14, 1, 3, 3)))
    same_on_any_number_of_threads(x, w, padding=1, groups=7)


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
    ],
)
def test_it_takes_over_where_it_pays(x, w, stride, expected, monkeypatch):
    monkeypatch.undo()
    if simd.NAME != "avx512":
        pytest.skip("the numbers are for vectors of 16")
    depthwise_job = job(x, w, padding=1, stride=stride, groups=x[1] // w[1])
    assert callable(depthwise.plan(depthwise_job)) == expected


@pytest.mark.parametrize(
    ("size", "kernel", "options"),
    [
        ((8, 8), (3, 3), dict(padding=3)),
        ((5, 9), (1, 2), dict(padding=(4, 3), stride=(1, 2))),
        ((6, 5, 1), (2, 4, 1), dict(padding=(0, 1, 1), stride=(1, 2, 3))),  # its last axis is of one pixel, never seen
    ],
)
def test_padding_wider_than_the_filter(size, kernel, options, monkeypatch):
    shapes = (2, 4, *size), (4, 1, *kernel), options | dict(dilation=1, groups=4)
    agree_with_plain_loops(monkeypatch, shapes, np.float32)
