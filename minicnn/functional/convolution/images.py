"""The tables that turn a convolution into one product of kernels' images.py, which explains what they are for.

A convolution is its `Geometry`: how the windows of a filter stand over the larger image (x), one for each pixel of the
smaller one (y). There are always three axes; images of one or two dimensions get axes of length 1 behind their own.
"""

from functools import lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np

from ...kernels.convolution.images import CHUNK
from ...kernels.simd import BYTES, DOT_COLUMNS, DOT_ROWS, LOW_ROWS, LOW_VECTORS, ROWS, VECTORS, WIDE

BUFFER = 1 << 20  # bytes to pack at a time, where bands of rows can be so small: about a second-level cache
PIECES = 8  # so many at least, where that is possible, so that as many threads have something to do


class Geometry(NamedTuple):
    """For each axis: pixels of x, zeros before them, taps, stride, dilation, pixels of y; and the groups."""

    size: tuple
    before: tuple
    kernel: tuple
    stride: tuple
    dilation: tuple
    out: tuple
    groups: int

    @classmethod
    def of(cls, size, before, kernel, stride, dilation, out, groups):
        """From tuples of one, two or three axes."""
        zeros, ones = (0,) * (3 - len(size)), (1,) * (3 - len(size))
        return cls(*((*t, *more) for t, more in (
            (size, ones), (before, zeros), (kernel, ones), (stride, ones), (dilation, ones), (out, ones)
        )), groups)  # fmt: skip

    @property
    def padded(self):
        """Pixels of x with zeros on both sides, so many behind that all windows fit."""
        axes = zip(self.size, self.before, self.kernel, self.stride, self.dilation, self.out, strict=True)
        return tuple(max(b + n, (o - 1) * s + (k - 1) * d + 1) for n, b, k, s, d, o in axes)


