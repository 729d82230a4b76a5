"""Softmax, its logarithm and its opposite, as forward passes and their pull-backs."""

from math import prod

import numpy as np

from .. import checks
from ..kernels import softmax as kernels
from ..kernels.running.buffers import empty
from ..kernels.running.jit import parallel_for
from ..operation import differentiable
from .broadcasting import array, form, unbroadcast

__all__ = ["log_softmax", "log_softmax_vjp", "softmax", "softmax_vjp", "softmin", "softmin_vjp"]


def softmax_vjp(x, dim=None, *, dtype=None):
    r"""Positive numbers that sum to 1 along axis `dim`: :math:`y_k = e^{x_k} / \sum_l e^{x_l}`.

    The largest x is subtracted first, which changes nothing but prevents overflow.

    Parameters
    ----------
    x : ndarray, any shape
    dim : int, optional
        Better always given. If left out, it is 0 for 0, 1 or 3 axes, and 1 for others: PyTorch's old rule.
    dtype : np.float32 or np.float64, optional
        Convert x first.

    Returns
    -------
    ndarray of the shape of x

    Raises
    ------
    TypeError, ValueError
        If x is not floating point and no dtype is given, or `dim` is no axis.

    Example
    -------
    >>> softmax(np.array([1000.0, 1000, -1000]), 0)
    array([0.5, 0.5, 0. ])
    """
    a, axis = _prepared("softmax", x, dim, dtype)
    y, of_x = _by_row(kernels.softmax, axis, a), form(x)
    return y, lambda dy: (unbroadcast(_by_row(kernels.softmax_back, axis, dy, y), of_x),)


def log_softmax_vjp(x, dim=None, *, dtype=None):
    r"""The logarithm of softmax, without taking the logarithm of 0: :math:`x_k - \log \sum_l e^{x_l}`.

    Parameters
    ----------
    x : ndarray, any shape
    dim : int, optional
        Better always given: see `softmax`.
    dtype : np.float32 or np.float64, optional
        Convert x first.

    Returns
    -------
    ndarray of the shape of x

    Raises
    ------
    TypeError, ValueError
        If x is not floating point and no dtype is given, or `dim` is no axis.

    Example
    -------
    >>> log_softmax(np.array([1000.0, 0.0]), 0)
    array([    0., -1000.])
    """
    a, axis = _prepared("log_softmax", x, dim, dtype)
    y, of_x = _by_row(kernels.log_softmax, axis, a), form(x)
    return y, lambda dy: (unbroadcast(_by_row(kernels.log_softmax_back, axis, dy, y), of_x),)


def softmin_vjp(x, dim=None, *, dtype=None):
    """softmax(−x): the smallest x gets the largest share.

    Parameters
    ----------
    x : ndarray, any shape
    dim : int, optional
        Better always given: see `softmax`.
    dtype : np.float32 or np.float64, optional
        Convert x first.

    Returns
    -------
    ndarray of the shape of x

    Raises
    ------
    TypeError, ValueError
        If x is not floating point and no dtype is given, or `dim` is no axis.

    Example
    -------
    >>> softmin(np.array([1000.0, 1000, -1000]), 0)
    array([0., 0., 1.])
    """
    a, axis = _prepared("softmin", x, dim, dtype)
    (y, vjp), of_x = softmax_vjp(-a, axis), form(x)
    return y, lambda dy: (unbroadcast(-vjp(dy)[0], of_x),)


def _prepared(where, x, dim, dtype):
    """x, converted if so wished, and the axis that `dim` means."""
    if dtype is not None:
        try:
            known = np.dtype(dtype) in checks.FLOATS
        except TypeError:
            known = False
        if not known:
            raise TypeError(f"{where}: dtype must be np.float32 or np.float64, not {dtype!r}.")
        x = array(where, x).astype(dtype, copy=False)
    checks.floating(where, "x", x)
    if dim is None:
        dim = 0 if x.ndim in (0, 1, 3) else 1
    return x, checks.axis(where, x, dim)


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
softmin = differentiable(softmin_vjp)
