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

``plan(job)`` of such a file returns one sentence that says why it does not, or a function that computes the product.
This function is called with flat, contiguous arrays that fit (see geometry.py), and fills the last one:

    forward        f(x, w, bias, y)
    grad_input     f(dy, w, bias, dx)       bias: zeros
    grad_weight    f(x, dy, dw)

Plans are kept and called by many threads, so they are `partial`s of tables that nobody changes. If one returns True,
a sum on the way was not finite: what it has computed may be wrong, and a direct way begins anew.
"""

from functools import lru_cache
from math import prod

import numpy as np

from ...kernels import simd
from ...kernels.running.buffers import empty
from . import channels, columns, depthwise, images, plain, rows, winograd, winograd_rows
from .exact import exact_grad_input, exact_grad_weight
from .geometry import Job

# Asked in this order; the first one that has a plan computes the product. What saves multiplications comes first, then
# what fits few shapes, then what suits many; depthwise, channels and rows look themselves how well images would do.
# Where both Winograds fit (16 to 63 channels), winograd_rows is mostly faster for y, up to 1.4 times; for dw it makes
# little difference.
RULES = {
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
    y, bias = empty((len(x), len(w), prod(g.out)), x.dtype), np.zeros(len(w), x.dtype) if bias is None else bias
    if choose(job)(x, w, bias, y):
        choose(job, directly=True)(x, w, bias, y)
    return y


def grad_input(dy, w, g):
    """dx (N, C, pixels) from dy (N, O, pixels)."""
    job = Job("grad_input", g, len(dy), w.shape[1] * g.groups, len(w), dy.dtype)
    dx, bias = empty((len(dy), job.C, prod(g.size)), dy.dtype), np.zeros(job.C, dy.dtype)
    if choose(job)(dy, w, bias, dx):
        choose(job, directly=True)(dy, w, bias, dx)
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
    plain.grad_bias(dy, db)
    return db
