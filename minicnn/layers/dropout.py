"""Dropout as layers: they drop while training, and pass everything after ``eval()``."""

from .. import functional as F
from ..checks import flag, probability
from ._dimensions import Dimensional
from .module import Module

__all__ = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "StochasticDepth"]


class _Dropout(Dimensional):
    def __init__(self, p=0.5, inplace=False, *, rng=None):
        probability(type(self).__name__, p)
        self.p, self.inplace, self.rng = p, flag(type(self).__name__, "inplace", inplace), rng

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """`functional.dropout` while training; nothing after ``eval()``.

    Parameters
    ----------
    p : float
        Probability of dropping a number.
    inplace : bool
        Accepted, and without effect: numbers are the same.
    rng : numpy.random.Generator, optional
        Where chance comes from; that of `manual_seed` if left out.

    Example
    -------
    >>> Dropout(0.5).eval()(np.ones(3))
    array([1., 1., 1.])
    """

    def forward(self, x):
        """x with numbers dropped at random."""
        return F.dropout(x, self.p, self.training, rng=self.rng)


class DropoutNd(_Dropout):
    """`functional.dropoutNd` while training; nothing after ``eval()``.

    Parameters
    ----------
    p : float
        Probability of dropping a channel.
    inplace : bool
        Accepted, and without effect: numbers are the same.
    rng : numpy.random.Generator, optional
        Where chance comes from; that of `manual_seed` if left out.

    Example
    -------
    >>> np.unique(DropoutNd(0.5)(np.ones((8, 6, <5>)))[0, 0]).size  # all pixels alike
    1
    """

    def forward(self, x):
        """x with channels dropped at random."""
        return getattr(F, f"dropout{self.nd}d")(x, self.p, self.training, rng=self.rng)


class StochasticDepth(Module):
    """`functional.drop_path` while training; nothing after ``eval()``. Put it at the end of a residual block's branch.

    Parameters
    ----------
    p : float
        Probability of dropping a sample.
    rng : numpy.random.Generator, optional
        Where chance comes from; that of `manual_seed` if left out.

    Example
    -------
    >>> StochasticDepth(0.2).eval()(np.ones((2, 2)))
    array([[1., 1.],
           [1., 1.]])
    """

    def __init__(self, p=0.5, *, rng=None):
        probability("StochasticDepth", p)
        self.p, self.rng = p, rng

    def extra_repr(self):
        """What there is to set."""
        return f"p={self.p}"

    def forward(self, x):
        """x with samples dropped at random."""
        return F.drop_path(x, self.p, self.training, rng=self.rng)


class Dropout1d(DropoutNd):
    nd = 1


class Dropout2d(DropoutNd):
    nd = 2


class Dropout3d(DropoutNd):
    nd = 3


DropoutNd.__doc__ = None  # its words are in its subclasses now; it is no layer itself
