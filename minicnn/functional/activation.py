"""Activations made of straight lines, as forward passes and their pull-backs. Others are in smooth.py and shrink.py.

All keep shape and dtype. At a kink the pull-back takes the slope that PyTorch takes.
"""

import numpy as np

from .. import checks
from ..kernels import activation as kernels
from ..operation import differentiable
from ._elementwise import each

__all__ = [
    "hardsigmoid", "hardsigmoid_vjp", "hardswish", "hardswish_vjp", "hardtanh", "hardtanh_vjp", "leaky_relu",
    "leaky_relu_vjp", "prelu", "prelu_vjp", "relu", "relu6", "relu6_vjp", "relu_vjp",
]  # fmt: skip


def relu_vjp(x, inplace=False):
    """max(0, x). The pull-back lets the gradient through where x was positive.

    Parameters
    ----------
    x : ndarray, any shape
    inplace : bool
        Accepted, and without effect: numbers are the same.

    Example
    -------
    >>> relu(np.array([-1.0, 0, 2]))
    array([0., 0., 2.])
    """
    _numbers("relu", x)
    checks.flag("relu", "inplace", inplace)
    y = each(kernels.relu, x)
    return y, lambda dy: (each(kernels.relu_back, dy, y),)


def relu6_vjp(x, inplace=False):
    """x cut off below 0 and above 6.

    Parameters
    ----------
    x : ndarray, any shape
    inplace : bool
        Accepted, and without effect: numbers are the same.

    Example
    -------
    >>> relu6(np.array([-1.0, 2, 10]))
    array([0., 2., 6.])
    """
    return _clip("relu6", x, 0, 6, inplace)


def hardtanh_vjp(x, min_val=-1.0, max_val=1.0, inplace=False):
    """x cut off below `min_val` and above `max_val`; at and beyond them the slope is 0.

    Parameters
    ----------
    x : ndarray, any shape
    min_val, max_val : float
        The first must not be greater than the second.
    inplace : bool
        Accepted, and without effect: numbers are the same.

    Example
    -------
    >>> hardtanh(np.array([-3.0, 0.5, 3.0]))
    array([-1. ,  0.5,  1. ])
    """
    low, high = (checks.number("hardtanh", n, v) for n, v in (("min_val", min_val), ("max_val", max_val)))
    if low > high:
        raise ValueError(
            f"hardtanh: min_val must not be greater than max_val, but min_val={min_val!r} and max_val={max_val!r}. "
            "Exchange them."
        )
    return _clip("hardtanh", x, low, high, inplace)


def _clip(where, x, low, high, inplace):
    _numbers(where, x)
    checks.flag(where, "inplace", inplace)
    if x.dtype.kind == "u" and low < 0:
        raise TypeError(f"{where}: x of dtype {x.dtype} cannot be cut off below {low:g}. Use x.astype(np.float32).")
    y = np.clip(x, x.dtype.type(low), x.dtype.type(high))
    return y, lambda dy: (dy * ~((x <= low) | (x >= high)),)


def leaky_relu_vjp(x, negative_slope=0.01, inplace=False):
    """x where it is positive, `negative_slope` times x elsewhere: no unit is ever without a gradient.

    Parameters
    ----------
    x : ndarray, any shape
    negative_slope : float
    inplace : bool
        Accepted, and without effect: numbers are the same.

    Example
    -------
    >>> leaky_relu(np.array([-100.0, 2.0]))
    array([-1.,  2.])
    """
    checks.floating("leaky_relu", "x", x)
    checks.flag("leaky_relu", "inplace", inplace)
    slope = (checks.number("leaky_relu", "negative_slope", negative_slope),)
    y = each(kernels.leaky_relu, x, x, settings=slope)
    return y, lambda dy: (each(kernels.leaky_relu, dy, x, settings=slope),)


