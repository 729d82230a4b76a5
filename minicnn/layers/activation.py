"""Activations made of straight lines as layers. Others are in smooth.py and shrink.py."""

import numpy as np

from .. import functional as F
from ..checks import flag, number, whole
from .module import Module
from .parameter import Parameter

__all__ = ["Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "PReLU", "ReLU", "ReLU6"]


class _Activation(Module):
    settings = ()
    inplace = False

    def extra_repr(self):
        """As PyTorch prints it."""
        return ", ".join(
            [f"{name}={getattr(self, name)!r}" for name in self.settings] + ["inplace=True"] * self.inplace
        )


class _InPlace(_Activation):
    """Those that have `inplace` in PyTorch: it is accepted, and without effect. Numbers are the same."""

    def __init__(self, inplace=False):
        self.inplace = flag(type(self).__name__, "inplace", inplace)


class ReLU(_InPlace):
    """`functional.relu` as a layer; `inplace` is accepted, and without effect.

    Example
    -------
    >>> ReLU()(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    def forward(self, x):
        """max(0, x)."""
        return F.relu(x)


class ReLU6(_InPlace):
    """`functional.relu6` as a layer; `inplace` is accepted, and without effect.

    Example
    -------
    >>> ReLU6()(np.array([-1.0, 10.0]))
    array([0., 6.])
    """

    def forward(self, x):
        """x cut off below 0 and above 6."""
        return F.relu6(x)


class LeakyReLU(_InPlace):
    """`functional.leaky_relu` as a layer; `inplace` is accepted, and without effect.

    Example
    -------
    >>> LeakyReLU(0.1)(np.array([-10.0, 2.0]))
    array([-1.,  2.])
    """

    settings = ("negative_slope",)

    def __init__(self, negative_slope=0.01, inplace=False):
        super().__init__(inplace)
        self.negative_slope = negative_slope

    def forward(self, x):
        """x, or its small part where it is negative."""
        return F.leaky_relu(x, self.negative_slope)


class PReLU(_Activation):
    """`functional.prelu` with its own slopes, `weight`: one for all channels, or `num_parameters` = C.

    Give them no weight decay: it pulls the slopes to 0, and the layer to a ReLU.

    Example
    -------
    >>> PReLU()(np.array([-1.0, 2.0], np.float32))
    Tensor([-0.25,  2.  ], requires_grad=True)
    """

    settings = ("num_parameters",)

    def __init__(self, num_parameters=1, init=0.25, *, dtype=np.float32):
        self.num_parameters = whole("PReLU", "num_parameters", num_parameters, 0)
        self.weight = Parameter(np.full(num_parameters, number("PReLU", "init", init), dtype))

    def forward(self, x):
        """x, or its learned part where it is negative."""
        return F.prelu(x, self.weight)


class Hardtanh(_InPlace):
    """`functional.hardtanh` as a layer; `inplace` is accepted, and without effect.

    Example
    -------
    >>> Hardtanh(-1, 1)(np.array([-3.0, 0.5]))
    array([-1. ,  0.5])
    """

    settings = ("min_val", "max_val")

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False):
        super().__init__(inplace)
        if not number("Hardtanh", "min_val", min_val) < number("Hardtanh", "max_val", max_val):
            raise ValueError(
                f"Hardtanh: min_val must be smaller than max_val, but min_val={min_val!r} and max_val={max_val!r}. "
                "Exchange them."
            )
        self.min_val, self.max_val = min_val, max_val

    def forward(self, x):
        """x cut off below min_val and above max_val."""
        return F.hardtanh(x, self.min_val, self.max_val)


class Hardsigmoid(_InPlace):
    """`functional.hardsigmoid` as a layer; `inplace` is accepted, and without effect.

    Example
    -------
    >>> Hardsigmoid()(np.array([-4.0, 0.0]))
    array([0. , 0.5])
    """

    def extra_repr(self):
        """Nothing, as in PyTorch: not even `inplace`."""
        return ""

    def forward(self, x):
        """x/6 + 1/2, cut off."""
        return F.hardsigmoid(x)


class Hardswish(_InPlace):
    """`functional.hardswish` as a layer; `inplace` is accepted, and without effect.

    Example
    -------
    >>> Hardswish()(np.array([1.5, 4.0]))
    array([1.125, 4.   ])
    """

    def extra_repr(self):
        """Nothing, as in PyTorch: not even `inplace`."""
        return ""

    def forward(self, x):
        """x · hardsigmoid(x)."""
        return F.hardswish(x)
