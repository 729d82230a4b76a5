"""Pooling to a given size, whatever the size of the image, as a forward pass and its pull-back."""

from itertools import product

import numpy as np

from ..tensor import differentiable
from . import _checks
from ._broadcast import quiet
from ._windows import for_each_dimension

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool1d_vjp", "adaptive_avg_pool2d", "adaptive_avg_pool2d_vjp",
    "adaptive_avg_pool3d", "adaptive_avg_pool3d_vjp", "adaptive_max_pool1d", "adaptive_max_pool1d_vjp",
    "adaptive_max_pool2d", "adaptive_max_pool2d_vjp", "adaptive_max_pool3d", "adaptive_max_pool3d_vjp",
]  # fmt: skip


@quiet
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
    y = np.empty((*x.shape[:2], *out), x.dtype)
    axes = tuple(range(2, nd + 2))
    for place, window in windows:
        y[place] = x[window].mean(axes)

    def vjp(dy):
        dx = np.zeros(x.shape, dy.dtype)
        for place, window in windows:
            pixels = np.prod([s.stop - s.start for s in window[2:]])
            dx[window] += (dy[place] / dy.dtype.type(pixels)).reshape(*x.shape[:2], *[1] * nd)
        return (dx,)

    return y, vjp


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
    _checks.channels(where, x)
    y = np.empty((*x.shape[:2], *out), x.dtype)
    index = np.empty(y.shape, np.int64)
    numbers = np.arange(np.prod(x.shape[2:])).reshape(x.shape[2:])
    for place, window in windows:
        values = x[window].reshape(*x.shape[:2], numbers[window[2:]].size)
        winner = values.argmax(-1)  # the first NaN, if there is one
        y[place] = np.take_along_axis(values, winner[..., None], -1)[..., 0]
        index[place] = numbers[window[2:]].ravel()[winner]

    def vjp(dy):
        dx = np.zeros((x.shape[0] * x.shape[1], numbers.size), dy.dtype)
        np.add.at(dx, (np.arange(len(dx))[:, None], index.reshape(len(dx), -1)), dy.reshape(len(dx), -1))
        return (dx.reshape(x.shape),)

    return ((y, index) if return_indices else y), vjp


def _windows(where, nd, x, output_size):
    """The output's size; and for each of its pixels the index of it and of its window."""
    _checks.images(where, nd, x)
    if 0 in x.shape[2:]:
        raise ValueError(f"{where}: x of shape {x.shape} has no pixels. Every axis after C needs at least 1.")
    wanted = output_size if isinstance(output_size, tuple | list) else (output_size,) * nd
    if len(wanted) == nd:
        wanted = tuple(n if o is None else o for n, o in zip(x.shape[2:], wanted, strict=True))
    out = _checks.per_axis(where, "output_size", wanted, nd, 0)
    ranges = [
        [slice(i * n // o, -(-(i + 1) * n // o)) for i in range(o)] for n, o in zip(x.shape[2:], out, strict=True)
    ]
    everything = (slice(None), slice(None))
    return out, [
        (everything + place, everything + tuple(r[i] for r, i in zip(ranges, place, strict=True)))
        for place in product(*map(range, out))
    ]


adaptive_avg_pool1d_vjp, adaptive_avg_pool2d_vjp, adaptive_avg_pool3d_vjp = for_each_dimension(adaptive_avg_poolNd_vjp)
adaptive_max_pool1d_vjp, adaptive_max_pool2d_vjp, adaptive_max_pool3d_vjp = for_each_dimension(adaptive_max_poolNd_vjp)
adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = map(
    differentiable, (adaptive_avg_pool1d_vjp, adaptive_avg_pool2d_vjp, adaptive_avg_pool3d_vjp)
)
adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = map(
    differentiable, (adaptive_max_pool1d_vjp, adaptive_max_pool2d_vjp, adaptive_max_pool3d_vjp)
)
