r"""The weight gradient of winograd_rows.py, which explains the letters, and has the six points 0, ±a, ±b, ∞.

As in winograd_back.py the pull-backs of linear maps are their transposes: four rows of dy become six, A dy; six
rows of x become six mixed ones, Bᵀ d; dU = Σ (A dy)_i · (Bᵀ d)_i for each of the six, over all windows; dg = Gᵀ dU. A
pixel is a vector of channels here, and dU is made as dw is in channels.py, of six rows of three taps instead of
twelve. A step of the bands is a quad, four rows of windows.
"""

from typing import NamedTuple

import numpy as np

from ..division import ceil_div
from ..running.jit import jit
from ..running.scratch import scratch
from ..simd import BYTES, I64, ROWS, VECTORS, loop, micro_kernel
from .channels import WINDOWS_AT_A_TIME, add_tile
from .packing import MORE, pack
from .winograd_rows import AA, BB, SCALES, A, B, mix_rows

WINDOWS = MORE  # the last column of bands: how many there are


class Tables(NamedTuple):
    """All that `grad_weight` knows of a convolution; compare channels.py."""

    parts: int  # the channels of dy are shared out in so many
    units: int  # quads in a band
    size: int
    row: int  # from a row of the buffer to the next
    bands: np.ndarray
    inside: np.ndarray
    outside: np.ndarray
    dy_size: int
    dy_row: int
    dy_bands: np.ndarray
    dy_inside: np.ndarray
    dy_outside: np.ndarray
    taps: np.ndarray
    windows: np.ndarray


def _six_of_four(v, b, at, x, x_at, row, n, y, y_at, step):
    """y[i·step + j] = (A d)[i] for j < n · lanes, vectors; d[i] = x[i·row + j], i < 4."""
    rows = [at(x, x_at, b.mul(row, I64(i))) for i in range(4)]
    targets = [at(y, y_at, b.mul(step, I64(i))) for i in range(6)]

    def body(k, _):
        j = b.mul(k, I64(v.lanes))
        d = [v.load(at(p, j)) for p in rows]
        six = [d[0]]
        for p, square in ((A, AA), (B, BB)):
            even = v.multiply_add(v.number(square), d[2], d[0])
            odd = v.multiply_add(v.number(p * square), d[3], b.fmul(v.number(p), d[1]))
            six += [b.fadd(even, odd), b.fsub(even, odd)]
        for p, vector in zip(targets, [*six, d[3]], strict=True):
            v.store(vector, at(p, j))
        return []

    loop(b, n, [], body)


six_of_four = micro_kernel(_six_of_four)


@jit
def grad_weight(start, stop, x, dy, totals, tables):
    """totals[piece] = dU in tiles: six of them, of ROWS channels of dy by VECTORS taps and vectors of channels of x.

    Task t is a piece, a share of the images' bands of so many `units`, and one of so many `parts` of the channels of
    dy.
    """
    N, C, X = x.shape
    _, O, Y = dy.shape
    parts, units, size, row, bands, inside, outside = tables[:7]
    dy_size, dy_row, dy_bands, dy_inside, dy_outside, taps, windows = tables[7:]
    lanes = BYTES // x.itemsize
    blocks, block_size, step = ceil_div(O, ROWS), taps.size * ROWS * lanes, dy_inside[1]
    buffer, back = scratch(size + lanes, x), scratch(dy_size + lanes, x)
    mixed, six = scratch(units * 6 * row, x), scratch(6 * dy_size, x)
    x, dy = x.reshape(N * C, 1, X), dy.reshape(N * O, 1, Y)  # for `pack`, which makes vectors of images
    rounds = N * len(bands)
    for t in range(start, stop):
        piece, part = divmod(t, parts)
        b_start, b_stop = part * blocks // parts, (part + 1) * blocks // parts
        mine = totals[piece]
        for k in range(6):
            mine[(k * blocks + b_start) * block_size : (k * blocks + b_stop) * block_size] = 0
        for r in range(piece * rounds // len(totals), (piece + 1) * rounds // len(totals)):
            n, band = divmod(r, len(bands))
            for c in range(0, C, lanes):
                pack(x, n * C + c, min(lanes, C - c), bands[band], inside, outside, 0, c, buffer)
            for o in range(0, O, lanes):
                pack(dy, n * O + o, min(lanes, O - o), dy_bands[band], dy_inside, dy_outside, 0, o, back)
            for quad in range(units):
                mix_rows(buffer, quad * 4 * row, row, 6, 0, buffer, row // lanes, mixed, quad * 6 * row, row)
                six_of_four(back, quad * 4 * dy_row, dy_row, dy_row // lanes, six, quad * dy_row, dy_size // 4)
            for q in range(0, bands[band, WINDOWS], WINDOWS_AT_A_TIME):
                some = min(WINDOWS_AT_A_TIME, bands[band, WINDOWS] - q)
                for k in range(6):
                    for b in range(b_start, b_stop):
                        six_at = k * (dy_size // 4) + q * step + b * ROWS
                        for p in range(0, taps.size, VECTORS):
                            mine_at = (k * blocks + b) * block_size + p * ROWS * lanes
                            add_tile(six, six_at, step, mixed, k * row, taps, p, windows, q, some, mine, mine_at)


@jit
def add_pieces(start, stop, totals, dw):
    """dw[o, c] = Gᵀ dU with the sum dU of all pieces' totals: (pieces, 6, blocks, tiles, ROWS, VECTORS, lanes)."""
    O, C, _ = dw.shape
    lanes, f = totals.shape[6], dw.dtype.type
    vectors, m = ceil_div(C, lanes), scratch(6 * lanes, dw)
    for o in range(start, stop):
        for p in range(3 * vectors):
            tap, c = p // vectors, p % vectors * lanes
            m[:] = 0
            for piece in range(len(totals)):
                for k in range(6):
                    part = totals[piece, k, o // ROWS, p // VECTORS, o % ROWS, p % VECTORS]
                    for j in range(lanes):
                        m[k * lanes + j] += part[j]
            for j in range(min(lanes, C - c)):
                s, ds = m[lanes + j] + m[2 * lanes + j], m[lanes + j] - m[2 * lanes + j]
                t, dt = m[3 * lanes + j] + m[4 * lanes + j], m[3 * lanes + j] - m[4 * lanes + j]
                s, ds, t, dt = s / f(SCALES[1]), ds / f(SCALES[1]), t / f(SCALES[2]), dt / f(SCALES[2])
                dw[o, c + j, tap] = m[j] / f(SCALES[0]) + s + t
                dw[o, c + j, 3 + tap] = f(A) * ds + f(B) * dt
                dw[o, c + j, 6 + tap] = f(AA) * s + f(BB) * t + m[5 * lanes + j]
