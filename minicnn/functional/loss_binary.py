"""Losses for yes or no, as forward passes and their pull-backs."""

import numpy as np

from .. import checks
from ..operation import differentiable
from ._losses import constant, pair, reduce
from .broadcasting import quiet

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_vjp", "binary_cross_entropy_with_logits",
    "binary_cross_entropy_with_logits_vjp",
]  # fmt: skip


@quiet
def binary_cross_entropy_with_logits_vjp(
    x, target, weight=None, reduction="mean", pos_weight=None, *, needs=(True, True, False, False)
):
    r"""How surprised sigmoid(x) is by yes (t = 1) or no (t = 0): :math:`-t \log σ(x) - (1 - t) \log(1 - σ(x))`.

    Parameters
    ----------
    x : ndarray, any shape
        Scores (logits), before any sigmoid.
    target : ndarray, the same shape
        Probabilities of yes, as floats.
    weight : ndarray that broadcasts to the shape of x, optional
        A factor for each loss.
    reduction : {"mean", "sum", "none"}
        What is done with the losses.
    pos_weight : ndarray that broadcasts to the shape of x, optional
        A factor for the first term: more than 1 finds more of the yes.
    needs : tuple of bool
        Which gradients are asked for; there are none for `weight` and `pos_weight`.

    Raises
    ------
    TypeError, ValueError
        If shapes or dtypes do not fit.

    Example
    -------
    >>> binary_cross_entropy_with_logits(np.array([1000.0, 0.0]), np.array([1.0, 0.0]), reduction="none")
    array([0.        , 0.69314718])
    """
    where = "binary_cross_entropy_with_logits"
    pair(where, x, target)
    w, p = _factor(where, "weight", weight, x, needs[2]), _factor(where, "pos_weight", pos_weight, x, needs[3])
    log_yes = _log_sigmoid(x)
    factor = 1 if pos_weight is None else 1 + (p - 1) * target
    each = w * ((1 - target) * x - factor * log_yes)  # as log(1 − σ(x)) = log σ(x) − x
    y, scale = reduce(where, each, reduction)

    @quiet
    def vjp(dy):
        d = dy * scale * w
        dt = -x if pos_weight is None else _log_sigmoid(-x) - p * log_yes
        return d * (factor * np.exp(log_yes) - p * target), d * dt, None, None

    return y, vjp


def _log_sigmoid(x):
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def _factor(where, name, factor, x, needed):
    """A constant factor of x's losses, or 1."""
    constant(where, name, needed)
    if factor is None:
        return x.dtype.type(1)
    checks.floating(where, name, factor)
    checks.same_dtype(where, x=x, **{name: factor})
    try:
        np.broadcast_to(factor, x.shape)
    except ValueError:
        raise ValueError(f"{where}: {name} of shape {factor.shape} does not broadcast to x's {x.shape}.") from None
    return factor


@quiet
def binary_cross_entropy_vjp(x, target, weight=None, reduction="mean", *, needs=(True, True, False)):
    r"""The same loss for probabilities x from 0 to 1: :math:`-t \log x - (1 - t) \log(1 - x)`.

    The logarithms are cut off at −100. `binary_cross_entropy_with_logits`, which has the same arguments, is more exact.

    Example
    -------
    >>> binary_cross_entropy(np.array([0.5, 1.0]), np.array([1.0, 0.0]), reduction="none")
    array([  0.69314718, 100.        ])
    """
    where = "binary_cross_entropy"
    pair(where, x, target)
    w = _factor(where, "weight", weight, x, needs[2])
    for name, a in (("x", x), ("target", target)):
        if not ((a >= 0) & (a <= 1)).all():
            raise ValueError(f"{where}: {name} must hold probabilities, from 0 to 1. Apply sigmoid first.")
    each = -w * (target * np.maximum(np.log(x), -100) + (1 - target) * np.maximum(np.log1p(-x), -100))
    y, scale = reduce(where, each, reduction)

    @quiet
    def vjp(dy):
        d = dy * scale * w
        slope = (x - target) / np.maximum(x * (1 - x), 1e-12)  # PyTorch's bound
        return d * slope, d * (np.log1p(-x) - np.log(x)), None

    return y, vjp


binary_cross_entropy_with_logits = differentiable(
    binary_cross_entropy_with_logits_vjp, arrays=("x", "target", "weight", "pos_weight")
)
binary_cross_entropy = differentiable(binary_cross_entropy_vjp, arrays=3)
