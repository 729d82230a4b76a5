"""Convolution, as a forward pass and its pull-back."""

from functools import lru_cache
from math import prod

import numpy as np

from ..kernels import conv as kernels
from ..kernels._jit import parallel_for
from ..tensor import differentiable
from . import _checks

__all__ = ["conv2d", "conv2d_vjp"]


def conv2d_vjp(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1, *, needs=(True, True, True)):
    r"""Slide filters over images, and take an inner product at every position (a cross-correlation: no flip).

    .. math:: y_{n,o,h,w} = b_o + \sum_{c,i,j} w_{o,c,i,j}\; x_{n,\,c,\,h s + i d - p,\; w s + j d - p}

    with stride s, padding p (zeros) and dilation d.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    weight : ndarray, shape (O, C/groups, KH, KW)
    bias : ndarray, shape (O,), optional
    stride, padding, dilation : int or (int, int)
        In pixels, for rows and columns. `padding` is added on each of the two sides.
    groups : int
        Channels are split into that many groups; each filter sees one of them. ``groups=C`` is a depthwise convolution.
    needs : tuple of bool
        Which gradients the pull-back shall compute; the others are None.

    Returns
    -------
    ndarray, shape (N, O, OH, OW)
        With OH = floor((H + 2p − d(KH − 1) − 1) / s) + 1, and OW alike.

    Raises
    ------
    TypeError, ValueError
        If dtypes differ, shapes do not fit, or the window is larger than the padded image.

    References
    ----------
    V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285.

    Example
    -------
    >>> image = np.repeat([[10.0, 10, 10, 0, 0, 0]], 6, axis=0).reshape(1, 1, 6, 6)
    >>> edge = np.array([[1.0, 0, -1]] * 3).reshape(1, 1, 3, 3)
    >>> conv2d(image, edge)[0, 0, 0]
    array([ 0., 30., 30.,  0.])
    """
    _checks.conv("conv2d", x, weight, bias, groups)
    stride = _checks.pair("conv2d", "stride", stride, 1)
    padding = _checks.pair("conv2d", "padding", padding, 0)
    dilation = _checks.pair("conv2d", "dilation", dilation, 1)
    size = _checks.output_size("conv2d", x.shape[2:], weight.shape[2:], stride, padding, dilation)

    xp = np.ascontiguousarray(pad(x, padding))
    offsets, where = _tables(xp.shape[2:], weight.shape[2:], size, stride, dilation)
    x3 = xp.reshape(*x.shape[:2], prod(xp.shape[2:]))  # (N, C, pixels)
    w3 = np.ascontiguousarray(weight).reshape(*weight.shape[:2], prod(weight.shape[2:]))  # (O, C/groups, taps)
    (N, C), O = x.shape[:2], weight.shape[0]
    y3 = np.zeros((N, O, where.size), x.dtype)
    if bias is not None:
        y3 += bias[:, None]
    parallel_for(kernels.conv_forward, N * O, x3, w3, offsets, where, y3)

    def vjp(dy):
        dx = dw = db = None
        dy3 = np.ascontiguousarray(dy).reshape(y3.shape)
        dacc = np.zeros((N, O, where[-1] + 1), dy.dtype)
        parallel_for(kernels.conv_spread, N * O, dy3, where, dacc)
        if needs[0]:
            dx3 = np.zeros_like(x3)
            parallel_for(kernels.conv_grad_input, N * C, w3, dacc, offsets, dx3)
            dx = crop(dx3.reshape(xp.shape), padding)
        if needs[1]:
            dw3 = np.zeros_like(w3)
            parallel_for(kernels.conv_grad_weight, dw3.shape[0] * dw3.shape[1], x3, dacc, offsets, dw3)
            dw = dw3.reshape(weight.shape)
        if bias is not None and needs[2]:
            db = dy3.sum((0, 2))
        return dx, dw, db

    return y3.reshape(N, O, *size), vjp


@lru_cache(maxsize=256)
def _tables(size, kernel, out, stride, dilation):
    """Flat offset of each tap from its window's first pixel, and flat place of each window (see kernels/conv.py)."""

    def places(counts, step):
        steps = np.indices(counts).reshape(len(counts), -1) * np.reshape(step, (-1, 1))
        return np.ravel_multi_index(tuple(steps), size).astype(np.int64)

    return places(kernel, dilation), places(out, stride)


def pad(x, padding, value=0):
    """x (N, C, H, W) with `padding` = (rows, columns) of `value` on each side; x itself if there are none."""
    if padding == (0, 0):
        return x
    (ph, pw), (N, C, H, W) = padding, x.shape
    out = np.full((N, C, H + 2 * ph, W + 2 * pw), value, x.dtype)
    crop(out, padding)[...] = x
    return out


def crop(x, padding):
    """The view of x (N, C, H, W) without `padding` on each side: what undoes `pad`, and its pull-back."""
    ph, pw = padding
    return x[:, :, ph : x.shape[2] - ph, pw : x.shape[3] - pw]


conv2d = differentiable(conv2d_vjp, arrays=3)
