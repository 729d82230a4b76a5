"""Convolutions with one channel in a group: when they go to kernels/depthwise.py, and the tables that it wants."""

from functools import lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np

from ..kernels import depthwise, simd
from ..kernels._jit import parallel_for


def pays(g, x, w):
    """Whether vectors of pixels have less to spare than vectors of images, each of which takes 1.9 times as long."""
    if w.shape[1] > 1 or len(w) > 4 * g.groups or not x.size or simd.NAME == "plain":
        return False
    lanes, columns = _lanes(x), g.out[_axes(g) - 1]
    return -(-columns // lanes) / columns * len(x) < -(-len(x) // lanes) * 1.9


def forward(x, w, bias, y, g):
    """y (N, O, pixels) from x (N, C, pixels) and w (O, 1, taps)."""
    bias = np.zeros(len(w), w.dtype) if bias is None else bias
    _correlate(x, w, bias, y, g, _forward_tables(g, _lanes(x)))


def grad_input(dy, w, dx, g):
    """dx (N, C, pixels) from dy."""
    t = _grad_input_tables(g, _lanes(dy), len(w) // g.groups)
    _correlate(dy, w.reshape(g.groups, -1)[:, t.order], np.zeros(g.groups, w.dtype), dx, g, t)


def grad_weight(x, dy, dw, g):
    """dw, like w, from x and dy."""
    t = _grad_weight_tables(g, _lanes(x))
    parallel_for(depthwise.grad_weight, g.groups, x, dy, dw.reshape(-1), g.groups, *t)


def _correlate(x, w, bias, y, g, t):
    parallel_for(depthwise.correlate, len(x) * g.groups, x, y, w.reshape(-1), bias, g.groups, *t[:-1])


def _lanes(x):
    return simd.BYTES // x.itemsize


class Tables(NamedTuple):
    """See kernels/depthwise.py. order: of the weights of a group, such that their taps are those of `offsets`."""

    size: int
    rows: np.ndarray
    dealt: tuple
    gathered: tuple
    segments: np.ndarray
    places: np.ndarray
    targets: np.ndarray
    offsets: np.ndarray
    nines: tuple
    order: np.ndarray = None


@lru_cache(maxsize=512)
def _forward_tables(g, lanes):
    """x lies behind its padding, each row in as many planes as the stride is wide."""
    size, before, kernel, out, stride, dilation = _own_axes(g)
    lengths = [
        max(b + n, (m - 1) * s + (k - 1) * d + 1)
        for n, b, k, m, s, d in zip(size, before, kernel, out, stride, dilation, strict=True)
    ]
    width, planes, plane, image_rows = out[-1], stride[-1], -(-lengths[-1] // stride[-1]), prod(out[:-1])
    lengths[-1] = planes * plane
    steps, firsts, last_taps = _steps(lengths), np.arange(0, width, lanes), np.arange(kernel[-1]) * dilation[-1]
    rows = [(b + np.arange(n)) * step for n, b, step in zip(size, before, steps, strict=True)]
    windows = [np.arange(m) * s * step for m, s, step in zip(out, stride, steps, strict=True)]
    taps = [np.arange(k) * d * step for k, d, step in zip(kernel, dilation, steps, strict=True)]
    offsets = _sums(*taps[:-1], last_taps % planes * plane + last_taps // planes)
    places, targets = _sums(*windows[:-1], firsts), _sums(np.arange(image_rows) * width, firsts)
    return Tables(
        prod(lengths), _sums(*rows[:-1], [0]), (size[-1], planes, before[-1], plane), (width, 1, 0, width),
        *_whole_tiles([places], [targets], [offsets], image_rows * width), _nines(g, steps, offsets, out),
    )  # fmt: skip


@lru_cache(maxsize=512)
def _grad_input_tables(g, lanes, filters):
    """dy lies behind zeros; pixels of x that are `stride` apart see it through the same taps.

    Pixel i of x was seen by y[t] through tap j if t · stride = i + before − j · dilation. So pixels that leave the same
    rest when i + before is divided by the stride share their taps: t = u − shift with u = (i + before) // stride.
    """
    size, before, kernel, out, stride, dilation = _own_axes(g)
    most = [(k - 1) * d // s for k, d, s in zip(kernel, dilation, stride, strict=True)]  # shifts
    ahead = [max(0, shift - b // s) for shift, b, s in zip(most, before, stride, strict=True)]  # zeros before dy
    lengths = [
        zeros + max(m, (n - 1 + b) // s + 1) for zeros, m, n, b, s in zip(ahead, out, size, before, stride, strict=True)
    ]
    steps, per_tap, per_pixel = _steps(lengths), _steps(kernel), _steps(size)
    planes, plane = stride[-1], size[-1]
    if max(stride) > 1:  # rows are computed in another order: none may stick out
        plane = -(-size[-1] // (planes * lanes)) * lanes
    per_pixel = [step // size[-1] * planes * plane for step in per_pixel]
    places, targets, offsets, order = [], [], [], []
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
        places.append(_sums(*where[:-1], where[-1][::lanes]))
        targets.append(_sums(*there[:-1], there[-1][::lanes]))
        offsets.append(_sums(np.arange(filters) * prod(lengths), *shifts))
        order.append(_sums(np.arange(filters) * prod(kernel), *taps))
    rows = [(zeros + np.arange(m)) * step for zeros, m, step in zip(ahead, out, steps, strict=True)]
    tables = _whole_tiles(places, targets, offsets, prod(size[:-1]) * planes * plane)
    from_the_first = max(stride) == 1 and tables[1][0] == 0
    nines = _nines(g, steps, tables[-1], size) if from_the_first else (0, 0, 0, 0)
    return Tables(
        prod(lengths), _sums(*rows[:-1], [0]), (out[-1], 1, ahead[-1], lengths[-1]),
        (size[-1], planes, before[-1], plane), *tables, nines, np.concatenate(order),
    )  # fmt: skip


@lru_cache(maxsize=512)
def _grad_weight_tables(g, lanes):
    """As forward; and the rows of dy lie such that each is as many vectors as its windows."""
    t, width = _forward_tables(g, lanes), g.out[_axes(g) - 1]
    row = -(-width // lanes) * lanes
    dy_rows = np.arange(prod(g.out[: _axes(g) - 1])) * row
    offsets = np.pad(t.offsets, (0, -t.offsets.size % simd.WIDE_DOTS))
    vectors = len(dy_rows) * row // lanes
    return t.size, t.rows, t.dealt, t.places, dy_rows, (width, 1, 0, row), vectors, offsets, t.nines


def _axes(g):
    """How many axes there really are."""
    return max([1] + [a + 1 for a in range(3) if (g.size[a], g.before[a], g.kernel[a], g.out[a]) != (1, 0, 1, 1)])


def _own_axes(g):
    """Size, padding before, kernel, size of the output, stride and dilation along them."""
    return [t[: _axes(g)] for t in (g.size, g.before, g.kernel, g.out, g.stride, g.dilation)]


def _steps(lengths):
    """From one place along each axis to the next."""
    return [prod(lengths[a + 1 :]) for a in range(len(lengths))]


def _sums(*indices):
    """All sums of an entry of each array, the last one's side by side: addresses from those along each axis."""
    return sum(np.ix_(*map(np.asarray, indices))).astype(np.int64).ravel()


def _whole_tiles(places, targets, offsets, spare):
    """The segments, and their tables in one. Each is filled up to whole tiles of vectors, which go to `spare`."""
    fill = [(0, -len(own) % simd.WIDE) for own in places]
    stops, taps = (np.cumsum([0, *map(len, t)]) for t in (places, offsets))
    stops += np.cumsum([0, *(more for _, more in fill)])
    segments = np.stack([stops[:-1], stops[1:], taps[:-1], np.diff(taps)], 1)
    places = [np.pad(own, more, "edge") for own, more in zip(places, fill, strict=True)]
    targets = [np.pad(own, more, constant_values=spare) for own, more in zip(targets, fill, strict=True)]
    return segments, *map(np.concatenate, (places, targets, offsets))


def _nines(g, steps, offsets, windows):
    """What `nine` wants; zeros if it is not made for this convolution: of 3×3 taps, with a stride of 1 or 2."""
    usual = (*g.kernel, *g.dilation[:2]) == (3, 3, 1, 1, 1) and g.stride[:2] in ((1, 1), (2, 2))
    if not usual or (len(steps), len(offsets)) != (2, 9) or windows[0] < depthwise.HIGH:
        return 0, 0, 0, 0
    return steps[0], int(offsets[1]), int(offsets[2]), g.stride[0]
