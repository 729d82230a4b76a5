"""Max unpooling, which puts numbers back where pooling found them: a forward pass and its pull-back."""

import numpy as np

from ..tape import differentiable
from . import _checks

__all__ = ["max_unpool2d", "max_unpool2d_vjp"]


def max_unpool2d_vjp(x, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Put each number back where `max_pool2d` (with ``return_indices=True``) found it; 0 elsewhere.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W) or (C, H, W)
    indices : ndarray of int, the shape of x
        Places in the output, read row by row. If two are equal, the later number stays.
    kernel_size, stride, padding : int or (int, int)
        Those of the pooling.
    output_size : tuple of int, optional
        The height and width to restore (or a whole shape that ends in them), where pooling had rounded them down.

    Returns
    -------
    ndarray, shape (N, C, OH, OW) or (C, OH, OW)
        OH = (H − 1) · stride − 2 · padding + KH unless `output_size` says otherwise, and OW alike.

    Raises
    ------
    TypeError, ValueError
        If shapes differ, or an index is outside of the output.

    Example
    -------
    >>> max_unpool2d(np.array([[[[7.0]]]]), np.array([[[[2]]]]), 2)
    array([[[[0., 0.],
             [7., 0.]]]])
    """
    _checks.floating("max_unpool2d", "x", x)
    indices = np.asarray(indices)
    if x.ndim not in (3, 4) or indices.shape != x.shape:
        raise ValueError(
            "max_unpool2d: x and indices must have one shape, (N, C, H, W) or (C, H, W), "
            f"not {x.shape} and {indices.shape}."
        )
    if indices.dtype.kind not in "iu":
        raise TypeError(f"max_unpool2d: indices must be ints, not dtype {indices.dtype}. Use those of max_pool2d.")
    kernel = _checks.per_axis("max_unpool2d", "kernel_size", kernel_size, 2, 1)
    stride = kernel if stride is None else _checks.per_axis("max_unpool2d", "stride", stride, 2, 1)
    padding = _checks.per_axis("max_unpool2d", "padding", padding, 2, 0)
    usual = [(n - 1) * s - 2 * p + k for n, s, p, k in zip(x.shape[-2:], stride, padding, kernel, strict=True)]
    if output_size is not None and not isinstance(output_size, (tuple, list)):
        raise TypeError(f"max_unpool2d: output_size must be a tuple of ints, not {output_size!r}.")
    size = tuple(usual if output_size is None else output_size[-2:])
    if not all(isinstance(n, (int, np.integer)) for n in size):
        raise TypeError(f"max_unpool2d: output_size must be a tuple of ints, not {output_size!r}.")
    if len(size) != 2 or not all(u - s < n < u + s for n, u, s in zip(size, usual, stride, strict=True)):
        raise ValueError(
            f"max_unpool2d: output_size must be less than stride={stride} away from {tuple(usual)}, not {output_size}."
        )
    pixels = size[0] * size[1]
    if indices.size and not (indices.min() >= 0 and indices.max() < pixels):
        raise ValueError(
            f"max_unpool2d: indices must be from 0 to {pixels - 1} for an output of {size}, but they go from "
            f"{indices.min()} to {indices.max()}. Pass the output_size that was pooled."
        )
    images = int(np.prod(x.shape[:-2]))
    places = (np.arange(images)[:, None], indices.reshape(images, x.shape[-2] * x.shape[-1]))
    y = np.zeros((images, pixels), x.dtype)
    y[places] = x.reshape(places[1].shape)
    return y.reshape(*x.shape[:-2], *size), lambda dy: (dy.reshape(images, pixels)[places].reshape(x.shape), None)


max_unpool2d = differentiable(max_unpool2d_vjp, arrays=2)
