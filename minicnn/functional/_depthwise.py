"""Convolutions with one channel in a group: when they go to kernels/depthwise.py, and the tables that it wants."""

from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from ..kernels import depthwise, simd
from ..kernels._jit import parallel_for


def pays(g, x, w):
    """Whether vectors of pixels have less to spare than vectors of images, each of which takes 1.9 times as long."""
    if w.shape[1] > 1 or len(w) > 4 * g.groups or not x.size or simd.NAME == "plain":
        return False
    lanes, last = _lanes(x), _axes(g) - 1
    columns = (g.out[last] - 1) * g.stride[last] + 1
    by_pixel, by_image = -(-columns // lanes) / g.out[last] * len(x), -(-len(x) // lanes) * 1.9
    return by_pixel < by_image and min(_before_y(g)) >= 0


def forward(x, w, bias, y, g):
    """y (N, O, pixels) from x (N, C, pixels) and w (O, 1, taps)."""
    _correlate(x, w, np.zeros(len(w), w.dtype) if bias is None else bias, y, g, _forward_tables(g, _lanes(x)))


def grad_input(dy, w, dx, g):
    """dx (N, C, pixels) from dy."""
    turned, filters = np.ascontiguousarray(w[..., ::-1]), len(w) // g.groups
    _correlate(dy, turned, np.zeros(g.groups, w.dtype), dx, g, _grad_input_tables(g, _lanes(dy), filters))


def grad_weight(x, dy, dw, g):
    """dw, like w, from x and dy."""
    t = _grad_weight_tables(g, _lanes(x))
    parallel_for(depthwise.grad_weight, g.groups, x, dy, dw.reshape(-1), g.groups, *t)


def _correlate(x, w, bias, y, g, t):
    parallel_for(depthwise.correlate, len(x) * g.groups, x, y, w.reshape(-1), bias, g.groups, *t[:-1])


def _lanes(x):
    return simd.BYTES // x.itemsize


class Tables(NamedTuple):
    """See kernels/depthwise.py. vectors: how many there are of windows, without what fills up the last tile."""

    size: int
    rows: np.ndarray
    width: int
    step: int
    places: np.ndarray
    targets: np.ndarray
    columns: int
    keep: int
    offsets: np.ndarray
    pitch: int
    vectors: int


def _axes(g):
    """How many axes there really are."""
    return max([1] + [a + 1 for a in range(3) if (g.size[a], g.kernel[a], g.out[a]) != (1, 1, 1)])


@lru_cache(maxsize=512)
def _forward_tables(g, lanes):
    """Windows stand at multiples of the stride."""
    return _tables(g, lanes, 1, g.size, g.before, (1, 1, 1), g.out, g.stride)


@lru_cache(maxsize=512)
def _grad_input_tables(g, lanes, filters):
    """y lies in the buffer with zeros between its pixels, `stride` apart; the filters, turned round, look at them.

    Pixel i of x was seen by y[t] through tap j if t · stride = i + before − j · dilation.
    """
    return _tables(g, lanes, filters, g.out, _before_y(g), g.stride, g.size, (1, 1, 1))


def _before_y(g):
    """Zeros before y in the buffer; less than none if the padding is wider than the filter."""
    return tuple((k - 1) * d - b for k, d, b in zip(g.kernel, g.dilation, g.before, strict=True))


def _tables(g, lanes, channels, size, before, step, target, stride):
    """From images of `size`, `channels` in a group, their pixels `step` apart behind `before` zeros, to windows."""
    taps = [np.arange(k) * d for k, d in zip(g.kernel, g.dilation, strict=True)]
    size, before, step, target, stride, taps = (t[: _axes(g)] for t in (size, before, step, target, stride, taps))
    length = [
        max(b + (n - 1) * s, (m - 1) * t + axis[-1]) + 1
        for n, b, s, m, t, axis in zip(size, before, step, target, stride, taps, strict=True)
    ]

    def places(*indices):
        return np.ravel_multi_index(np.ix_(*indices), length).astype(np.int64)

    rows = places(*(b + np.arange(n) * s for n, b, s in zip(size[:-1], before, step, strict=False)), before[-1:])
    columns = (target[-1] - 1) * stride[-1] + 1
    firsts = np.arange(0, columns, lanes)
    image_rows = prod(target[:-1])
    stand = places(*(np.arange(m) * t for m, t in zip(target[:-1], stride, strict=False)), firsts)
    targets = (np.arange(image_rows)[:, None] * columns + firsts).ravel()
    spare = (0, -stand.size % simd.WIDE)
    offsets = (np.arange(channels)[:, None] * prod(length) + places(*taps).ravel()).ravel()
    by_nine = len(target) == 2 and channels == 1 and (*g.kernel[:2], *g.dilation[:2], *stride) == (3, 3, 1, 1, 1, 1)
    pitch = length[-1] if by_nine and target[0] >= depthwise.HIGH else 0
    return Tables(
        prod(length), rows.ravel(), size[-1], step[-1],
        np.pad(stand.ravel(), spare, "edge"), np.pad(targets, spare, constant_values=image_rows * columns),
        columns, stride[-1], offsets, pitch, stand.size,
    )  # fmt: skip


@lru_cache(maxsize=512)
def _grad_weight_tables(g, lanes):
    """As forward; and dy lies such that its pixels, `stride` apart, meet the vectors of what they saw."""
    t = _forward_tables(g, lanes)
    per_row = -(-t.columns // lanes) * lanes
    dy_rows = np.arange(t.vectors * lanes // per_row) * per_row
    offsets = np.pad(t.offsets, (0, -t.offsets.size % simd.WIDE_DOTS))
    return t.size, t.rows, t.width, t.places, dy_rows, g.out[_axes(g) - 1], t.keep, t.vectors, offsets
