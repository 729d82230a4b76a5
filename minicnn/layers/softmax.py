"""Softmax, its logarithm and its opposite as layers."""

import numpy as np

from .. import functional as F
from .module import Module

__all__ = ["LogSoftmax", "Softmax", "Softmax2d", "Softmin"]


class _AlongDim(Module):
    def __init__(self, dim=None):
        self.dim = dim

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"dim={self.dim}"


class Softmax(_AlongDim):
    """`functional.softmax` along axis `dim` as a layer. `functional.cross_entropy` has its own: put none before it.

    Example
    -------
    >>> Softmax(dim=1)(np.array([[1.0, 1.0]]))
    array([[0.5, 0.5]])
    """

    def forward(self, x):
        """Positive numbers that sum to 1."""
        return F.softmax(x, self.dim)


class LogSoftmax(_AlongDim):
    """`functional.log_softmax` along axis `dim` as a layer.

    Example
    -------
    >>> LogSoftmax(dim=1)(np.array([[1000.0, 0.0]]))
    array([[    0., -1000.]])
    """

    def forward(self, x):
        """The logarithms of softmax."""
        return F.log_softmax(x, self.dim)


class Softmin(_AlongDim):
    """`functional.softmin` along axis `dim` as a layer.

    Example
    -------
    >>> Softmin(dim=1)(np.array([[1000.0, 0.0]]))
    array([[0., 1.]])
    """

    def forward(self, x):
        """softmax(−x)."""
        return F.softmin(x, self.dim)


class Softmax2d(Module):
    """`functional.softmax` over the channels of each pixel as a layer, as where each pixel gets a class.

    Raises
    ------
    ValueError
        If x is neither (N, C, H, W) nor (C, H, W).

    Example
    -------
    >>> Softmax2d()(np.zeros((1, 4, 2, 1)))[0, :, 0, 0]
    array([0.25, 0.25, 0.25, 0.25])
    """

    def forward(self, x):
        """At each pixel, positive numbers that sum to 1."""
        if np.ndim(x) not in (3, 4):
            raise ValueError(
                f"Softmax2d: x must have shape (N, C, H, W), or (C, H, W) for one image, not {np.shape(x)}. Use "
                "Softmax(dim) for others."
            )
        return F.softmax(x, -3)
