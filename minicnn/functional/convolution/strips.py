"""A few large images as many small ones, so that images.py, for which a pixel is a vector of images, has enough.

Of one image with 32 rows, 16 strips make a whole vector of 16 lanes; they overlap by the rows that windows share.
"""

from functools import lru_cache
from math import prod
from typing import NamedTuple

from ...kernels.convolution import strips as kernels
from ...kernels.division import ceil_div
from ...kernels.running.buffers import empty
from ...kernels.running.jit import parallel_for
from .geometry import Geometry

WORTH_IT = 1.5  # times more work without strips, at least: to cut and join them takes time


class Strips(NamedTuple):
    """How many strips there are, the convolution of one, and its pixels (along each axis) in the source and the target.
    Strip number s of the source begins at row s · step + first. `filled`: the share of what is computed that is for
    something.
    """

    count: int
    geometry: Geometry
    source: tuple = ()
    target: tuple = ()
    step: int = 0
    first: int = 0
    filled: float = 1.0


@lru_cache(maxsize=512)
def of(job):
    """The Strips of a job, which may be a single one: the whole image."""
    return grad_input(job) if job.product == "grad_input" else forward(job)


def forward(job):
    """Strips for y from x, and for dw."""
    g, (count, rows, filled) = job.g, _count(job, job.g.out[0])
    if count == 1:
        return Strips(1, g, filled=filled)
    height = (rows - 1) * g.stride[0] + (g.kernel[0] - 1) * g.dilation[0] + 1
    h = _with_first_axis(g, height, 0, rows)
    return Strips(count, h, h.size, h.out, rows * g.stride[0], -g.before[0], filled)


def grad_input(job):
    """Strips for dx from dy: row i of x was seen by row (i + before − j · dilation) / stride of y through tap j."""
    g = job.g
    stride, before = g.stride[0], g.before[0]
    first = -(((g.kernel[0] - 1) * g.dilation[0] - before) // stride)  # row of y that the first rows of x need
    count, rows, filled = _count(job, ceil_div(g.size[0], stride), before >= first * stride)
    if count == 1:
        return Strips(1, g, filled=filled)
    before -= first * stride
    height = (rows * stride - 1 + before) // stride + 1
    h = _with_first_axis(g, rows * stride, before, height)
    return Strips(count, h, h.out, h.size, rows, first, filled)


def _with_first_axis(g, size, before, out):
    return g._replace(size=(size, *g.size[1:]), before=(before, *g.before[1:]), out=(out, *g.out[1:]))


def _count(job, rows, possible=True):
    """How many strips, how many rows each of them has, and the share of all that is computed that is for something."""
    N, lanes = job.N, job.lanes

    def work(count):
        return ceil_div(N * count, lanes) * ceil_div(rows, count)

    best = min(range(1, max(1, min(rows, lanes)) + 1), key=work)
    if not possible or work(best) * WORTH_IT > work(1):
        best = 1
    rows_of_one = ceil_div(rows, best)
    return ceil_div(rows, rows_of_one), rows_of_one, N * rows / (lanes * work(best)) if N * rows else 0.0


def by_strips(strips, run, x, w, bias, y):
    """Fill y, or dx from dy, with what `run` makes of strips of x."""
    parts = empty((len(x) * strips.count, y.shape[1], prod(strips.target)), y.dtype)
    run(cut(x, strips), w, bias, parts)
    join(parts, strips, y)


def grad_weight_by_strips(strips, run, x, dy, dw):
    """Fill dw with what `run` makes of strips of x and dy; those of dy do not overlap."""
    out = strips.geometry.out
    run(cut(x, strips), cut(dy, strips._replace(source=out, step=out[0], first=0)), dw)


def cut(images, strips):
    """All strips of the source from images (N, C, pixels)."""
    row = prod(strips.source[1:])
    parts = empty((len(images) * strips.count, images.shape[1], prod(strips.source)), images.dtype)
    rows = strips.step * row, strips.first * row
    parallel_for(kernels.cut, parts.shape[0] * parts.shape[1], images, strips.count, *rows, parts)
    return parts


def join(parts, strips, images):
    """What `parts` are strips of, in `images`."""
    parallel_for(kernels.join, images.shape[0] * images.shape[1], parts, strips.count, images)