class Source(NamedTuple):
    """How packed images lie in the buffer, band by band.

    A band is `units` steps of the first axis; each moves `step` rows ahead in the buffer, and the taps look up to
    `reach` rows further. It computes `rows` rows of the target for each step, the first `skip` of which do not count.
    """

    size: tuple  # pixels of the images that are packed
    before: tuple  # zeros before them
    length: tuple  # with zeros on both sides (of the first axis: `height`)
    step: int
    reach: int
    target: tuple  # pixels of the images that are computed
    rows: int
    skip: int

    @property
    def all_units(self):
        return -(-(self.target[0] + self.skip) // self.rows)

    def height(self, units):
        """Rows of the buffer that a band takes."""
        return (units - 1) * self.step + self.reach + 1

    def place(self, d, h, w, step):
        """Where all combinations of three lists of indices are, flat; `step` from a pixel to the next."""
        d, h, w = np.ix_(d, h, w)
        return (((d * self.length[1] + h) * self.length[2] + w) * step).ravel()

    def inside(self, step):
        """Where each pixel of the images goes, filled up to whole vectors."""
        places = self.place(*(np.arange(n) + b for n, b in zip(self.size, self.before, strict=True)), step)
        return np.append(places, np.zeros(BYTES, np.int64))

    def units(self, vectors, row_bytes):
        """How many steps a band shall have, when there are so many vectors of images, and a row of the buffer has
        `row_bytes` (for all channels)."""
        fits = max(1, (BUFFER // row_bytes - self.reach - 1) // self.step + 1)
        shares = -(-self.all_units * vectors // PIECES)
        least = max(-(-self.reach // self.step), -(-CHUNK // (self.rows * prod(self.target[1:]))))  # or it does not pay
        units = min(self.all_units, max(min(fits, shares), least))
        return -(-self.all_units // -(-self.all_units // units))  # evenly

    def steps(self, units):
        """How many steps each band has, if all but the last have so many `units`."""
        return np.diff([*range(0, self.all_units, units), self.all_units])

    def bands(self, units, step):
        """For each band: pixels start and stop to pack, what to add to their places, start and stop of the places
        `outside` that are zeros, and of the pixels that it computes. And `outside`."""
        row, target_row = prod(self.size[1:]), prod(self.target[1:])
        place, height = prod(self.length[1:]) * step, self.height(units)
        inside, table, outside = self.inside(1), [], []
        for unit in range(0, self.all_units, units):
            first = unit * self.step - self.before[0]
            start, stop = max(0, first), max(0, first, min(self.size[0], first + height))
            zeros = np.ones(height * prod(self.length[1:]), bool)
            zeros[inside[start * row : stop * row] - unit * self.step * (place // step)] = False
            own = (unit * self.rows - self.skip, (unit + units) * self.rows - self.skip)
            own = (min(max(0, n), self.target[0]) * target_row for n in own)
            known = sum(map(len, outside))
            outside.append(np.flatnonzero(zeros) * step)
            table.append([start * row, stop * row, -unit * self.step * place, known, known + len(outside[-1]), *own])
        return np.array(table, np.int64), np.concatenate(outside)


def source_of_windows(g):
    """x as the source of y, as in the forward pass."""
    return Source(g.size, g.before, g.padded, g.stride[0], (g.kernel[0] - 1) * g.dilation[0], g.out, 1, 0)


class Product(NamedTuple):
    """How to call kernels.conv.gather (which makes `filters` numbers of `blocks`) and kernels.conv.correlate."""

    blocks: int
    filters: int
    order: tuple
    pieces: int
    no_bias: np.ndarray
    tables: tuple


@lru_cache(maxsize=512)
def forward(g, N, C, O, dtype):
    """The Product for y from x: window q stands at q · stride, tap j looks at j · dilation."""
    taps = [np.arange(k) * d for k, d in zip(g.kernel, g.dilation, strict=True)]
    windows = [(np.arange(n) * s, np.zeros(n, int)) for n, s in zip(g.out, g.stride, strict=True)]
    size = prod(g.kernel)
    order = size * C // g.groups, size  # from a filter to the next, and from a channel
    return _product(source_of_windows(g), windows, [(taps, np.arange(size))], order, N, C, O, g.groups, dtype)


@lru_cache(maxsize=512)
def grad_input(g, N, C, O, dtype):
    """The Product for dx from dy.

    Along each axis, y[t] saw x[t · stride + j · dilation − before] through tap j. So pixel i of x looks back through
    tap j at t = (i + before − j · dilation) / stride, if that is whole; its phase, (i + before) mod stride, says so.
    """
    far = [(k - 1) * d // s for k, d, s in zip(g.kernel, g.dilation, g.stride, strict=True)]
    last = [(n + b - 1) // s for n, b, s in zip(g.size, g.before, g.stride, strict=True)]
    length = tuple(e + max(m + 1, o) for e, m, o in zip(far, last, g.out, strict=True))
    above, skip = divmod(g.before[0], g.stride[0])  # the first rows are zeros of the padding: begin below them
    source = Source(g.out, (far[0] - above, *far[1:]), length, 1, far[0], g.size, g.stride[0], skip)

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
    order = size, size * C // g.groups
    return _product(source, windows, taps, order, N, O, C, g.groups, dtype, g.stride)


def _product(source, windows, taps, order, N, C, O, groups, dtype, strides=(1, 1, 1)):
    """`windows`: for each axis of the target, where the windows stand and their phases. `taps`: for each phase the
    places of its taps along the axes, and their numbers. `order`: how far it is in the weights from one of the O
    channels to the next, and from one of the C."""
    lanes = BYTES // dtype.itemsize
    rows, step = shape_of_tile(O // groups)
    vectors, blocks = -(-N // lanes), groups * -(-O // groups // rows)
    units = source.units(vectors, C * prod(source.length[1:]) * BYTES)
    place = (C | 1) * lanes  # the channels of a pixel lie together; an odd number, so that pixels share no cache sets
    bands, outside = source.bands(units, place)
    parts = min(blocks, -(-PIECES // (vectors * len(bands))))

    per_group, offsets = C // groups, []
    for back, _ in taps:
        tap = source.place(*(np.array(axis, int) for axis in back), place)
        offsets.append((tap[:, None] + np.arange(per_group) * lanes).ravel())
    first_taps, offsets = np.cumsum([0, *map(len, offsets)]), np.concatenate(offsets)
    numbers = np.concatenate([numbers for _, numbers in taps]).astype(np.int64)

    stand, phases = zip(*windows, strict=True)
    phases = np.ravel_multi_index(np.ix_(*phases), strides)  # (target)
    ranges = np.stack([first_taps[phases], np.diff(first_taps)[phases]], -1)  # (target, 2): first tap, number of taps
    candidates = [ranges, _without_padding(source, stand[0], phases, taps, ranges)]
    places = source.place(*stand, place)
    tables = min((_segments(bands, places, r.reshape(-1, 2), lanes, step) for r in candidates), key=lambda t: t[0])[1:]
    size = source.height(units) * prod(source.length[1:]) * place
    tables = groups, rows, step, parts, size, lanes, tables[0], source.inside(place), outside, *tables[1:], offsets
    of_target, of_source = order
    where = (numbers[:, None] + np.arange(per_group) * of_source).ravel()
    order = groups, rows, O // groups, of_target, where
    return Product(
        blocks, blocks * rows * offsets.size, order, vectors * len(bands) * parts, np.zeros(O, dtype), tables
    )


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
    return min((ROWS, VECTORS), (LOW_ROWS, LOW_VECTORS), key=lambda shape: -(-channels // shape[0]) * shape[0])


def _segments(bands, places, ranges, lanes, step):
    """The cost in tiles · taps; then bands, chunks, segments, places and targets, as kernels' images.py wants them."""
    cost, count, chunks, segments, order, targets = 0, 0, [], [], [], []
    bands = bands.copy()
    for band in bands:
        start, stop = band[5:]
        band[5] = len(chunks)
        for q in range(start, stop, CHUNK):
            here = ranges[q : min(q + CHUNK, stop)]
            first = len(segments)
            for taps in np.unique(here, axis=0):
                own = np.flatnonzero((here == taps).all(1))
                spare = -len(own) % step  # whole tiles: the last ones compute something for a spare place
                order.append(places[q + np.pad(own, (0, spare), "edge")] + band[2])
                targets.append(np.pad(own, (0, spare), constant_values=CHUNK) * lanes)
                segments.append([count, count + len(own) + spare, *taps])
                count += len(own) + spare
                cost += (len(own) + spare) * taps[1]
            chunks.append([first, len(segments), q, len(here)])
        band[6] = len(chunks)
    tables = (np.array(t, np.int64) for t in (chunks, segments))
    return cost, bands, *tables, np.concatenate(order).astype(np.int64), np.concatenate(targets).astype(np.int64)


class Inner(NamedTuple):
    """How to call kernels.conv.grad_weight, and the shape of its totals."""

    pieces: int
    totals: tuple
    tables: tuple


@lru_cache(maxsize=512)
def grad_weight(g, N, C, O, dtype):
    """The Inner products for dw from x and dy. How they are cut up does not depend on the number of threads."""
    source, lanes = source_of_windows(g), BYTES // dtype.itemsize
    vectors, blocks = -(-N // lanes), g.groups * -(-O // g.groups // DOT_ROWS)
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
    K, size = offsets.size, -(-DOT_ROWS * DOT_COLUMNS // lanes) * lanes
    tiles = -(-K // DOT_COLUMNS)
    offsets = np.append(offsets, np.zeros(tiles * DOT_COLUMNS - K, np.int64))
    most = max(1, (1 << 20) // (O * K))  # totals are as large as the weights: not too many of them
    pieces = min(vectors * len(bands), PIECES, most)
    parts = min(blocks, -(-PIECES // pieces))
    tables = (
        g.groups, parts, channel, bands, source.inside(lanes), outside, dy_channel, dy_bands, dy_inside, places, offsets
    )  # fmt: skip
    return Inner(pieces * parts, (pieces, blocks, tiles, size), tables)
