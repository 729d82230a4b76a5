"""Convolutions whose vectors are runs of pixels: when they go to kernels' rows.py, and the tables that it wants."""

from functools import lru_cache, partial
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np

from ...kernels import simd
from ...kernels.convolution import rows as kernels
from ...kernels.division import ceil_div
from . import strips
from .geometry import Geometry
from .images import Call, call_correlate, pays, shape_of_tile
from .packing import SHARES


class Rows(NamedTuple):
    """What one channel sees of one: `image` is where it lies in the buffer (size, lines, dealt), `channel` how far it
    is to the next one, `gathered` where results lie, all for kernels' rows.py. For each phase, windows with the same
    taps: places, targets, offsets, and the numbers of the taps."""

    image: tuple
    channel: int
    gathered: tuple
    places: list
    targets: list
    offsets: list
    taps: list


FEW_PRODUCTS = 64  # of a sum, for which it pays in any case: measured


def plan(job):
    """Rows that fill their vectors as well as images would."""
    filled, cut = filled_by(job), strips.of(job)
    if filled < 0.8 * cut.filled:
        return f"rows would fill {filled:.0%} of its vectors, images {cut.filled:.0%}"
    taps, sources = prod(job.g.kernel), (job.O if job.product == "grad_input" else job.C) // job.g.groups
    # To store a part of a vector is slow, except with AVX-512: measured.
    as_well = cut.count == 1 and cut.filled >= filled and pays(job)
    if simd.NAME != "avx512" and as_well and (taps == 1 or taps * sources > FEW_PRODUCTS):
        return "images fill vectors as well, and storing rows under a mask takes longer than packing images"
    return any_rows(job)


def any_rows(job):
    """The plan, however short the rows."""
    return partial(call_correlate, kernels, forward_call(job) if job.product == "forward" else grad_input_call(job))


def filled_by(job):
    """The share of vectors of pixels that is for something. For those of images, pixels have to be transposed."""
    size, _, _, out, stride, _ = own_axes(as_one_row(job.g))
    width = (out if job.product == "forward" else size)[-1]
    filled = width / (ceil_div(width, job.lanes) * job.lanes) * (1 if width >= job.lanes else 0.8)
    if job.product == "grad_input":  # windows above and below dy see nothing but zeros
        filled *= min(1, out[0] * stride[0] / size[0])
    return filled


