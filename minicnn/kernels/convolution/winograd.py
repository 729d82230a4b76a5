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

Shapes: x (N, C, pixels) · y (N, O, pixels) · all others are flat, lanes last, and where a number may be odd (n | 1), it
is, so that what is read together falls into different sets of the cache:

    V    (16, vectors of C, chunk | 1 tiles, lanes)     a lane is a channel of x
    U    (16, blocks, C in whole fours, WIDTH, lanes)   a lane is a filter; blocks of WIDTH vectors of them
    M    (16, chunk tiles, vectors of O | 1, lanes)     a lane is a channel of y; of a part of the blocks
"""

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba.extending import register_jitable

from ..division import ceil_div
from ..running.jit import jit
from ..running.scratch import scratch
from ..simd import BYTES, HEIGHT, I64, WIDTH, clear, interleave, micro_kernel, multiply, separate
from .packing import END_TARGET, FIRST_TARGET, MORE, pack

TILES = MORE  # the last column of bands: how many of them an image has there


class Filters(NamedTuple):
    """Where numbers of w, which is flat, are that `transform_filters` reads, and where it takes them."""

    O: int
    C: int
    filter_step: int  # from a filter to the next
    channel_step: int
    taps: np.ndarray  # number j of a filter is tap taps[j] of what is computed: dx turns it. In winograd.py times lanes


class Tables(NamedTuple):
    """All that `correlate` knows of a convolution; bands, inside, outside as in images.py."""

    together: int  # so many images make a piece
    parts: int  # the channels of y are shared out in so many
    chunk: int  # so many tiles are transformed at a time
    tall: int  # numbers of V from a vector of channels to the next
    size: int  # numbers in the buffer for an image
    row: int  # from a row of the buffer to the next
    pixel: int  # and from a pixel
    bands: np.ndarray
    inside: np.ndarray
    outside: np.ndarray
    places: np.ndarray  # of each tile's first pixel
    targets: np.ndarray  # of its four sums
    fours: np.ndarray  # where in V four channels begin


def bt_times(b, d):
    """Bᵀ d, as instructions."""
    return [b.fsub(d[0], d[2]), b.fadd(d[1], d[2]), b.fsub(d[2], d[1]), b.fsub(d[1], d[3])]


def at_times(b, m):
    """Aᵀ m, as instructions."""
    return [b.fadd(b.fadd(m[0], m[1]), m[2]), b.fsub(b.fsub(m[1], m[2]), m[3])]


def _g_times(b, g):
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


def _transform_filter(v, b, at, g, U, U_at, step):
    """U[(4i + j)·step] = (G g Gᵀ)[i, j], vectors; those of g lie one after the other."""
    g = [[v.load(at(g, (3 * i + j) * v.lanes)) for j in range(3)] for i in range(3)]
    for k, vector in enumerate(both_axes(b, _g_times, g)):
        v.store(vector, at(U, U_at, b.mul(step, I64(k))))


def _transform_pixels(v, b, at, x, x_at, row, pixel, V, V_at, step):
    """V[(4i + j)·step] = (Bᵀ d B)[i, j], vectors; d[i, j] = x[i·row + j·pixel]."""
    d = [[v.load(p) for p in places] for places in places_of(b, at, at(x, x_at), row, pixel)]
    to = [p for places in places_of(b, at, at(V, V_at), b.mul(step, I64(4)), step) for p in places]
    for p, vector in zip(to, both_axes(b, bt_times, d), strict=True):
        v.store(vector, p)


def _transform_products(v, b, at, M, M_at, step, bias, bias_at, n, y, y_at, targets, targets_at, check):
    """y[targets[2i + j]] = (Aᵀ m A)[i, j] + bias, vectors; m[i, j] = M[(4i + j)·step].

    bias has n numbers there. A lane of check, which is 0, becomes NaN if something in it is not finite.
    """
    sums = at(y, y_at)
    m = [[v.load(p) for p in places] for places in places_of(b, at, at(M, M_at), b.mul(step, I64(4)), step)]
    m[1][1] = b.fadd(m[1][1], v.load_masked(at(bias, bias_at), v.mask(n)))  # this one is in all four, once
    checked = v.load(check)
    for k, vector in enumerate(both_axes(b, at_times, m)):
        v.store(vector, at(sums, b.load(at(targets, targets_at, k))))
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


@jit
def transform_filters(start, stop, w, filters, U):
    """U[:, b, c, i] = G g Gᵀ for the filter g from channel c to channel b · WIDTH · lanes + i of y; where there are no
    channels 0. Index t owns a c, for a vector of filters.
    """
    O, C, filter_step, channel_step, taps = filters
    lanes, channels, step = BYTES // w.itemsize, U.shape[2], U.size // 16
    g = scratch(10 * lanes, w)
    for t in range(start, stop):
        vector, c = divmod(t, channels)
        o, there = vector * lanes, max(0, O - vector * lanes) if c < C else 0
        first = min(o, O - 1) * filter_step + min(c, C - 1) * channel_step
        for j in range(0, 9, lanes):
            interleave(w, first + j, filter_step, there, min(lanes, 9 - j), g, 0, taps, j, 9 * lanes)
        transform_filter(g, U, ((vector // WIDTH * channels + c) * WIDTH + vector % WIDTH) * lanes, step)


@jit
def correlate(start, stop, x, y, U, bias, checks, tables):
    """y from x, with transformed filters U. Task t is a piece, a band of rows of a batch of so many images `together`,
    and one of so many `parts` of the channels of y.

    checks[t] becomes 0, or NaN if something was not finite.
    """
    together, parts, chunk, tall, size, row, pixel, bands, inside, outside, places, targets, fours = tables
    N, C, X = x.shape
    _, O, P = y.shape
    lanes, (_, blocks, channels, _), zero = BYTES // x.itemsize, U.shape, x.dtype.type(0)
    into, most = ceil_div(C, lanes), ceil_div(blocks, parts) * WIDTH  # vectors of channels
    M_row = (most | 1) * lanes
    V_step, M_step, y_row = into * tall, chunk * M_row + lanes, targets[-1] + lanes
    buffer, V, M = scratch(together * size + lanes, x), scratch(16 * V_step, x), scratch(16 * M_step, x)
    sums, check = scratch(most * y_row + lanes * lanes, x), scratch(lanes, x)
    clear(check, 0)
    x, U = x.reshape(N * C, 1, X), U.reshape(U.size)  # for `pack`, which makes vectors of images
    packed = -1
    for t in range(start, stop):
        piece, part = divmod(t, parts)
        batch, band = divmod(piece, len(bands))
        first, images = batch * together, min(together, N - batch * together)
        b_start, b_stop = part * blocks // parts, (part + 1) * blocks // parts
        vectors = min((b_stop - b_start) * WIDTH, ceil_div(O, lanes) - b_start * WIDTH)
        if packed != piece:
            for i in range(images):
                for c in range(0, C, lanes):
                    there, shift = min(lanes, C - c), i * size + c
                    pack(x, (first + i) * C + c, there, bands[band], inside, outside, 0, shift, buffer)
            packed = piece
        tiles = images * bands[band, TILES]
        for p in range(0, tiles, chunk):
            some = min(chunk, tiles - p)
            for j in range(ceil_div(some, HEIGHT) * HEIGHT):
                for c in range(into):
                    transform_pixels(buffer, places[p + j] + c * lanes, row, pixel, V, c * tall + j * lanes, V_step)
            for k in range(16):
                for b in range(b_start, b_stop):
                    U_at = (k * blocks + b) * channels * WIDTH * lanes
                    for j in range(0, some, HEIGHT):
                        M_at = k * M_step + j * M_row + (b - b_start) * WIDTH * lanes
                        multiply(V, k * V_step + j * lanes, fours, U, U_at, fours.size, M, M_at, M_row)
            for i in range(vectors):
                o = (b_start * WIDTH + i) * lanes
                for j in range(some):
                    M_at = j * M_row + i * lanes
                    transform_products(M, M_at, M_step, bias, o, O - o, sums, i * y_row, targets, 4 * (p + j), check)
        checks[t] = taken(check)
        q = bands[band, FIRST_TARGET]
        count = bands[band, END_TARGET] - q
        for i in range(images):
            for k in range(vectors):
                o = (b_start * WIDTH + k) * lanes
                sums_at, y_at = k * y_row + i * count * lanes, ((first + i) * O + o) * P + q
                for j in range(0, count, lanes):
                    n, there = min(lanes, count - j), min(lanes, O - o)
                    separate(sums, sums_at + j * lanes, zero, n, y, y_at + j, P, there)
