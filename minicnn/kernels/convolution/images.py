r"""Convolution with vectors of images, which takes anything: 1-D, 2-D, 3-D, any stride, dilation, groups, padding.

**A pixel is a vector of images.** As many images as a vector register has lanes (16 on AVX-512) are copied
("packed") into a buffer, such that the same pixel of all of them lies together. What a convolution does to one image it
does to 16 at the same cost, and no border, row length or stride can spoil a vector. The padding is packed with them.

**Two tables say everything else.** A filter tap always looks a constant number of places, its *offset*, ahead of the
window's first pixel, wherever the window stands; and `places` says where the windows stand:

    image 4×4 in the buffer         filter 2×2          its window at p sees
     0  1  2  3                      tap 0  tap 1        p + 0   p + 1
     4  5  6  7                      tap 2  tap 3        p + 4   p + 5
     8  9 10 11
    12 13 14 15                      offsets = 0, 1, 4, 5        places = 0, 1, 2, 4, 5, 6, 8, 9, 10

    forward        y[o, q]  = Σ_k w[o, k] · x[places[q] + offsets[k]]        k: the taps of all channels
    grad_weight    dw[o, k] = Σ_q dy[o, q] · x[places[q] + offsets[k]]       and over all images
    grad_input     dx[c, p] = Σ_k w[k, c] · dy[places[p] + offsets[k]]       k: the taps that looked at pixel p

More dimensions, dilation, strides and padding only change the tables (functional/convolution/images.py makes them).

Shapes: x (N, C, pixels) · y, dy (N, O, pixels) · all others are flat.
"""

from typing import NamedTuple

import numpy as np

from ..division import ceil_div
from ..running.jit import jit
from ..running.scratch import scratch
from ..simd import BYTES, DOT_COLUMNS, DOT_ROWS, dots, separate, tile
from .packing import CHUNK, END_PIXEL, FIRST_PIXEL, MORE, pack

WINDOWS_OF_DOTS = 128  # of one block of them

FIRST_CHUNK, END_CHUNK = MORE, MORE + 1  # columns of bands, behind those of packing.py
FIRST_SEGMENT, END_SEGMENT, FIRST_WINDOW, WINDOWS = range(4)  # columns of chunks: the last two count pixels of y
FIRST_PLACE, END_PLACE, FIRST_TAP, TAPS = range(4)  # columns of segments: ranges of `places` and of `offsets`


class Tables(NamedTuple):
    """All that `correlate` knows of a convolution; a range in a table is its first and, behind the last, its end."""

    groups: int
    rows: int  # channels of y in a tile
    windows: int  # in a tile
    parts: int  # the channels of y are shared out in so many
    size: int  # numbers in the buffer
    channel: int  # from a channel to the next in the buffer
    bands: np.ndarray  # parts of large images; for their columns see packing.py, and above
    inside: np.ndarray  # where each pixel goes in the buffer
    outside: np.ndarray  # where zeros go
    chunks: np.ndarray  # windows that are computed together: segments; the first window, and how many
    segments: np.ndarray  # windows with the same taps: `places`; the first tap, and how many. With a stride of 2 even
    # and odd pixels were seen by other taps (grad_input); and taps that see only padding can be left out
    places: np.ndarray  # where each window stands in the buffer
    targets: np.ndarray  # where its sum is kept
    offsets: np.ndarray  # how far ahead each tap looks: tap by tap, at all channels of a group one after the other


class GradWeightTables(NamedTuple):
    """The same for `grad_weight`, where dy is packed as well.

    The buffer is another one: there all channels of a pixel lie together, which tiles read one after the other; here
    each channel is an image of its own, along which the inner products run.
    """

    groups: int
    parts: int
    channel: int
    bands: np.ndarray
    inside: np.ndarray
    outside: np.ndarray
    dy_channel: int
    dy_bands: np.ndarray  # its pixels; nothing is outside of it
    dy_inside: np.ndarray
    places: np.ndarray
    offsets: np.ndarray  # channel by channel, of each all taps; filled up to whole blocks of dots with some that do
    # not count


