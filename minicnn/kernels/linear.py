"""Matrix products, the work of fully connected layers: y = a · b + bias, for a (M, K), b (K, N), y (M, N).

Either may be the transpose of what lies in memory: `row` and `column` say how far apart their entries are, and one of
the two is 1. A piece of y is packed and multiplied by one thread: BLOCKS times WIDTH vectors of columns of b; and of a,
HEIGHT rows after the other. The micro-kernel `multiply` takes numbers of a, and vectors of b; Winograd has it, too.
Sums over more than DEPTH products are sums of sums, which round less.
"""

from numba.extending import register_jitable

from .convolution.rows import move
from .running.jit import jit
from .running.scratch import scratch
from .simd import BYTES, I64, ROWS, VECTORS, clear, interleave, loop, micro_kernel

WIDTH = 2  # vectors of b that are multiplied with the numbers of HEIGHT rows of a: as many sums as registers can hold
HEIGHT = ROWS * VECTORS // WIDTH
BLOCKS, DEPTH = 4, 512


def _multiply(v, b, at, w, wo, fours, x, xo, n, c, co, row):
    """c[co + i·row + j·lanes] = Σ_k w[wo + fours[k // 4] + k % 4 + i·lanes] · x[xo + (k·WIDTH + j)·lanes], vectors, for
    i < HEIGHT, j < WIDTH, k < 4n."""
    w, x, c = at(w, wo), at(x, xo), at(c, co)

    def body(k, totals):
        numbers, columns = at(w, b.load(at(fours, k))), at(x, b.mul(k, I64(4 * WIDTH * v.lanes)))
        for l in range(4):  # at a time, or counting would take as long
            vectors, new = [v.load(at(columns, (l * WIDTH + j) * v.lanes)) for j in range(WIDTH)], []
            for i in range(HEIGHT):
                number = v.splat(b.load(at(numbers, i * v.lanes + l)))
                new += [v.multiply_add(number, u, totals[i * WIDTH + j]) for j, u in enumerate(vectors)]
            totals = new
        return totals

    for k, total in enumerate(loop(b, n, [v.zero] * (HEIGHT * WIDTH), body)):
        v.store(total, at(c, b.mul(row, I64(k // WIDTH)), k % WIDTH * v.lanes))


def _fill(v, b, at, x, xo, n, y, yo):
    """y[yo + j] = x[xo + j] for j < n, 0 for the others: a whole vector."""
    v.store(v.load_masked(at(x, xo), v.mask(n)), at(y, yo))


def _write(v, b, at, m, bias, bo, y, yo, row, n, there, more):
    """y[yo + i·row + j] = m[i·WIDTH·lanes + j] + (y[…] if more else bias[bo + j]), for i < HEIGHT and there, j < n."""
    y, bias, nothing = at(y, yo), at(bias, bo), v.mask(I64(0))
    more = b.icmp_signed("!=", more, I64(0))
    first = [v.load_masked(p, mask) for p, mask in v.halves(bias, n)]
    for i in range(HEIGHT):
        here = b.icmp_signed("<", I64(i), there)
        own = at(y, b.select(here, b.mul(row, I64(i)), I64(0)))
        for j, (p, mask) in enumerate(v.halves(own, n)):
            some = b.select(here, mask, nothing)
            before = b.select(more, v.load_masked(p, some), first[j])
            v.store_masked(b.fadd(v.load(at(m, (i * WIDTH + j) * v.lanes)), before), p, some)


multiply, fill, write = map(micro_kernel, (_multiply, _fill, _write))


@register_jitable
def pack_columns(b, n, N, K, K_up, row, column, places, packed):
    """packed[o, k, j] = b[k, n + o · WIDTH · lanes + j], 0 where b has none, for o < BLOCKS and k < K_up."""
    lanes = BYTES // b.itemsize
    wide = WIDTH * lanes
    for v in range(min(BLOCKS * WIDTH, -(-(N - n) // lanes))):
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
    wide, out, rows, last = WIDTH * lanes, y.reshape(y.size), -(-M // HEIGHT), -1
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
                    some = -(-min(DEPTH, K - k) // 4)
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
