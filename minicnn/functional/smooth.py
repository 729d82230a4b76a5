"""Smooth activations, as forward passes and their pull-backs. All keep shape and dtype."""

import math

import numpy as np

from .. import checks
from ..kernels import activation as kernels
from ..operation import differentiable
from ._elementwise import each
from .broadcasting import no_bools

__all__ = [
    "celu", "celu_vjp", "elu", "elu_vjp", "gelu", "gelu_vjp", "glu", "glu_vjp", "logsigmoid", "logsigmoid_vjp", "mish",
    "mish_vjp", "scaled_tanh", "scaled_tanh_vjp", "selu", "selu_vjp", "sigmoid", "sigmoid_vjp", "silu", "silu_vjp",
    "softplus", "softplus_vjp", "softsign", "softsign_vjp", "tanh", "tanh_vjp",
]  # fmt: skip


def tanh_vjp(x):
    """The hyperbolic tangent; its derivative is 1 − tanh².

    Example
    -------
    >>> tanh(np.array([-1000.0, 0, 1000]))
    array([-1.,  0.,  1.])
    """
    y = each(kernels.tanh, _as_floats("tanh", x), settings=(1,))
    return y, lambda dy: (each(kernels.tanh_back, dy, y, settings=(1,)),)


def scaled_tanh_vjp(x):
    """1.7159 tanh(2x/3), the activation of the LeNet-5 of 1998: ±1 goes to ±1, where its curvature is largest.

    References
    ----------
    LeCun et al., Gradient-based learning applied to document recognition, Proc. IEEE 86 (1998), appendix A.

    Example
    -------
    >>> scaled_tanh(np.array([-1.0, 0, 1000])).round(3)
    array([-1.   ,  0.   ,  1.716])
    """
    checks.floating("scaled_tanh", "x", x)
    A, S = 1.7159, 2 / 3
    t = each(kernels.tanh, x, settings=(S,))
    return A * t, lambda dy: (each(kernels.tanh_back, dy, t, settings=(A * S,)),)


def sigmoid_vjp(x):
    """1 / (1 + exp(−x)); its derivative is y (1 − y).

    Example
    -------
    >>> sigmoid(np.array([-1000.0, 0, 1000]))
    array([0. , 0.5, 1. ])
    """
    y = each(kernels.sigmoid, _as_floats("sigmoid", x))
    return y, lambda dy: (each(kernels.sigmoid_back, dy, y),)


def logsigmoid_vjp(x):
    """log(1 / (1 + exp(−x))), without taking the logarithm of 0; its derivative is sigmoid(−x).

    Example
    -------
    >>> logsigmoid(np.array([-1.0, 0.0]))
    array([-1.31326169, -0.69314718])
    """
    checks.floating("logsigmoid", "x", x)
    y, vjp = softplus_vjp(-x, threshold=math.inf)
    return -y, vjp  # −softplus(−x): for the gradient, one minus undoes the other


def softsign_vjp(x):
    r""":math:`x / (1 + |x|)`: like tanh, but slower to reach ± 1. Its derivative is :math:`1 / (1 + |x|)^2`.

    Example
    -------
    >>> softsign(np.array([-1.0, 0, 3]))
    array([-0.5 ,  0.  ,  0.75])
    """
    no_bools("softsign", x)
    x = _as_floats("softsign", x)
    d = 1 + np.abs(x)
    return x / d, lambda dy: (dy / d / d,)


def glu_vjp(x, dim=-1):
    r"""The gated linear unit: a · sigmoid(b), where a and b are the two halves of x along axis `dim`.

    Parameters
    ----------
    x : ndarray, shape (…, 2K, …)
    dim : int
        The axis of size 2K.

    Returns
    -------
    ndarray, shape (…, K, …)

    Raises
    ------
    TypeError, ValueError
        If x is not floating point, or has no halves.

    References
    ----------
    Dauphin et al., Language modeling with gated convolutional networks, ICML 2017, arXiv:1612.08083.

    Example
    -------
    >>> glu(np.array([5.0, 6.0, 0.0, 1000.0]))
    array([2.5, 6. ])
    """
    checks.floating("glu", "x", x)
    axis = checks.axis("glu", x, dim)
    if x.ndim == 0 or x.shape[axis] % 2:
        raise ValueError(f"glu: x of shape {x.shape} has no two halves along dim={dim}. Pass an even number there.")
    a, b = np.split(x, 2, axis)
    gate = each(kernels.sigmoid, b)
    y = a * gate
    return y, lambda dy: (np.concatenate([dy * gate, dy * y * (1 - gate)], axis),)  # a · gate' = y · (1 − gate)


def silu_vjp(x, inplace=False):
    """x · sigmoid(x), also called swish.

    Parameters
    ----------
    x : ndarray, any shape
    inplace : bool
        Accepted, and without effect: numbers are the same.

    Example
    -------
    >>> silu(np.array([-1000.0, 0, 1000]))
    array([  -0.,    0., 1000.])
    """
    checks.floating("silu", "x", x)
    checks.flag("silu", "inplace", inplace)
    return _swish(x, 1, 0)


def _swish(x, a, b):
    y = each(kernels.swish, x, settings=(a, b))
    return y, lambda dy: (each(kernels.swish_back, dy, x, settings=(a, b)),)


