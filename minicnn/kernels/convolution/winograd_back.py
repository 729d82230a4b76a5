r"""The weight gradient of winograd.py, which explains the letters: y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A.

Let M = U ⊙ V with U = G g Gᵀ and V = Bᵀ d B, so that y = Aᵀ M A. All of this is linear, and the pull-back of a linear
map is its transpose: dM = A dy Aᵀ from the gradient of a tile, dU = Σ dM ⊙ V, summed over all tiles of all images, and
in the end dg = Gᵀ dU G. At each of the 16 places dU is a matrix product, with a row for each channel of y, a column for
each channel of x; there are 16 multiplications again instead of 36. V is made as in the forward pass.

Shapes: V as in winograd.py · dM (16, vectors of O, chunk | 1 tiles, lanes), a lane is a channel of dy · dU (16, blocks,
vectors of C in whole WIDTHs, BLOCK_ROWS, lanes), in which WIDTH vectors of a row lie together.
"""

from typing import NamedTuple

import numpy as np
from llvmlite import ir

from ..division import ceil_div
from ..running.jit import jit
from ..running.scratch import scratch
from ..simd import BYTES, I64, ROWS, WIDTH, loop, micro_kernel, separate
from .packing import pack
from .winograd import TILES, both_axes, hidden, places_of, transform_pixels

