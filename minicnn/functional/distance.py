"""Lengths of vectors, distances and angles between them, as forward passes and their pull-backs."""

import numpy as np

from .. import checks
from ..operation import differentiable
from .arithmetic import clamp_vjp, div_vjp
from .broadcasting import form, quiet, together, unbroadcast

__all__ = [
    "cosine_similarity", "cosine_similarity_vjp", "norm", "norm_vjp", "normalize", "normalize_vjp",
    "pairwise_distance", "pairwise_distance_vjp",
]  # fmt: skip


def norm_vjp(x, p="fro", dim=None, keepdim=False):
    r"""The length of x, seen as a vector: :math:`\left(\sum_i |x_i|^p\right)^{1/p}`.

    Parameters
    ----------
    x : ndarray, any shape
    p : float or "fro"
        2, or "fro": Euclidean. 1: sum of absolute values. ± inf: the largest, or smallest, of them; equal ones share
        the gradient. 0: how many are not 0; it has no gradient.
    dim : int, tuple of int, or None
        Axes; None for all.
    keepdim : bool
        Leave the axes there, with size 1.

    Returns
    -------
    ndarray
        The gradient of a vector of zeros is 0.

    Raises
    ------
    TypeError, ValueError
        If x is not floating point, has no axis `dim`, or is empty and p is below 0 or inf.

    Example
    -------
    >>> norm(np.array([3.0, -4.0])), norm(np.array([3.0, -4.0]), 1), norm(np.array([3.0, -4.0]), np.inf)
    (np.float64(5.0), np.float64(7.0), np.float64(4.0))
    """
    return _norm("norm", x, p, dim, keepdim)


@quiet
def _norm(where, x, p, dim, keepdim):
    checks.floating(where, "x", x)
    checks.flag(where, "keepdim", keepdim)
    axes = checks.axes(where, x, dim)
    p = 2.0 if isinstance(p, str) and p == "fro" else checks.number(where, "p", p)
    if p != p:
        raise ValueError(f"{where}: p must not be NaN. The usual one is 2.")
    if (p < 0 or p == np.inf) and any(x.shape[i] == 0 for i in axes):
        raise ValueError(f"{where}: the norm of nothing is not defined for p={p}, but x has shape {x.shape}. Use p=2.")
    size = np.abs(x)
    if np.isinf(p):
        y = (np.max if p > 0 else np.min)(size, axes, keepdims=True)
    elif p == 0:
        y = np.sum(x != 0, axes, dtype=x.dtype, keepdims=True)
    elif p == 2:
        y = np.sqrt(np.sum(size * size, axes, keepdims=True))
    else:
        y = np.sum(size**p, axes, keepdims=True) ** (1 / p)

    @quiet
    def vjp(dy):
        dy = np.reshape(dy, y.shape)
        direction = (x > 0).astype(x.dtype) - (x < 0)
        if p == 0:
            return (np.zeros_like(x),)
        if np.isinf(p):
            winners = (size == y) | np.isnan(x)
            return (direction * winners * (dy / np.sum(winners, axes, dtype=x.dtype, keepdims=True)),)
        # dy/dx = sign(x) |x|^(p−1) / y^(p−1); where that is 0 / 0, 0
        return (np.where(x == 0, 0, direction * size ** (p - 1)) * np.where(y == 0, 0, dy / y ** (p - 1)),)

    return (y if keepdim else np.squeeze(y, axes)[()]), vjp


def normalize_vjp(x, p=2.0, dim=1, eps=1e-12):
    """x divided by its `norm` along `dim`: vectors of length 1. Those shorter than `eps` are divided by it instead.

    Example
    -------
    >>> normalize(np.array([[3.0, 4.0], [0.0, 2.0]]))
    array([[0.6, 0.8],
           [0. , 1. ]])
    """
    size, of_size = _norm("normalize", x, p, dim, keepdim=True)
    length, of_length = clamp_vjp(size, checks.number("normalize", "eps", eps))
    y, of_quotient = div_vjp(x, length)

    def vjp(dy):
        dx, dlength = of_quotient(dy)
        return (dx + of_size(of_length(dlength)[0])[0],)

    return y, vjp


@quiet
def cosine_similarity_vjp(x1, x2, dim=1, eps=1e-8):
    r"""The cosine of the angle between vectors along axis `dim`: :math:`\frac{x_1 \cdot x_2}{|x_1| |x_2|}`.

    Parameters
    ----------
    x1, x2 : ndarray
        Of shapes that broadcast.
    dim : int
        The axis of the vectors, which the result does not have.
    eps : float
        The least length that is divided by.

    Raises
    ------
    TypeError, ValueError
        If x1 and x2 do not broadcast, or have no axis `dim`.

    Example
    -------
    >>> cosine_similarity(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[5.0, 0.0], [0.0, 5.0]]))
    array([1., 0.])
    """
    where = "cosine_similarity"
    of_1, of_2, eps = form(x1), form(x2), checks.number(where, "eps", eps, 0)
    a, b = np.broadcast_arrays(*together(where, x1, x2, floats=True))
    axes = checks.axes(where, a, dim)
    (a, length_a, along_a), (b, length_b, along_b) = (_scaled(v, axes, eps) for v in (a, b))
    y = np.sum(a * b, axes, keepdims=True)

    @quiet
    def vjp(dy):  # growing a vector makes a · b larger, and the length that it is divided by
        dy = np.reshape(dy, y.shape)
        da, db = dy * (b - y * along_a) / length_a, dy * (a - y * along_b) / length_b
        return unbroadcast(da, of_1), unbroadcast(db, of_2)

    return np.squeeze(y, axes)[()], vjp


def _scaled(x, axes, eps):
    """The vectors along an axis divided by their lengths, or by eps if that is more; what they were divided by; and
    the slope of the lengths: vectors of length 1, or 0 for one that is 0."""
    own = np.sqrt(np.sum(x * x, axes, keepdims=True))
    length = np.maximum(own, x.dtype.type(eps))
    return x / length, length, np.where(own == 0, 0, x / own)


def pairwise_distance_vjp(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """The `norm` of x1 − x2 + eps along the last axis; shapes are broadcast.

    Example
    -------
    >>> pairwise_distance(np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[4.0, 6.0], [0.0, 0.0]])).round(3)
    array([5., 0.])
    """
    where = "pairwise_distance"
    of_1, of_2, eps = form(x1), form(x2), checks.number(where, "eps", eps)
    a, b = together(where, x1, x2, floats=True)
    y, of_difference = _norm(where, a - b + a.dtype.type(eps), p, -1, keepdim)

    def vjp(dy):
        (d,) = of_difference(dy)
        return unbroadcast(d, of_1), unbroadcast(-d, of_2)

    return y, vjp


norm, normalize = map(differentiable, (norm_vjp, normalize_vjp))
cosine_similarity = differentiable(cosine_similarity_vjp, arrays=2)
pairwise_distance = differentiable(pairwise_distance_vjp, arrays=2)
