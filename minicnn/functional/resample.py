"""Images of another size, by interpolation: a forward pass and its pull-back."""

import numpy as np

from .. import checks
from ..operation import differentiable
from .adaptive import adaptive_avg_pool1d_vjp, adaptive_avg_pool2d_vjp, adaptive_avg_pool3d_vjp
from .broadcasting import quiet

__all__ = ["interpolate", "interpolate_vjp"]

LINEAR = {3: "linear", 4: "bilinear", 5: "trilinear"}
AREA = {3: adaptive_avg_pool1d_vjp, 4: adaptive_avg_pool2d_vjp, 5: adaptive_avg_pool3d_vjp}


def interpolate_vjp(
    x, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None, antialias=False
):
    r"""Resample images to another size, axis by axis.

    Parameters
    ----------
    x : ndarray, shape (N, C, \*size)
        One, two or three axes of pixels.
    size : int or one for each axis, optional
        The new size.
    scale_factor : float or one for each axis, optional
        The new size as a multiple of the old one, rounded down; also the step between samples. One of the two.
    mode : {"nearest", "linear", "bilinear", "trilinear", "bicubic", "area", "nearest-exact"}
        "nearest": the pixel that the new pixel's first corner falls into; "nearest-exact": that of its centre. The
        linear modes: the weighted mean of the two pixels along each axis around the new pixel's centre (the name must
        fit the number of axes). "bicubic" (two axes): of four pixels, on a piecewise cubic curve. "area": the mean of
        the pixels that it covers, as `adaptive_avg_pool2d`.
    align_corners : bool, optional
        Linear and cubic modes only. True: the centres of the outermost pixels stay where they are; False, or left out:
        their outer edges do.
    recompute_scale_factor : bool, optional
        True: the step is old size / new size, and not 1 / scale_factor.
    antialias : bool
        "bilinear" and "bicubic" only. True: where the image shrinks, stretch the weights over all pixels that a new one
        covers.

    Returns
    -------
    ndarray, shape (N, C, \*new size)

    Raises
    ------
    TypeError, ValueError
        If not exactly one of `size` and `scale_factor` is given, or the mode does not fit.

    References
    ----------
    Keys, Cubic convolution interpolation for digital image processing, IEEE Transactions on Acoustics, Speech, and
    Signal Processing 29 (1981): "bicubic", with a = −0.75; −0.5 with `antialias`.

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
    checks.floating("interpolate", "x", x)
    if x.ndim not in LINEAR:
        raise ValueError(f"interpolate: x must have shape (N, C, …) with one to three axes of pixels, not {x.shape}.")
    smooth = (LINEAR[x.ndim], "bicubic") if x.ndim == 4 else (LINEAR[x.ndim],)
    words = ("nearest", "nearest-exact", "area", *smooth)
    checks.one_of("interpolate", f"mode for x of shape {x.shape}", mode, *words)
    checks.channels("interpolate", x)
    align_corners = _only_for("align_corners", align_corners, mode, smooth)
    antialias = _only_for("antialias", None if antialias is False else antialias, mode, ("bilinear", "bicubic"))
    new, steps = _new_size(x.shape[2:], size, scale_factor, recompute_scale_factor)
    if mode == "area":
        return AREA[x.ndim](x, new)
    # For each axis, from which old pixels each new one is made, and with which weights.
    axes, y = [], x
    for axis, (n, m, step) in enumerate(zip(x.shape[2:], new, steps, strict=True), 2):
        if m == n and (antialias or mode not in ("nearest-exact", "bicubic")):
            continue  # a copy, even if the factor is not 1: this and the next case are PyTorch's
        if m == 2 * n and mode == "nearest":
            step = 1 / 2
        index, weight = _samples(n, m, step, mode, align_corners, antialias)
        axes.append((axis, n, index, weight.astype(x.dtype)))
        y = _gather(y, *axes[-1])

    def vjp(dy):
        for each in axes:
            dy = _scatter(dy, *each)
        return (dy,)

    return y, vjp


@quiet
def _gather(x, axis, n, index, weight):
    """Along that axis, y[i] = Σ_t weight[t, i] · x[index[t, i]]."""
    x = np.moveaxis(x, axis, -1)
    return np.moveaxis(sum(x[..., i] * w for i, w in zip(index, weight, strict=True)), -1, axis)


@quiet
def _scatter(dy, axis, n, index, weight):
    """The pull-back of `_gather`. Each index[t] grows, so that the new pixels that saw an old one are neighbours."""
    dy = np.moveaxis(dy, axis, -1)
    dx = np.zeros((*dy.shape[:-1], n), dy.dtype)
    for i, w in zip(index, weight, strict=True):
        seen, first = np.unique(i, return_index=True)
        dx[..., seen] += np.add.reduceat(dy * w, first, axis=-1)
    return np.moveaxis(dx, -1, axis)


def _samples(n, m, step, mode, align_corners, antialias):
    """index, weight, both (samples, m): old pixel index[t, i] has weight[t, i] in new pixel i."""
    i = np.arange(m)
    if mode.startswith("nearest"):
        place = (i + (mode == "nearest-exact") / 2) * np.float32(step)
        index = place.astype(np.float32).astype(int)  # as PyTorch rounds it, where it is nearly a whole number
        return np.minimum(index, n - 1)[np.newaxis], np.ones((1, m))
    if align_corners:
        step = (n - 1) / (m - 1) if m > 1 else 0
    place = i * step if align_corners and not antialias else (i + 0.5) * step - 0.5
    radius, kernel = (2, _cubic) if mode == "bicubic" else (1, _triangle)
    width = max(step, 1) if antialias else 1
    first = np.floor(place - radius * width) + 1
    index = first + np.arange(np.ceil(2 * radius * width))[:, np.newaxis]  # (samples, m)
    weight = kernel(np.abs(index - place) / width, antialias)
    if antialias:
        weight[(index < 0) | (index >= n)] = 0
        weight /= weight.sum(0)
    return np.clip(index, 0, n - 1).astype(int), weight  # what lies outside is the outermost pixel


def _triangle(d, antialias):
    """The weight of a pixel at distance d."""
    return np.maximum(1 - d, 0)


def _cubic(d, antialias):
    a = -0.5 if antialias else -0.75
    near, far = ((a + 2) * d - (a + 3)) * d * d + 1, ((d - 5) * d + 8) * d * a - 4 * a
    return np.where(d < 1, near, np.where(d < 2, far, 0))


def _only_for(name, value, mode, modes):
    """A flag that some modes have, or None."""
    if value is None:
        return False
    if mode not in modes:
        raise ValueError(f'interpolate: {name} goes with {" and ".join(modes)} only, not with "{mode}". Leave it out.')
    return checks.flag("interpolate", name, value)


def _new_size(size, new, scale_factor, recompute):
    """The new size, and old pixels per new one along each axis."""
    nd = len(size)
    recompute = recompute is not None and checks.flag("interpolate", "recompute_scale_factor", recompute)
    if (new is None) == (scale_factor is None):
        raise ValueError("interpolate: give either size or scale_factor, not both and not neither.")
    if new is not None:
        if recompute:
            raise ValueError("interpolate: recompute_scale_factor goes with scale_factor only, not with size.")
        new = checks.per_axis("interpolate", "size", new, nd, 1)
        return new, [n / m for n, m in zip(size, new, strict=True)]
    factors = scale_factor if isinstance(scale_factor, (tuple, list)) else (scale_factor,) * nd
    factors = [checks.number("interpolate", "scale_factor", f) for f in factors]
    if len(factors) != nd or not all(0 < f < np.inf for f in factors):
        raise ValueError(f"interpolate: scale_factor must be positive, one or {nd} numbers, not {scale_factor!r}.")
    new = tuple(int(n * f) for n, f in zip(size, factors, strict=True))
    if 0 in new:
        raise ValueError(f"interpolate: scale_factor={scale_factor!r} leaves no pixel of {size}. Use a larger one.")
    return new, [n / m if recompute else 1 / f for n, m, f in zip(size, new, factors, strict=True)]


interpolate = differentiable(interpolate_vjp)
