"""Softmax and its logarithm, as forward passes and their pull-backs."""

import numpy as np

from ..tensor import differentiable
from . import _checks

__all__ = ["log_softmax", "log_softmax_vjp", "softmax", "softmax_vjp"]


def softmax_vjp(x, dim=-1):
    r"""Positive numbers that sum to 1 along axis `dim`: :math:`y_k = e^{x_k} / \sum_l e^{x_l}`.

    The largest x is subtracted first, which changes nothing but prevents overflow.

    Example
    -------
    >>> softmax(np.array([1000.0, 1000, -1000]))
    array([0.5, 0.5, 0. ])
    """
    y = np.exp(_shifted("softmax", x, dim))
    y /= y.sum(dim, keepdims=True)
    # dy_k/dx_l = y_k (δ_kl − y_l), so dx = y · (dy − Σ_k dy_k y_k)
    return y, lambda dy: (y * (dy - (dy * y).sum(dim, keepdims=True)),)


def log_softmax_vjp(x, dim=-1):
    r"""The logarithm of softmax, without taking the logarithm of 0: :math:`x_k - \log \sum_l e^{x_l}`.

    Example
    -------
    >>> log_softmax(np.array([1000.0, 0.0]))
    array([    0., -1000.])
    """
    shifted = _shifted("log_softmax", x, dim)
    total = np.exp(shifted).sum(dim, keepdims=True)
    y = shifted - np.log(np.maximum(total, 1))  # it is at least 1, unless the axis is empty
    # dy_k/dx_l = δ_kl − softmax_l
    return y, lambda dy: (dy - np.exp(y) * dy.sum(dim, keepdims=True),)


def _shifted(where, x, dim):
    """x minus the largest number along `dim`. Where that is ±∞, softmax is not defined: the result is NaN."""
    _checks.floating(where, "x", x)
    axis = _checks.axis(where, x, dim)
    with np.errstate(invalid="ignore"):
        return np.asarray(x - x.max(axis, keepdims=True, initial=-np.inf))


softmax = differentiable(softmax_vjp)
log_softmax = differentiable(log_softmax_vjp)
