r"""Winograd's convolution with filters of 3×3: it multiplies 16 times where the direct sum multiplies 36 times.

**The trick, in one dimension.** Two neighbouring windows of a filter of three weights see four pixels d, and take six
multiplications: y₀ = d₀g₀ + d₁g₁ + d₂g₂ and y₁ = d₁g₀ + d₂g₁ + d₃g₂. Four are enough:

    m₀ = (d₀ − d₂) · g₀                         y₀ = m₀ + m₁ + m₂
    m₁ = (d₁ + d₂) · (g₀ + g₁ + g₂) / 2         y₁ = m₁ − m₂ − m₃
    m₂ = (d₂ − d₁) · (g₀ − g₁ + g₂) / 2
    m₃ = (d₁ − d₃) · g₂

(m₁ + m₂ = d₁g₁ + d₂(g₀ + g₂), and so on.) What is done to the filter is done once for all windows; what is done to the
pixels are additions, once for all filters; and sums over channels are taken of the products m, before they are added
to the y. As matrices, y = Aᵀ [(G g) ⊙ (Bᵀ d)] with

         1  0 −1  0              1   0   0
    Bᵀ = 0  1  1  0        G  =  ½   ½   ½         Aᵀ = 1  1  1  0
         0 −1  1  0              ½  −½   ½              0  1 −1 −1
         0  1  0 −1              0   0   1

**In two dimensions** the same is done along rows and columns: y = Aᵀ [Σ_c (G g Gᵀ) ⊙ (Bᵀ d B)] A makes 2×2 sums, a
*tile*, from 4×4 pixels. At each of the 16 places the sum over channels is a matrix product: M = V · U, with a row for
each tile of V and M. A pixel is a vector of channels of one image here, so that the additions are additions of whole
vectors, and in U and M a vector is filters, that is, channels of y.

**What can go wrong.** ∞ − ∞ is NaN, and a sum of large numbers overflows, where the direct sum would not. But what is
not finite stays so in every sum that it enters. So if all y are finite, all was well; else the caller starts again,
directly.

References: S. Winograd, Arithmetic Complexity of Computations, SIAM 1980; A. Lavin and S. Gray, Fast Algorithms for
Convolutional Neural Networks, arXiv:1509.09308.
"""

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba.extending import register_jitable

from ..linear import HEIGHT, WIDTH, multiply
from ..running.jit import jit
from ..running.scratch import scratch
from ..simd import BYTES, I64, clear, interleave, micro_kernel, separate
from .images import END_TARGET, FIRST_TARGET, pack

FILTERS, PIECES = range(2)  # phases: the third column of jobs
PHASE = 2
TILES = 7  # the last column of bands: how many of them an image has there


class Filters(NamedTuple):
    """Where numbers of w are that `transform_filters` reads, w being flat."""

    O: int
    C: int
    filter_step: int  # from a filter to the next
    channel_step: int
    taps: np.ndarray  # where the 9 numbers of a filter go


class Tables(NamedTuple):
    """All that `correlate` knows of a convolution; bands, inside, outside as in images.py."""

    together: int  # so many images make a piece
    parts: int  # the channels of y are shared out in so many
    chunk: int  # so many tiles are transformed at a time
    size: int  # numbers in the buffer for an image
    row: int  # from a row of the buffer to the next
    pixel: int
    bands: np.ndarray
    inside: np.ndarray
    outside: np.ndarray
    places: np.ndarray  # of each tile's first pixel
    targets: np.ndarray  # of its four sums
    fours: np.ndarray  # where the numbers of four channels are in V


def bt_d(b, d):
    """Bᵀ d, as instructions."""
    return [b.fsub(d[0], d[2]), b.fadd(d[1], d[2]), b.fsub(d[2], d[1]), b.fsub(d[1], d[3])]


def at_m(b, m):
    """Aᵀ m, as instructions."""
    return [b.fadd(b.fadd(m[0], m[1]), m[2]), b.fsub(b.fsub(m[1], m[2]), m[3])]


