"""Pooling, one axis at a time: over windows along the last axis, of what comes out along the one before it, and so on.

A row of `axes` describes a step: an image is seen as (outer, n, inner), and its n places become m. Output o sees the
places low[o], low[o] + step, … below high[o], which never leave the image: there is no padding. Along the last axis
inner is 1; the commonest windows have loops of their own: two that follow on two, `PAIRS`, and three that take steps of
two, `TRIPLES`, of which the first and the last may be cut off by the border.

Index t owns one image of every array. Shapes: x, dx (images, pixels) · y, dy, index (images, outputs).
"""

import numpy as np

from .running.atomics import helper, inline
from .running.jit import FLAGS, jit
from .simd import BYTES, I64, micro_kernel

OUTER, N, M, INNER, KIND, STEP, TABLE = range(7)  # the columns of axes; TABLE: where this axis begins in low and high
ANY, PAIRS, TRIPLES, SPREAD_PAIRS, SPREAD_ONE = range(5)  # kinds


@inline
def copy(x, y):
    for i in range(x.size):
        y[i] = x[i]


@inline
def max_of_pairs(x, y, index):
    """Along the last axis."""
    for i in range(y.size):
        a, b = x[2 * i], x[2 * i + 1]
        second = (b > a) | (b != b)  # NaN wins, so that it is seen
        y[i] = b if second else a
        index[i] = 2 * i + 1 if second else 2 * i


@inline
def max_of_triples(x, first, y, index):
    """Along the last axis; first: the place of x[0] in the image."""
    for i in range(y.size):
        a, b, c = x[2 * i], x[2 * i + 1], x[2 * i + 2]
        second = (b > a) | (b != b)
        largest = b if second else a
        third = (c > largest) | (c != c)
        y[i] = c if third else largest
        index[i] = first + 2 * i + (2 if third else 1 if second else 0)


@inline
def max_of_rows(a, a_place, b, b_place, y, index):
    """Number by number; y may be a. place and index say where in the image the numbers were."""
    for i in range(y.size):
        second = (b[i] > a[i]) | (b[i] != b[i])
        y[i] = b[i] if second else a[i]
        index[i] = b_place[i] if second else a_place[i]


@helper(**FLAGS)
def max_along(outer, n, m, inner, kind, step, low, high, x, place, first, y, index):
    """One axis; first: the last one of the image, where each x still is at its place."""
    if kind == PAIRS and first:
        max_of_pairs(x[: 2 * outer * m], y[: outer * m], index[: outer * m])
    elif kind == PAIRS:
        for r in range(outer * m):
            a, b, c, out = 2 * r * inner, (2 * r + 1) * inner, (2 * r + 2) * inner, r * inner
            end = out + inner
            max_of_rows(x[a:b], place[a:b], x[b:c], place[b:c], y[out:end], index[out:end])
    elif first:
        for r in range(outer):
            if kind == TRIPLES:
                whole, out = r * n + low[1], r * m
                max_of_triples(x[whole:], whole, y[out + 1 : out + m - 1], index[out + 1 : out + m - 1])
            for o in range(0, m, m - 1 if kind == TRIPLES else 1):
                winner = r * n + low[o]
                largest = x[winner] if low[o] < high[o] else x.dtype.type(-np.inf)
                for p in range(winner + step, r * n + high[o], step):
                    wins = (x[p] > largest) | (x[p] != x[p])
                    largest = x[p] if wins else largest
                    winner = p if wins else winner
                y[r * m + o], index[r * m + o] = largest, winner if low[o] < high[o] else -1
    else:
        for r in range(outer):
            for o in range(m):
                a, out = (r * n + low[o]) * inner, (r * m + o) * inner
                end = out + inner
                if low[o] < high[o]:
                    copy(x[a : a + inner], y[out:end])
                    copy(place[a : a + inner], index[out:end])
                else:  # dilated so far that no pixel is in the window
                    y[out:end] = -np.inf
                    index[out:end] = -1
                for b in range(a + step * inner, (r * n + high[o]) * inner, step * inner):
                    c = b + inner
                    max_of_rows(y[out:end], index[out:end], x[b:c], place[b:c], y[out:end], index[out:end])


