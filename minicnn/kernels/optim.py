"""Steps of optimisers, in one pass over a parameter p, its gradient g and its state, all flat. Index i owns p[i].

`s` holds the settings, in the order of the first line of each kernel.
"""

import math

import numpy as np

from .running.atomics import helper
from .running.jit import jit


@helper(fastmath=False)
def _sum(a, b, c):
    """a · b + c, rounded twice as in NumPy: who writes a step out by hand gets the same bits."""
    return a * b + c


@helper(fastmath=False)
def _downhill(sign, g, decay, p):
    """±g + decay · p; without decay there is no 0 · ∞."""
    return _sum(decay, p, sign * g) if decay > 0 else sign * g


@jit
def sgd(start, stop, p, g, s):
    """p ← p − lr · d with d = ±g + decay · p."""
    lr, sign, decay = s
    p, g = p[start:stop], g[start:stop]
    for i in range(p.size):
        p[i] = _sum(-lr, _downhill(sign, g[i], decay, p[i]), p[i])


@jit
def momentum(start, stop, p, g, b, s):
    """b ← keep · b + take · d, then p ← p − lr · b, or p − lr · (d + nesterov · b)."""
    lr, sign, decay, keep, take, nesterov = s
    p, g, b = p[start:stop], g[start:stop], b[start:stop]
    for i in range(p.size):
        d = _downhill(sign, g[i], decay, p[i])
        b[i] = _sum(keep, b[i], take * d)
        p[i] = _sum(-lr, _sum(nesterov, b[i], d) if nesterov > 0 else b[i], p[i])


@jit
def adam(start, stop, p, g, m, v, s):
    """Running means m of d and v of d², then p ← shrink · p − lr · (m / whole_m) / (√(v / whole_v) + eps)."""
    lr, sign, decay, shrink, keep_m, take_m, keep_v, take_v, whole_m, whole_v, eps = s
    p, g, m, v = p[start:stop], g[start:stop], m[start:stop], v[start:stop]
    for i in range(p.size):
        d = _downhill(sign, g[i], decay, p[i])
        m[i] = _sum(keep_m, m[i], take_m * d)
        v[i] = _sum(keep_v, v[i], take_v * (d * d))
        p[i] = _sum(-lr, (m[i] / whole_m) / (math.sqrt(v[i] / whole_v) + eps), shrink * p[i])


@jit
def sums_of_squares(start, stop, g, piece, sums):
    """sums[i] = the sum of the squares of the i-th `piece` numbers of g, in float64; index i owns sums[i]."""
    for i in range(start, stop):
        total = 0.0
        for value in g[i * piece : (i + 1) * piece]:
            total += np.float64(value) * np.float64(value)
        sums[i] = total
