"""Matrix products, the work of fully connected layers. Rows of the result are shared out over the threads.

    matmul_dots    y = a · bᵀ + bias     a (M, K) · b (N, K): y's entries are inner products of rows
    matmul_tiles   y = a · b             a (M, K) · b (K, N): y's rows are sums of rows of b

`a` is flat in matmul_tiles; row and column say how far apart its entries are, so that a transposed one needs no copy.
"""

from ._jit import jit
from ._scratch import zeros
from .simd import BYTES, DOT_COLUMNS, DOT_ROWS, ROWS, VECTORS, dots, tile


@jit
def matmul_dots(start, stop, left, right, places, offsets, bias, y):
    """t owns DOT_ROWS rows of y. `places`: the vectors of a row; `offsets`: rows of b, filled up to whole blocks."""
    (M, N), lanes = y.shape, BYTES // y.itemsize
    K = places.size * lanes
    sums = zeros(-(-DOT_ROWS * DOT_COLUMNS // lanes) * lanes, y)
    for t in range(start, stop):
        first = t * DOT_ROWS
        for n in range(0, N, DOT_COLUMNS):
            for i in range(sums.size):
                sums[i] = 0
            dots(left, first * K, K, right, 0, places, 0, offsets, n, places.size, sums, 0)
            for i in range(min(DOT_ROWS, M - first)):
                for j in range(min(DOT_COLUMNS, N - n)):
                    y[first + i, n + j] = sums[i * DOT_COLUMNS + j] + bias[n + j]


@jit
def matmul_tiles(start, stop, a, row, column, right, places, targets, offsets, y):
    """t owns ROWS rows of y. `places`: vectors that cover a row of b, filled up to whole tiles; the last may overlap.
    `targets`: their place in the tile; `offsets`: rows of b."""
    (M, N), K, lanes = y.shape, offsets.size, BYTES // y.itemsize
    factors, sums = zeros(K * ROWS, y), zeros(ROWS * VECTORS * lanes, y)
    for t in range(start, stop):
        first = t * ROWS
        for i in range(min(ROWS, M - first)):
            for k in range(K):
                factors[k * ROWS + i] = a[(first + i) * row + k * column]
        for p in range(0, places.size, VECTORS):
            tile(factors, 0, right, 0, places, p, offsets, 0, K, sums, targets, VECTORS * lanes)
            for i in range(min(ROWS, M - first)):
                for v in range(VECTORS):
                    for j in range(min(lanes, N - places[p + v])):
                        y[first + i, places[p + v] + j] = sums[(i * VECTORS + v) * lanes + j]


@jit
def matmul_plain(start, stop, a, row, column, b, bias, y):
    """y = a · b + bias without vectors by hand; t owns row t of y."""
    K, N = b.shape
    for t in range(start, stop):
        for n in range(N):
            y[t, n] = bias[n]
        for k in range(K):
            factor = a[t * row + k * column]
            for n in range(N):
                y[t, n] += factor * b[k, n]
