"""Convolutions whose vectors are the same pixel of many images: when they go to kernels' images.py, and its tables."""

from functools import partial
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np

from ...kernels.convolution import images as kernels
from ...kernels.convolution.images import GradWeightTables, Tables
from ...kernels.convolution.packing import CHUNK, END_TARGET, FIRST_TARGET, SHIFT
from ...kernels.division import ceil_div
from ...kernels.running.buffers import empty
from ...kernels.running.jit import parallel_for
from ...kernels.simd import BYTES, DOT_COLUMNS, DOT_ROWS, LOW_ROWS, LOW_VECTORS, ROWS, VECTORS, WIDE
from . import strips
from .packing import SHARES, Source, source_of_windows


def plan(job):
    """Enough images, or strips of them, and filters."""
    cut = strips.of(job)  # one of them is the whole image
    job = job._replace(g=cut.geometry, N=job.N * cut.count)
    if not pays(job):
        return f"{job.N} images and {job.channels} channels would leave more than three quarters of its tiles empty"
    if job.product == "grad_weight":
        run, by_strips = partial(call_grad_weight, kernels, grad_weight_call(job)), strips.grad_weight_by_strips
    else:
        call = job.pick(forward_call, grad_input_call)(job)
        run, by_strips = partial(call_correlate, kernels, call), strips.by_strips
    return run if cut.count == 1 else partial(by_strips, cut, run)


def pays(job):
    """Whether a quarter of the work is for something: vectors of so many images, tiles of so many channels."""
    rows = DOT_ROWS if job.product == "grad_weight" else shape_of_tile(job.channels)[0]
    whole = ceil_div(job.N, job.lanes) * job.lanes * ceil_div(job.channels, rows) * rows
    return job.N * job.channels >= 0.25 * whole


def call_correlate(way, call, x, w, bias, y):
    """Fill y from x, or dx from dy, with `correlate` of a `way`, a file of kernels."""
    filters = empty(call.filters, w.dtype)
    grain = 1 + (1 << 14) * call.blocks // call.filters  # 16,384 weights are worth a thread
    parallel_for(kernels.gather, call.blocks, w.reshape(-1), *call.weights, filters, grain=grain)
    parallel_for(way.correlate, call.tasks, x, y, filters, bias, call.tables)


def call_grad_weight(way, call, x, dy, dw):
    """Fill dw with `grad_weight` of a `way`, which makes sums of pieces of the job, and `add_pieces`."""
    totals = empty(call.totals, x.dtype)
    parallel_for(way.grad_weight, call.tasks, x, dy, totals.reshape(len(totals), -1), call.tables)
    grain = 1 + 4096 * len(dw) // dw.size
    parallel_for(way.add_pieces, len(dw), totals, call.tables.groups, dw, grain=grain)


class Call(NamedTuple):
    """How to call kernels' `gather` and `correlate`."""

    blocks: int  # of filters: tasks of `gather`
    filters: int  # numbers in all of them
    weights: tuple  # its arguments
    tasks: int  # of `correlate`
    tables: tuple


class GradWeightCall(NamedTuple):
    """How to call kernels' `grad_weight` and `add_pieces`."""

    tasks: int  # of `grad_weight`
    totals: tuple  # their shape
    tables: tuple


def forward_call(job):
    """The Call for y from x: window q stands at q · stride, tap j looks at j · dilation."""
    g, C, size = job.g, job.C, prod(job.g.kernel)
    taps = [np.arange(k) * d for k, d in zip(g.kernel, g.dilation, strict=True)]
    windows = [(np.arange(n) * s, np.zeros(n, int)) for n, s in zip(g.out, g.stride, strict=True)]
    steps = size * C // g.groups, size  # in w from a filter to the next, and from a channel
    return _call(source_of_windows(g), windows, [(taps, np.arange(size))], steps, C, job.O, job)


