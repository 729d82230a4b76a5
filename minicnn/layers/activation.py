"""Activations as layers."""

import numpy as np

from .. import functional as F
from ..functional._checks import number, whole
from .module import Module
from .parameter import Parameter

__all__ = [
    "ELU", "GELU", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "PReLU", "ReLU", "ReLU6", "SELU",
    "ScaledTanh", "SiLU", "Sigmoid", "Softplus", "Tanh",
]  # fmt: skip


class _Activation(Module):
    settings = ()

    def extra_repr(self):
        """As PyTorch prints it."""
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self.settings)


class ReLU(_Activation):
    """`functional.relu` as a layer.

    Example
    -------
    >>> ReLU()(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    def forward(self, x):
        """max(0, x)."""
        return F.relu(x)


class ReLU6(_Activation):
    """`functional.relu6` as a layer.

    Example
    -------
    >>> ReLU6()(np.array([-1.0, 10.0]))
    array([0., 6.])
    """

    def forward(self, x):
        """x cut off below 0 and above 6."""
        return F.relu6(x)


class LeakyReLU(_Activation):
    """`functional.leaky_relu` as a layer.

    Example
    -------
    >>> LeakyReLU(0.1)(np.array([-10.0, 2.0]))
    array([-1.,  2.])
    """

    settings = ("negative_slope",)

    def __init__(self, negative_slope=0.01):
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


class Hardtanh(_Activation):
    """`functional.hardtanh` as a layer.

    Example
    -------
    >>> Hardtanh(-1, 1)(np.array([-3.0, 0.5]))
    array([-1. ,  0.5])
    """

    settings = ("min_val", "max_val")

    def __init__(self, min_val=-1.0, max_val=1.0):
        if not number("Hardtanh", "min_val", min_val) < number("Hardtanh", "max_val", max_val):
            raise ValueError(
                f"Hardtanh: min_val must be smaller than max_val, but min_val={min_val!r} and max_val={max_val!r}. "
                "Exchange them."
            )
        self.min_val, self.max_val = min_val, max_val

    def forward(self, x):
        """x cut off below min_val and above max_val."""
        return F.hardtanh(x, self.min_val, self.max_val)


class Hardsigmoid(_Activation):
    """`functional.hardsigmoid` as a layer.

    Example
    -------
    >>> Hardsigmoid()(np.array([-4.0, 0.0]))
    array([0. , 0.5])
    """

    def forward(self, x):
        """x/6 + 1/2, cut off."""
        return F.hardsigmoid(x)


class Hardswish(_Activation):
    """`functional.hardswish` as a layer.

    Example
    -------
    >>> Hardswish()(np.array([1.5, 4.0]))
    array([1.125, 4.   ])
    """

    def forward(self, x):
        """x · hardsigmoid(x)."""
        return F.hardswish(x)


class Tanh(_Activation):
    """`functional.tanh` as a layer.

    Example
    -------
    >>> Tanh()(np.array([-1000.0, 0.0]))
    array([-1.,  0.])
    """

    def forward(self, x):
        """The hyperbolic tangent."""
        return F.tanh(x)


class ScaledTanh(_Activation):
    """`functional.scaled_tanh` as a layer: what the LeNet-5 of 1998 has.

    Example
    -------
    >>> ScaledTanh()(np.array([-1000.0, 0.0]))
    array([-1.7159,  0.    ])
    """

    def forward(self, x):
        """1.7159 tanh(2x/3)."""
        return F.scaled_tanh(x)


class Sigmoid(_Activation):
    """`functional.sigmoid` as a layer.

    Example
    -------
    >>> Sigmoid()(np.array([-1000.0, 0.0]))
    array([0. , 0.5])
    """

    def forward(self, x):
        """1 / (1 + exp(−x))."""
        return F.sigmoid(x)


class SiLU(_Activation):
    """`functional.silu` as a layer.

    Example
    -------
    >>> SiLU()(np.array([0.0, 1000.0]))
    array([   0., 1000.])
    """

    def forward(self, x):
        """x · sigmoid(x)."""
        return F.silu(x)


class GELU(_Activation):
    """`functional.gelu` as a layer.

    Example
    -------
    >>> GELU()(np.array([0.0, 1.0])).round(3)
    array([0.   , 0.841])
    """

    settings = ("approximate",)

    def __init__(self, approximate="none"):
        self.approximate = approximate

    def forward(self, x):
        """x · Φ(x)."""
        return F.gelu(x, self.approximate)


class Softplus(_Activation):
    """`functional.softplus` as a layer.

    Example
    -------
    >>> Softplus()(np.array([0.0, 1000.0]))[1]
    np.float64(1000.0)
    """

    settings = ("beta", "threshold")

    def __init__(self, beta=1.0, threshold=20.0):
        self.beta, self.threshold = beta, threshold

    def forward(self, x):
        """log(1 + exp(β x)) / β."""
        return F.softplus(x, self.beta, self.threshold)


class ELU(_Activation):
    """`functional.elu` as a layer.

    Example
    -------
    >>> ELU()(np.array([-1000.0, 2.0]))
    array([-1.,  2.])
    """

    settings = ("alpha",)

    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def forward(self, x):
        """x, or alpha · (exp(x) − 1) where it is negative."""
        return F.elu(x, self.alpha)


class SELU(_Activation):
    """`functional.selu` as a layer.

    Example
    -------
    >>> SELU()(np.array([-1000.0, 0.0])).round(3)
    array([-1.758,  0.   ])
    """

    def forward(self, x):
        """A scaled elu."""
        return F.selu(x)
