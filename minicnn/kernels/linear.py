"""Matrix products, the work of fully connected layers. Rows of the result are shared out over the threads.

    matmul_dots    y = a · bᵀ + bias     a (M, K) · b (N, K): y's entries are inner products of rows
    matmul_tiles   y = a · b             a (M, K) · b (K, N): y's rows are sums of rows of b

`a` is flat in matmul_tiles; row and column say how far apart its entries are, so that a transposed one needs no copy.
"""

import numpy as np

from ._jit import jit
from .conv import aligned
from .simd import BYTES, DOT_COLUMNS, DOT_ROWS, ROWS, VECTORS, dots, tile


@jit
def matmul_dots(start, stop, a, b, bias, y):
    """t owns DOT_ROWS rows of y. K is a whole number of vectors, and a has rows for whole blocks."""
    (M, N), K, lanes = y.shape, a.shape[1], BYTES // y.itemsize
    sums = aligned(-(-DOT_ROWS * DOT_COLUMNS // lanes) * lanes, y)
    places = np.arange(K // lanes) * lanes
    offsets = np.minimum(np.arange(N + DOT_COLUMNS), N - 1) * K
    left, right = a.reshape(a.size), b.reshape(b.size)
    for t in range(start, stop):
        first = t * DOT_ROWS
        for n in range(0, N, DOT_COLUMNS):
            sums[:] = 0
            dots(left, first * K, K, right, 0, places, 0, offsets, n, places.size, sums, 0)
            for i in range(min(DOT_ROWS, M - first)):
                for j in range(min(DOT_COLUMNS, N - n)):
                    y[first + i, n + j] = sums[i * DOT_COLUMNS + j] + bias[n + j]


@jit
def matmul_tiles(start, stop, a, row, column, b, y):
    """t owns ROWS rows of y. b has at least as many columns as a vector has lanes."""
    (M, N), (K, width), lanes = y.shape, b.shape, BYTES // y.itemsize
    factors, sums = aligned(K * ROWS, y), aligned(ROWS * VECTORS * lanes, y)
    offsets, targets = np.arange(K) * width, np.arange(VECTORS) * lanes
    right = b.reshape(b.size)
    for t in range(start, stop):
        first = t * ROWS
        for i in range(min(ROWS, M - first)):
            for k in range(K):
                factors[k * ROWS + i] = a[(first + i) * row + k * column]
        for n in range(0, N, VECTORS * lanes):
            places = np.minimum(n + targets, width - lanes)  # the last ones overlap
            tile(factors, 0, right, 0, places, 0, offsets, 0, K, sums, targets, VECTORS * lanes)
            for i in range(min(ROWS, M - first)):
                for v in range(VECTORS):
                    for j in range(min(lanes, N - places[v])):
                        y[first + i, places[v] + j] = sums[(i * VECTORS + v) * lanes + j]


@jit
def matmul_plain(start, stop, a, row, column, b, bias, y):
    """y = a · b + bias without vectors by hand; t owns row t of y. b: C-contiguous, or the transpose of one that is."""
    K, N = b.shape
    for t in range(start, stop):
        y[t] = bias
        for k in range(K):
            factor = a[t * row + k * column]
            for n in range(N):
                y[t, n] += factor * b[k, n]
