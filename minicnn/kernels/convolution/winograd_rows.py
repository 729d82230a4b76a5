r"""Winograd's convolution along columns, for wide rows: four rows of sums with 6 · 3 multiplications instead of 12 · 3.

In winograd.py tiles of 2×2 sums are made, along rows and columns. Here only columns are mixed, whole rows at a
time: so a vector can be neighbouring pixels, as in rows.py, and nothing changes places. Six rows of pixels
become six mixed ones, Bᵀ d; each is convolved with a mixed row of the filter, G g; and Aᵀ makes four rows of sums from
the six results. That halves the multiplications, and there is little else to do.

**Where the matrices come from.** To multiply polynomials, one may multiply their values at some points, and find the
product that takes these values. A convolution is such a product (and a correlation its transpose); four sums of three
take six points. Here they are 0, ±a, ±b and ∞:

    Bᵀd:  a²b² d₀ − (a²+b²) d₂ + d₄         G g:  g₀ / a²b²                           Aᵀm:  m₀ + s + t
          (d₄ − b² d₂) ± a (d₃ − b² d₁)           (g₀ ± a g₁ + a² g₂) / 2a²(a²−b²)          a s' + b t'
          (d₄ − a² d₂) ± b (d₃ − a² d₁)           (g₀ ± b g₁ + b² g₂) / 2b²(b²−a²)          a² s + b² t
          a²b² d₁ − (a²+b²) d₃ + d₅               g₂                                        a³ s' + b³ t' + m₅

with s, s' = m₁ ± m₂ and t, t' = m₃ ± m₄. With a = 3/4 and b = 3/2, rounding errors are one and a half times those of
the direct sum; with 1 and 2, which one sees more often, twice (measured; a test allows three times).

References: as in winograd.py; for the choice of points B. Barabasz, A. Anderson, K. Soodhalter, D. Gregg, Error
Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks, arXiv:1803.10986.

Shapes: x (N, C, pixels) · y (N, O, pixels) · U, the mixed filters (6, blocks of ROWS channels of y, C · 3, ROWS) · the
buffer of mixed rows (C, quads, 6, mixed), where a channel takes an odd number of vectors, and one more · m (6, ROWS,
COLUMNS, lanes), the sums of a tile before they are added up.
"""

from typing import NamedTuple

import numpy as np

from ..running.jit import jit
from ..running.scratch import scratch, zeros
from ..simd import BYTES, I64, ROWS, loop, micro_kernel
from .winograd import taken

COLUMNS = 2  # vectors of a tile
A, B = 0.75, 1.5
AA, BB = A * A, B * B
SCALES = AA * BB, 2 * AA * (AA - BB), 2 * BB * (BB - AA)  # of g at 0, ±a, ±b
FIRST_QUAD, END_QUAD, FIRST_PLACE, END_PLACE = range(4)  # columns of bands: quads are four rows of y


class Tables(NamedTuple):
    """All that `correlate` knows of a convolution."""

    parts: int  # the channels of y are shared out in so many
    size: tuple  # rows and columns of x
    before: int  # zeros above it
    left: int  # where a mixed row begins
    width: int  # of y
    mixed: int  # numbers of a mixed row
    channel: int  # numbers of all mixed rows of a band
    bands: np.ndarray  # quads of rows of y, and their range of `places`
    places: np.ndarray  # where each vector of windows looks in the first mixed row of its quad; up to whole tiles
    targets: np.ndarray  # where its four vectors of sums go; those that there are not go where the first one goes


def _bt_times(v, b, d):
    """Bᵀ d, as instructions."""

    def less(u, factor, w):  # u − factor · w
        return v.multiply_add(v.number(-factor), w, u)

    odd, even = [less(d[3], s, d[1]) for s in (BB, AA)], [less(d[4], s, d[2]) for s in (BB, AA)]
    ends = [v.multiply_add(v.number(AA * BB), d[i], less(d[i + 4], AA + BB, d[i + 2])) for i in range(2)]
    middle = [v.multiply_add(v.number(s * p), o, e) for p, o, e in zip((A, B), odd, even, strict=True) for s in (1, -1)]
    return [ends[0], *middle, ends[1]]


