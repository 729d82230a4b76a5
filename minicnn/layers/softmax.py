"""Softmax and its logarithm as layers."""

from .. import functional as F
from .module import Module

__all__ = ["LogSoftmax", "Softmax"]


class _AlongDim(Module):
    def __init__(self, dim=-1):
        self.dim = dim

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"dim={self.dim}"


class Softmax(_AlongDim):
    """`functional.softmax` along axis `dim` as a layer. `functional.cross_entropy` has its own: put none before it.

    Example
    -------
    >>> Softmax()(np.array([1.0, 1.0]))
    array([0.5, 0.5])
    """

    def forward(self, x):
        """Positive numbers that sum to 1."""
        return F.softmax(x, self.dim)


class LogSoftmax(_AlongDim):
    """`functional.log_softmax` along axis `dim` as a layer.

    Example
    -------
    >>> LogSoftmax()(np.array([1000.0, 0.0]))
    array([    0., -1000.])
    """

    def forward(self, x):
        """The logarithms of softmax."""
        return F.log_softmax(x, self.dim)
