"""Convolutions with one channel in a group: when they go to kernels/depthwise.py, and the tables that it wants."""

from functools import lru_cache
from math import prod

import numpy as np

from ..kernels import depthwise, simd
from ..kernels._jit import parallel_for
from ._rows import over_dy, over_x, own_axes, sums


def pays(g, x, w):
    """Whether vectors of pixels have less to spare than vectors of images, each of which takes 1.9 times as long."""
    if w.shape[1] > 1 or len(w) > 4 * g.groups or not x.size or simd.NAME == "plain":
        return False
    lanes, columns = simd.BYTES // x.itemsize, own_axes(g)[3][-1]
    return -(-columns // lanes) / columns * len(x) < -(-len(x) // lanes) * 1.9


def correlate(product, x, w, bias, y, g):
    """Fill y from x, or dx from dy, if that is 3×3 taps on one channel. Returns whether it did."""
    t = (_over_x if product == "forward" else _over_dy)(g, simd.BYTES // x.itemsize)
    if t is None or product == "grad_input" and len(w) > g.groups:
        return False
    *tables, order = t
    w, bias = w.reshape(len(w), -1)[:, order].reshape(-1), np.zeros(len(w), w.dtype) if bias is None else bias
    parallel_for(depthwise.correlate, len(x) * g.groups, x, y, w, bias, g.groups, *tables)
    return True


def grad_weight(x, dy, dw, g):
    """Fill dw, like w, from x and dy."""
    parallel_for(
        depthwise.grad_weight, g.groups, x, dy, dw.reshape(-1), g.groups, *_grad_weight(g, simd.BYTES // x.itemsize)
    )


@lru_cache(maxsize=512)
def _over_x(g, lanes):
    rows = over_x(g, lanes, in_place=False)
    nines = _nines(g, rows, g.out)
    return (*rows.image, rows.gathered[0], nines, rows.taps[0]) if nines[0] else None


@lru_cache(maxsize=512)
def _over_dy(g, lanes):
    rows = over_dy(g, lanes, in_place=False)
    nines = _nines(g, rows, g.size) if max(g.stride) == 1 and rows.places[0][0] == 0 else (0,)
    return (*rows.image, rows.gathered[0], nines, rows.taps[0]) if nines[0] else None


@lru_cache(maxsize=512)
def _grad_weight(g, lanes):
    """As forward; and the rows of dy lie such that each is as many vectors as its windows."""
    rows, width = over_x(g, lanes, in_place=False), own_axes(g)[3][-1]
    vectors = -(-width // lanes)
    firsts, height = np.arange(vectors) * lanes, prod(g.out) // width
    places = sums(rows.places[0][::vectors], firsts)  # the last vector of a row sticks out, where dy has zeros
    offsets = np.pad(rows.offsets[0], (0, -rows.offsets[0].size % simd.WIDE_DOTS))
    dy_lines, dy_dealt = np.arange(height) * vectors * lanes, (width, 1, 0, vectors * lanes)
    return *rows.image, places, dy_lines, dy_dealt, height * vectors, offsets, _nines(g, rows, g.out)


def _nines(g, rows, windows):
    """What `nine` wants; zeros if it is not made for this convolution: of 3×3 taps, with a stride of 1 or 2."""
    usual = (*g.kernel, *g.dilation[:2]) == (3, 3, 1, 1, 1) and g.stride[:2] in ((1, 1), (2, 2))
    if not usual or g.kernel[2] > 1 or len(own_axes(g)[0]) > 2 or windows[0] < depthwise.HIGH:
        return 0, 0, 0, 0
    _, second, third, next_row, *_ = map(int, rows.offsets[0])
    return next_row, second, third, g.stride[0]
