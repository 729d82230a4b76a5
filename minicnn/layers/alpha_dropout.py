"""Dropout that keeps mean and variance, as layers."""

from .. import functional as F
from ..checks import flag, probability
from .module import Module

__all__ = ["AlphaDropout", "FeatureAlphaDropout"]


class AlphaDropout(Module):
    """`functional.alpha_dropout` while training; nothing after ``eval()``. For networks with `SELU`.

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
    >>> AlphaDropout(0.5).eval()(np.ones(3))
    array([1., 1., 1.])
    """

    _function = "alpha_dropout"

    def __init__(self, p=0.5, inplace=False, *, rng=None):
        self.p, self.inplace = probability(type(self).__name__, p), flag(type(self).__name__, "inplace", inplace)
        self.rng = rng

    def forward(self, x):
        """x with numbers, or channels, dropped at random."""
        return getattr(F, self._function)(x, self.p, self.training, rng=self.rng)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"p={self.p}, inplace={self.inplace}"


class FeatureAlphaDropout(AlphaDropout):
    """`functional.feature_alpha_dropout` while training: drops whole channels. The arguments are those of AlphaDropout.

    Example
    -------
    >>> y = FeatureAlphaDropout(rng=np.random.default_rng(0))(np.ones((8, 6, 5)))
    >>> np.unique(y[0, 0]).size  # all of a channel alike
    1
    """

    _function = "feature_alpha_dropout"