def _at_times(v, b, m):
    """Aᵀ m, as instructions."""

    def both(p, q, s, t):  # p · s + q · t
        return v.multiply_add(v.number(p), s, b.fmul(v.number(q), t))

    s, t = b.fadd(m[1], m[2]), b.fadd(m[3], m[4])
    ds, dt = b.fsub(m[1], m[2]), b.fsub(m[3], m[4])  # s' and t' above
    y = [b.fadd(m[0], b.fadd(s, t)), both(A, B, ds, dt), both(AA, BB, s, t), both(A * AA, B * BB, ds, dt)]
    return [*y[:3], b.fadd(y[3], m[5])]


def _six_rows(b, at, x, x_at, row, rows, first, nothing):
    """Pointers to x[r·row] for six rows r from the first one on; to `nothing` above and below all rows."""
    pointers = []
    for i in range(6):
        r = b.add(first, I64(i))
        inside = b.icmp_unsigned("<", r, rows)  # a negative number is a large one
        pointers.append(b.select(inside, at(x, x_at, b.mul(r, row)), nothing))
    return pointers


def _mix_rows(v, b, at, x, x_at, row, rows, first, nothing, n, y, y_at, step):
    """y[i·step + j] = (Bᵀ d)[i] for j < n · lanes, n ≥ 1; d[i] = x[(first + i)·row + j], 0 if that is not in rows."""
    pointers = _six_rows(b, at, x, x_at, row, rows, first, nothing)
    targets = [at(y, y_at, b.mul(step, I64(i))) for i in range(6)]

    def body(k, _):
        j = b.mul(k, I64(v.lanes))
        for p, vector in zip(targets, _bt_times(v, b, [v.load(at(p, j)) for p in pointers]), strict=True):
            v.store(vector, at(p, j))
        return []

    loop(b, n, [], body)


def _mix_rest(v, b, at, x, x_at, row, rows, first, nothing, n, y, y_at, step):
    """The same for j < n ≤ lanes."""
    some = v.mask(n)
    d = [v.load_masked(p, some) for p in _six_rows(b, at, x, x_at, row, rows, first, nothing)]
    for i, vector in enumerate(_bt_times(v, b, d)):
        v.store_masked(vector, at(y, y_at, b.mul(step, I64(i))), some)


def _multiply(v, b, at, numbers, numbers_at, vectors, vectors_at, places, places_at, channel, C, sums, sums_at):
    """sums[(i·COLUMNS + j)·lanes] = Σ numbers[(3c + k)·ROWS + i] · vectors[places[j] + c·channel + k], vectors; over
    c < C and k < 3. As `sums_of_tile`, with no table of offsets."""
    numbers = at(numbers, numbers_at)
    seen = [at(vectors, vectors_at, b.load(at(places, places_at, j))) for j in range(COLUMNS)]

    def body(c, totals):
        taps, first = at(numbers, b.mul(c, I64(3 * ROWS))), b.mul(c, channel)
        for k in range(3):
            loaded, new = [v.load(at(p, first, k)) for p in seen], []
            for i in range(ROWS):
                tap = v.splat(b.load(at(taps, k * ROWS + i)))
                new += [v.multiply_add(tap, u, totals[i * COLUMNS + j]) for j, u in enumerate(loaded)]
            totals = new
        return totals

    for k, vector in enumerate(loop(b, C, [v.zero] * (ROWS * COLUMNS), body)):
        v.store(vector, at(sums, sums_at, k * v.lanes))