def _g(b, g):
    """G g, as instructions."""
    half, ends = ir.Constant(g[0].type, [0.5] * g[0].type.count), b.fadd(g[0], g[2])
    return [g[0], b.fmul(half, b.fadd(ends, g[1])), b.fmul(half, b.fsub(ends, g[1])), g[2]]


def both_axes(b, transform, rows):
    """First all columns, then all rows; flat."""
    columns = [transform(b, column) for column in zip(*rows, strict=True)]
    return [vector for row in zip(*columns, strict=True) for vector in transform(b, row)]


def hidden(b, p):
    """p, about which the compiler knows nothing any more."""
    kind = ir.FunctionType(p.type, [p.type])
    return b.call(ir.InlineAsm(kind, "", "=r,0"), [p])


def places_of(b, at, p, row, column):
    """Pointers to 4 × 4 places. The first one is hidden: or all would be computed before a loop, and wait in memory."""
    rows = [hidden(b, p)]
    for _ in range(3):
        rows.append(at(rows[-1], row))
    return [[at(r, b.mul(column, I64(j))) for j in range(4)] for r in rows]


def _transform_filter(v, b, at, w, u, uo, step):
    """u[uo + (4i + j)·step] = (G g Gᵀ)[i, j], vectors; g[i, j] = w[(3i + j)·lanes]."""
    g = [[v.load(at(w, (3 * i + j) * v.lanes)) for j in range(3)] for i in range(3)]
    for k, vector in enumerate(both_axes(b, _g, g)):
        v.store(vector, at(u, uo, b.mul(step, I64(k))))


def _transform_pixels(v, b, at, x, xo, row, pixel, y, yo, step):
    """y[yo + (4i + j)·step] = (Bᵀ d B)[i, j], vectors; d[i, j] = x[xo + i·row + j·pixel]."""
    d = [[v.load(p) for p in places] for places in places_of(b, at, at(x, xo), row, pixel)]
    to = [p for places in places_of(b, at, at(y, yo), b.mul(step, I64(4)), step) for p in places]
    for p, vector in zip(to, both_axes(b, bt_d, d), strict=True):
        v.store(vector, p)


def _transform_products(v, b, at, x, xo, step, bias, bo, n, y, yo, targets, t, check, co):
    """y[yo + targets[t + 2i + j]] = (Aᵀ m A)[i, j] + bias[bo], vectors; m[i, j] = x[xo + (4i + j)·step].

    There are n numbers at bias[bo]. A lane of check[co], which is 0, becomes NaN if something in it is not finite.
    """
    sums, check = at(y, yo), at(check, co)
    m = [[v.load(p) for p in places] for places in places_of(b, at, at(x, xo), b.mul(step, I64(4)), step)]
    m[1][1] = b.fadd(m[1][1], v.load_masked(at(bias, bo), v.mask(n)))  # this one is in all four, once
    checked = v.load(check)
    for k, vector in enumerate(both_axes(b, at_m, m)):
        v.store(vector, at(sums, b.load(at(targets, t, k))))
        checked = v.multiply_add(vector, v.zero, checked)
    v.store(checked, check)


transform_filter, transform_pixels = map(micro_kernel, (_transform_filter, _transform_pixels))
transform_products = micro_kernel(_transform_products)


@register_jitable
def taken(check):
    """The sum of its lanes, which are 0 from then on."""
    total = check.sum()
    check[:] = 0
    return total