@jit
def max_pool(start, stop, x, axes, low, high, scratch, y, index):
    """y = the largest x of each window; index = its place in the image, the first one if several are equal."""
    values, places = np.empty((2, scratch), x.dtype), np.empty((2, scratch), index.dtype)
    last = len(axes) - 1
    for t in range(start, stop):
        for d in range(last + 1):
            outer, n, m, inner, kind, step, at = axes[d]
            source, place = (values[d % 2], places[d % 2]) if d else (x[t], places[0])
            target, where = (values[1 - d % 2], places[1 - d % 2]) if d < last else (y[t], index[t])
            max_along(outer, n, m, inner, kind, step, low[at:], high[at:], source, place, d == 0, target, where)


@jit
def max_pool_grad(start, stop, dy, index, dx):
    """Each dy to the place of its window's winner; all else is 0."""
    for t in range(start, stop):
        g, winner, out = dy[t], index[t], dx[t]
        for p in range(out.size):
            out[p] = 0
        for q in range(g.size):
            if winner[q] >= 0:
                out[winner[q]] += g[q]


def _add_squares(v, b, at, x, xo, row, n, scale, y, yo):
    """y[j] = scale · (x[2j] + x[2j + 1] + the two numbers a row further on), for j < n ≤ lanes."""
    parts = []
    for p, mask in v.halves(at(x, xo), b.mul(n, I64(2))):
        parts.append(b.fadd(v.load_masked(p, mask), v.load_masked(at(p, row), mask)))
    even, odd = (v.shuffle(*parts, list(range(first, 2 * v.lanes, 2))) for first in range(2))
    v.store_masked(b.fmul(b.fadd(even, odd), v.splat(scale)), at(y, yo), v.mask(n))


def _spread_squares(v, b, at, y, yo, n, scale, x, xo, row):
    """The pull-back of `_add_squares`: each y, times scale, to four places."""
    numbers = b.fmul(v.load_masked(at(y, yo), v.mask(n)), v.splat(scale))
    for half, (p, mask) in enumerate(v.halves(at(x, xo), b.mul(n, I64(2)))):
        twice = v.shuffle(numbers, numbers, [(half * v.lanes + j) // 2 for j in range(v.lanes)])
        v.store_masked(twice, p, mask)
        v.store_masked(twice, at(p, row), mask)


add_squares, spread_squares = map(micro_kernel, (_add_squares, _spread_squares))


@jit
def mean_of_squares(start, stop, x, n, scale, y):
    """Windows of 2×2 that touch: row r of y, n numbers, is the sum of pairs in two rows of x, times scale. All flat."""
    lanes = BYTES // x.itemsize
    for r in range(start, stop):
        for j in range(0, n, lanes):
            add_squares(x, 4 * r * n + 2 * j, 2 * n, min(lanes, n - j), scale, y, r * n + j)


@jit
def mean_of_squares_grad(start, stop, dy, n, scale, dx):
    """Row r of dy to two rows of dx."""
    lanes = BYTES // dy.itemsize
    for r in range(start, stop):
        for j in range(0, n, lanes):
            spread_squares(dy, r * n + j, min(lanes, n - j), scale, dx, 4 * r * n + 2 * j, 2 * n)


# Other sums go along one axis a kernel, so that only what is used is compiled. All arrays are flat; there are rows of
# (n, inner) numbers, of which (m, inner) become, and r owns a row.


@jit
def add_pairs(start, stop, x, m, y):
    """Windows of two that follow on two, where inner is 1."""
    pairs, out = x[2 * start * m : 2 * stop * m], y[start * m : stop * m]
    for i in range(out.size):
        out[i] = pairs[2 * i] + pairs[2 * i + 1]


@jit
def spread_pairs(start, stop, x, n, y):
    """The pull-back of add_pairs: each number twice."""
    row, pairs = x[start * n : stop * n], y[2 * start * n : 2 * stop * n]
    for i in range(row.size):
        pairs[2 * i] = row[i]
        pairs[2 * i + 1] = row[i]


@jit
def sum_windows(start, stop, x, n, m, inner, low, high, y):
    """Any windows: output o adds up the places low[o] … below high[o]."""
    if inner == 1:
        for r in range(start, stop):
            row, out = x[r * n : (r + 1) * n], y[r * m : (r + 1) * m]
            for o in range(m):
                total = y.dtype.type(0)
                for p in range(low[o], high[o]):
                    total += row[p]
                out[o] = total
    else:
        for r in range(start, stop):
            for o in range(m):
                out = y[(r * m + o) * inner : (r * m + o + 1) * inner]
                out[:] = 0
                for p in range(r * n + low[o], r * n + high[o]):
                    add_row(x[p * inner : (p + 1) * inner], out)


@inline
def add_row(x, y):
    for i in range(x.size):
        y[i] += x[i]
