"""Losses of the difference between x and target, as forward passes and their pull-backs."""

import numpy as np

from .. import checks
from ..operation import differentiable
from ._losses import pair, reduce
from .broadcasting import quiet

__all__ = [
    "huber_loss", "huber_loss_vjp", "l1_loss", "l1_loss_vjp", "mse_loss", "mse_loss_vjp", "smooth_l1_loss",
    "smooth_l1_loss_vjp",
]  # fmt: skip


def mse_loss_vjp(x, target, reduction="mean", weight=None):
    r"""Squared error :math:`(x - t)^2`.

    Parameters
    ----------
    x, target : ndarray, the same shape
    reduction : {"mean", "sum", "none"}
        What is done with the errors.
    weight : ndarray, the same shape, optional
        A factor for each error; the mean then is divided by the sum of the weights.

    Raises
    ------
    TypeError, ValueError
        If the dtypes or shapes differ: broadcasting here is nearly always a mistake.

    Example
    -------
    >>> mse_loss(np.array([5.0]), np.array([7.0]))
    np.float64(4.0)
    """
    return _loss("mse_loss", lambda d: (d * d, 2 * d), x, target, reduction, weight)


def l1_loss_vjp(x, target, reduction="mean", weight=None):
    """Absolute error abs(x − t); its slope at 0 is 0. The arguments are those of `mse_loss`.

    Example
    -------
    >>> l1_loss(np.array([5.0]), np.array([7.0]))
    np.float64(2.0)
    """
    return _loss("l1_loss", _absolute, x, target, reduction, weight)


def smooth_l1_loss_vjp(x, target, reduction="mean", beta=1.0):
    r"""With d = x − t: :math:`d^2 / (2 \beta)` for errors smaller than β, :math:`|d| - \beta / 2` for larger ones.

    The slope is never more than 1, so that an outlier pulls no harder than others. It was made for the boxes of
    Fast R-CNN. The other arguments are those of `mse_loss`.

    Parameters
    ----------
    x, target : ndarray, the same shape
    reduction : {"mean", "sum", "none"}
        What is done with the errors.
    beta : float
        Where the parabola meets the line; 0 is `l1_loss`.

    Raises
    ------
    TypeError, ValueError
        If the dtypes or shapes differ, or beta is negative.

    References
    ----------
    Girshick, Fast R-CNN, ICCV 2015, arXiv:1504.08083, equation 3.

    Example
    -------
    >>> smooth_l1_loss(np.array([0.5, 3.0]), np.zeros(2), "none")
    array([0.125, 2.5  ])
    """
    beta = checks.number("smooth_l1_loss", "beta", beta, 0)

    def parabola(d):
        near = np.abs(d) < beta
        return np.where(near, d * d / (2 * beta), np.abs(d) - beta / 2), np.clip(d / beta, -1, 1)

    return _loss("smooth_l1_loss", parabola if beta else _absolute, x, target, reduction)


def huber_loss_vjp(x, target, reduction="mean", delta=1.0, weight=None):
    r"""With d = x − t: :math:`d^2 / 2` for errors up to δ, :math:`\delta (|d| - \delta / 2)` for larger ones.

    Parameters
    ----------
    x, target : ndarray, the same shape
    reduction : {"mean", "sum", "none"}
        What is done with the errors.
    delta : float
        Where the parabola meets the line, and the slope of the line.
    weight : ndarray, the same shape, optional
        A factor for each error. Other than for `mse_loss`, the mean is divided by the number of errors all the same.

    Raises
    ------
    TypeError, ValueError
        If the dtypes or shapes differ, or delta is not positive.

    References
    ----------
    Huber, Robust estimation of a location parameter, Annals of Mathematical Statistics 35 (1964).

    Example
    -------
    >>> huber_loss(np.array([0.5, 3.0]), np.zeros(2), "none", delta=2)
    array([0.125, 4.   ])
    """
    delta = checks.number("huber_loss", "delta", delta)
    if not delta > 0:
        raise ValueError(f"huber_loss: delta must be greater than 0, not {delta!r}. For abs(x − t) use l1_loss.")

    def parabola(d):
        near = np.abs(d) <= delta
        return np.where(near, d * d / 2, delta * (np.abs(d) - delta / 2)), np.clip(d, -delta, delta)

    return _loss("huber_loss", parabola, x, target, reduction, weight, by_weight=False)


def _absolute(d):
    return np.abs(d), (d > 0).astype(d.dtype) - (d < 0)


@quiet
def _loss(where, of_difference, x, target, reduction, *weight, by_weight=True):
    """A loss from ``of_difference(d) -> (loss, slope)``, where d = x − target; `weight` is an array, None, or left out.

    `by_weight`: the mean is divided by the sum of the weights.
    """
    pair(where, x, target)
    each, slope = of_difference(x - target)
    w = weight[0] if weight else None
    if w is not None:
        checks.floating(where, "weight", w)
        checks.same_dtype(where, x=x, weight=w)
        if w.shape != x.shape:
            raise ValueError(f"{where}: weight must have the shape of x, {x.shape}, not {w.shape}.")
    losses = each if w is None else w * each
    y, scale = reduce(where, losses, reduction, w.sum() if w is not None and by_weight else None)
    mean, each = y if reduction == "mean" and by_weight else 0, None if w is None else each

    @quiet
    def vjp(dy):
        d = dy * scale
        dx = d * slope if w is None else d * w * slope
        if w is None:
            return (dx, -dx) + (None,) * len(weight)
        # in a mean, Σ w e / Σ w, the weight changes the divisor too
        return dx, -dx, d * (each - mean)

    return y, vjp


mse_loss, l1_loss, huber_loss = (
    differentiable(f, arrays=("x", "target", "weight")) for f in (mse_loss_vjp, l1_loss_vjp, huber_loss_vjp)
)
smooth_l1_loss = differentiable(smooth_l1_loss_vjp, arrays=2)
