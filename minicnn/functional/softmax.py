"""Softmax and its logarithm, as forward passes and their pull-backs."""

from math import prod

import numpy as np

from ..kernels import softmax as kernels
from ..kernels._buffers import empty
from ..kernels._jit import parallel_for
from ..tape import differentiable
from . import _checks

__all__ = ["log_softmax", "log_softmax_vjp", "softmax", "softmax_vjp"]


def softmax_vjp(x, dim=-1):
    r"""Positive numbers that sum to 1 along axis `dim`: :math:`y_k = e^{x_k} / \sum_l e^{x_l}`.

    The largest x is subtracted first, which changes nothing but prevents overflow.

    Example
    -------
    >>> softmax(np.array([1000.0, 1000, -1000]))
    array([0.5, 0.5, 0. ])
    """
    _checks.floating("softmax", "x", x)
    axis = _checks.axis("softmax", x, dim)
    y = _by_row(kernels.softmax, axis, x)
    return y, lambda dy: (_by_row(kernels.softmax_back, axis, dy, y),)


def log_softmax_vjp(x, dim=-1):
    r"""The logarithm of softmax, without taking the logarithm of 0: :math:`x_k - \log \sum_l e^{x_l}`.

    Example
    -------
    >>> log_softmax(np.array([1000.0, 0.0]))
    array([    0., -1000.])
    """
    _checks.floating("log_softmax", "x", x)
    axis = _checks.axis("log_softmax", x, dim)
    y = _by_row(kernels.log_softmax, axis, x)
    return y, lambda dy: (_by_row(kernels.log_softmax_back, axis, dy, y),)


def rows(x, axis):
    """x as contiguous rows (N, K) along an axis, the others in their order."""
    if x.ndim == 2 and axis == 1:
        return np.ascontiguousarray(x)
    before, K, after = prod(x.shape[:axis]), x.shape[axis], prod(x.shape[axis + 1 :])
    return np.ascontiguousarray(x.reshape(before, K, after).swapaxes(1, 2)).reshape(before * after, K)


def unrows(y, axis, shape):
    """What `rows` was made of: an array of that shape."""
    if y.shape == shape and axis == 1:
        return y
    before, K, after = prod(shape[:axis]), shape[axis], prod(shape[axis + 1 :])
    return y.reshape(before, after, K).swapaxes(1, 2).reshape(shape)


def row_grain(K):
    """How many rows are worth a thread."""
    return 1 + 16384 // max(K, 1)


def _by_row(kernel, axis, *arrays):
    shape = np.shape(arrays[0]) or (1,)
    flat = [rows(np.reshape(a, shape), axis) for a in arrays]
    y = empty(flat[0].shape, arrays[0].dtype)
    parallel_for(kernel, len(y), *flat, y, grain=row_grain(shape[axis]))
    return unrows(y, axis, shape).reshape(np.shape(arrays[0]))


softmax = differentiable(softmax_vjp)
log_softmax = differentiable(log_softmax_vjp)