@register_jitable
def transform_filters(start, stop, w, filters, u):
    """u[:, b, c, i] = G g Gᵀ for the filter g from channel c to channel b · WIDTH · lanes + i of y; where there are no
    channels 0. Index t owns a c, for a vector of filters.
    """
    O, C, filter_step, channel_step, taps = filters
    lanes, C_up, step = BYTES // w.itemsize, u.shape[2], u.size // 16
    g = scratch(10 * lanes, w)
    for t in range(start, stop):
        v, c = divmod(t, C_up)
        o, there = v * lanes, max(0, O - v * lanes) if c < C else 0
        first = min(o, O - 1) * filter_step + min(c, C - 1) * channel_step
        for j in range(0, 9, lanes):
            interleave(w, first + j, filter_step, there, min(lanes, 9 - j), g, 0, taps, j, 9 * lanes)
        transform_filter(g, u, ((v // WIDTH * C_up + c) * WIDTH + v % WIDTH) * lanes, step)


@register_jitable
def correlate(start, stop, x, y, u, bias, checks, tables):
    """y from x, with transformed filters (16, blocks, C, WIDTH · lanes). Piece t is a band of rows of some images, so
    many `together`, and one of so many `parts` of the channels of y.

    checks[t] becomes 0, or NaN if something in piece t was not finite.
    """
    together, parts, chunk, size, row, pixel, bands, inside, outside, places, targets, fours = tables
    N, C, X = x.shape
    _, O, P = y.shape
    lanes, (_, blocks, C_up, _), zero = BYTES // x.itemsize, u.shape, x.dtype.type(0)
    into, most = -(-C // lanes), -(-blocks // parts) * WIDTH  # vectors of channels
    tall, m_row = (
        (chunk | 1) * lanes,
        (most | 1) * lanes,
    )  # odd numbers of vectors, as in functional/convolution/
    v_step, m_step, y_row = into * tall, chunk * m_row + lanes, targets[-1] + lanes
    buffer, v, m = scratch(together * size + lanes, x), scratch(16 * v_step, x), scratch(16 * m_step, x)
    sums, check = scratch(most * y_row + lanes * lanes, x), scratch(lanes, x)
    clear(check, 0)
    x, u = x.reshape(N * C, 1, X), u.reshape(u.size)  # for `pack`, which makes vectors of images
    packed = -1
    for t in range(start, stop):
        piece, part = divmod(t, parts)
        group, band = divmod(piece, len(bands))
        first, images = group * together, min(together, N - group * together)
        b_start, b_stop = part * blocks // parts, (part + 1) * blocks // parts
        vectors = min((b_stop - b_start) * WIDTH, -(-O // lanes) - b_start * WIDTH)
        if packed != piece:
            for i in range(images):
                for c in range(0, C, lanes):
                    there, to = min(lanes, C - c), i * size + c
                    pack(x, (first + i) * C + c, there, bands[band], inside, outside, 0, to, buffer)
            packed = piece
        tiles = images * bands[band, TILES]
        for p in range(0, tiles, chunk):
            some = min(chunk, tiles - p)
            for j in range(-(-some // HEIGHT) * HEIGHT):
                for c in range(into):
                    transform_pixels(buffer, places[p + j] + c * lanes, row, pixel, v, c * tall + j * lanes, v_step)
            for k in range(16):
                for b in range(b_start, b_stop):
                    uo = (k * blocks + b) * C_up * WIDTH * lanes
                    for j in range(0, some, HEIGHT):
                        to = k * m_step + j * m_row + (b - b_start) * WIDTH * lanes
                        multiply(v, k * v_step + j * lanes, fours, u, uo, fours.size, m, to, m_row)
            for i in range(vectors):
                o = (b_start * WIDTH + i) * lanes
                for j in range(some):
                    at, t_ = j * m_row + i * lanes, 4 * (p + j)
                    transform_products(m, at, m_step, bias, o, O - o, sums, i * y_row, targets, t_, check, 0)
        checks[t] = taken(check)
        q = bands[band, FIRST_TARGET]
        count = bands[band, END_TARGET] - q
        for i in range(images):
            for k in range(vectors):
                o = (b_start * WIDTH + k) * lanes
                at, to, there = k * y_row + i * count * lanes, ((first + i) * O + o) * P + q, min(lanes, O - o)
                for j in range(0, count, lanes):
                    separate(sums, at + j * lanes, zero, min(lanes, count - j), y, to + j, P, there)


@jit
def convolve(start, stop, job, x, w, y, u, bias, checks, filters, tables):
    """All of it as jobs (n, grain, phase): transform the filters, then convolve."""
    if job[PHASE] == FILTERS:
        transform_filters(start, stop, w, filters, u)
    else:
        correlate(start, stop, x, y, u, bias, checks, tables)