BLOCK_ROWS = min(ROWS, BYTES // 4)  # of dU: they divide a vector


class Tables(NamedTuple):
    """All that `grad_weight` knows of a convolution; see winograd.py. First for x, then for dy."""

    together: int
    parts: int  # the channels of dy are shared out in so many
    chunk: int
    tall: int  # numbers of V, and of dM, from a vector of channels to the next
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


def _a_times(b, d):
    """A d, as instructions."""
    return [d[0], b.fadd(*d), b.fsub(*d), b.fneg(d[1])]


def _gt_times(b, m):
    """Gᵀ m, as instructions."""
    half, total = ir.Constant(m[0].type, [0.5] * m[0].type.count), b.fadd(m[1], m[2])
    more = b.fmul(half, total)
    return [b.fadd(m[0], more), b.fmul(half, b.fsub(m[1], m[2])), b.fadd(more, m[3])]


def _transform_gradient(v, b, at, x, x_at, row, pixel, y, y_at, step):
    """y[(4i + j)·step] = (A d Aᵀ)[i, j], vectors; d[i, j] = x[i·row + j·pixel], of the gradient of a tile."""
    x = hidden(b, at(x, x_at))
    d = [[v.load(at(r, p)) for p in (I64(0), pixel)] for r in (x, at(x, row))]
    to = [p for places in places_of(b, at, at(y, y_at), b.mul(step, I64(4)), step) for p in places]
    for p, vector in zip(to, both_axes(b, _a_times, d), strict=True):
        v.store(vector, p)


def _add_products(v, b, at, numbers, numbers_at, vectors, vectors_at, vector, n, sums, sums_at):
    """sums[(i·WIDTH + j)·lanes] += Σ_k numbers[k·lanes + i] · vectors[j·vector + k·lanes], vectors, for i < BLOCK_ROWS,
    j < WIDTH, k < n."""
    numbers, sums = at(numbers, numbers_at), at(sums, sums_at)
    seen = [at(vectors, vectors_at, b.mul(vector, I64(j))) for j in range(WIDTH)]

    def body(k, totals):
        tile = b.mul(k, I64(v.lanes))
        own, loaded, new = at(numbers, tile), [v.load(at(p, tile)) for p in seen], []
        for i in range(BLOCK_ROWS):
            number = v.splat(b.load(at(own, i)))
            new += [v.multiply_add(number, u, totals[i * WIDTH + j]) for j, u in enumerate(loaded)]
        return new

    for k, total in enumerate(loop(b, n, [v.zero] * (BLOCK_ROWS * WIDTH), body)):
        p = at(sums, k * v.lanes)
        v.store(b.fadd(v.load(p), total), p)


def _filter_gradient(v, b, at, x, x_at, step, y):
    """y[(3i + j)·lanes] = (Gᵀ m G)[i, j], vectors; m[i, j] = x[(4i + j)·step]."""
    m = [[v.load(p) for p in places] for places in places_of(b, at, at(x, x_at), b.mul(step, I64(4)), step)]
    for k, vector in enumerate(both_axes(b, _gt_times, m)):
        v.store(vector, at(y, k * v.lanes))


transform_gradient, add_products = map(micro_kernel, (_transform_gradient, _add_products))
filter_gradient = micro_kernel(_filter_gradient)


@jit
def grad_weight(start, stop, x, dy, totals, tables):
    """totals[piece] = dU = Σ dM · V. Task t is a piece, the tiles of a share of the images' bands, and one of so many
    `parts` of the blocks of dU."""
    N, C, X = x.shape
    _, O, Y = dy.shape
    together, parts, chunk, tall, size, row, pixel, bands, inside, outside, places = tables[:11]
    dy_size, dy_row, dy_pixel, dy_bands, dy_inside, dy_outside, dy_places = tables[11:]
    lanes = BYTES // x.itemsize
    into, in_vector = ceil_div(C, WIDTH * lanes) * WIDTH, lanes // BLOCK_ROWS  # vectors of channels; blocks
    blocks, batches, block_size = ceil_div(O, BLOCK_ROWS), ceil_div(N, together), into * BLOCK_ROWS * lanes
    V_step, dM_step, dU_step = into * tall, ceil_div(O, lanes) * tall, blocks * block_size
    buffer, V = scratch(together * size + lanes, x), scratch(16 * V_step, x)
    back, dM = scratch(together * dy_size + lanes, x), scratch(16 * dM_step, x)
    x, dy = x.reshape(N * C, 1, X), dy.reshape(N * O, 1, Y)  # for `pack`, which makes vectors of images
    rounds = batches * len(bands)
    for t in range(start, stop):
        piece, part = divmod(t, parts)
        b_start, b_stop = part * blocks // parts, (part + 1) * blocks // parts
        o_start, o_stop = b_start // in_vector * lanes, ceil_div(b_stop, in_vector) * lanes
        dU = totals[piece]
        for k in range(0, 16 * dU_step, dU_step):
            dU[k + b_start * block_size : k + b_stop * block_size] = 0
        for r in range(piece * rounds // len(totals), (piece + 1) * rounds // len(totals)):
            batch, band = divmod(r, len(bands))
            first, images = batch * together, min(together, N - batch * together)
            for i in range(images):
                for c in range(0, into * lanes, lanes):
                    there, image = max(0, min(lanes, C - c)), (first + i) * C + min(c, C - 1)
                    pack(x, image, there, bands[band], inside, outside, 0, i * size + c, buffer)
                for o in range(o_start, o_stop, lanes):
                    there, image = min(lanes, O - o), (first + i) * O + o
                    pack(dy, image, there, dy_bands[band], dy_inside, dy_outside, 0, i * dy_size + o, back)
            tiles = images * bands[band, TILES]
            for p in range(0, tiles, chunk):
                some = min(chunk, tiles - p)
                for j in range(some):
                    for c in range(into):
                        transform_pixels(buffer, places[p + j] + c * lanes, row, pixel, V, c * tall + j * lanes, V_step)
                    for o in range(o_start, o_stop, lanes):
                        dM_at = o // lanes * tall + j * lanes
                        transform_gradient(back, dy_places[p + j] + o, dy_row, dy_pixel, dM, dM_at, dM_step)
                for k in range(16):
                    for b in range(b_start, b_stop):
                        dM_at = k * dM_step + b // in_vector * tall + b % in_vector * BLOCK_ROWS
                        for c in range(0, into, WIDTH):
                            V_at = k * V_step + c * tall
                            dU_at = k * dU_step + b * block_size + c * BLOCK_ROWS * lanes
                            add_products(dM, dM_at, V, V_at, tall, some, dU, dU_at)


@jit
def add_pieces(start, stop, totals, dw):
    """dw[o, c] = Gᵀ dU G, where dU is the sum of all pieces' totals; they are (pieces, 16, size)."""
    O, C, _ = dw.shape
    lanes = BYTES // dw.itemsize
    into = ceil_div(C, WIDTH * lanes) * WIDTH
    m, g = scratch(16 * lanes, dw), scratch((9 + lanes) * lanes, dw)  # `separate` looks further
    zero = dw.dtype.type(0)
    for o in range(start, stop):
        for c in range(0, C, lanes):
            vector = c // lanes
            row = (o // BLOCK_ROWS * into + vector // WIDTH * WIDTH) * BLOCK_ROWS + o % BLOCK_ROWS * WIDTH
            first = (row + vector % WIDTH) * lanes
            m[:] = 0
            for piece in range(len(totals)):
                for k in range(16):
                    part = totals[piece, k, first : first + lanes]
                    for i in range(lanes):
                        m[k * lanes + i] += part[i]
            filter_gradient(m, 0, lanes, g)
            for j in range(0, 9, lanes):
                n, there = min(lanes, 9 - j), min(lanes, C - c)
                separate(g, j * lanes, zero, n, dw, (o * C + c) * 9 + j, 9, there)
