"""Images of another size, by interpolation: a forward pass and its pull-back."""

import numpy as np

from ..tape import differentiable
from . import _checks

__all__ = ["interpolate", "interpolate_vjp"]

LINEAR = {3: "linear", 4: "bilinear", 5: "trilinear"}


def interpolate_vjp(x, size=None, scale_factor=None, mode="nearest", align_corners=False):
    r"""Resample images to another size, axis by axis.

    Parameters
    ----------
    x : ndarray, shape (N, C, \*size)
        One, two or three axes of pixels.
    size : int or one for each axis, optional
        The new size.
    scale_factor : float or one for each axis, optional
        The new size as a multiple of the old one, rounded down; also the step between samples. One of the two.
    mode : {"nearest", "linear", "bilinear", "trilinear"}
        Take the pixel that the new pixel's corner falls into; or the weighted mean of the two pixels along each axis
        around the new pixel's centre (the name must fit the number of axes).
    align_corners : bool
        Linear modes only. True: the centres of the outermost pixels stay where they are; False: their outer edges do.

    Returns
    -------
    ndarray, shape (N, C, \*new size)

    Raises
    ------
    TypeError, ValueError
        If not exactly one of `size` and `scale_factor` is given, or the mode does not fit.

    Example
    -------
    >>> x = np.array([[[0.0, 3.0]]])
    >>> interpolate(x, size=4)
    array([[[0., 0., 3., 3.]]])
    >>> interpolate(x, size=4, mode="linear")
    array([[[0.  , 0.75, 2.25, 3.  ]]])
    >>> interpolate(x, size=4, mode="linear", align_corners=True)
    array([[[0., 1., 2., 3.]]])
    """
    _checks.floating("interpolate", "x", x)
    if x.ndim not in LINEAR:
        raise ValueError(f"interpolate: x must have shape (N, C, …) with one to three axes of pixels, not {x.shape}.")
    _checks.one_of("interpolate", f"mode for x of shape {x.shape}", mode, "nearest", LINEAR[x.ndim])
    if align_corners and mode == "nearest":
        raise ValueError('interpolate: align_corners goes with the linear modes only, not with "nearest".')
    _checks.channels("interpolate", x)
    new, scale = _new_size(x.shape[2:], size, scale_factor)
    # A matrix for each axis: new pixels = matrix · old pixels. Its transpose is the pull-back.
    matrices = [
        _matrix(n, m, s, mode, align_corners).astype(x.dtype) for n, m, s in zip(x.shape[2:], new, scale, strict=True)
    ]
    y = x
    for axis, matrix in enumerate(matrices, 2):
        y = _along(matrix, y, axis)

    def vjp(dy):
        for axis, matrix in enumerate(matrices, 2):
            dy = _along(matrix.T, dy, axis)
        return (dy,)

    return y, vjp


def _along(matrix, x, axis):
    return np.moveaxis(np.moveaxis(x, axis, -1) @ matrix.T, -1, axis)


def _new_size(size, new, scale_factor):
    """The new size, and old pixels per new one along each axis."""
    nd = len(size)
    if (new is None) == (scale_factor is None):
        raise ValueError("interpolate: give either size or scale_factor, not both and not neither.")
    if new is not None:
        new = _checks.per_axis("interpolate", "size", new, nd, 1)
        return new, [n / m for n, m in zip(size, new, strict=True)]
    factors = scale_factor if isinstance(scale_factor, (tuple, list)) else (scale_factor,) * nd
    factors = [_checks.number("interpolate", "scale_factor", f) for f in factors]
    if len(factors) != nd or not all(0 < f < np.inf for f in factors):
        raise ValueError(f"interpolate: scale_factor must be positive, one or {nd} numbers, not {scale_factor!r}.")
    new = tuple(int(n * f) for n, f in zip(size, factors, strict=True))
    if 0 in new:
        raise ValueError(f"interpolate: scale_factor={scale_factor!r} leaves no pixel of {size}. Use a larger one.")
    return new, [1 / f for f in factors]


def _matrix(n, m, step, mode, align_corners):
    """(m, n): which old pixels make each new one."""
    i, matrix = np.arange(m), np.zeros((m, n))
    if mode == "nearest":
        place = (i * np.float32(step)).astype(np.float32)  # as PyTorch rounds it, where it is nearly a whole number
        matrix[i, np.minimum(place.astype(int), n - 1)] = 1
        return matrix
    place = i * ((n - 1) / max(m - 1, 1)) if align_corners else np.maximum((i + 0.5) * step - 0.5, 0)
    before = np.minimum(place.astype(int), n - 1)
    after, part = np.minimum(before + 1, n - 1), place - before
    part[before == n - 1] = 0
    np.add.at(matrix, (i, before), 1 - part)
    np.add.at(matrix, (i, after), part)
    return matrix


interpolate = differentiable(interpolate_vjp)
