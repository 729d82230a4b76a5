"""Convolutions with hardly any windows, but many weights: what kernels' columns.py is for."""

from functools import partial
from math import prod

import numpy as np

from ...kernels.convolution import columns
from ...kernels.division import ceil_div
from ...kernels.running.buffers import empty
from ...kernels.running.jit import parallel_for
from ...kernels.simd import BYTES, DOT_COLUMNS, DOT_ROWS

WINDOWS, WEIGHTS = 16, 1 << 16  # of all images at most; at least: measured


def plan(job):
    """A few windows that see much, in whole vectors."""
    g, K = job.g, job.C * prod(job.g.kernel)
    windows, weights = job.N * prod(g.out), job.O * K
    if windows > WINDOWS or weights < WEIGHTS:
        return f"it is for at most {WINDOWS} windows and at least {WEIGHTS} weights, here {windows} and {weights}"
    if g.groups > 1 or K % job.lanes or job.O < DOT_ROWS:
        return f"it wants one group, whole vectors of {job.lanes} weights, and {DOT_ROWS} filters or more"
    return partial(forward, g)


def forward(g, x, w, bias, y):
    """Fill y."""
    (N, O, P), K = y.shape, w[0].size
    seen = empty((N * P, K), x.dtype)
    rows = np.minimum(np.arange(ceil_div(N * P, DOT_COLUMNS) * DOT_COLUMNS), N * P - 1) * K
    parallel_for(columns.see, N * P, g.pad(x), *g.offsets_and_places(), seen, grain=1 + (1 << 12) // K)
    arguments = seen, w.reshape(-1), np.arange(0, K, BYTES // x.itemsize), rows, bias, y
    parallel_for(columns.inner_products, ceil_div(O, DOT_ROWS), *arguments)
