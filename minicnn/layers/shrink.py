"""Activations that put one number in place of all small ones, or pull numbers towards 0, as layers."""

from .. import functional as F
from .activation import _Activation, _InPlace
from .module import Module

__all__ = ["Hardshrink", "Softshrink", "Tanhshrink", "Threshold"]


class _Shrink(Module):
    def __init__(self, lambd=0.5):
        self.lambd = lambd

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"{self.lambd}"


class Hardshrink(_Shrink):
    """`functional.hardshrink` as a layer.

    Example
    -------
    >>> Hardshrink()(np.array([-2.0, 0.2]))
    array([-2.,  0.])
    """

    def forward(self, x):
        """x without its small numbers."""
        return F.hardshrink(x, self.lambd)


class Softshrink(_Shrink):
    """`functional.softshrink` as a layer.

    Example
    -------
    >>> Softshrink()(np.array([-2.0, 0.2]))
    array([-1.5,  0. ])
    """

    def forward(self, x):
        """x moved towards 0."""
        return F.softshrink(x, self.lambd)


class Tanhshrink(_Activation):
    """`functional.tanhshrink` as a layer.

    Example
    -------
    >>> Tanhshrink()(np.array([-1000.0, 0.0]))
    array([-999.,    0.])
    """

    def forward(self, x):
        """x − tanh(x)."""
        return F.tanhshrink(x)


class Threshold(_InPlace):
    """`functional.threshold` as a layer; `inplace` is accepted, and without effect.

    Example
    -------
    >>> Threshold(0.1, 20)(np.array([-1.0, 0.5]))
    array([20. ,  0.5])
    """

    settings = ("threshold", "value")

    def __init__(self, threshold, value, inplace=False):
        super().__init__(inplace)
        self.threshold, self.value = threshold, value

    def forward(self, x):
        """x, or `value` where it is not above `threshold`."""
        return F.threshold(x, self.threshold, self.value)
