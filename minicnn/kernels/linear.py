"""Matrix products, the work of fully connected layers: y = a · b + bias, for a (M, K), b (K, N), y (M, N).

Either may be the transpose of what lies in memory: `row` and `column` say how far apart their entries are, and one of
the two is 1. A piece of y is packed and multiplied by one thread: BLOCKS times WIDTH vectors of columns of b; and of a,
HEIGHT rows after the other. The micro-kernel `multiply` takes numbers of a, and vectors of b; Winograd calls it, too.
Sums over more than DEPTH products are sums of sums, which round less.
"""

from numba.extending import register_jitable

from .division import ceil_div
from .running.jit import jit
from .running.scratch import scratch
from .simd import BYTES, HEIGHT, I64, WIDTH, clear, interleave, micro_kernel, move, multiply

BLOCKS, DEPTH = 4, 512


def _fill(v, b, at, x, x_at, n, y, y_at):
    """y[j] = x[j] for j < n, 0 for the others: a whole vector."""
    v.store(v.load_masked(at(x, x_at), v.mask(n)), at(y, y_at))


def _write(v, b, at, m, bias, bias_at, y, y_at, row, n, there, more):
    """y[i·row + j] = m[i·WIDTH·lanes + j] + (y[i·row + j] if more else bias[j]), for i < HEIGHT and there, j < n."""
    y, bias, nothing = at(y, y_at), at(bias, bias_at), v.mask(I64(0))
    more = b.icmp_signed("!=", more, I64(0))
    first = [v.load_masked(p, mask) for p, mask in v.halves(bias, n)]
    for i in range(HEIGHT):
        here = b.icmp_signed("<", I64(i), there)
        own = at(y, b.select(here, b.mul(row, I64(i)), I64(0)))
        for j, (p, mask) in enumerate(v.halves(own, n)):
            some = b.select(here, mask, nothing)
            before = b.select(more, v.load_masked(p, some), first[j])
            v.store_masked(b.fadd(v.load(at(m, (i * WIDTH + j) * v.lanes)), before), p, some)


fill, write = map(micro_kernel, (_fill, _write))


@register_jitable
def pack_columns(b, n, N, K, K_up, row, column, places, packed):
    """packed[o, k, j] = b[k, n + o · WIDTH · lanes + j], 0 where b has none, for o < BLOCKS and k < K_up."""
    lanes = BYTES // b.itemsize
    wide = WIDTH * lanes
    for v in range(min(BLOCKS * WIDTH, ceil_div(N - n, lanes))):
        there = min(lanes, N - n - v * lanes)
        for k in range(0, K_up, lanes):
            first, some = k * row + (n + v * lanes) * column, min(lanes, K - k)
            to = (v // WIDTH * K_up + k) * wide + v % WIDTH * lanes
            if column == 1:
                for i in range(some):
                    fill(b, first + i * row, there, packed, to + i * wide)
            else:
                interleave(b, first, column, there, some, packed, to, places, 0, packed.size - lanes)
            for i in range(some, min(lanes, K_up - k)):
                clear(packed, to + i * wide)


@register_jitable
def pack_rows(a, m, M, K, row, column, places, v):
    """HEIGHT rows of a from row m on (or copies of the last one): v[k // lanes, i, k % lanes], with 0 behind them."""
    lanes = BYTES // a.itemsize
    if column == 1:
        for i in range(HEIGHT):
            first, whole = min(m + i, M - 1) * row, K // lanes * lanes
            for k in range(0, whole, lanes):
                move(a, first + k, v, k * HEIGHT + i * lanes)
            if whole < K:
                fill(a, first + whole, K - whole, v, whole * HEIGHT + i * lanes)
    else:
        for k in range(0, K, lanes):
            for i in range(0, HEIGHT, lanes):
                there, first = max(0, min(lanes, HEIGHT - i, M - m - i)), k * column + min(m + i, M - 1)
                interleave(a, first, column, min(lanes, K - k), there, v, k * HEIGHT, places, lanes + i, v.size - lanes)


@jit
def matmul(start, stop, parts, K, K_up, a, a_row, a_column, b, b_row, b_column, bias, fours, places, y):
    """Index t owns some columns of y, in one of so many `parts` of its rows. a and b are flat; K_up: K in whole fours.

    fours: where four entries of packed rows begin; places: where vectors go that were rows of bᵀ, and behind them of aᵀ
    """
    (M, N), lanes = y.shape, BYTES // y.itemsize
    wide, out, rows, last = WIDTH * lanes, y.reshape(y.size), ceil_div(M, HEIGHT), -1
    packed, m = scratch(BLOCKS * K_up * wide + lanes, y), scratch(HEIGHT * wide, y)
    v = scratch((K_up + 2 * lanes) * HEIGHT, y)
    for t in range(start, stop):
        piece, part = divmod(t, parts)
        n = piece * BLOCKS * wide
        if last != piece:
            pack_columns(b, n, N, K, K_up, b_row, b_column, places, packed)
            last = piece
        for r in range(part * rows // parts, (part + 1) * rows // parts):
            first, there = r * HEIGHT, min(HEIGHT, M - r * HEIGHT)
            pack_rows(a, first, M, K, a_row, a_column, places, v)
            for o in range(n, min(N, n + BLOCKS * wide), wide):
                for k in range(0, K, DEPTH):
                    some = ceil_div(min(DEPTH, K - k), 4)
                    multiply(v, k * HEIGHT, fours, packed, ((o - n) // wide * K_up + k) * wide, some, m, 0, wide)
                    write(m, bias, o, out, first * N + o, N, min(wide, N - o), there, k)


@jit
def few_rows(start, stop, x, w, bias, y):
    """y = x · wᵀ + bias for a few rows of x: index n owns column n of y, for which row n of w is read once."""
    for n in range(start, stop):
        row = w[n]
        for m in range(len(x)):
            seen, total = x[m], y.dtype.type(0)
            for k in range(row.size):
                total += row[k] * seen[k]
            y[m, n] = total + bias[n]


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
