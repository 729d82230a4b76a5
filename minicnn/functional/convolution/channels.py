"""When the weight gradient goes to kernels' channels.py, and its tables; compare images.py."""

from functools import partial
from math import prod

import numpy as np

from ...kernels.convolution import channels as kernels
from ...kernels.division import ceil_div
from ...kernels.simd import ROWS, VECTORS
from . import strips
from .images import GradWeightCall, call_grad_weight
from .packing import SHARES, source_of_windows

FASTER = 1.4  # than images, whose sums have to be added up lane by lane: measured


def plan(job):
    """Channels that fill vectors nearly as well as images would."""
    seen, images_filled = job.C // job.g.groups, strips.of(job).filled
    filled = seen / (ceil_div(seen, job.lanes) * job.lanes)
    if FASTER * filled < images_filled:
        return f"channels would fill {filled:.0%} of its vectors, images {images_filled:.0%}"
    return partial(call_grad_weight, kernels, grad_weight_call(job))


def grad_weight_call(job):
    """The GradWeightCall for dw from x and dy. How they are cut up does not depend on the number of threads."""
    _, g, N, C, O, dtype = job
    source, lanes = source_of_windows(g), job.lanes
    vectors, blocks = ceil_div(C // g.groups, lanes), g.groups * ceil_div(O // g.groups, ROWS)
    pixel, dy_pixel = ((n | 1) * lanes for n in (g.groups * vectors, ceil_div(O, lanes)))  # odd, as in images.py
    row, target_row, stride = prod(source.length[1:]), prod(g.out[1:]), g.stride[0]
    units = source.units(N, (row * pixel * stride + target_row * dy_pixel) * dtype.itemsize // stride)
    bands, outside = source.bands(units, pixel)
    dy_bands = np.array([[start, stop, -start * dy_pixel, 0, 0] for *_, start, stop in bands], np.int64)
    windows = source.place(*(np.arange(n) * s for n, s in zip((units, *g.out[1:]), g.stride, strict=True)), pixel)
    taps = source.place(*(np.arange(k) * d for k, d in zip(g.kernel, g.dilation, strict=True)), pixel)
    taps = (taps[:, None] + np.arange(vectors) * lanes).ravel()
    taps = np.pad(taps, (0, -taps.size % VECTORS))
    pieces = min(N * len(bands), SHARES, max(1, (1 << 20) // (O * taps.size * lanes)))
    parts = min(blocks, ceil_div(SHARES, pieces))
    size, dy_size = source.height(units) * row * pixel, units * target_row * dy_pixel
    dy_inside = np.arange(prod(g.out) + lanes) * dy_pixel
    tables = kernels.Tables(
        g.groups, parts, size, bands, source.inside(pixel), outside, dy_size, dy_bands, dy_inside, taps, windows,
    )  # fmt: skip
    return GradWeightCall(pieces * parts, (pieces, blocks, taps.size // VECTORS, ROWS, VECTORS, lanes), tables)
