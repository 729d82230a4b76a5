"""The other way to fill vectors: a vector is a run of pixels of one image (in images.py, the same pixel of images).

Nothing needs to change places for that. One image is copied into a buffer, row by row, into its padding, or is used
where it is if there is none. There a row of windows is a row of vectors, wherever a tap looks, and a `row_tile` writes
its sums to where they stay. It wants rows that fill their vectors; where they do not, images.py is faster.

With a stride of s, a row is dealt like cards: pixels 0, s, 2s, … go to plane 0 of its row in the buffer, pixels
1, s + 1, … to plane 1. So what one tap sees of neighbouring windows lies side by side again. In `grad_input` it is the
other way round: pixels of x that differ by s were seen by the same taps, and are computed together, plane by plane.

Shapes: x (N, C, pixels) · y, dy (N, O, pixels) · all others are flat.
"""

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from ..division import ceil_div
from ..running.jit import jit
from ..running.scratch import zeros
from ..simd import BYTES, I64, for_each_shape, micro_kernel, move, sums_of_tile
from .images import END_PLACE, FIRST_PLACE, FIRST_TAP, TAPS


class Tables(NamedTuple):
    """All that `correlate` knows of a convolution."""

    groups: int
    rows: int  # channels of y in a tile
    windows: int  # vectors of them in a tile
    parts: int  # the channels of y are shared out in so many
    size: int  # numbers of a channel in the buffer, or 0 if the images are used where they are
    lines: np.ndarray  # where each row of the image goes in the buffer
    dealt: tuple  # of these rows: pixels, planes, zeros before the first pixel, places in a plane
    gathered: tuple  # the same of the rows of sums, which are put together again if there are planes
    segments: np.ndarray  # vectors of windows with the same taps: `places`; the first tap, and how many
    places: np.ndarray  # what each vector of windows sees; up to whole tiles
    targets: np.ndarray  # where their sums go. The last vector of a row overlaps the one before it
    offsets: np.ndarray  # how far ahead each tap looks; the taps of a channel follow on each other


def _move_some(v, b, at, x, x_at, n, y, y_at):
    """y[j] = x[j] for j < n ≤ lanes."""
    mask = v.mask(n)
    v.store_masked(v.load_masked(at(x, x_at), mask), at(y, y_at), mask)


def _deal(v, b, at, x, x_at, n, y, first, second):
    """y[first + j] = x[2j], y[second + j] = x[2j + 1]; x has n ≤ 2 · lanes numbers there."""
    pair = [v.load_masked(p, mask) for p, mask in v.halves(at(x, x_at), n)]
    for place, odd in ((first, 0), (second, 1)):
        mask = v.mask(b.sdiv(b.add(n, I64(1 - odd)), I64(2)))
        v.store_masked(v.shuffle(*pair, [*range(odd, 2 * v.lanes, 2)]), at(y, place), mask)


def _weave(v, b, at, x, first, second, n, y, y_at):
    """y[2j] = x[first + j], y[2j + 1] = x[second + j]: n ≤ 2 · lanes numbers. Undoes `deal`."""
    pair = [v.load(at(x, place)) for place in (first, second)]
    places = [k for j in range(v.lanes) for k in (j, v.lanes + j)]
    for half, (p, mask) in enumerate(v.halves(at(y, y_at), n)):
        v.store_masked(v.shuffle(*pair, places[half * v.lanes : (half + 1) * v.lanes]), p, mask)


def _row_tile(
    v, b, at, rows, numbers, numbers_at, vectors, vectors_at, places, places_at, offsets, offsets_at, n, bias, bias_at,
    y, y_at, targets, row, there, used,
):  # fmt: skip
    """y[i·row + targets[j]] = bias[i] + a `simd.tile` of numbers and vectors, for i < there, in `used` lanes."""
    bias, y = at(bias, bias_at), at(y, y_at)
    mask, nothing = v.mask(used), v.mask(I64(0))
    for height, width in for_each_shape(b, rows):
        own = [b.icmp_signed("<", I64(i), there) for i in range(height)]
        first = [[v.splat(b.load(at(bias, b.select(here, I64(i), I64(0)))))] * width for i, here in enumerate(own)]
        totals = sums_of_tile(
            v, b, at, numbers, numbers_at, I64(height), vectors, vectors_at, places, places_at, offsets, offsets_at, n,
            first,
        )  # fmt: skip
        for j in range(width):
            target = at(y, b.load(at(targets, places_at, j)))
            for i, here in enumerate(own):
                to = at(target, b.select(here, b.mul(row, I64(i)), I64(0)))  # never an address outside
                v.store_masked(totals[i][j], to, b.select(here, mask, nothing))


