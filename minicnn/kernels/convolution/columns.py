"""Convolutions with hardly any windows, but many weights: these are read once, and where they are.

What each window sees is copied into a row (im2col); then y is made of inner products of such rows with filters, whole
vectors along both. offsets and places: as in plain.py. Shapes: x (N, C, pixels) · y (N, O, outputs) · seen
(N · outputs, C · taps), whole vectors · w flat.
"""

from ..division import ceil_div
from ..running.jit import jit
from ..running.scratch import zeros
from ..simd import BYTES, DOT_COLUMNS, DOT_ROWS, dots

VECTORS_AT_A_TIME = 64  # of a row, which stay in the nearest cache


@jit
def see(start, stop, x, offsets, places, seen):
    """Index t owns a row of seen: what a window sees of all channels."""
    _, C, _ = x.shape
    for t in range(start, stop):
        n, q = divmod(t, places.size)
        for c in range(C):
            for k in range(offsets.size):
                seen[t, c * offsets.size + k] = x[n, c, places[q] + offsets[k]]


@jit
def inner_products(start, stop, seen, w, vectors, rows, bias, y):
    """y = the inner products of filters with what windows see, plus bias. Index t owns DOT_ROWS channels of y.

    vectors: where those of a row begin; rows: where those of seen begin, filled up to whole blocks of dots with the
    last one.
    """
    _, O, P = y.shape
    windows, K = seen.shape
    lanes, seen = BYTES // seen.itemsize, seen.reshape(seen.size)
    size = ceil_div(DOT_ROWS * DOT_COLUMNS, lanes) * lanes
    sums = zeros(rows.size // DOT_COLUMNS * size, seen)
    for t in range(start, stop):
        sums[:] = 0
        first = min(t * DOT_ROWS, O - DOT_ROWS)  # the last blocks may overlap
        for q in range(0, vectors.size, VECTORS_AT_A_TIME):
            n = min(VECTORS_AT_A_TIME, vectors.size - q)
            for j in range(0, rows.size, DOT_COLUMNS):
                dots(w, first * K + q * lanes, K, seen, 0, vectors, q, rows, j, n, sums, j // DOT_COLUMNS * size)
        for o in range(t * DOT_ROWS, first + DOT_ROWS):
            i = o - first
            for m in range(windows):
                y[m // P, o, m % P] = sums[m // DOT_COLUMNS * size + i * DOT_COLUMNS + m % DOT_COLUMNS] + bias[o]
