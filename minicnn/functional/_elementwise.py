"""How activations call their kernels."""

import numpy as np

from ..kernels.running.buffers import empty
from ..kernels.running.jit import parallel_for


def each(kernel, *arrays, settings=(), dtype=None):
    """``kernel(start, stop, *flat arrays, *settings, flat result)``: a new array of the first one's shape and dtype."""
    y = empty(arrays[0].shape, dtype or arrays[0].dtype)
    flat = [np.ascontiguousarray(a).reshape(-1) for a in arrays]
    parallel_for(kernel, y.size, *flat, *map(y.dtype.type, settings), y.reshape(-1), grain=32768)
    return y