def gelu_vjp(x, approximate="none"):
    r"""x · Φ(x), with the cumulative normal distribution Φ.

    Parameters
    ----------
    x : ndarray, any shape
    approximate : {"none", "tanh"}
        "tanh": :math:`\Phi(x) \approx \sigma(2u)` with :math:`u = \sqrt{2/\pi}\,(x + 0.044715\,x^3)`.

    References
    ----------
    Hendrycks, Gimpel, Gaussian error linear units, arXiv:1606.08415.

    Example
    -------
    >>> gelu(np.array([-1000.0, 0, 1, 10])).round(3)
    array([-0.   ,  0.   ,  0.841, 10.   ])
    """
    checks.floating("gelu", "x", x)
    checks.one_of("gelu", "approximate", approximate, "none", "tanh")
    if approximate == "tanh":
        c = math.sqrt(8 / math.pi)
        return _swish(x, c, 0.044715 * c)
    return each(kernels.gelu, x), lambda dy: (each(kernels.gelu_back, dy, x),)


def softplus_vjp(x, beta=1.0, threshold=20.0):
    """log(1 + exp(β x)) / β, a smooth ReLU; x itself where β x is above `threshold`. Its derivative is sigmoid(β x).

    Example
    -------
    >>> softplus(np.array([-1000.0, 0, 10])).round(3)
    array([ 0.   ,  0.693, 10.   ])
    """
    checks.floating("softplus", "x", x)
    beta, threshold = (checks.number("softplus", n, v) for n, v in (("beta", beta), ("threshold", threshold)))
    if beta == 0:
        raise ValueError("softplus: beta must not be 0. Choose a positive number: the larger, the closer to relu.")
    settings = (beta, threshold)
    return each(kernels.softplus, x, settings=settings), lambda dy: (
        each(kernels.softplus_back, dy, x, settings=settings),
    )


def mish_vjp(x, inplace=False):
    """x · tanh(softplus(x)).

    Parameters
    ----------
    x : ndarray, any shape
    inplace : bool
        Accepted, and without effect: numbers are the same.

    References
    ----------
    Misra, Mish: a self regularized non-monotonic activation function, BMVC 2020, arXiv:1908.08681.

    Example
    -------
    >>> mish(np.array([-1000.0, 0, 1, 10])).round(3)
    array([-0.   ,  0.   ,  0.865, 10.   ])
    """
    checks.floating("mish", "x", x)
    checks.flag("mish", "inplace", inplace)
    s, softplus_back = softplus_vjp(x)
    t, tanh_back = tanh_vjp(s)

    def vjp(dy):
        (ds,) = tanh_back(dy * x)
        return (dy * t + softplus_back(ds)[0],)

    return x * t, vjp


def elu_vjp(x, alpha=1.0, inplace=False):
    """x where it is positive, alpha · (exp(x) − 1) elsewhere.

    Parameters
    ----------
    x : ndarray, any shape
    alpha : float
    inplace : bool
        Accepted, and without effect: numbers are the same.

    References
    ----------
    Clevert et al., Fast and accurate deep network learning by exponential linear units, arXiv:1511.07289.

    Example
    -------
    >>> elu(np.array([-1000.0, 0, 2]))
    array([-1.,  0.,  2.])
    """
    return _elu("elu", x, checks.number("elu", "alpha", alpha), 1.0, inplace)


def selu_vjp(x, inplace=False):
    """A scaled elu that keeps mean 0 and variance 1 from layer to layer.

    Parameters
    ----------
    x : ndarray, any shape
    inplace : bool
        Accepted, and without effect: numbers are the same.

    References
    ----------
    Klambauer et al., Self-normalizing neural networks, NeurIPS 2017, arXiv:1706.02515.

    Example
    -------
    >>> selu(np.array([-1000.0, 0, 2])).round(3)
    array([-1.758,  0.   ,  2.101])
    """
    return _elu("selu", x, 1.6732632423543772, 1.0507009873554805, inplace)


def _elu(where, x, alpha, scale, inplace):
    checks.floating(where, "x", x)
    checks.flag(where, "inplace", inplace)
    settings = (alpha, scale)
    return each(kernels.elu, x, settings=settings), lambda dy: (each(kernels.elu_back, dy, x, settings=settings),)


def celu_vjp(x, alpha=1.0, inplace=False):
    r"""An elu without a kink: :math:`\max(0, x) + \alpha (e^{\min(0, x) / \alpha} - 1)`; at 0 its slope is 1.

    Parameters
    ----------
    x : ndarray, any shape
    alpha : float
        Not 0.
    inplace : bool
        Accepted, and without effect: numbers are the same.

    Raises
    ------
    TypeError, ValueError
        If x is not floating point, or alpha is 0.

    References
    ----------
    Barron, Continuously differentiable exponential linear units, arXiv:1704.07483.

    Example
    -------
    >>> celu(np.array([-1000.0, 0, 3]), alpha=2)
    array([-2.,  0.,  3.])
    """
    checks.floating("celu", "x", x)
    checks.flag("celu", "inplace", inplace)
    alpha = checks.number("celu", "alpha", alpha)
    if alpha == 0:
        raise ValueError("celu: alpha must not be 0. Choose a positive number: the smaller, the closer to relu.")
    low = np.minimum(x, 0) / alpha
    return np.maximum(x, 0) + alpha * np.expm1(low), lambda dy: (dy * np.exp(low),)


def _as_floats(where, x):
    """x; ints as float32, as PyTorch has it."""
    if isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "iub":
        return x.astype(np.float32)
    checks.floating(where, "x", x)
    return x


tanh = differentiable(tanh_vjp)
scaled_tanh = differentiable(scaled_tanh_vjp)
sigmoid = differentiable(sigmoid_vjp)
logsigmoid = differentiable(logsigmoid_vjp)
softsign = differentiable(softsign_vjp)
glu = differentiable(glu_vjp)
silu = differentiable(silu_vjp)
gelu = differentiable(gelu_vjp)
softplus = differentiable(softplus_vjp)
mish = differentiable(mish_vjp)
elu = differentiable(elu_vjp)
selu = differentiable(selu_vjp)
celu = differentiable(celu_vjp)
