"""Pooling, as a forward pass and its pull-back."""

import numpy as np

from ..kernels import pool as kernels
from ..kernels._jit import parallel_for
from ..tensor import differentiable
from . import _checks
from .conv import crop, pad

__all__ = ["avg_pool2d", "avg_pool2d_vjp", "max_pool2d", "max_pool2d_vjp"]


def max_pool2d_vjp(x, kernel_size, stride=None, padding=0, dilation=1):
    r"""The largest number in each window. Its gradient goes to that one place: the first, if several are equal.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    kernel_size, stride, padding, dilation : int or (int, int)
        In pixels. `stride` is `kernel_size` if left out; `padding` (with −∞) is at most half of `kernel_size`.

    Returns
    -------
    ndarray, shape (N, C, OH, OW)
        OH = floor((H + 2·padding − dilation·(KH − 1) − 1) / stride) + 1, and OW alike.

    Raises
    ------
    TypeError, ValueError
        If x is not a floating point batch of images, or the window does not fit.

    Example
    -------
    >>> max_pool2d(np.array([[[[1.0, 3, 2, 0], [4, 2, 1, 1]]]]), 2)
    array([[[[4., 2.]]]])
    """
    kernel, stride, padding, dilation, size = _window("max_pool2d", x, kernel_size, stride, padding, dilation)
    N, C, H, W = x.shape
    xp = pad(x, padding, -np.inf)
    y = np.empty((N, C, *size), x.dtype)
    index = np.empty(y.shape, np.int32)
    parallel_for(kernels.max_pool_forward, N * C, xp, kernel, stride, dilation, y, index)
    shape = xp.shape

    def vjp(dy):
        dxp = np.zeros(shape, dy.dtype)
        parallel_for(kernels.max_pool_grad, N * C, dy, index, dxp.reshape(N, C, shape[2] * shape[3]))
        return (crop(dxp, padding),)

    return y, vjp


def avg_pool2d_vjp(x, kernel_size, stride=None, padding=0, count_include_pad=True):
    r"""The mean of each window. Its gradient is shared equally among the window's pixels.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    kernel_size, stride, padding : int or (int, int)
        In pixels. `stride` is `kernel_size` if left out; `padding` (with 0) is at most half of `kernel_size`.
    count_include_pad : bool
        Whether the zeros of the padding count in the mean.

    Returns
    -------
    ndarray, shape (N, C, OH, OW)
        OH = floor((H + 2·padding − KH) / stride) + 1, and OW alike.

    Raises
    ------
    TypeError, ValueError
        If x is not a floating point batch of images, or the window does not fit.

    Example
    -------
    >>> avg_pool2d(np.array([[[[1.0, 3, 2, 0], [4, 2, 1, 1]]]]), 2)
    array([[[[2.5, 1. ]]]])
    """
    kernel, stride, padding, _, size = _window("avg_pool2d", x, kernel_size, stride, padding, 1)
    N, C, H, W = x.shape
    xp = pad(x, padding)
    if count_include_pad:
        divisor = np.full(size, kernel[0] * kernel[1], x.dtype)
    else:  # how many real pixels each window holds: the pooling's own sum, of ones
        ones, divisor = pad(np.ones((1, 1, H, W), x.dtype), padding), np.empty((1, 1, *size), x.dtype)
        kernels.avg_pool_forward(0, 1, ones, kernel, stride, np.ones(size, x.dtype), divisor)
        divisor = divisor[0, 0]
    y = np.empty((N, C, *size), x.dtype)
    parallel_for(kernels.avg_pool_forward, N * C, xp, kernel, stride, divisor, y)
    shape = xp.shape

    def vjp(dy):
        dxp = np.zeros(shape, dy.dtype)
        parallel_for(kernels.avg_pool_grad, N * C, dy, kernel, stride, divisor, dxp)
        return (crop(dxp, padding),)

    return y, vjp


def _window(where, x, kernel_size, stride, padding, dilation):
    _checks.images(where, x)
    kernel = _checks.pair(where, "kernel_size", kernel_size, 1)
    stride = kernel if stride is None else _checks.pair(where, "stride", stride, 1)
    padding = _checks.pair(where, "padding", padding, 0)
    dilation = _checks.pair(where, "dilation", dilation, 1)
    if any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        raise ValueError(
            f"{where}: padding must be at most half of kernel_size, but padding={padding} and kernel_size={kernel}. "
            "A window of padding alone has nothing to pool."
        )
    return kernel, stride, padding, dilation, _checks.output_size(where, x.shape[2:], kernel, stride, padding, dilation)


max_pool2d = differentiable(max_pool2d_vjp)
avg_pool2d = differentiable(avg_pool2d_vjp)
