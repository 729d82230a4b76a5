"""Which way a convolution is computed: this file is the table of rules.

A convolution has three products, y, dx and dw (and the sum db). A vector register holds 8 or 16 numbers, and the ways
differ in what these are:

    images          the same pixel of so many images; few images are cut into strips first
    rows            neighbouring pixels of a row
    channels        the same pixel of so many channels (for dw)
    depthwise       as rows, where each filter sees one channel only
    columns         what a window sees, copied into a row (im2col): hardly any windows, but many weights
    winograd        channels, in tiles of 2×2 sums with fewer multiplications: filters of 3×3, many channels
    winograd_rows   neighbouring pixels, likewise: 3×3, fewer channels
    plain           no vectors: the loops that everything else is tested against

Each is a file here, with the rule when it is taken and its tables, and a file in kernels/convolution, with the loops.
Its ``plan(job)`` returns a function that computes the product, or why it does not, in words.
"""

from functools import lru_cache
from math import prod

import numpy as np

from ...kernels import simd
from ...kernels.convolution.images import grad_bias as sum_of_channel
from ...kernels.running.buffers import empty
from ...kernels.running.jit import parallel_for
from . import channels, columns, depthwise, images, plain, rows, winograd, winograd_rows
from .exact import exact_grad_input, exact_grad_weight
from .geometry import Job

RULES = {  # asked in this order; the first one that has a plan computes the product
    "forward": (winograd_rows, winograd, depthwise, columns, rows, images, plain),
    "grad_input": (winograd_rows, winograd, depthwise, rows, images, plain),
    "grad_weight": (winograd, winograd_rows, depthwise, channels, images, plain),
}


INDIRECT = winograd_rows, winograd  # where sums of inputs can be infinite that are no sums of the convolution


@lru_cache(maxsize=1024)
def choose(job, directly=False):
    """The function that computes the product. If it returns True (Winograd's sums overflowed), do it directly."""
    return next(plan for way, plan in considered(job) if callable(plan) and not (directly and way in INDIRECT))


def considered(job):
    """Each way that is asked with its plan, or with the reason why it has none."""
    for way in RULES[job.product]:
        yield way, way.plan(job) if way is plain else no_vectors(job) or way.plan(job)


def no_vectors(job):
    """Why there is nothing for vectors to do, or ""."""
    if simd.NAME == "plain":
        return "there are no vectors on this machine, or MINICNN_SIMD says so"
    return "there is nothing to compute" if 0 in (job.N, job.C, job.O) else ""


def forward(x, w, bias, g):
    """y (N, O, pixels) from x (N, C, pixels) and w (O, C/groups, taps), both contiguous; g: a Geometry."""
    job = Job("forward", g, len(x), w.shape[1] * g.groups, len(w), x.dtype)
    y = empty((len(x), len(w), prod(g.out)), x.dtype)
    if choose(job)(x, w, bias, y):
        choose(job, directly=True)(x, w, bias, y)
    return y


def grad_input(dy, w, g):
    """dx (N, C, pixels) from dy (N, O, pixels)."""
    job = Job("grad_input", g, len(dy), w.shape[1] * g.groups, len(w), dy.dtype)
    dx = empty((len(dy), job.C, prod(g.size)), dy.dtype)
    if choose(job)(dy, w, None, dx):
        choose(job, directly=True)(dy, w, None, dx)
    if not np.isfinite(w).all():  # 0 · inf is NaN: what meets this weight must be what was an output, nothing else
        dx[:] = exact_grad_input(dy, w, g)
    return dx


def grad_weight(x, dy, w, g):
    """dw (O, C/groups, taps), like w."""
    job = Job("grad_weight", g, len(x), w.shape[1] * g.groups, len(w), x.dtype)
    dw = np.empty_like(w)
    choose(job)(x, dy, dw)
    if not np.isfinite(dw).all():  # as above: 0 · inf of x
        dw[:] = exact_grad_weight(x, dy, w, g)
    return dw


def grad_bias(dy):
    """db (O,)."""
    db = np.empty(dy.shape[1], dy.dtype)
    parallel_for(sum_of_channel, db.size, dy, db, grain=1 + (1 << 16) // max(1, dy.size // max(1, db.size)))
    return db
