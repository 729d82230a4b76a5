"""Some entries replaced: those of a mask, or on one side of a diagonal; as forward passes and their pull-backs."""

import numpy as np

from .. import checks
from ..operation import differentiable
from .broadcasting import array, common_dtype, form, together, unbroadcast

__all__ = ["masked_fill", "masked_fill_vjp", "tril", "tril_vjp", "triu", "triu_vjp"]


def masked_fill_vjp(x, mask, value):
    """x with `value`, one number, where `mask` (of bools) is true; x and mask are broadcast.

    Example
    -------
    >>> masked_fill(np.array([1.0, 2.0]), np.array([True, False]), -np.inf)
    array([-inf,   2.])
    """
    array("masked_fill", x)
    if getattr(mask, "dtype", None) != np.bool_:
        found = getattr(mask, "dtype", type(mask).__name__)
        raise TypeError(f"masked_fill: mask must be an array of bool, not {found}. Compare, as in x > 0.")
    if np.ndim(value):
        raise ValueError(f"masked_fill: value must be one number, not an array of shape {np.shape(value)}. Use where.")
    together("masked_fill", x, mask)  # their shapes must fit
    if common_dtype(x, *together("masked_fill", value)).kind != x.dtype.kind:
        raise TypeError(f"masked_fill: x of {x.dtype} has no room for {value!r}. Use x.astype(np.float32).")
    of_x, of_value = form(x), form(value)

    def vjp(dy):
        return unbroadcast(np.where(mask, 0, dy), of_x), None, unbroadcast(np.where(mask, dy, 0), of_value)

    return np.where(mask, np.asarray(value).astype(x.dtype), x), vjp


def tril_vjp(x, diagonal=0):
    """The lower triangle of each matrix (…, N, M), with zeros above its diagonal, or the one that many steps above it.

    Example
    -------
    >>> tril(np.ones((2, 3)))
    array([[1., 0., 0.],
           [1., 1., 0.]])
    """
    return _triangle("tril", np.tril, x, diagonal)


def triu_vjp(x, diagonal=0):
    """The upper triangle of each matrix (…, N, M), with zeros below its diagonal, or the one that many steps above it.

    Example
    -------
    >>> triu(np.ones((2, 3)))
    array([[1., 1., 1.],
           [0., 1., 1.]])
    """
    return _triangle("triu", np.triu, x, diagonal)


def _triangle(where, f, x, diagonal):
    diagonal = checks.whole(where, "diagonal", diagonal, -(2**62))
    if array(where, x).ndim < 2:
        raise ValueError(f"{where}: x must have at least two axes, not shape {x.shape}. Use unsqueeze first.")
    return f(x, diagonal), lambda dy: (f(dy, diagonal),)


masked_fill = differentiable(masked_fill_vjp, arrays=3)
tril, triu = map(differentiable, (tril_vjp, triu_vjp))
