"""When Winograd's convolution (kernels' winograd.py) pays, and its tables; compare images.py.

Tiles of 2×2 pixels stand where windows stand otherwise; a step of the first axis is a row of tiles.
"""

from functools import partial
from math import prod
from typing import NamedTuple

import numpy as np

from ...kernels.convolution import winograd as kernels
from ...kernels.convolution import winograd_back as kernels_back
from ...kernels.convolution.winograd_back import BLOCK_ROWS
from ...kernels.division import ceil_div
from ...kernels.running.buffers import empty
from ...kernels.running.jit import parallel_for
from ...kernels.simd import BYTES, HEIGHT, WIDTH
from .packing import SHARES, Source

CHUNK = 48  # tiles to transform at a time, about
UNFIT = "it is for filters of 3×3 with steps of 1 over images, in one group, in float32"
FEWEST_CHANNELS, LEAST_FILLED = 16, 0.5  # the share of what is multiplied that is for something: measured
TOTALS = 1 << 21  # numbers of dU, of all pieces


class Call(NamedTuple):
    """How to call `transform_filters` and `correlate` of `kernels`."""

    kernels: object
    columns: int  # of filters that are transformed: tasks of `transform_filters`
    shape: tuple  # of what it makes
    filters: tuple
    tasks: int  # of `correlate`, each of which checks whether all is finite
    tables: tuple
    filled: float  # the share of what is multiplied that is for something


class GradWeightCall(NamedTuple):
    """How to call `grad_weight` and `add_pieces` of `kernels`."""

    kernels: object
    tasks: int  # of `grad_weight`
    totals: tuple  # their shape
    tables: tuple
    filled: float


def plan(job):
    """Many channels, and tiles that fill."""
    if not fits(job):
        return UNFIT
    if min(job.C, job.O) < FEWEST_CHANNELS:
        return f"it is for {FEWEST_CHANNELS} channels or more, here {min(job.C, job.O)}"
    call = job.pick(forward_call, grad_input_call, grad_weight_call)(job)
    if call.filled <= LEAST_FILLED:
        return f"only {call.filled:.0%} of what it multiplies would be for something"
    return partial(job.pick(convolve, convolve, grad_weight), call)


def convolve(call, x, w, bias, y):
    """Fill y. Returns whether something was not finite, if only on the way: then y may be wrong."""
    U, checks = empty(call.shape, w.dtype), np.empty(call.tasks, w.dtype)
    parallel_for(call.kernels.transform_filters, call.columns, w.reshape(-1), call.filters, U, grain=64)
    parallel_for(call.kernels.correlate, call.tasks, x, y, U, bias, checks, call.tables)
    return np.isnan(checks).any()


