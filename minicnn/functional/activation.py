"""Activations and (log-)softmax, as forward passes and their pull-backs. All keep shape and dtype."""

import numpy as np

from ..tensor import differentiable
from . import _checks

__all__ = [
    "log_softmax", "log_softmax_vjp", "relu", "relu_vjp", "sigmoid", "sigmoid_vjp", "softmax", "softmax_vjp",
    "tanh", "tanh_vjp",
]  # fmt: skip


def relu_vjp(x):
    """max(0, x). The pull-back lets the gradient through where x was positive.

    Example
    -------
    >>> relu(np.array([-1.0, 0, 2]))
    array([0., 0., 2.])
    """
    return np.maximum(x, 0), lambda dy: (dy * (x > 0),)


def tanh_vjp(x):
    """The hyperbolic tangent; its derivative is 1 − tanh².

    Example
    -------
    >>> tanh(np.array([-1000.0, 0, 1000]))
    array([-1.,  0.,  1.])
    """
    y = np.tanh(x)
    return y, lambda dy: (dy * (1 - y * y),)


def sigmoid_vjp(x):
    """1 / (1 + exp(−x)), without overflow; its derivative is y (1 − y).

    Example
    -------
    >>> sigmoid(np.array([-1000.0, 0, 1000]))
    array([0. , 0.5, 1. ])
    """
    _checks.floating("sigmoid", "x", x)
    e = np.exp(-np.abs(x))  # at most 1
    y = np.where(x < 0, e, 1) / (1 + e)
    return y, lambda dy: (dy * y * (1 - y),)


def softmax_vjp(x, dim=-1):
    r"""Positive numbers that sum to 1 along axis `dim`: :math:`y_k = e^{x_k} / \sum_l e^{x_l}`.

    The largest x is subtracted first, which changes nothing but prevents overflow.

    Example
    -------
    >>> softmax(np.array([1000.0, 1000, -1000]))
    array([0.5, 0.5, 0. ])
    """
    _axis("softmax", x, dim)
    y = np.exp(_shifted(x, dim))
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
    _axis("log_softmax", x, dim)
    shifted = _shifted(x, dim)
    y = shifted - np.log(np.exp(shifted).sum(dim, keepdims=True))
    # dy_k/dx_l = δ_kl − softmax_l
    return y, lambda dy: (dy - np.exp(y) * dy.sum(dim, keepdims=True),)


def _shifted(x, dim):
    largest = x.max(dim, keepdims=True, initial=-np.inf)
    return x - np.where(np.isfinite(largest), largest, 0)  # all −∞: leave them, the result is NaN


def _axis(where, x, dim):
    _checks.floating(where, "x", x)
    if not -x.ndim <= dim < x.ndim:
        raise ValueError(f"{where}: dim={dim} is not an axis of x, whose shape is {x.shape}.")


relu = differentiable(relu_vjp)
tanh = differentiable(tanh_vjp)
sigmoid = differentiable(sigmoid_vjp)
softmax = differentiable(softmax_vjp)
log_softmax = differentiable(log_softmax_vjp)
