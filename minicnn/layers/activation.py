"""Activations as layers."""

from .. import functional as F
from .module import Module


class ReLU(Module):
    """`functional.relu` as a layer.

    Example
    -------
    >>> ReLU()(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    def forward(self, x):
        """max(0, x)."""
        return F.relu(x)


class Tanh(Module):
    """`functional.tanh` as a layer.

    Example
    -------
    >>> Tanh()(np.array([-1000.0, 0.0]))
    array([-1.,  0.])
    """

    def forward(self, x):
        """The hyperbolic tangent."""
        return F.tanh(x)


class Sigmoid(Module):
    """`functional.sigmoid` as a layer.

    Example
    -------
    >>> Sigmoid()(np.array([-1000.0, 0.0]))
    array([0. , 0.5])
    """

    def forward(self, x):
        """1 / (1 + exp(−x))."""
        return F.sigmoid(x)


class Softmax(Module):
    """`functional.softmax` along axis `dim` as a layer. `functional.cross_entropy` has its own: put none before it.

    Example
    -------
    >>> Softmax()(np.array([1.0, 1.0]))
    array([0.5, 0.5])
    """

    def __init__(self, dim=-1):
        self.dim = dim

    def forward(self, x):
        """Positive numbers that sum to 1."""
        return F.softmax(x, self.dim)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"dim={self.dim}"
