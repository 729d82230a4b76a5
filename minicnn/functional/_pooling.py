"""What pooling with sliding and with adaptive windows share: tables of windows, and the calls of the kernels."""

from functools import lru_cache
from math import prod

import numpy as np

from ..kernels import pool as kernels
from ..kernels import simd
from ..kernels.division import ceil_div
from ..kernels.running.buffers import empty
from ..kernels.running.jit import parallel_for
from .windows import flat

WORTH_A_PIECE = 1 << 14  # so many pixels are


def sliding(size, kernel, out, stride, padding, dilation):
    """For each axis (n, low, high, step): window o sees the pixels low[o], low[o] + step, … below high[o]."""
    axes = []
    for n, k, o, s, p, d in zip(size, kernel, out, stride, padding, dilation, strict=True):
        first = np.arange(o) * s - p
        low = np.where(first < 0, first % d, first)  # its first tap inside the image
        axes.append((n, low, np.minimum(first + d * (k - 1) + 1, n), d))
    return Windows(axes)


@lru_cache(maxsize=1024)
def adaptive(size, out):
    """As `sliding`, for windows that share out the whole image."""
    axes = []
    for n, o in zip(size, out, strict=True):
        i = np.arange(o)
        axes.append((n, i * n // max(o, 1), ceil_div((i + 1) * n, max(o, 1)), 1))
    return Windows(axes)


class Windows:
    """The arguments of the kernels for certain windows (see kernels/pool.py), and for their pull-back."""

    def __init__(self, axes):
        axes = _merged(axes)
        self.sums = _steps(axes)
        self.forward = _table(self.sums)
        self.squares = [step[4] for step in self.sums] == [kernels.PAIRS] * 2 and simd.NAME != "plain"
        back = [
            (len(low), np.searchsorted(high, range(n), "right"), np.searchsorted(low, range(n), "right"), 1)
            for n, low, high, _ in axes
        ]  # which windows see each pixel; only right if these have no gaps
        self.sums_back = _steps(back)


def _merged(axes):
    """Neighbouring axes that are pooled as a whole are one long axis."""
    merged = []
    for n, low, high, step in axes:
        whole = len(low) == 1 and low[0] == 0 and high[0] == n and step == 1
        if merged and whole and merged[-1][-1]:
            n *= merged.pop()[0]
            high = np.array([n])
        merged.append((n, low, high, step, whole))
    return [axis[:-1] for axis in merged]


def _steps(axes):
    """For each axis, the last one first: outer, n, m, inner, kind, step, low and high (see kernels/pool.py)."""
    steps, inner = [], 1
    for d in reversed(range(len(axes))):
        n, low, high, step = axes[d]
        outer = prod(axis[0] for axis in axes[:d])
        steps.append((outer, n, len(low), inner, _kind(inner, *axes[d]), step, low, high))
        inner *= len(low)
    return steps


def _kind(inner, n, low, high, step):
    m = len(low)

    def are(first, last):
        return step == 1 and np.array_equal(low, first) and np.array_equal(high, last)

    o = np.arange(m)
    if n == 2 * m and are(2 * o, 2 * o + 2):
        return kernels.PAIRS
    if m == 2 * n and are(o // 2, o // 2 + 1):
        return kernels.SPREAD_PAIRS
    if inner == n == 1 and are(0 * o, 0 * o + 1):
        return kernels.SPREAD_ONE
    first = 2 * o + low[1] - 2 if m > 1 else o
    if m > 2 and are(np.maximum(first, 0), np.minimum(first + 3, n)) and first[0] >= -2 and first[-2] + 3 <= n:
        return kernels.TRIPLES
    return kernels.ANY


def _table(steps):
    """axes, low, high and the size of the scratch space, as kernels.max_pool wants them."""
    *columns, lows, highs = zip(*steps, strict=True)
    outer, n, m, inner = np.array(columns[:4], np.int64)
    axes = np.column_stack([*columns, np.cumsum(m) - m])
    scratch = max(1, *(outer * n * inner), *(outer * m * inner))
    return axes, np.concatenate(lows).astype(np.int64), np.concatenate(highs).astype(np.int64), scratch


def max_of_windows(x, windows, out, return_indices):
    """The largest number of each window, where they were if that is wanted, and the pull-back."""
    x3, size, dtype = flat(x), x.shape, x.dtype
    images, pixels, outputs = size[0] * size[1], x3.shape[2], prod(out)
    grain = WORTH_A_PIECE // max(pixels, 1) + 1
    y, index = empty((images, outputs), x.dtype), empty((images, outputs), np.int32 if pixels < 2**31 else np.int64)
    parallel_for(kernels.max_pool, images, x3.reshape(images, pixels), *windows.forward, y, index, grain=grain)

    def vjp(dy):
        dx, dy = empty((images, pixels), dtype), np.ascontiguousarray(dy).reshape(images, outputs)
        parallel_for(kernels.max_pool_grad, images, dy, index, dx, grain=grain)
        return (dx.reshape(size),)

    shape = (*x.shape[:2], *out)
    y = y.reshape(shape)
    return ((y, np.maximum(index, 0, dtype=np.int64).reshape(shape)) if return_indices else y), vjp


def mean_of_windows(x, windows, out, divisor):
    """The sum of each window, divided by divisor, a number or (outputs,), and the pull-back."""
    size, dtype, images = x.shape, x.dtype, x.shape[0] * x.shape[1]
    squares = windows.squares and isinstance(divisor, float)
    if squares:
        y = empty((images, prod(out)), x.dtype)
        n, scale, grain = out[-1], x.dtype.type(1 / divisor), WORTH_A_PIECE // (4 * out[-1]) + 1
        rows = images * prod(out[:-1])
        parallel_for(kernels.mean_of_squares, rows, x.reshape(-1), n, scale, y.reshape(-1), grain=grain)
    else:
        y = _sum(flat(x), images, windows.sums).reshape(images, prod(out))
        y /= divisor

    def vjp(dy):
        dy = np.ascontiguousarray(dy).reshape(images, prod(out))
        if squares:
            dx = empty(size, dtype)
            parallel_for(kernels.mean_of_squares_grad, rows, dy.reshape(-1), n, scale, dx.reshape(-1), grain=grain)
            return (dx,)
        return (_sum(np.divide(dy, divisor, dtype=dtype), images, windows.sums_back).reshape(size),)

    return y.reshape(*x.shape[:2], *out), vjp


def one_if_equal(divisors):
    """A number instead of an array that is full of it."""
    equal = divisors.size > 0 and (divisors == divisors[0]).all()
    return float(divisors[0]) if equal else divisors


def _sum(x, images, steps):
    x = x.reshape(-1)
    for outer, n, m, inner, kind, _, low, high in steps:
        rows = images * outer
        y = empty((rows * m * inner,), x.dtype)
        grain = WORTH_A_PIECE // max(1, n * inner) + 1
        if kind == kernels.PAIRS and inner == 1:
            parallel_for(kernels.add_pairs, rows, x, m, y, grain=grain)
        elif kind == kernels.SPREAD_PAIRS and inner == 1:
            parallel_for(kernels.spread_pairs, rows, x, n, y, grain=grain)
        elif kind == kernels.SPREAD_ONE:
            y.reshape(rows, m)[...] = x[:, np.newaxis]
        else:
            parallel_for(kernels.sum_windows, rows, x, n, m, inner, low, high, y, grain=grain)
        x = y
    return x