def _add_up(v, b, at, m, bias, bias_at, y, y_at, row, targets, targets_at, there, used, check):
    """y[i·row + targets[4j + k]] = (Aᵀ m)[k] + bias[i], for i < there, j < COLUMNS, in `used` lanes.

    m: six blocks of ROWS · COLUMNS vectors. A lane of check, which is 0, becomes NaN if something is not finite.
    """
    y, bias, mask, checked = at(y, y_at), at(bias, bias_at), v.mask(used), v.load(check)
    for i in range(ROWS):
        here = b.icmp_signed("<", I64(i), there)
        own = at(y, b.select(here, b.mul(row, I64(i)), I64(0)))
        number = v.splat(b.load(at(bias, b.select(here, I64(i), I64(0)))))
        some = b.select(here, mask, v.mask(I64(0)))
        for j in range(COLUMNS):
            six = [v.load(at(m, ((k * ROWS + i) * COLUMNS + j) * v.lanes)) for k in range(6)]
            for k, total in reversed([*enumerate(_at_times(v, b, six))]):  # the first one last: see `targets`
                total = b.fadd(number, total)
                v.store_masked(total, at(own, b.load(at(targets, targets_at, 4 * j + k))), some)
                checked = v.multiply_add(total, v.zero, checked)
    v.store(checked, check)


mix_rows, mix_rest, multiply, add_up = map(micro_kernel, (_mix_rows, _mix_rest, _multiply, _add_up))


@jit
def transform_filters(start, stop, w, filters, U):
    """U[:, b, 3c + j, i] = (G g)[:, j] for the filter g from channel c to channel b · ROWS + i of y; t owns b and c."""
    (O, C, filter_step, channel_step, taps), f = filters, w.dtype.type
    g = scratch(9, w)
    for t in range(start, stop):
        b, c = divmod(t, C)
        for i in range(ROWS):
            first = min(b * ROWS + i, O - 1) * filter_step + c * channel_step
            for k in range(9):
                g[taps[k]] = w[first + k]
            for j in range(3):
                g0, g1, g2, to = g[j], g[3 + j], g[6 + j], U[:, b, 3 * c + j]
                to[0, i], to[5, i] = g0 / f(SCALES[0]), g2
                for k, p, scale in ((1, f(A), f(SCALES[1])), (3, f(B), f(SCALES[2]))):
                    even, odd = g0 + p * p * g2, p * g1
                    to[k, i], to[k + 1, i] = (even + odd) / scale, (even - odd) / scale


@jit
def correlate(start, stop, x, y, U, bias, checks, tables):
    """y from x. Task t is a piece, a band of quads of an image, and one of so many `parts` of the channels of y.

    checks[t] becomes 0, or NaN if something was not finite.
    """
    parts, size, before, left, width, mixed, channel, bands, places, targets = tables
    N, C, X = x.shape
    _, O, Y = y.shape
    lanes, (H, W), blocks = BYTES // x.itemsize, size, U.shape[1]
    buffer, m, check = zeros(C * channel + 2 * lanes, x), scratch(6 * ROWS * COLUMNS * lanes, x), zeros(lanes, x)
    nothing, whole, used = zeros(W + lanes, x), W // lanes * lanes, min(lanes, width)
    x, y, U = x.reshape(x.size), y.reshape(y.size), U.reshape(U.size)
    mixed_last = -1
    for t in range(start, stop):
        piece, part = divmod(t, parts)
        n, band = divmod(piece, len(bands))
        first = bands[band, FIRST_QUAD]
        if mixed_last != piece:
            for c in range(C):
                for quad in range(first, bands[band, END_QUAD]):
                    x_at, row = (n * C + c) * X, 4 * quad - before
                    to = c * channel + (quad - first) * 6 * mixed + left
                    if whole:
                        mix_rows(x, x_at, W, H, row, nothing, whole // lanes, buffer, to, mixed)
                    if whole < W:
                        mix_rest(x, x_at + whole, W, H, row, nothing, W - whole, buffer, to + whole, mixed)
            mixed_last = piece
        for b in range(part * blocks // parts, (part + 1) * blocks // parts):
            o = b * ROWS
            y_at, there = (n * O + o) * Y, min(ROWS, O - o)
            for p in range(bands[band, FIRST_PLACE], bands[band, END_PLACE], COLUMNS):
                for k in range(6):
                    U_at, m_at = (k * blocks + b) * C * 3 * ROWS, k * ROWS * COLUMNS * lanes
                    multiply(U, U_at, buffer, k * mixed, places, p, channel, C, m, m_at)
                add_up(m, bias, o, y, y_at, Y, targets, 4 * p, there, used, check)
        checks[t] = taken(check)