@jit
def gather(start, stop, w, groups, rows, per_group, step, where, out):
    """The weights as `correlate` reads them: of each block of channels of y, tap by tap, those for each row of a tile,
    0 where a group has no more channels. In w, which is flat, they are at `where`, those of the next row a step on."""
    blocks = ceil_div(per_group, rows)
    for t in range(start, stop):
        group, block = divmod(t, blocks)
        first, there = group * (w.size // groups) + block * rows * step, min(rows, per_group - block * rows)
        for k in range(where.size):
            out_at = (t * where.size + k) * rows
            for i in range(rows):
                out[out_at + i] = w[first + where[k] + i * step] if i < there else w.dtype.type(0)


@jit
def correlate(start, stop, x, y, filters, bias, tables):
    """y from x. Task t is a piece, a band of a vector of images, and one of so many `parts` of the channels of y.

    filters: for each block of `rows` channels of y their weights of tap 0, of tap 1, … (see `gather`)
    """
    N, C, _ = x.shape
    _, O, P = y.shape
    groups, rows, windows, parts, size, channel, bands, inside, outside, chunks = tables[:10]
    segments, places, targets, offsets = tables[10:]
    lanes, K, zero = BYTES // x.itemsize, offsets.size, x.dtype.type(0)
    per_group = O // groups
    blocks = ceil_div(per_group, rows)
    row = (CHUNK + 1) * lanes  # + 1: there go sums of windows that only fill up a tile
    buffer, sums = scratch(size + lanes, x), scratch(rows * row, x)  # + lanes: there go pixels that are not there
    packed = -1
    for t in range(start, stop):
        piece, part = divmod(t, parts)
        vector, band = divmod(piece, len(bands))
        first, images = vector * lanes, min(lanes, N - vector * lanes)
        if packed != piece:
            pack(x, first, images, bands[band], inside, outside, channel, 0, buffer)
            packed = piece
        for chunk in range(bands[band, FIRST_CHUNK], bands[band, END_CHUNK]):
            q, count = chunks[chunk, FIRST_WINDOW], chunks[chunk, WINDOWS]
            for b in range(part * groups * blocks // parts, (part + 1) * groups * blocks // parts):
                group, block = divmod(b, blocks)
                for s in range(chunks[chunk, FIRST_SEGMENT], chunks[chunk, END_SEGMENT]):
                    k, n = segments[s, FIRST_TAP], segments[s, TAPS]
                    filters_at, buffer_at = (b * K + k) * rows, group * (C // groups) * channel
                    for p in range(segments[s, FIRST_PLACE], segments[s, END_PLACE], windows):
                        if n == 0:  # no tap looks at these pixels
                            for i in range(rows):
                                for j in range(windows):
                                    sums_at = i * row + targets[p + j]
                                    sums[sums_at : sums_at + lanes] = zero
                        else:
                            tile(
                                rows, filters, filters_at, buffer, buffer_at, places, p, offsets, k, n, sums, targets,
                                row,
                            )  # fmt: skip
                for i in range(min(rows, per_group - block * rows)):
                    o = group * per_group + block * rows + i
                    for j in range(0, count, lanes):
                        y_at, there = (first * O + o) * P + q + j, min(lanes, count - j)
                        separate(sums, i * row + j * lanes, bias[o], there, y, y_at, O * P, images)


@jit
def grad_weight(start, stop, x, dy, totals, tables):
    """totals[piece] = Σ dy · what each tap saw, in blocks of dots. Task t is a piece, a share of the images' bands, and
    one of so many `parts` of the channels of dy."""
    N, C, _ = x.shape
    bands, inside, outside, channel = tables.bands, tables.inside, tables.outside, tables.channel
    dy_bands, dy_inside, dy_channel = tables.dy_bands, tables.dy_inside, tables.dy_channel
    places, offsets, groups, parts = tables.places, tables.offsets, tables.groups, tables.parts
    O, lanes, K = dy.shape[1], BYTES // x.itemsize, offsets.size  # K: whole blocks of DOT_COLUMNS
    per_group = O // groups
    blocks = ceil_div(per_group, DOT_ROWS)
    block_size = ceil_div(DOT_ROWS * DOT_COLUMNS, lanes) * lanes
    x_packed = scratch(C * channel + lanes, x)
    dy_packed = scratch((O + DOT_ROWS) * dy_channel + lanes, x)  # a last block reads on: `add_pieces` skips its sums
    rounds = ceil_div(N, lanes) * len(bands)
    for t in range(start, stop):
        piece, part = divmod(t, parts)
        b_start, b_stop = part * groups * blocks // parts, (part + 1) * groups * blocks // parts
        mine = totals[piece]
        mine[b_start * K // DOT_COLUMNS * block_size : b_stop * K // DOT_COLUMNS * block_size] = 0
        for r in range(piece * rounds // len(totals), (piece + 1) * rounds // len(totals)):
            vector, band = divmod(r, len(bands))
            first, images = vector * lanes, min(lanes, N - vector * lanes)
            pack(x, first, images, bands[band], inside, outside, channel, 0, x_packed)
            pack(dy, first, images, dy_bands[band], dy_inside, outside, dy_channel, 0, dy_packed)
            windows = dy_bands[band, END_PIXEL] - dy_bands[band, FIRST_PIXEL]
            for q in range(0, windows, WINDOWS_OF_DOTS):
                n = min(WINDOWS_OF_DOTS, windows - q)
                for b in range(b_start, b_stop):
                    group, block = divmod(b, blocks)
                    dy_at = (group * per_group + block * DOT_ROWS) * dy_channel + q * lanes
                    x_at = group * (C // groups) * channel
                    for k in range(0, K, DOT_COLUMNS):
                        mine_at = (b * K + k) // DOT_COLUMNS * block_size
                        dots(dy_packed, dy_at, dy_channel, x_packed, x_at, places, q, offsets, k, n, mine, mine_at)


@jit
def add_pieces(start, stop, totals, groups, dw):
    """dw[o, k] = the sum of all pieces' totals of it; they are (pieces, blocks of rows, blocks of columns, numbers)."""
    dw = dw.reshape(len(dw), dw.size // len(dw))
    per_group, blocks, K = len(dw) // groups, totals.shape[1] // groups, dw.shape[1]
    for o in range(start, stop):
        group, i = divmod(o, per_group)
        b, row = group * blocks + i // DOT_ROWS, i % DOT_ROWS * DOT_COLUMNS
        for block in range(totals.shape[2]):
            for j in range(min(DOT_COLUMNS, K - block * DOT_COLUMNS)):
                total = dw.dtype.type(0)
                for piece in range(len(totals)):
                    total += totals[piece, b, block, row + j]
                dw[o, block * DOT_COLUMNS + j] = total
