"""Max unpooling, which puts numbers back where pooling found them: a forward pass and its pull-back."""

from math import prod

import numpy as np

from .. import checks
from ..checks import SHAPES
from ..operation import differentiable
from .windows import for_each_dimension

__all__ = [
    "max_unpool1d", "max_unpool1d_vjp", "max_unpool2d", "max_unpool2d_vjp", "max_unpool3d", "max_unpool3d_vjp",
]  # fmt: skip


def max_unpoolNd_vjp(nd, x, indices, kernel_size, stride=None, padding=0, output_size=None):
    r"""Put each number back where `max_poolNd` (with ``return_indices=True``) found it; 0 elsewhere.

    Parameters
    ----------
    x : ndarray, shape (N, C, \*size) or (C, \*size)
        size is (L,), (H, W) or (D, H, W), in pixels.
    indices : ndarray of int, the shape of x
        Places in the output, read row by row. If two are equal, the later number stays.
    kernel_size, stride, padding : int or one for each axis
        Those of the pooling.
    output_size : tuple of int, optional
        The size to restore (or a whole shape that ends in it), where pooling had rounded it down.

    Returns
    -------
    ndarray, shape (N, C, \*out) or (C, \*out)
        With out = (size − 1) · stride − 2 · padding + kernel along each axis, unless `output_size` says otherwise.

    Raises
    ------
    TypeError, ValueError
        If shapes differ, or an index is outside of the output.

    Example
    -------
    >>> max_unpoolNd(np.full((1, 1, <1>), 7.0), np.full((1, 1, <1>), 1), 2).ravel()[:2]
    array([0., 7.])
    """
    where = f"max_unpool{nd}d"
    checks.floating(where, "x", x)
    indices = np.asarray(indices)
    if x.ndim not in (nd + 1, nd + 2) or indices.shape != x.shape:
        raise ValueError(
            f"{where}: x and indices must have one shape, {SHAPES[nd]} or {SHAPES[nd].replace('N, ', '')}, "
            f"not {x.shape} and {indices.shape}."
        )
    if indices.dtype.kind not in "iu":
        raise TypeError(f"{where}: indices must be ints, not dtype {indices.dtype}. Use those of max_pool{nd}d.")
    kernel = checks.per_axis(where, "kernel_size", kernel_size, nd, 1)
    stride = kernel if stride is None else checks.per_axis(where, "stride", stride, nd, 1)
    padding = checks.per_axis(where, "padding", padding, nd, 0)
    size = _size(where, x.shape[-nd:], kernel, stride, padding, output_size)
    pixels = prod(size)
    if indices.size and not (indices.min() >= 0 and indices.max() < pixels):
        raise ValueError(
            f"{where}: indices must be from 0 to {pixels - 1} for an output of {size}, but they go from "
            f"{indices.min()} to {indices.max()}. Pass the output_size that was pooled."
        )
    shape, images = x.shape, prod(x.shape[:-nd])
    places = (np.arange(images)[:, np.newaxis], indices.reshape(images, prod(shape[-nd:])))
    y = np.zeros((images, pixels), x.dtype)
    y[places] = x.reshape(places[1].shape)
    return y.reshape(*shape[:-nd], *size), lambda dy: (dy.reshape(images, pixels)[places].reshape(shape), None)


def _size(where, size, kernel, stride, padding, output_size):
    """The size of the output: what the formula says, or one that is near enough to have given this input."""
    usual = tuple((n - 1) * s - 2 * p + k for n, s, p, k in zip(size, stride, padding, kernel, strict=True))
    if output_size is None:
        wanted = usual
    else:
        if not isinstance(output_size, (tuple, list)) or not all(isinstance(n, (int, np.integer)) for n in output_size):
            raise TypeError(f"{where}: output_size must be a tuple of ints, not {output_size!r}.")
        wanted = tuple(output_size[-len(size) :])
        if len(wanted) != len(size) or not all(abs(n - u) < s for n, u, s in zip(wanted, usual, stride, strict=True)):
            raise ValueError(
                f"{where}: output_size must be less than stride={stride} away from {usual}, not {output_size}."
            )
    if min(wanted) < 1:
        raise ValueError(f"{where}: nothing is left of the output of {wanted}. Use less padding.")
    return wanted


max_unpool1d_vjp, max_unpool2d_vjp, max_unpool3d_vjp = for_each_dimension(max_unpoolNd_vjp, adds_n=False)
max_unpool1d, max_unpool2d, max_unpool3d = (
    differentiable(f, arrays=2) for f in (max_unpool1d_vjp, max_unpool2d_vjp, max_unpool3d_vjp)
)
