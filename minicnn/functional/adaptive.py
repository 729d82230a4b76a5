"""Pooling to a given size, whatever the size of the image, as a forward pass and its pull-back."""

from functools import lru_cache

import numpy as np

from .. import checks
from ..kernels.division import ceil_div
from ..operation import differentiable
from ._pooling import adaptive, max_of_windows, mean_of_windows, one_if_equal
from .windows import for_each_dimension

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool1d_vjp", "adaptive_avg_pool2d", "adaptive_avg_pool2d_vjp",
    "adaptive_avg_pool3d", "adaptive_avg_pool3d_vjp", "adaptive_max_pool1d", "adaptive_max_pool1d_vjp",
    "adaptive_max_pool2d", "adaptive_max_pool2d_vjp", "adaptive_max_pool3d", "adaptive_max_pool3d_vjp",
]  # fmt: skip


def adaptive_avg_poolNd_vjp(nd, x, output_size):
    r"""The mean of each of `output_size` windows that together cover the image; 1 is global average pooling.

    Window i of an axis goes from floor(i · size / out) to ceil((i + 1) · size / out): neighbours may overlap.

    Parameters
    ----------
    x : ndarray, shape (N, C, \*size) or (C, \*size)
        size is (L,), (H, W) or (D, H, W), in pixels.
    output_size : int or one for each axis
        None for an axis keeps its size.

    Returns
    -------
    ndarray, shape (N, C, \*output_size) or (C, \*output_size)

    Raises
    ------
    TypeError, ValueError
        If x is not a floating point batch of images.

    Example
    -------
    >>> adaptive_avg_poolNd(np.ones((2, 5, <7>)), 1).shape
    (2, 5, <1>)
    """
    where = f"adaptive_avg_pool{nd}d"
    out, windows = _windows(where, nd, x, output_size)
    return mean_of_windows(x, windows, out, _pixels_in_each_window(x.shape[2:], out))


def adaptive_max_poolNd_vjp(nd, x, output_size, return_indices=False):
    r"""The largest number in each of `output_size` windows that together cover the image.

    The windows are those of `adaptive_avg_poolNd`. The gradient goes to the first of equal numbers.

    Parameters
    ----------
    x : ndarray, shape (N, C, \*size) or (C, \*size)
        size is (L,), (H, W) or (D, H, W), in pixels.
    output_size : int or one for each axis
        None for an axis keeps its size.
    return_indices : bool
        Return also where each winner was, as its number in the image read row by row.

    Returns
    -------
    ndarray, shape (N, C, \*output_size) or (C, \*output_size)

    Raises
    ------
    TypeError, ValueError
        If x is not a floating point batch of images.

    Example
    -------
    >>> adaptive_max_poolNd(np.ones((2, 5, <7>)), 1).shape
    (2, 5, <1>)
    """
    where = f"adaptive_max_pool{nd}d"
    out, windows = _windows(where, nd, x, output_size)
    checks.channels(where, x)
    return max_of_windows(x, windows, out, return_indices)


def _windows(where, nd, x, output_size):
    """The output's size, and the tables for the kernels."""
    checks.images(where, nd, x)
    if 0 in x.shape[2:]:
        raise ValueError(f"{where}: x of shape {x.shape} has no pixels. Every axis after C needs at least 1.")
    wanted = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * nd
    if len(wanted) == nd:
        wanted = tuple(n if o is None else o for n, o in zip(x.shape[2:], wanted, strict=True))
    out = checks.per_axis(where, "output_size", wanted, nd, 0)
    return out, adaptive(x.shape[2:], out)


@lru_cache(maxsize=1024)
def _pixels_in_each_window(size, out):
    """The divisor of each mean: a number, or (outputs,)."""
    total = np.ones(())
    for n, o in zip(size, out, strict=True):
        i = np.arange(o)
        total = np.multiply.outer(total, ceil_div((i + 1) * n, max(o, 1)) - i * n // max(o, 1))
    return one_if_equal(total.ravel())


adaptive_avg_pool1d_vjp, adaptive_avg_pool2d_vjp, adaptive_avg_pool3d_vjp = for_each_dimension(adaptive_avg_poolNd_vjp)
adaptive_max_pool1d_vjp, adaptive_max_pool2d_vjp, adaptive_max_pool3d_vjp = for_each_dimension(adaptive_max_poolNd_vjp)
adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = map(
    differentiable, (adaptive_avg_pool1d_vjp, adaptive_avg_pool2d_vjp, adaptive_avg_pool3d_vjp)
)
adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = map(
    differentiable, (adaptive_max_pool1d_vjp, adaptive_max_pool2d_vjp, adaptive_max_pool3d_vjp)
)
