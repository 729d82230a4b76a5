"""Losses, as a forward pass and its pull-back."""

import numpy as np

from ..tensor import differentiable
from . import _checks
from .softmax import log_softmax_vjp

__all__ = ["cross_entropy", "cross_entropy_vjp", "mse_loss", "mse_loss_vjp"]


def cross_entropy_vjp(x, target, reduction="mean"):
    r"""How surprised softmax(x) is by the right classes: :math:`-\log \mathrm{softmax}(x_n)_{t_n}`.

    Parameters
    ----------
    x : ndarray, shape (N, K)
        Scores (logits) of N samples for K classes, before any softmax.
    target : ndarray of int, shape (N,)
        The right classes, from 0 to K − 1.
    reduction : {"mean", "sum", "none"}
        What is done with the N numbers.

    Returns
    -------
    ndarray
        One number, in nats; with "none" shape (N,).

    Raises
    ------
    TypeError, ValueError
        If shapes or dtypes do not fit, or a target is no class.

    Example
    -------
    >>> cross_entropy(np.array([[0.0, 0.0]]), np.array([1]))  # log 2
    np.float64(0.6931471805599453)
    """
    _checks.floating("cross_entropy", "x", x)
    target = np.asarray(target)
    if x.ndim != 2 or target.shape != x.shape[:1]:
        raise ValueError(
            f"cross_entropy: x must have shape (N, K) and target shape (N,), not {x.shape} and {target.shape}."
        )
    if target.dtype.kind not in "iu":
        raise TypeError(
            f"cross_entropy: target must hold class numbers as ints, not dtype {target.dtype}. "
            "Use target.astype(np.int64)."
        )
    N, K = x.shape
    if N and not (target.min() >= 0 and target.max() < K):
        raise ValueError(
            f"cross_entropy: targets must be from 0 to K − 1 = {K - 1}, but they go from {target.min()} to "
            f"{target.max()}. Number the classes from 0, or give the last layer more outputs."
        )
    log_p, _ = log_softmax_vjp(x)
    rows = np.arange(N)
    y, scale = _reduce("cross_entropy", -log_p[rows, target], reduction)

    def vjp(dy):
        dx = np.exp(log_p)  # d(−log p_t)/dx = softmax − one-hot
        dx[rows, target] -= 1
        return dx * np.reshape(dy * scale, (-1, 1)), None

    return y, vjp


def mse_loss_vjp(x, target, reduction="mean"):
    r"""Squared error :math:`(x - t)^2`.

    Parameters
    ----------
    x, target : ndarray, the same shape
    reduction : {"mean", "sum", "none"}
        What is done with the squares.

    Raises
    ------
    ValueError
        If the shapes differ: broadcasting here is nearly always a mistake.

    Example
    -------
    >>> mse_loss(np.array([5.0]), np.array([6.0]))
    np.float64(1.0)
    """
    x, target = np.asarray(x), np.asarray(target)
    if x.shape != target.shape:
        raise ValueError(f"mse_loss: x and target must have one shape, not {x.shape} and {target.shape}.")
    d = x - target
    y, scale = _reduce("mse_loss", d * d, reduction)

    def vjp(dy):
        dx = 2 * d * dy * scale
        return dx, -dx

    return y, vjp


def _reduce(where, losses, reduction):
    """The reduced losses, and the factor that its gradient carries."""
    if reduction == "mean":
        return losses.mean(), losses.dtype.type(1 / losses.size if losses.size else np.nan)
    if reduction == "sum":
        return losses.sum(), losses.dtype.type(1)
    if reduction == "none":
        return losses, losses.dtype.type(1)
    raise ValueError(f'{where}: reduction must be "mean", "sum" or "none", not {reduction!r}.')


cross_entropy = differentiable(cross_entropy_vjp, arrays=2)
mse_loss = differentiable(mse_loss_vjp, arrays=2)