def grad_input_call(job):
    """The Call for dx from dy.

    Along each axis, y[t] saw x[t · stride + j · dilation − before] through tap j. So pixel i of x looks back through
    tap j at t = (i + before − j · dilation) / stride, if that is whole; its phase, (i + before) mod stride, says so.

    Five pixels, three taps, a stride of 2, no padding: two y, at places 1 and 2 of the buffer, behind as many zeros as
    a tap can look back (`far`). Pixels 0, 2, 4 are of phase 0, and looked at by taps 0 and 2; 1 and 3 by tap 1 alone.
    What stands at place p of the buffer for them is t = p − 1, and the taps look from p at:

        pixel of x    0    1    2    3    4        phase 0: tap 0 at p + 1, tap 2 at p + 0
        place p       0    0    1    1    2        phase 1: tap 1 at p + 1

    >>> from minicnn.functional.convolution.geometry import Geometry, Job
    >>> g = Geometry.of((5,), (0,), (3,), (2,), (1,), (2,), groups=1)
    >>> tables = grad_input_call(Job("grad_input", g, 8, 1, 1, np.dtype(np.float32))).tables
    >>> pixel = tables.inside[1] - tables.inside[0]
    >>> (tables.inside[:2] // pixel).tolist(), (tables.offsets // pixel).tolist()  # y; phase 0 and phase 1
    ([1, 2], [1, 0, 1])
    """
    g = job.g
    far = [(k - 1) * d // s for k, d, s in zip(g.kernel, g.dilation, g.stride, strict=True)]
    last = [(n + b - 1) // s for n, b, s in zip(g.size, g.before, g.stride, strict=True)]
    length = tuple(e + max(m + 1, o) for e, m, o in zip(far, last, g.out, strict=True))
    above, skip = divmod(g.before[0], g.stride[0])  # the first rows are zeros of the padding: begin below them
    before = far[0] - above, *far[1:]
    source = Source(g.out, before, length, step=1, reach=far[0], target=g.size, rows=g.stride[0], skip=skip)

    seen = [np.arange(n) + b for n, b in zip(g.size, g.before, strict=True)]
    windows = [(i // s - up, i % s) for i, s, up in zip(seen, g.stride, (above, 0, 0), strict=True)]
    size, taps = prod(g.kernel), []
    for residues in product(*map(range, g.stride)):
        chosen = [
            [j for j in range(k) if j * d % s == r]
            for k, d, s, r in zip(g.kernel, g.dilation, g.stride, residues, strict=True)
        ]
        back = [[e - j * d // s for j in axis] for e, axis, d, s in zip(far, chosen, g.dilation, g.stride, strict=True)]
        taps.append((back, np.ravel_multi_index(np.ix_(*chosen), g.kernel).ravel()))
    return _call(source, windows, taps, (size, size * job.C // g.groups), job.O, job.C, job)


def _call(source, windows, taps, steps, C, O, job):
    """The Call from C channels of what is packed to O of what is computed.

    windows: for each axis of the target, where they stand and their phases. taps: for each phase where they look along
    the axes, and their numbers. steps: how far it is in w from one of the O channels to the next, and from one
    of the C.
    """
    groups, lanes = job.g.groups, job.lanes
    rows, in_tile = shape_of_tile(O // groups)
    vectors, blocks = ceil_div(job.N, lanes), groups * ceil_div(O // groups, rows)
    units = source.units(vectors, C * prod(source.length[1:]) * BYTES)
    pixel = (C | 1) * lanes  # the channels of a pixel lie together; an odd number, so that pixels share no cache sets
    bands, outside = source.bands(units, pixel)
    parts = min(blocks, ceil_div(SHARES, vectors * len(bands)))

    places, phases = where_windows_stand(source, windows, job.g.stride, pixel)
    offsets, taps_of_phase = what_taps_see(source, taps, C // groups, lanes, pixel)
    # Once with all taps, once without those that see only rows of padding; the cheaper one is kept.
    ranges = taps_of_phase[phases]  # (target, 2): first tap and number of taps of each window
    candidates = ranges, _without_padding(source, windows[0][0], phases, taps, ranges)
    split = min((_segments(bands, places, r.reshape(-1, 2), lanes, in_tile) for r in candidates), key=lambda t: t[0])
    _, bands, chunks, segments, places, targets = split

    size = source.height(units) * prod(source.length[1:]) * pixel
    inside = source.inside(pixel)
    tables = Tables(
        groups, rows, in_tile, parts, size, lanes, bands, inside, outside, chunks, segments, places, targets, offsets
    )
    weights = groups, rows, O // groups, steps[0], which_weights(taps, C // groups, steps[1])
    filters, tasks = blocks * rows * offsets.size, vectors * len(bands) * parts
    return Call(blocks, filters, weights, tasks, tables)


def where_windows_stand(source, windows, strides, pixel):
    """The place of each window in the buffer, flat, and its phase (target): which taps see it."""
    stand, phases = zip(*windows, strict=True)
    return source.place(*stand, pixel), np.ravel_multi_index(np.ix_(*phases), strides)


def what_taps_see(source, taps, channels, lanes, pixel):
    """How far each tap of each channel looks ahead, phase after phase; and of each phase the first, and how many."""
    offsets = []
    for looks, _ in taps:
        ahead = source.place(*(np.array(axis, int) for axis in looks), pixel)
        offsets.append((ahead[:, None] + np.arange(channels) * lanes).ravel())
    first = np.cumsum([0, *map(len, offsets)])
    return np.concatenate(offsets), np.stack([first[:-1], np.diff(first)], 1)


def which_weights(taps, channels, step):
    """Which number of w, from the first of a filter, goes with each offset of `what_taps_see`."""
    numbers = np.concatenate([numbers for _, numbers in taps]).astype(np.int64)
    return (numbers[:, None] + np.arange(channels) * step).ravel()


def _without_padding(source, rows, phases, taps, ranges):
    """`ranges` without the rows of taps that see nothing but padding above or below the image."""
    ranges = ranges.copy()
    for phase, (back, _) in enumerate(taps):
        inside = np.add.outer(rows, np.array(back[0], int)) - source.before[0]
        inside = (inside >= 0) & (inside < source.size[0])  # (rows, taps of the first axis)
        first, count = inside.argmax(1) if inside.size else 0 * rows, inside.sum(1)
        mine = phases == phase
        per_row = ranges[..., 1] // max(1, len(back[0]))
        ranges[..., 0] += mine * per_row * first[:, None, None]
        ranges[..., 1] = np.where(mine, per_row * count[:, None, None], ranges[..., 1])
    return ranges


def shape_of_tile(channels):
    """Rows and vectors of the tiles that cost least for so many channels of y that see the same input."""
    if channels <= ROWS // 2:
        return 1, WIDE
    return min((ROWS, VECTORS), (LOW_ROWS, LOW_VECTORS), key=lambda shape: ceil_div(channels, shape[0]) * shape[0])


def _segments(bands, places, ranges, lanes, in_tile):
    """The cost in windows · taps; then bands, chunks, segments, places and targets, as in kernels' `Tables`."""
    cost, count, chunks, segments, order, targets = 0, 0, [], [], [], []
    chunks_of_band = []
    for band in bands:
        known, stop = len(chunks), band[END_TARGET]
        for q in range(band[FIRST_TARGET], stop, CHUNK):
            here = ranges[q : min(q + CHUNK, stop)]
            first = len(segments)
            for taps in np.unique(here, axis=0):
                own = np.flatnonzero((here == taps).all(1))
                spare = -len(own) % in_tile  # whole tiles: sums of the last ones go to a spare place
                order.append(places[q + np.pad(own, (0, spare), "edge")] + band[SHIFT])
                targets.append(np.pad(own, (0, spare), constant_values=CHUNK) * lanes)
                segments.append([count, count + len(own) + spare, *taps])
                count += len(own) + spare
                cost += (len(own) + spare) * taps[1]
            chunks.append([first, len(segments), q, len(here)])
        chunks_of_band.append([known, len(chunks)])
    bands = np.column_stack([bands, np.array(chunks_of_band, np.int64).reshape(-1, 2)])
    tables = (np.array(t, np.int64) for t in (chunks, segments))
    return cost, bands, *tables, np.concatenate(order).astype(np.int64), np.concatenate(targets).astype(np.int64)


def grad_weight_call(job):
    """The GradWeightCall for dw from x and dy. How they are cut up does not depend on the number of threads."""
    _, g, N, C, O, _ = job
    source, lanes = source_of_windows(g), job.lanes
    vectors, blocks = ceil_div(N, lanes), g.groups * ceil_div(O // g.groups, DOT_ROWS)
    row, target_row = prod(source.length[1:]), prod(g.out[1:])
    units = source.units(vectors, (C * row * g.stride[0] + O * target_row) * BYTES // g.stride[0])
    bands, outside = source.bands(units, lanes)
    channel, dy_channel = (source.height(units) * row | 1) * lanes, (units * target_row | 1) * lanes
    dy_bands = np.array([[start, stop, -start * lanes, 0, 0] for *_, start, stop in bands], np.int64)
    dy_inside = np.arange(prod(g.out) + lanes) * lanes
    places = source.place(
        np.arange(units) * g.stride[0], *(np.arange(n) * s for n, s in zip(g.out[1:], g.stride[1:], strict=True)), lanes
    )

    taps = source.place(*(np.arange(k) * d for k, d in zip(g.kernel, g.dilation, strict=True)), lanes)
    offsets = (np.arange(C // g.groups)[:, None] * channel + taps).ravel()
    K, block_size = offsets.size, ceil_div(DOT_ROWS * DOT_COLUMNS, lanes) * lanes
    tiles = ceil_div(K, DOT_COLUMNS)
    offsets = np.append(offsets, np.zeros(tiles * DOT_COLUMNS - K, np.int64))  # whole blocks
    most = max(1, (1 << 20) // (O * K))  # totals are as large as the weights: not too many of them
    pieces = min(vectors * len(bands), SHARES, most)
    parts = min(blocks, ceil_div(SHARES, pieces))
    inside = source.inside(lanes)
    tables = GradWeightTables(
        g.groups, parts, channel, bands, inside, outside, dy_channel, dy_bands, dy_inside, places, offsets
    )
    return GradWeightCall(pieces * parts, (pieces, blocks, tiles, block_size), tables)
