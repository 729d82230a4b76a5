"""Convolutions without vectors (kernels' plain.py): for a few numbers, and for machines that have none."""

from functools import partial
from math import prod

import numpy as np

from ...kernels.convolution import plain
from ...kernels.running.jit import parallel_for


def plan(job):
    """It always has one."""
    return partial(job.pick(forward, grad_input, grad_weight), job.g)


def forward(g, x, w, bias, y):
    """Fill y."""
    y[:] = bias[:, None]
    parallel_for(plain.forward, y.shape[0] * y.shape[1], g.pad(x), w, *g.offsets_and_places(), y)


def grad_input(g, dy, w, _, dx):
    """Fill dx."""
    offsets, places = g.offsets_and_places()
    padded = np.zeros((*dx.shape[:2], prod(g.padded)), dx.dtype)
    parallel_for(plain.grad_input, dx.shape[0] * dx.shape[1], w, _spread(dy, places), offsets, padded)
    dx[:] = g.crop(padded)


def grad_weight(g, x, dy, dw):
    """Fill dw."""
    offsets, places = g.offsets_and_places()
    dw[:] = 0
    parallel_for(plain.grad_weight, dw.shape[0] * dw.shape[1], g.pad(x), _spread(dy, places), offsets, dw)


def grad_bias(dy, db):
    """Fill db, whatever way the rest goes."""
    grain = 1 + (1 << 16) // max(1, dy.size // max(1, db.size))
    parallel_for(plain.grad_bias, db.size, dy, db, grain=grain)


def _spread(dy, places):
    """dy with zeros where a stride left none."""
    spread = np.zeros((*dy.shape[:2], places[-1] + 1), dy.dtype)
    parallel_for(plain.spread, dy.shape[0] * dy.shape[1], dy, places, spread)
    return spread
