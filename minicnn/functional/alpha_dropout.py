"""Dropout that keeps mean and variance, for networks with SELU, as forward passes and their pull-backs."""

import numpy as np

from .. import checks
from ..chance import generator
from ..operation import differentiable

__all__ = ["alpha_dropout", "alpha_dropout_vjp", "feature_alpha_dropout", "feature_alpha_dropout_vjp"]


def alpha_dropout_vjp(x, p=0.5, training=False, inplace=False, *, rng=None):
    r"""Dropout for networks with `selu`: numbers are not set to 0 but to the least value of SELU.

    Then all are scaled and shifted, so that numbers of mean 0 and variance 1 keep both.

    Parameters
    ----------
    x : ndarray, any shape
    p : float
        Probability of dropping a number, from 0 to 1. With 1, y is 0.
    training : bool
        False: return x.
    inplace : bool
        Accepted, and without effect: the numbers are the same.
    rng : numpy.random.Generator, optional
        Where chance comes from; that of `manual_seed` if left out.

    Raises
    ------
    TypeError, ValueError
        If x is not floating point, or p is not a probability.

    References
    ----------
    Klambauer et al., Self-normalizing neural networks, NeurIPS 2017, arXiv:1706.02515.

    Example
    -------
    >>> alpha_dropout(np.zeros(6), 0.5, True, rng=np.random.default_rng(1)).round(3)
    array([ 0.779,  0.779, -0.779,  0.779, -0.779, -0.779])
    """
    return _alpha_drop("alpha_dropout", x, np.shape(x), p, training, inplace, rng)


def feature_alpha_dropout_vjp(x, p=0.5, training=False, inplace=False, *, rng=None):
    """`alpha_dropout` of whole channels of x (N, C, …), with the same arguments.

    Example
    -------
    >>> feature_alpha_dropout(np.zeros((1, 3, 2)), 0.5, True, rng=np.random.default_rng(1)).round(3)
    array([[[ 0.779,  0.779],
            [ 0.779,  0.779],
            [-0.779, -0.779]]])
    """
    if np.ndim(x) < 2:
        raise ValueError(f"feature_alpha_dropout: x must have shape (N, C, …), not {np.shape(x)}. Use alpha_dropout.")
    shape = np.shape(x)[:2] + (1,) * (np.ndim(x) - 2)
    return _alpha_drop("feature_alpha_dropout", x, shape, p, training, inplace, rng)


def _alpha_drop(where, x, shape, p, training, inplace, rng):
    checks.floating(where, "x", x)
    checks.flag(where, "inplace", inplace)
    p = checks.probability(where, p)
    if not training or p == 0:
        return x, lambda dy: (dy,)
    keep = (generator(where, rng).random(shape) >= p).astype(x.dtype)
    lowest = -1.7580993408473766  # selu(−∞)
    # variance of what is dropped to `lowest` with probability p: (1 − p) (1 + p · lowest²); its mean: p · lowest
    a = ((1 - p) * (1 + p * lowest**2)) ** -0.5 if p < 1 else 0.0
    return x * (a * keep) + a * lowest * (1 - keep - p), lambda dy: (dy * (a * keep),)


alpha_dropout, feature_alpha_dropout = map(differentiable, (alpha_dropout_vjp, feature_alpha_dropout_vjp))