def forward_call(job):
    """The Call for y from x."""
    rows = over_x(as_one_row(job.g), job.lanes)
    where = [np.arange(job.C // job.g.groups * prod(job.g.kernel))]
    return _call(rows, where, where[0].size, job.C, job.O, job)


def grad_input_call(job):
    """The Call for dx from dy."""
    rows, taps, groups = over_dy(as_one_row(job.g), job.lanes), prod(job.g.kernel), job.g.groups
    filters = np.arange(job.O // groups) * (job.C // groups * taps)
    return _call(rows, [sums(filters, own) for own in rows.taps], taps, job.O, job.C, job)


def _call(rows, where, step, C, O, job):
    """From C channels to O. The weights of a channel of the target are at `where`, those of the next a step further."""
    groups, (tile_rows, vectors) = job.g.groups, shape_of_tile(O // job.g.groups)
    blocks = ceil_div(O // groups, tile_rows)
    parts = min(blocks, ceil_div(SHARES, max(1, job.N * groups)))
    offsets = [sums(np.arange(C // groups) * rows.channel, own) for own in rows.offsets]
    tables = whole_tiles(rows.places, rows.targets, offsets, vectors)
    tables = kernels.Tables(groups, tile_rows, vectors, parts, *rows.image, rows.gathered, *tables)
    where = np.concatenate(where)
    weights, size = (groups, tile_rows, O // groups, step, where), groups * blocks * tile_rows * where.size
    return Call(groups * blocks, size, weights, job.N * groups * parts, tables)


@lru_cache(maxsize=512)
def over_x(g, lanes, in_place=True):
    """Rows for y from x, which lies behind its padding, each row in as many planes as the stride is wide."""
    size, before, kernel, out, stride, dilation = own_axes(g)
    lengths = [
        max(b + n, (m - 1) * s + (k - 1) * d + 1)
        for n, b, k, m, s, d in zip(size, before, kernel, out, stride, dilation, strict=True)
    ]
    width, planes = out[-1], stride[-1]
    plane = ceil_div(lengths[-1], planes)
    lengths[-1] = planes * plane
    steps, starts = _steps(lengths), firsts(width, lanes)
    windows = [np.arange(m) * s * step for m, s, step in zip(out[:-1], stride, steps, strict=False)]
    taps = [np.arange(k) * d * step for k, d, step in zip(kernel, dilation, steps, strict=True)]
    taps[-1] = taps[-1] % planes * plane + taps[-1] // planes
    places, targets = sums(*windows, starts), sums(np.arange(prod(out[:-1])) * width, starts)
    image = _image(size, before, lengths, planes, in_place and width >= lanes)
    return Rows(*image, (width, 1, 0, width), [places], [targets], [sums(*taps)], [np.arange(prod(kernel))])


@lru_cache(maxsize=512)
def over_dy(g, lanes, in_place=True):
    """Rows for dx from dy, which lies behind zeros; pixels of x that are `stride` apart see it through the same taps.

    Pixel i of x was seen by y[t] through tap j if t · stride = i + before − j · dilation. So pixels that leave the same
    rest when i + before is divided by the stride share their taps: t = u − shift with u = (i + before) // stride.
    """
    size, before, kernel, out, stride, dilation = own_axes(g)
    most = [(k - 1) * d // s for k, d, s in zip(kernel, dilation, stride, strict=True)]  # shifts
    ahead = [max(0, shift - b // s) for shift, b, s in zip(most, before, stride, strict=True)]  # zeros before dy
    lengths = [
        zeros + max(m, (n - 1 + b) // s + 1) for zeros, m, n, b, s in zip(ahead, out, size, before, stride, strict=True)
    ]
    image = _image(out, ahead, lengths, 1, in_place and max(stride) == 1 and size[-1] >= lanes)
    planes = stride[-1]
    plane = size[-1] if planes == 1 else ceil_div(size[-1], planes * lanes) * lanes
    steps, per_tap, per_pixel = _steps(lengths), _steps(kernel), _steps([*size[:-1], planes * plane])
    phases = []
    for rests in product(*map(range, stride)):
        where, there, shifts, taps = [], [], [], []
        for a, (rest, s, d) in enumerate(zip(rests, stride, dilation, strict=True)):
            pixels = np.arange((rest - before[a]) % s, size[a], s)
            own = np.array([j for j in range(kernel[a])[::-1] if (j * d - rest) % s == 0], np.int64)
            where.append(((pixels + before[a]) // s - most[a] + ahead[a]) * steps[a])
            there.append(pixels * per_pixel[a])
            shifts.append((most[a] - (own * d - rest) // s) * steps[a])
            taps.append(own * per_tap[a])
        there[-1] = rests[-1] * plane + np.arange(len(where[-1]))
        starts = firsts(plane, lanes) if planes == 1 else np.arange(0, len(where[-1]), lanes)
        places, targets = sums(*where[:-1], where[-1][starts]), sums(*there[:-1], there[-1][starts])
        phases.append((places, targets, sums(*shifts), sums(*taps)))
    return Rows(*image, (size[-1], planes, before[-1], plane), *map(list, zip(*phases, strict=True)))


def _image(size, before, lengths, planes, in_place):
    """For an image behind zeros in `lengths`: size, lines, dealt, and how far it is to the next channel."""
    if in_place and planes == 1 and not any(before) and tuple(lengths) == tuple(size):
        return (0, np.arange(0), (size[-1], 1, 0, size[-1])), prod(size)
    lines = [(b + np.arange(n)) * step for n, b, step in zip(size, before, _steps(lengths), strict=True)]
    return (prod(lengths), sums(*lines[:-1], [0]), (size[-1], planes, before[-1], lengths[-1] // planes)), prod(lengths)


def as_one_row(g):
    """A convolution that sees single pixels has rows as long as the image."""
    if (*g.kernel, *g.stride, *g.before) == (1,) * 6 + (0,) * 3 and g.size == g.out:
        return Geometry.of((prod(g.size),), (0,), (1,), (1,), (1,), (prod(g.out),), g.groups)
    return g


def own_axes(g):
    """Size, padding before, kernel, size of the output, stride and dilation along the axes that there really are."""
    n = max([1] + [a + 1 for a in range(3) if (g.size[a], g.before[a], g.kernel[a], g.out[a]) != (1, 0, 1, 1)])
    return [t[:n] for t in (g.size, g.before, g.kernel, g.out, g.stride, g.dilation)]


def _steps(lengths):
    """From one place along each axis to the next."""
    return [prod(lengths[a + 1 :]) for a in range(len(lengths))]


def firsts(width, lanes):
    """Where the vectors of a row begin: the last one overlaps the one before it, or is the only one and sticks out."""
    return np.minimum(np.arange(0, width, lanes), max(0, width - lanes))


def sums(*indices):
    """All sums of an entry of each array, the last one's side by side: addresses from those along each axis."""
    return sum(np.ix_(*map(np.asarray, indices))).astype(np.int64).ravel()


def whole_tiles(places, targets, offsets, vectors):
    """The segments, and their tables in one. Each is filled up to whole tiles by repetition of its last vector."""
    fill = [(0, -len(own) % vectors) for own in places]
    stops, taps = (np.cumsum([0, *map(len, t)]) for t in (places, offsets))
    stops += np.cumsum([0, *(more for _, more in fill)])
    segments = np.stack([stops[:-1], stops[1:], taps[:-1], np.diff(taps)], 1)
    places, targets = (
        [np.pad(own, more, "edge") if own.size else own for own, more in zip(t, fill, strict=True)]
        for t in (places, targets)
    )
    return segments, *map(np.concatenate, (places, targets, offsets))