def prelu_vjp(x, weight):
    r"""A leaky ReLU whose slope is learned: :math:`\max(0, x) + w \min(0, x)`.

    Parameters
    ----------
    x : ndarray, shape (N, C, …) or any
    weight : ndarray, shape (1,) or (C,)
        One slope for all, or one for each channel.

    Raises
    ------
    TypeError, ValueError
        If dtypes differ, or there are neither 1 nor C slopes.

    References
    ----------
    He et al., Delving deep into rectifiers, ICCV 2015, arXiv:1502.01852.

    Example
    -------
    >>> prelu(np.array([[-1.0, -1.0, 2.0]]), np.array([0.1, 0.2, 0.3]))
    array([[-0.1, -0.2,  2. ]])
    """
    checks.floating("prelu", "x", x)
    checks.floating("prelu", "weight", weight)
    checks.same_dtype("prelu", x=x, weight=weight)
    C = x.shape[1] if x.ndim > 1 else 1
    if weight.ndim > 1 or weight.size not in (1, C):
        raise ValueError(
            f"prelu: weight must have shape (1,) or one number for each of the C={C} channels of x, whose shape is "
            f"{x.shape}, not shape {weight.shape}. Pass num_parameters={C} to PReLU."
        )
    one_for_all = weight.size == 1
    w = weight.reshape(() if one_for_all else (C, *[1] * (x.ndim - 2)))

    def vjp(dy):
        up = (x > 0).astype(x.dtype)
        dw = np.minimum(x, 0) * dy  # w multiplies min(0, x)
        dw = dw.sum(tuple(i for i in range(x.ndim) if i != 1 or one_for_all)).reshape(weight.shape)
        return dy * (up + w * (1 - up)), dw

    return np.maximum(x, 0) + w * np.minimum(x, 0), vjp


def hardsigmoid_vjp(x, inplace=False):
    """x/6 + 1/2 cut off below 0 and above 1: a sigmoid without exp.

    Parameters
    ----------
    x : ndarray, any shape
    inplace : bool
        Accepted, and without effect: numbers are the same.

    Example
    -------
    >>> hardsigmoid(np.array([-4.0, 0.0, 4.0]))
    array([0. , 0.5, 1. ])
    """
    checks.floating("hardsigmoid", "x", x)
    checks.flag("hardsigmoid", "inplace", inplace)
    return np.clip(x + 3, 0, 6) / 6, lambda dy: (dy / 6 * (np.abs(x) < 3),)


def hardswish_vjp(x, inplace=False):
    """x times hardsigmoid(x).

    Parameters
    ----------
    x : ndarray, any shape
    inplace : bool
        Accepted, and without effect: numbers are the same.

    References
    ----------
    Howard et al., Searching for MobileNetV3, ICCV 2019, arXiv:1905.02244.

    Example
    -------
    >>> hardswish(np.array([-4.0, 1.5, 4.0]))
    array([-0.   ,  1.125,  4.   ])
    """
    checks.floating("hardswish", "x", x)
    checks.flag("hardswish", "inplace", inplace)
    y = x * (np.clip(x + 3, 0, 6) / 6)

    def vjp(dy):
        # between −3 and 3: y = (x² + 3x)/6, whose slope is x/3 + 1/2
        return (dy * ((np.clip(x, -3, 3) / 3 + 0.5) * ~(np.abs(x) >= 3) + (x >= 3)),)

    return y, vjp


def _numbers(where, x):
    """x must be an array of numbers; ints will do, True and False will not."""
    if not isinstance(x, (np.ndarray, np.generic)) or x.dtype.kind not in "iu":
        checks.floating(where, "x", x)


relu = differentiable(relu_vjp)
relu6 = differentiable(relu6_vjp)
hardtanh = differentiable(hardtanh_vjp)
leaky_relu = differentiable(leaky_relu_vjp)
prelu = differentiable(prelu_vjp, arrays=2)
hardsigmoid = differentiable(hardsigmoid_vjp)
hardswish = differentiable(hardswish_vjp)