move_some, deal, weave, row_tile = map(micro_kernel, (_move_some, _deal, _weave, _row_tile))


@register_jitable
def spread(x, first, lines, dealt, buffer, shift):
    """An image, which begins at first, to its places in the buffer, shifted."""
    lanes, (width, planes, before, plane) = BYTES // x.itemsize, dealt
    for r in range(lines.size):
        source, target = first + r * width, shift + lines[r]
        if planes == 1:
            whole = width // lanes * lanes
            for j in range(0, whole, lanes):
                move(x, source + j, buffer, target + before + j)
            if whole < width:
                move_some(x, source + whole, width - whole, buffer, target + before + whole)
        elif planes == 2:
            even = target + before % 2 * plane + before // 2
            odd = target + (before + 1) % 2 * plane + (before + 1) // 2
            for j in range(0, width, 2 * lanes):
                deal(x, source + j, min(2 * lanes, width - j), buffer, even + j // 2, odd + j // 2)
        else:
            for j in range(width):
                buffer[target + (before + j) % planes * plane + (before + j) // planes] = x[source + j]


@register_jitable
def reunite(sums, shift, gathered, y, first, size):
    """An image, which begins at first, from the planes of its rows, shifted."""
    lanes, (width, planes, before, plane) = BYTES // y.itemsize, gathered
    for r in range(size // width):
        source, target = shift + r * planes * plane, first + r * width
        if planes == 2:
            even, odd = source + before % 2 * plane, source + (before + 1) % 2 * plane
            for j in range(0, width, 2 * lanes):
                weave(sums, even + j // 2, odd + j // 2, min(2 * lanes, width - j), y, target + j)
        else:
            for j in range(width):
                y[target + j] = sums[source + (before + j) % planes * plane + j // planes]


@jit
def correlate(start, stop, x, y, filters, bias, tables):
    """y from x. Task t is a piece, a group of an image, and one of so many `parts` of its channels of y.

    filters: for each block of `rows` channels of y their weights of tap 0, of tap 1, …; a tile has `windows` vectors
    """
    _, C, X = x.shape
    _, O, Y = y.shape
    groups, rows, windows, parts, size, lines, dealt, gathered, segments, places, targets, offsets = tables
    flat_x, flat_y, lanes = x.reshape(x.size), y.reshape(y.size), BYTES // x.itemsize
    seen, per_group, K = C // groups, O // groups, offsets.size
    blocks, (width, planes, _, plane) = ceil_div(per_group, rows), gathered
    buffer, in_planes, row, used = zeros(seen * size + lanes, x), lanes, Y, min(lanes, width)
    if planes > 1:
        row, used = Y // width * planes * plane, lanes
        in_planes += rows * row
    sums = zeros(in_planes, x)
    source, out = buffer if size else flat_x, sums if planes > 1 else flat_y
    spread_last = -1
    for t in range(start, stop):
        piece, part = divmod(t, parts)
        image, group = divmod(piece, groups)
        if size and spread_last != piece:
            for c in range(seen):
                spread(flat_x, (piece * seen + c) * X, lines, dealt, buffer, c * size)
            spread_last = piece
        source_at = 0 if size else piece * seen * X
        for b in range(part * blocks // parts, (part + 1) * blocks // parts):
            o, there = group * per_group + b * rows, min(rows, per_group - b * rows)
            out_at = 0 if planes > 1 else (image * O + o) * Y
            for s in range(len(segments)):
                k, n = segments[s, FIRST_TAP], segments[s, TAPS]
                filters_at = ((group * blocks + b) * K + k) * rows
                for p in range(segments[s, FIRST_PLACE], segments[s, END_PLACE], windows):
                    if n == 0:  # no tap looks at these pixels
                        for i in range(there):
                            for j in range(p, p + windows):
                                here = out_at + i * row + targets[j]
                                out[here : here + used] = bias[o + i]
                    else:
                        row_tile(
                            rows, filters, filters_at, source, source_at, places, p, offsets, k, n, bias, o, out,
                            out_at, targets, row, there, used,
                        )  # fmt: skip
            if planes > 1:
                for i in range(there):
                    reunite(sums, i * row, gathered, flat_y, (image * O + o + i) * Y, Y)
