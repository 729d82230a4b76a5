"""Smooth activations as layers."""

from .. import functional as F
from .activation import _Activation, _InPlace

__all__ = [
    "CELU", "ELU", "GELU", "GLU", "LogSigmoid", "Mish", "SELU", "ScaledTanh", "SiLU", "Sigmoid", "Softplus",
    "Softsign", "Tanh",
]  # fmt: skip


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


class LogSigmoid(_Activation):
    """`functional.logsigmoid` as a layer.

    Example
    -------
    >>> LogSigmoid()(np.array([-1.0, 0.0]))
    array([-1.31326169, -0.69314718])
    """

    def forward(self, x):
        """The logarithm of sigmoid(x)."""
        return F.logsigmoid(x)


class Softsign(_Activation):
    """`functional.softsign` as a layer.

    Example
    -------
    >>> Softsign()(np.array([-1.0, 3.0]))
    array([-0.5 ,  0.75])
    """

    def forward(self, x):
        """x / (1 + |x|)."""
        return F.softsign(x)


class GLU(_Activation):
    """`functional.glu` as a layer.

    Example
    -------
    >>> GLU(1)(np.ones((2, 6, 5))).shape
    (2, 3, 5)
    """

    settings = ("dim",)

    def __init__(self, dim=-1):
        self.dim = dim

    def forward(self, x):
        """One half of x, let through by the other."""
        return F.glu(x, self.dim)


class SiLU(_InPlace):
    """`functional.silu` as a layer; `inplace` is accepted, and without effect.

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


class Mish(_InPlace):
    """`functional.mish` as a layer; `inplace` is accepted, and without effect.

    Example
    -------
    >>> Mish()(np.array([0.0, 1000.0]))
    array([   0., 1000.])
    """

    def forward(self, x):
        """x · tanh(softplus(x))."""
        return F.mish(x)


class ELU(_InPlace):
    """`functional.elu` as a layer; `inplace` is accepted, and without effect.

    Example
    -------
    >>> ELU()(np.array([-1000.0, 2.0]))
    array([-1.,  2.])
    """

    settings = ("alpha",)

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, x):
        """x, or alpha · (exp(x) − 1) where it is negative."""
        return F.elu(x, self.alpha)


class SELU(_InPlace):
    """`functional.selu` as a layer; `inplace` is accepted, and without effect.

    Example
    -------
    >>> SELU()(np.array([-1000.0, 0.0])).round(3)
    array([-1.758,  0.   ])
    """

    def forward(self, x):
        """A scaled elu."""
        return F.selu(x)


class CELU(_InPlace):
    """`functional.celu` as a layer; `inplace` is accepted, and without effect.

    Example
    -------
    >>> CELU()(np.array([-1000.0, 2.0]))
    array([-1.,  2.])
    """

    settings = ("alpha",)

    def __init__(self, alpha=1.0, inplace=False):
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, x):
        """An elu without a kink."""
        return F.celu(x, self.alpha)
