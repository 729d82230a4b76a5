"""Dropout as a layer."""

from .. import functional as F
from .module import Module


class Dropout(Module):
    """`functional.dropout` while training; nothing after ``eval()``.

    Parameters
    ----------
    p : float
        Probability of dropping a number.
    rng : numpy.random.Generator, optional
        Where chance comes from; unseeded if left out.

    Example
    -------
    >>> Dropout(0.5).eval()(np.ones(3))
    array([1., 1., 1.])
    """

    def __init__(self, p=0.5, *, rng=None):
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p must be a probability from 0 to 1, not {p!r}.")
        self.p, self.rng = p, rng

    def forward(self, x):
        """x with numbers dropped at random."""
        return F.dropout(x, self.p, self.training, rng=self.rng)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"p={self.p}"
