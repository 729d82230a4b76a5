"""When the weight gradient goes to kernels' channels.py, and its tables; compare images.py."""

from functools import partial
from math import prod

import numpy as np

from ...kernels.convolution import channels as kernels
from ...kernels.simd import ROWS, VECTORS
from . import strips
from .images import InnerCall, call_grad_weight
from .packing import PIECES, source_of_windows

FASTER = 1.4  # than images, whose sums have to be added up lane by lane: measured


def plan(job):
    """Channels that fill vectors nearly as well as images would."""
    seen, images_filled = job.C // job.g.groups, strips.of(job).filled
    filled = seen / (-(-seen // job.lanes) * job.lanes)
    if FASTER * filled < images_filled:
        return f"channels would fill {filled:.0%} of its vectors, images {images_filled:.0%}"
    return partial(call_grad_weight, kernels, kernels.add_tiles, grad_weight_call(job), strips.Strips(1, job.g))


def grad_weight_call(job):
    """The InnerCall for dw from x and dy. How they are cut up does not depend on the number of threads."""
    _, g, N, C, O, dtype = job
    source, lanes = source_of_windows(g), job.lanes
    vectors, blocks = -(-C // g.groups // lanes), g.groups * -(-O // g.groups // ROWS)
    pixel, dy_pixel = ((n | 1) * lanes for n in (g.groups * vectors, -(-O // lanes)))  # odd, as in images.py
    row, target_row, stride = prod(source.length[1:]), prod(g.out[1:]), g.stride[0]
    units = source.units(N, (row * pixel * stride + target_row * dy_pixel) * dtype.itemsize // stride)
    bands, outside = source.bands(units, pixel)
    dy_bands = np.array([[start, stop, -start * dy_pixel, 0, 0] for *_, start, stop in bands], np.int64)
    windows = [np.arange(n) * s for n, s in zip((units, *g.out[1:]), g.stride, strict=True)]
    taps = source.place(*(np.arange(k) * d for k, d in zip(g.kernel, g.dilation, strict=True)), pixel)
    places = (taps[:, None] + np.arange(vectors) * lanes).ravel()
    places = np.pad(places, (0, -places.size % VECTORS))
    pieces = min(N * len(bands), PIECES, max(1, (1 << 20) // (O * places.size * lanes)))
    parts = min(blocks, -(-PIECES // pieces))
    size, dy_size = source.height(units) * row * pixel, units * target_row * dy_pixel
    dy_inside = np.arange(prod(g.out) + lanes) * dy_pixel
    tables = kernels.Tables(
        g.groups, parts, size, bands, source.inside(pixel), outside, dy_size, dy_bands, dy_inside, places,
        source.place(*windows, pixel),
    )  # fmt: skip
    return InnerCall(pieces * parts, (pieces, blocks, places.size // VECTORS, ROWS, VECTORS, lanes), tables)
