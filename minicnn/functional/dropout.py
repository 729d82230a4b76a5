"""Dropout, as a forward pass and its pull-back."""

import numpy as np

from ..tensor import differentiable
from . import _checks

__all__ = ["dropout", "dropout_vjp"]


def dropout_vjp(x, p=0.5, training=True, *, rng=None):
    """While training, set each number to 0 with probability p, and divide the others by 1 − p.

    The division keeps the expected value, so nothing needs to be done at test time ("inverted" dropout).

    Parameters
    ----------
    x : ndarray, any shape
    p : float
        Probability of dropping a number, from 0 to 1.
    training : bool
        False: return x.
    rng : numpy.random.Generator, optional
        Where chance comes from; unseeded if left out.

    Raises
    ------
    ValueError
        If p is not a probability.

    References
    ----------
    Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, JMLR 15 (2014).

    Example
    -------
    >>> dropout(np.ones(6), 0.5, rng=np.random.default_rng(1))
    array([2., 2., 0., 2., 0., 0.])
    """
    _checks.floating("dropout", "x", x)
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p must be a probability from 0 to 1, not {p!r}.")
    if not training or p == 0:
        return x, lambda dy: (dy,)
    rng = np.random.default_rng() if rng is None else rng
    keep = (rng.random(x.shape) >= p).astype(x.dtype)
    if p < 1:
        keep /= 1 - p
    return x * keep, lambda dy: (dy * keep,)


dropout = differentiable(dropout_vjp)
