"""The weight gradient of convolutions with many channels: here a pixel is a vector of channels of one image.

    dw[o, c, k] = Σ_q dy[o, q] · x[c, places[q] + offsets[k]]        q: the windows; k: the taps

With 16 channels c in a vector that is what `simd.tile` computes, but taps and windows change places: its rows are 8
channels of y, its three vectors are taps (and more channels of x), and it adds up over windows. In the end nothing is
left to be added up within a vector, as it is where a pixel is a vector of images (images.py): that pays where channels
fill vectors.

Shapes: x (N, C, pixels) · dy (N, O, pixels) · all others are flat.
"""

from typing import NamedTuple

import numpy as np

from ..division import ceil_div
from ..running.jit import jit
from ..running.scratch import scratch, zeros
from ..simd import BYTES, ROWS, VECTORS, micro_kernel, sums_of_tile
from .packing import END_PIXEL, FIRST_PIXEL, pack

WINDOWS_AT_A_TIME = 256  # what they see and what they are worth stays in the nearest cache


def _add_tile(
    v, b, at, numbers, numbers_at, step, vectors, vectors_at, places, places_at, offsets, offsets_at, n, sums, sums_at
):
    """sums[i, j] += Σ_k numbers[k·step + i] · vectors[places[j] + offsets[k]], for i < ROWS, j < VECTORS, k < n."""
    sums, nothing = at(sums, sums_at), [[v.zero] * VECTORS] * ROWS
    totals = sums_of_tile(
        v, b, at, numbers, numbers_at, step, vectors, vectors_at, places, places_at, offsets, offsets_at, n, nothing
    )
    for k, vector in enumerate(vector for row in totals for vector in row):
        p = at(sums, k * v.lanes)
        v.store(b.fadd(v.load(p), vector), p)  # sums of sums: what is added up lies near in size, and rounds less


add_tile = micro_kernel(_add_tile)


class Tables(NamedTuple):
    """All that `grad_weight` knows of a convolution; bands as in images.py."""

    groups: int
    parts: int  # the channels of dy are shared out in so many
    size: int  # numbers in the buffer
    bands: np.ndarray  # rows of the images that are packed
    inside: np.ndarray  # where each pixel goes in the buffer; channels lie together
    outside: np.ndarray  # where zeros go
    dy_size: int
    dy_bands: np.ndarray
    dy_inside: np.ndarray
    taps: np.ndarray  # where the first window sees each tap, and each vector of channels; up to whole tiles
    windows: np.ndarray  # how far ahead of that each window looks


@jit
def grad_weight(start, stop, x, dy, totals, tables):
    """totals[piece] = Σ dy · what each tap saw, in tiles. Task t is a piece, a share of the images' bands, and one of
    so many `parts` of the channels of dy."""
    N, C, X = x.shape
    _, O, Y = dy.shape
    groups, parts, size, bands, inside, outside, dy_size, dy_bands, dy_inside, taps, windows = tables
    lanes, seen, per_group = BYTES // x.itemsize, C // groups, O // groups
    blocks, vectors, block_size = ceil_div(per_group, ROWS), ceil_div(seen, lanes), taps.size * ROWS * lanes
    buffer, back, step = scratch(size + lanes, x), scratch(dy_size + lanes, x), dy_inside[1]
    x, dy = x.reshape(N * C, 1, X), dy.reshape(N * O, 1, Y)  # for `pack`, which makes vectors of images
    rounds = N * len(bands)
    for t in range(start, stop):
        piece, part = divmod(t, parts)
        b_start, b_stop = part * groups * blocks // parts, (part + 1) * groups * blocks // parts
        mine = totals[piece]
        mine[b_start * block_size : b_stop * block_size] = 0
        for r in range(piece * rounds // len(totals), (piece + 1) * rounds // len(totals)):
            n, band = divmod(r, len(bands))
            for v in range(groups * vectors):
                group, c = v // vectors, v % vectors * lanes
                first = n * C + group * seen + c
                pack(x, first, min(lanes, seen - c), bands[band], inside, outside, 0, v * lanes, buffer)
            for o in range(0, O, lanes):
                pack(dy, n * O + o, min(lanes, O - o), dy_bands[band], dy_inside, outside, 0, o, back)
            count = dy_bands[band, END_PIXEL] - dy_bands[band, FIRST_PIXEL]
            for q in range(0, count, WINDOWS_AT_A_TIME):
                some = min(WINDOWS_AT_A_TIME, count - q)
                for b in range(b_start, b_stop):
                    group, block = divmod(b, blocks)
                    back_at, buffer_at = q * step + group * per_group + block * ROWS, group * vectors * lanes
                    for p in range(0, taps.size, VECTORS):
                        mine_at = b * block_size + p * ROWS * lanes
                        add_tile(back, back_at, step, buffer, buffer_at, taps, p, windows, q, some, mine, mine_at)


@jit
def add_pieces(start, stop, totals, groups, dw):
    """dw[o, c, tap] = the sum of all pieces' totals of it; they are (pieces, blocks, tiles, ROWS, VECTORS, lanes)."""
    O, seen, taps = dw.shape
    per_group, blocks, lanes = O // groups, totals.shape[1] // groups, totals.shape[5]
    sums, vectors = zeros(lanes, dw), ceil_div(seen, lanes)
    for o in range(start, stop):
        group, i = divmod(o, per_group)
        b, row = group * blocks + i // ROWS, i % ROWS
        for p in range(taps * vectors):
            tap, c = p // vectors, p % vectors * lanes
            sums[:] = 0
            for piece in range(len(totals)):
                part = totals[piece, b, p // VECTORS, row, p % VECTORS]
                for j in range(lanes):
                    sums[j] += part[j]
            for j in range(min(lanes, seen - c)):
                dw[o, c + j, tap] = sums[j]
