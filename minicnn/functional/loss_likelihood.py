"""How unlikely a measured number is under a predicted distribution; as forward passes and their pull-backs."""

import math

import numpy as np

from .. import checks
from ..operation import differentiable
from ._losses import pair, reduce
from .broadcasting import form, quiet, unbroadcast

__all__ = ["gaussian_nll_loss", "gaussian_nll_loss_vjp", "poisson_nll_loss", "poisson_nll_loss_vjp"]


@quiet
def gaussian_nll_loss_vjp(x, target, var, full=False, eps=1e-6, reduction="mean"):
    r"""For a normal distribution of mean x and variance `var`: :math:`\frac12 (\log v + (x - t)^2 / v)`.

    Parameters
    ----------
    x, target : ndarray, the same shape
        Predicted means, and what was measured.
    var : ndarray or float
        Predicted variances: of the shape of x, or with sizes 1, or without its last axis.
    full : bool
        Add the constant :math:`\frac12 \log 2π`.
    eps : float
        The least variance that counts.
    reduction : {"mean", "sum", "none"}
        What is done with the losses.

    Raises
    ------
    TypeError, ValueError
        If dtypes differ or shapes do not fit, or a variance is negative.

    References
    ----------
    Nix, Weigend, Estimating the mean and variance of the target probability distribution, ICNN 1994.

    Example
    -------
    >>> gaussian_nll_loss(np.array([1.0]), np.array([3.0]), np.array([4.0])).round(3)  # (log 4 + 4 / 4) / 2
    np.float64(1.193)
    """
    where = "gaussian_nll_loss"
    pair(where, x, target)
    checks.flag(where, "full", full)
    v = _variances(where, x, var)
    of_var, of_v = form(var), form(v)
    v = np.maximum(v, x.dtype.type(checks.number(where, "eps", eps)))
    d = x - target
    y, scale = reduce(where, (np.log(v) + d * d / v + (math.log(2 * math.pi) if full else 0)) / 2, reduction)

    @quiet
    def vjp(dy):
        dx, dv = dy * scale * d / v, None
        if of_var:
            dv = unbroadcast(dy * scale * (1 / v - (d / v) ** 2) / 2, of_v).reshape(of_var.shape)
        return dx, -dx, dv

    return y, vjp


def _variances(where, x, var):
    """var with axes that broadcast to those of x."""
    if not isinstance(var, (np.ndarray, np.generic)):
        v = np.asarray(checks.number(where, "var", var), x.dtype)
    else:
        checks.floating(where, "var", var)
        checks.same_dtype(where, x=x, var=var)
        v = var[..., np.newaxis] if x.ndim and var.shape == x.shape[:-1] else var
        if v.ndim != x.ndim or any(m not in (1, n) for m, n in zip(v.shape, x.shape, strict=True)):
            raise ValueError(f"{where}: var of shape {var.shape} does not fit x of shape {x.shape}. Pass one for each.")
    if (v < 0).any():
        raise ValueError(f"{where}: var must not be negative. Let the network predict its logarithm, and pass exp(…).")
    return v


@quiet
def poisson_nll_loss_vjp(x, target, log_input=True, full=False, eps=1e-8, reduction="mean"):
    r"""For counts t that follow a Poisson distribution, of rate :math:`e^x`: :math:`e^x - t x`.

    Parameters
    ----------
    x, target : ndarray, the same shape
        Logarithms of the predicted rates, and the counts, as floats.
    log_input : bool
        False: x holds the rates themselves, and the loss is :math:`x - t \log(x + \text{eps})`.
    full : bool
        Add :math:`\log t!` where t > 1, by Stirling's formula.
    eps : float
        Keeps the logarithm away from that of 0.
    reduction : {"mean", "sum", "none"}
        What is done with the losses.

    Raises
    ------
    TypeError, ValueError
        If the dtypes or shapes differ.

    Example
    -------
    >>> poisson_nll_loss(np.array([0.0]), np.array([2.0]))  # e⁰ − 2 · 0
    np.float64(1.0)
    """
    where = "poisson_nll_loss"
    pair(where, x, target)
    eps = checks.number(where, "eps", eps)
    if checks.flag(where, "log_input", log_input):
        logs, each, slope = x, np.exp(x) - target * x, np.exp(x) - target
    else:
        logs = np.log(x + eps)
        each, slope = x - target * logs, 1 - target / (x + eps)
    dt = -logs
    if checks.flag(where, "full", full):
        many, log_t = target > 1, np.log(target)
        each = each + np.where(many, target * log_t - target + np.log(2 * math.pi * target) / 2, 0)
        dt = dt + np.where(many, log_t + 0.5 / target, 0)
    y, scale = reduce(where, each, reduction)
    return y, quiet(lambda dy: (slope * (dy * scale), dt * (dy * scale)))


gaussian_nll_loss = differentiable(gaussian_nll_loss_vjp, arrays=3)
poisson_nll_loss = differentiable(poisson_nll_loss_vjp, arrays=2)