def grad_weight(call, x, dy, dw):
    """Fill dw: the sums of all pieces, and then their sum."""
    totals = empty(call.totals, x.dtype)
    parallel_for(call.kernels.grad_weight, call.tasks, x, dy, totals.reshape(len(totals), -1), call.tables)
    parallel_for(call.kernels.add_pieces, len(dw), totals, dw, grain=1 + 2048 * len(dw) // dw.size)


def fits(job):
    """Whether filters of 3×3 take steps of 1. float64 is for exactness, and computed directly."""
    g = job.g
    flat = g.before[2] == 0 and g.size[2] == g.out[2] == 1
    usual = g.kernel == (3, 3, 1) and g.stride == g.dilation == (1, 1, 1) and g.groups == 1
    return flat and usual and job.dtype == np.float32


def forward_call(job):
    """The Call for y from x."""
    g, C = job.g, job.C
    return _call(_source(g.size, g.before, 0, g.out), 0, (9 * C, 9), np.arange(9), C, job.O, job)


def grad_input_call(job):
    """The Call for dx from dy: pixel i of x looks back at pixels i + before − 2, …, i + before of y."""
    g, C, left = job.g, job.C, job.g.before[1]
    source = _source(g.out, (2 - g.before[0], 2, 0), left, g.size)
    return _call(source, left, (9, 9 * C), np.arange(9)[::-1], job.O, C, job)  # the filter is turned by 180°


def grad_weight_call(job):
    """The GradWeightCall for dw from x and dy. How they are cut up does not depend on the number of threads."""
    _, g, N, C, O, dtype = job
    source = _source(g.size, g.before, 0, g.out)
    lanes, vectors = job.lanes, ceil_div(C, WIDTH * job.lanes) * WIDTH
    dy_length = 0, g.out[1] + g.out[1] % 2, 1
    dy_source = Source(g.out, (0, 0, 0), dy_length, step=2, reach=1, target=g.out, rows=2, skip=0)
    units = source.units(N, (vectors + ceil_div(O, lanes)) * source.length[1] * BYTES)
    tiles = _tiles(source, units)
    together = max(1, min(N // SHARES, 4 * CHUNK // tiles)) if units == source.all_units else 1
    together = ceil_div(N, ceil_div(N, together * SHARES) * SHARES)  # as many for all pieces
    chunk = ceil_div(together * tiles, ceil_div(together * tiles, CHUNK))
    blocks, rounds = ceil_div(O, BLOCK_ROWS), ceil_div(N, together) * ceil_div(source.all_units, units)
    numbers = 16 * blocks * BLOCK_ROWS * vectors * lanes
    all_tiles = N * _tiles(source, source.all_units)
    pieces = max(1, min(rounds, SHARES, TOTALS // numbers, all_tiles // 96))  # or to sum up takes as long
    parts = min(blocks, ceil_div(SHARES, pieces))
    tables = kernels_back.Tables(
        together, parts, chunk, (chunk | 1) * lanes, *_buffer(source, units, 0, together, 0, vectors, lanes),
        *_buffer(dy_source, units, 0, together, 0, ceil_div(O, lanes), lanes),
    )  # fmt: skip
    filled = C * prod(g.out) / (vectors * lanes * 4 * _tiles(source, source.all_units))
    return GradWeightCall(kernels_back, pieces * parts, (pieces, 16, numbers // 16), tables, filled)


def _source(size, before, left, target):
    """Images of `size` behind zeros, with all that tiles see if the first of a row stands at `left`."""
    across = target[1] + target[1] % 2
    length = 0, max(left + across + 2, before[1] + size[1]), 1
    return Source(size, before, length, step=2, reach=3, target=target, rows=2, skip=0)


def _tiles(source, units):
    """How many tiles so many rows of them have."""
    return units * ceil_div(source.target[1], 2)


def _buffer(source, units, left, together, more, vectors, lanes):
    """Of images packed by vectors of channels: how many numbers one takes, how far it is to the next row and pixel;
    bands, with their numbers of tiles; inside, outside; the first pixels of all tiles, and of `more`."""
    pixel, wide = (vectors | 1) * lanes, source.length[1]  # odd: as in images.py
    size = source.height(units) * wide * pixel
    bands, outside = source.bands(units, pixel)
    places = source.place(2 * np.arange(units), left + 2 * np.arange(_tiles(source, 1)), [0], pixel)
    places = np.pad(np.add.outer(np.arange(together) * size, places).ravel(), (0, more), "edge")
    bands = np.column_stack([bands, _tiles(source, source.steps(units))])
    return size, wide * pixel, pixel, bands, source.inside(pixel), outside, places


def _call(source, left, steps, taps, C, O, job):
    """The Call from C channels of what is packed to O of what is computed; the first tile of a row stands at `left`.

    steps: how far it is in w from one of the O channels to the next, and from one of the C; taps: which tap each of the
    9 numbers of a filter is.
    """
    N, lanes, target = job.N, job.lanes, source.target
    blocks, vectors = ceil_div(O, WIDTH * lanes), ceil_div(C, lanes)
    units = source.units(N, vectors * source.length[1] * BYTES)
    tiles, pieces = _tiles(source, units), ceil_div(source.all_units, units)
    together = _together(N, tiles, blocks, vectors) if pieces == 1 else 1
    pieces *= ceil_div(N, together)
    rows = ceil_div(together * tiles, HEIGHT) * HEIGHT
    filled = prod(target) * together * O / (4 * rows * (source.all_units / units) * blocks * WIDTH * lanes)
    parts = min(blocks, ceil_div(SHARES, pieces))
    chunk = ceil_div(rows, ceil_div(rows, CHUNK) * HEIGHT) * HEIGHT
    height = min(2 * units, target[0])
    h, w, i, j = np.ix_(range(units), range(_tiles(source, 1)), range(2), range(2))
    spare = together * height * target[1]  # for what sticks out
    own = np.where((2 * h + i < height) & (2 * w + j < target[1]), (2 * h + i) * target[1] + 2 * w + j, spare).ravel()
    targets = np.minimum(np.add.outer(np.arange(together) * height * target[1], own).ravel(), spare)
    first = np.arange(0, C, 4)
    tall = (chunk | 1) * lanes  # odd: as in images.py
    fours = first // lanes * tall + first % lanes
    buffer = _buffer(source, units, left, together, chunk, vectors, lanes)
    tables = kernels.Tables(together, parts, chunk, tall, *buffer, np.append(targets, spare) * lanes, fours)
    filters = kernels.Filters(O, C, *steps, np.pad(taps, (0, lanes)) * lanes)
    shape = 16, blocks, 4 * fours.size, WIDTH * lanes
    return Call(kernels, blocks * 4 * fours.size * WIDTH, shape, filters, pieces * parts, tables, filled)


def _together(N, tiles, blocks, vectors):
    """Of how many images the tiles shall be multiplied together: their number is filled up to a multiple of HEIGHT. Few
    pieces are divided by the channels of y, and each part that another thread does transforms all pixels again."""

    def cost(n):  # about 50 vector multiply-adds take as long as to transform a vector of pixels
        pieces = ceil_div(N, n)
        parts = min(blocks, ceil_div(SHARES, pieces))
        rows = ceil_div(n * tiles, HEIGHT) * HEIGHT
        return pieces * (rows * blocks * WIDTH * BYTES // 4 + 50 / 16 * n * tiles * parts)

    return min(range(1, max(1, min(N, 4 * CHUNK // tiles)) + 1), key=cost)
