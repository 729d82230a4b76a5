"""Making images larger: interpolation, unpooling, and pixels from channels. Forward passes and their pull-backs."""

import numpy as np

from ..tape import differentiable
from . import _checks
from ._broadcast import array
from .shape import permute_vjp, reshape_vjp

__all__ = [
    "interpolate", "interpolate_vjp", "max_unpool2d", "max_unpool2d_vjp", "pixel_shuffle", "pixel_shuffle_vjp",
]  # fmt: skip

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


def pixel_shuffle_vjp(x, upscale_factor):
    """Turn r² channels into r × r pixels: (…, C·r², H, W) becomes (…, C, H·r, W·r).

    Parameters
    ----------
    x : ndarray, shape (…, C·r², H, W)
    upscale_factor : int
        r.

    Raises
    ------
    TypeError, ValueError
        If r² does not divide the channels.

    References
    ----------
    Shi et al., Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural
    network, arXiv:1609.05158.

    Example
    -------
    >>> pixel_shuffle(np.arange(4.0).reshape(4, 1, 1), 2)
    array([[[0., 1.],
            [2., 3.]]])
    """
    r = _checks.whole("pixel_shuffle", "upscale_factor", upscale_factor, 1)
    if array("pixel_shuffle", x).ndim < 3 or x.shape[-3] % (r * r):
        raise ValueError(
            f"pixel_shuffle: x must have shape (…, C·r², H, W), but r={r} and x has shape {x.shape}. "
            f"Use a number of channels that {r * r} divides."
        )
    *n, c, h, w = x.shape
    c //= r * r
    split, back1 = reshape_vjp(x, (*n, c, r, r, h, w))
    k = len(n)
    moved, back2 = permute_vjp(split, (*range(k + 1), k + 3, k + 1, k + 4, k + 2))  # (…, C, H, r, W, r)
    y, back3 = reshape_vjp(moved, (*n, c, h * r, w * r))
    return y, lambda dy: back1(*back2(*back3(dy)))


interpolate = differentiable(interpolate_vjp)
max_unpool2d = differentiable(max_unpool2d_vjp, arrays=2)
pixel_shuffle = differentiable(pixel_shuffle_vjp)
