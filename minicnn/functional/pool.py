"""Pooling in one, two and three dimensions, as a forward pass and its pull-back."""

from functools import lru_cache
from math import prod

import numpy as np

from .. import checks
from ..operation import differentiable
from ._pooling import max_of_windows, mean_of_windows, one_if_equal, sliding
from .arithmetic import abs_vjp, pow_vjp
from .windows import for_each_dimension

__all__ = [
    "avg_pool1d", "avg_pool1d_vjp", "avg_pool2d", "avg_pool2d_vjp", "avg_pool3d", "avg_pool3d_vjp", "lp_pool1d",
    "lp_pool1d_vjp", "lp_pool2d", "lp_pool2d_vjp", "lp_pool3d", "lp_pool3d_vjp", "max_pool1d", "max_pool1d_vjp",
    "max_pool2d", "max_pool2d_vjp", "max_pool3d", "max_pool3d_vjp",
]  # fmt: skip


def max_poolNd_vjp(nd, x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    r"""The largest number in each window. Its gradient goes to that one place: the first, if several are equal.

    Parameters
    ----------
    x : ndarray, shape (N, C, \*size) or (C, \*size)
        size is (L,), (H, W) or (D, H, W), in pixels.
    kernel_size, stride, padding, dilation : int or one for each axis
        In pixels. `stride` is `kernel_size` if left out; `padding` (with −∞) is at most half of `kernel_size`.
    ceil_mode : bool
        Round the number of windows up: the last one may stick out, if it begins inside the image or its first padding.
    return_indices : bool
        Return also where each winner was, as its number in the image read row by row: what `max_unpool2d` wants.

    Returns
    -------
    ndarray, shape (N, C, \*out) or (C, \*out)
        With out = floor((size + 2·padding − dilation·(kernel − 1) − 1) / stride) + 1 along each axis. With
        `return_indices` a pair of arrays of this shape.

    Raises
    ------
    TypeError, ValueError
        If x is not a floating point batch of images, or the window does not fit.

    Example
    -------
    >>> max_poolNd(np.ones((1, <4>)), 2).ravel()[:2]
    array([1., 1.])
    """
    where = f"max_pool{nd}d"
    kernel, stride, padding = _window(where, nd, x, kernel_size, stride, padding)
    dilation = checks.per_axis(where, "dilation", dilation, nd, 1)
    out, windows = _windows(where, x.shape[2:], kernel, stride, padding, dilation, ceil_mode)
    return max_of_windows(x, windows, out, return_indices)


def avg_poolNd_vjp(
    nd, x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    r"""The mean of each window. Its gradient is shared equally among the window's pixels.

    Parameters
    ----------
    x : ndarray, shape (N, C, \*size) or (C, \*size)
        size is (L,), (H, W) or (D, H, W), in pixels.
    kernel_size, stride, padding : int or one for each axis
        In pixels. `stride` is `kernel_size` if left out; `padding` (with 0) is at most half of `kernel_size`.
    ceil_mode : bool
        Round the number of windows up: the last one may stick out, if it begins inside the image or its first padding.
    count_include_pad : bool
        Whether the zeros of the padding count in the mean. What sticks out further never does.
    divisor_override : int, optional
        Divide the sums by this instead.

    Returns
    -------
    ndarray, shape (N, C, \*out) or (C, \*out)
        With out = floor((size + 2·padding − kernel) / stride) + 1 along each axis.

    Raises
    ------
    TypeError, ValueError
        If x is not a floating point batch of images, or the window does not fit.

    Example
    -------
    >>> avg_poolNd(np.ones((1, <4>)), 2).ravel()[:2]
    array([1., 1.])
    """
    where = f"avg_pool{nd}d"
    kernel, stride, padding = _window(where, nd, x, kernel_size, stride, padding)
    out, windows = _windows(where, x.shape[2:], kernel, stride, padding, (1,) * nd, ceil_mode)
    if divisor_override is not None:
        divisor = float(checks.whole(where, "divisor_override", divisor_override, 1))
    else:
        divisor = _pixels_in_each_window(x.shape[2:], kernel, out, stride, padding, count_include_pad)
    return mean_of_windows(x, windows, out, divisor)


def lp_poolNd_vjp(nd, x, norm_type, kernel_size, stride=None, ceil_mode=False):
    r"""The p-norm of each window: its sum for p = 1, its largest magnitude for p = ∞, and all between.

    .. math:: y = \Big(\sum_{x \in \text{window}} x^p\Big)^{1/p}

    There are no magnitudes in it: for an odd p, positive and negative numbers cancel, and the root of a negative sum
    is NaN.

    Parameters
    ----------
    x : ndarray, shape (N, C, \*size) or (C, \*size)
        size is (L,), (H, W) or (D, H, W), in pixels.
    norm_type : float
        p: any number but 0; −∞ gives the smallest magnitude.
    kernel_size, stride : int or one for each axis
        In pixels. `stride` is `kernel_size` if left out.
    ceil_mode : bool
        Round the number of windows up: the last one may stick out, and counts as if it went on like its part inside.

    Returns
    -------
    ndarray, shape (N, C, \*out) or (C, \*out)
        With out = floor((size − kernel) / stride) + 1 along each axis. Where the sum is 0, its gradient is 0.

    Raises
    ------
    TypeError, ValueError
        If x is not a floating point batch of images, p is 0, or the window does not fit.

    References
    ----------
    Sermanet, Chintala, LeCun, Convolutional neural networks applied to house numbers digit classification,
    arXiv:1204.3968.

    Example
    -------
    >>> lp_pool1d(np.array([[3.0, 4.0, 5.0, 12.0]]), 2, 2)
    array([[ 5., 13.]])
    """
    where = f"lp_pool{nd}d"
    p = checks.number(where, "norm_type", norm_type)
    if p == 0:
        raise ValueError(f"{where}: norm_type must not be 0, as there is no 0th root. Use 1, 2 or np.inf.")
    kernel, stride, padding = _window(where, nd, x, kernel_size, stride, 0)
    size = x.shape[2:]
    out, windows = _windows(where, size, kernel, stride, padding, (1,) * nd, ceil_mode)
    if np.isinf(p):  # for −∞ the smallest magnitude, so twice a change of sign: none in the pull-back
        sign = 1 if p > 0 else -1
        magnitudes, back1 = abs_vjp(x)
        y, back2 = max_of_windows(sign * magnitudes, windows, out, return_indices=False)
        return sign * y, lambda dy: back1(*back2(dy))
    divisor = _pixels_in_each_window(size, kernel, out, stride, padding, True) / prod(kernel)
    powers, back1 = pow_vjp(x, p)
    total, back2 = mean_of_windows(powers, windows, out, divisor)
    y, back3 = pow_vjp(total, 1 / p)

    def vjp(dy):
        d_total = np.where(total == 0, 0, back3(dy)[0])  # the root may be infinitely steep at 0
        return back1(*back2(d_total))[:1]

    return y, vjp


def _window(where, nd, x, kernel_size, stride, padding):
    checks.images(where, nd, x)
    checks.channels(where, x)
    kernel = checks.per_axis(where, "kernel_size", kernel_size, nd, 1)
    stride = kernel if stride is None else checks.per_axis(where, "stride", stride, nd, 1)
    padding = checks.per_axis(where, "padding", padding, nd, 0)
    if any(padding) and any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        raise ValueError(
            f"{where}: padding must be at most half of kernel_size, but padding={padding} and kernel_size={kernel}. "
            "A window of padding alone has nothing to pool."
        )
    return kernel, stride, padding


@lru_cache(maxsize=1024)
def _windows(where, size, kernel, stride, padding, dilation, ceil_mode):
    """Their number along each axis, and their tables."""
    out = _fit(where, size, kernel, stride, padding, dilation, ceil_mode)
    return out, sliding(size, kernel, out, stride, padding, dilation)


def _fit(where, size, kernel, stride, padding, dilation, ceil_mode):
    """The number of windows along each axis."""
    padded = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
    if not ceil_mode:
        return checks.output_size(where, padded, kernel, stride, dilation)
    # round up, as if the image went on; but the last window must begin before the padding at the end
    longer = tuple(n + s - 1 for n, s in zip(padded, stride, strict=True))
    out = checks.output_size(where, longer, kernel, stride, dilation)
    return tuple(o - ((o - 1) * s >= n + p) for o, s, n, p in zip(out, stride, size, padding, strict=True))


@lru_cache(maxsize=1024)
def _pixels_in_each_window(size, kernel, out, stride, padding, count_include_pad):
    """How many pixels count in each window's mean: a number, or (outputs,)."""
    total = np.ones(())
    for n, k, o, s, p in zip(size, kernel, out, stride, padding, strict=True):
        first = np.arange(o) * s - p
        low, high = (-p, n + p) if count_include_pad else (0, n)
        total = np.multiply.outer(total, np.minimum(first + k, high) - np.maximum(first, low))
    return one_if_equal(total.ravel())


max_pool1d_vjp, max_pool2d_vjp, max_pool3d_vjp = for_each_dimension(max_poolNd_vjp)
avg_pool1d_vjp, avg_pool2d_vjp, avg_pool3d_vjp = for_each_dimension(avg_poolNd_vjp)
lp_pool1d_vjp, lp_pool2d_vjp, lp_pool3d_vjp = for_each_dimension(lp_poolNd_vjp)
max_pool1d, max_pool2d, max_pool3d = map(differentiable, (max_pool1d_vjp, max_pool2d_vjp, max_pool3d_vjp))
avg_pool1d, avg_pool2d, avg_pool3d = map(differentiable, (avg_pool1d_vjp, avg_pool2d_vjp, avg_pool3d_vjp))
lp_pool1d, lp_pool2d, lp_pool3d = map(differentiable, (lp_pool1d_vjp, lp_pool2d_vjp, lp_pool3d_vjp))
