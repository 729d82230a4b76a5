"""Convolutions with one channel in a group: when they go to kernels' depthwise.py, and the tables that it wants."""

from functools import lru_cache, partial
from math import prod

import numpy as np

from ...kernels import simd
from ...kernels.convolution import depthwise
from ...kernels.division import ceil_div
from ...kernels.running.jit import parallel_for
from .rows import any_rows, over_dy, over_x, own_axes, sums

PER_IMAGES = 1.9  # a vector of images takes so many times as long as one of pixels: measured


def plan(job):
    """One channel in each group."""
    g = job.g
    if g.groups != job.C or job.O > 4 * job.C:
        return f"each filter sees {job.C // g.groups} channels, or more than four see the same one"
    columns = own_axes(g)[3][-1]
    rows, images = ceil_div(columns, job.lanes) / columns * job.N, ceil_div(job.N, job.lanes) * PER_IMAGES
    if rows >= images:
        return "images fill vectors better than rows of pixels"
    if job.product == "grad_weight":
        return partial(grad_weight, g)
    tables = _over_x(g, job.lanes) if job.product == "forward" else g.groups == job.O and _over_dy(g, job.lanes)
    return partial(correlate, g.groups, tables) if tables else any_rows(job)


def correlate(groups, tables, x, w, bias, y):
    """Fill y from x, or dx from dy."""
    *tables, order = tables
    w = w.reshape(len(w), -1)[:, order].reshape(-1)
    parallel_for(depthwise.correlate, len(x) * groups, x, y, w, bias, groups, *tables)


def grad_weight(g, x, dy, dw):
    """Fill dw, like w, from x and dy."""
    tables = _grad_weight(g, simd.BYTES // x.itemsize)
    parallel_for(depthwise.grad_weight, g.groups, x, dy, dw.reshape(-1), g.groups, *tables)


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
    vectors = ceil_div(width, lanes)
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
