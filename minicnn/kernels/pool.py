"""Pooling, one axis at a time: over windows along the last axis, of what comes out along the one before it, and so on.

A row of `axes` describes a step: an image is seen as (outer, n, inner), and its n places become m. Output o sees the
places low[o], low[o] + step, … below high[o], which never leave the image: there is no padding. Along the last axis
inner is 1; the commonest windows there, two that follow on two, are `PAIRS`.

Index t owns one image of every array. Shapes: x, dx (images, pixels) · y, dy, index (images, outputs).
"""

import numba
import numpy as np

from ._jit import FLAGS, jit

OUTER, N, M, INNER, KIND, STEP, TABLE = range(7)  # the columns of axes; TABLE: where this axis begins in low and high
ANY, PAIRS, SPREAD_PAIRS, SPREAD_ONE = range(4)  # kinds
helper, inline = numba.njit(**FLAGS), numba.njit(inline="always")


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
def max_of_rows(a, a_place, b, b_place, y, index):
    """Number by number; y may be a. place and index say where in the image the numbers were."""
    for i in range(y.size):
        second = (b[i] > a[i]) | (b[i] != b[i])
        y[i] = b[i] if second else a[i]
        index[i] = b_place[i] if second else a_place[i]


@helper
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
            for o in range(m):
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


@inline
def add_pairs(x, y):
    for i in range(y.size):
        y[i] = x[2 * i] + x[2 * i + 1]


@inline
def spread_pairs(x, y):
    for i in range(x.size):
        y[2 * i] = x[i]
        y[2 * i + 1] = x[i]


@inline
def add_rows(a, b, y):
    for i in range(y.size):
        y[i] = a[i] + b[i]


@inline
def total_of(x):
    total = x.dtype.type(0)
    for i in range(x.size):
        total += x[i]
    return total


@helper
def sum_along(outer, n, m, inner, kind, low, high, x, y):
    """One axis."""
    if kind == PAIRS and inner == 1:
        add_pairs(x[: 2 * outer * m], y[: outer * m])
    elif kind == PAIRS:
        for r in range(outer * m):
            a, b, c, out = 2 * r * inner, (2 * r + 1) * inner, (2 * r + 2) * inner, r * inner
            add_rows(x[a:b], x[b:c], y[out : out + inner])
    elif kind == SPREAD_PAIRS and inner == 1:
        spread_pairs(x[: outer * n], y[: 2 * outer * n])
    elif kind == SPREAD_PAIRS:
        for r in range(outer * n):
            a, b, c, out = 2 * r * inner, (2 * r + 1) * inner, (2 * r + 2) * inner, r * inner
            copy(x[out : out + inner], y[a:b])
            copy(x[out : out + inner], y[b:c])
    elif kind == SPREAD_ONE:
        for r in range(outer):
            y[r * m : (r + 1) * m] = x[r]
    elif inner == 1:
        for r in range(outer):
            for o in range(m):
                y[r * m + o] = total_of(x[r * n + low[o] : r * n + high[o]])
    else:
        for r in range(outer):
            for o in range(m):
                out = (r * m + o) * inner
                end = out + inner
                first = (r * n + low[o]) * inner
                if low[o] < high[o]:
                    copy(x[first : first + inner], y[out:end])
                else:
                    y[out:end] = 0
                for a in range(first + inner, (r * n + high[o]) * inner, inner):
                    add_rows(y[out:end], x[a : a + inner], y[out:end])


@jit
def sum_pool(start, stop, x, axes, low, high, scratch, before, after, y):
    """y = the sum of each window. If given, x is divided by `before` first (pixels,), or y by `after` (outputs,)."""
    together = max(1, min(8192 // scratch, stop - start))  # so many images at a time stay in the cache
    sums = np.empty((2, together * scratch), x.dtype)
    last, pixels, outputs = len(axes) - 1, x.shape[1], y.shape[1]
    for t in range(start, stop, together):
        many = min(together, stop - t)
        images, results = x[t : t + many].reshape(many * pixels), y[t : t + many].reshape(many * outputs)
        if before.size:
            for u in range(many):
                divide(x[t + u], before, sums[0, u * pixels : (u + 1) * pixels])
        for d in range(last + 1):
            outer, n, m, inner, kind, _, at = axes[d]
            source, target = sums[d % 2] if d or before.size else images, sums[1 - d % 2] if d < last else results
            sum_along(outer * many, n, m, inner, kind, low[at:], high[at:], source, target)
        if after.size:
            for u in range(many):
                divide(y[t + u], after, y[t + u])


@inline
def divide(a, b, c):
    for i in range(a.size):
        c[i] = a[i] / b[i]
