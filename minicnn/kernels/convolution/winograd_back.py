r"""The weight gradient of winograd.py, which explains the letters: y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A.

Let M = U ⊙ V with U = G g Gᵀ and V = Bᵀ d B, so that y = Aᵀ M A. All of this is linear, and the pull-back of a linear
map is its transpose: dM = A dy Aᵀ from the gradient of a tile, dU = Σ dM ⊙ V, summed over all tiles of all images, and
in the end dg = Gᵀ dU G. At each of the 16 places dU is a matrix product, with a row for each channel of y, a column for
each channel of x; there are 16 multiplications again instead of 36. V is made as in the forward pass.
"""

from typing import NamedTuple

import numpy as np
from llvmlite import ir

from ..linear import WIDTH
from ..running.jit import jit
from ..running.scratch import scratch
from ..simd import BYTES, I64, ROWS, loop, micro_kernel, separate
from .images import pack
from .winograd import TILES, both_axes, hidden, places_of, transform_pixels

LOW = min(ROWS, BYTES // 4)  # rows of a block of dU: they divide a vector


class Tables(NamedTuple):
    """All that `grad_weight` knows of a convolution; see winograd.py. First for x, then for dy."""

    together: int
    parts: int  # the channels of dy are shared out in so many
    chunk: int
    size: int
    row: int
    pixel: int
    bands: np.ndarray
    inside: np.ndarray
    outside: np.ndarray
    places: np.ndarray
    dy_size: int
    dy_row: int
    dy_pixel: int
    dy_bands: np.ndarray
    dy_inside: np.ndarray
    dy_outside: np.ndarray
    dy_places: np.ndarray


def _a(b, d):
    """A d, as instructions."""
    return [d[0], b.fadd(*d), b.fsub(*d), b.fneg(d[1])]


def _gt(b, m):
    """Gᵀ m, as instructions."""
    half, total = ir.Constant(m[0].type, [0.5] * m[0].type.count), b.fadd(m[1], m[2])
    more = b.fmul(half, total)
    return [b.fadd(m[0], more), b.fmul(half, b.fsub(m[1], m[2])), b.fadd(more, m[3])]


def _transform_gradient(v, b, at, x, xo, row, pixel, y, yo, step):
    """y[yo + (4i + j)·step] = (A d Aᵀ)[i, j], vectors; d[i, j] = x[xo + i·row + j·pixel], of the gradient of a tile."""
    x = hidden(b, at(x, xo))
    d = [[v.load(at(r, p)) for p in (I64(0), pixel)] for r in (x, at(x, row))]
    to = [p for places in places_of(b, at, at(y, yo), b.mul(step, I64(4)), step) for p in places]
    for p, vector in zip(to, both_axes(b, _a, d), strict=True):
        v.store(vector, p)


def _add_products(v, b, at, w, wo, x, xo, vector, n, c, co):
    """c[co + (i·WIDTH + j)·lanes] += Σ_k w[wo + k·lanes + i] · x[xo + j·vector + k·lanes], vectors, for i < LOW,
    j < WIDTH, k < n."""
    w, c, seen = at(w, wo), at(c, co), [at(x, xo, b.mul(vector, I64(j))) for j in range(WIDTH)]

    def body(k, totals):
        tile = b.mul(k, I64(v.lanes))
        numbers, vectors, new = at(w, tile), [v.load(at(p, tile)) for p in seen], []
        for i in range(LOW):
            number = v.splat(b.load(at(numbers, i)))
            new += [v.multiply_add(number, u, totals[i * WIDTH + j]) for j, u in enumerate(vectors)]
        return new

    for k, total in enumerate(loop(b, n, [v.zero] * (LOW * WIDTH), body)):
        p = at(c, k * v.lanes)
        v.store(b.fadd(v.load(p), total), p)


def _filter_gradient(v, b, at, x, xo, step, y):
    """y[(3i + j)·lanes] = (Gᵀ m G)[i, j], vectors; m[i, j] = x[xo + (4i + j)·step]."""
    m = [[v.load(p) for p in places] for places in places_of(b, at, at(x, xo), b.mul(step, I64(4)), step)]
    for k, vector in enumerate(both_axes(b, _gt, m)):
        v.store(vector, at(y, k * v.lanes))


transform_gradient, add_products = map(micro_kernel, (_transform_gradient, _add_products))
filter_gradient = micro_kernel(_filter_gradient)


@jit
def grad_weight(start, stop, x, dy, totals, tables):
    """totals[piece] = dU: for each of the 16 places, blocks of LOW channels of dy, and WIDTH vectors of channels of x:
    Σ dM · V over the tiles of a share of the images' bands. Piece t makes a part of the blocks of it."""
    N, C, X = x.shape
    _, O, Y = dy.shape
    together, parts, chunk, size, row, pixel, bands, inside, outside, places = tables[:10]
    dy_size, dy_row, dy_pixel, dy_bands, dy_inside, dy_outside, dy_places = tables[10:]
    lanes = BYTES // x.itemsize
    into, low, tall = -(-C // (WIDTH * lanes)) * WIDTH, lanes // LOW, (chunk | 1) * lanes
    blocks, groups, block_size = -(-O // LOW), -(-N // together), into * LOW * lanes
    v_step, d_step, step = into * tall, -(-O // lanes) * tall, blocks * block_size
    buffer, v = scratch(together * size + lanes, x), scratch(16 * v_step, x)
    back, d = scratch(together * dy_size + lanes, x), scratch(16 * d_step, x)
    x, dy = x.reshape(N * C, 1, X), dy.reshape(N * O, 1, Y)  # for `pack`, which makes vectors of images
    rounds = groups * len(bands)
    for t in range(start, stop):
        piece, part = divmod(t, parts)
        b_start, b_stop = part * blocks // parts, (part + 1) * blocks // parts
        v_start, v_stop = b_start // low, -(-b_stop // low)
        mine = totals[piece]
        for k in range(0, 16 * step, step):
            mine[k + b_start * block_size : k + b_stop * block_size] = 0
        for r in range(piece * rounds // len(totals), (piece + 1) * rounds // len(totals)):
            group, band = divmod(r, len(bands))
            first, images = group * together, min(together, N - group * together)
            for i in range(images):
                for c in range(0, into * lanes, lanes):
                    there, at = max(0, min(lanes, C - c)), (first + i) * C + min(c, C - 1)
                    pack(x, at, there, bands[band], inside, outside, 0, i * size + c, buffer)
                for o in range(v_start * lanes, v_stop * lanes, lanes):
                    there, at = min(lanes, O - o), (first + i) * O + o
                    pack(dy, at, there, dy_bands[band], dy_inside, dy_outside, 0, i * dy_size + o, back)
            tiles = images * bands[band, TILES]
            for p in range(0, tiles, chunk):
                some = min(chunk, tiles - p)
                for j in range(some):
                    for c in range(into):
                        transform_pixels(buffer, places[p + j] + c * lanes, row, pixel, v, c * tall + j * lanes, v_step)
                    for o in range(v_start, v_stop):
                        at, to = dy_places[p + j] + o * lanes, o * tall + j * lanes
                        transform_gradient(back, at, dy_row, dy_pixel, d, to, d_step)
                for k in range(16):
                    for b in range(b_start, b_stop):
                        numbers, to = k * d_step + b // low * tall + b % low * LOW, k * step + b * block_size
                        for c in range(0, into, WIDTH):
                            add_products(d, numbers, v, k * v_step + c * tall, tall, some, mine, to + c * LOW * lanes)


@jit
def sum_up(start, stop, totals, dw):
    """dw[o, c] = Gᵀ dU G, where dU is the sum of all pieces' totals; they are (pieces, 16, size)."""
    O, C, _ = dw.shape
    lanes = BYTES // dw.itemsize
    into = -(-C // (WIDTH * lanes)) * WIDTH
    m, g = scratch(16 * lanes, dw), scratch((9 + lanes) * lanes, dw)  # `separate` looks further
    zero = dw.dtype.type(0)
    for o in range(start, stop):
        for c in range(0, C, lanes):
            vector = c // lanes
            at = ((o // LOW * into + vector // WIDTH * WIDTH) * LOW + o % LOW * WIDTH + vector % WIDTH) * lanes
            m[:] = 0
            for piece in range(len(totals)):
                for k in range(16):
                    part = totals[piece, k, at : at + lanes]
                    for i in range(lanes):
                        m[k * lanes + i] += part[i]
            filter_gradient(m, 0, lanes, g)
            for j in range(0, 9, lanes):
                n, there = min(lanes, 9 - j), min(lanes, C - c)
                separate(g, j * lanes, zero, n, dw, (o * C + c) * 9 + j, 9, there)
