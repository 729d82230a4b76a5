"""Activations that put one number in place of all small ones, or pull numbers towards 0: forward and pull-back."""

import numpy as np

from .. import checks
from ..operation import differentiable
from .activation import _numbers
from .broadcasting import no_bools
from .smooth import _as_floats, tanh_vjp

__all__ = [
    "hardshrink", "hardshrink_vjp", "softshrink", "softshrink_vjp", "tanhshrink", "tanhshrink_vjp", "threshold",
    "threshold_vjp",
]  # fmt: skip


def hardshrink_vjp(x, lambd=0.5):
    """x, but 0 from −lambd to lambd, where the slope is 0 too.

    Example
    -------
    >>> hardshrink(np.array([-2.0, -0.5, 0.2, 0.6]))
    array([-2. ,  0. ,  0. ,  0.6])
    """
    checks.floating("hardshrink", "x", x)
    small = _small(x, checks.number("hardshrink", "lambd", lambd))
    return np.where(small, 0, x), lambda dy: (np.where(small, 0, dy),)


def softshrink_vjp(x, lambd=0.5):
    """x moved towards 0 by lambd, but not beyond it: what a penalty on the sum of absolute values does to a weight.

    References
    ----------
    Donoho, De-noising by soft-thresholding, IEEE Trans. Information Theory 41 (1995).

    Example
    -------
    >>> softshrink(np.array([-2.0, -0.5, 0.2, 1.0]))
    array([-1.5,  0. ,  0. ,  0.5])
    """
    checks.floating("softshrink", "x", x)
    lambd = checks.number("softshrink", "lambd", lambd, 0)
    small = _small(x, lambd)
    return x - np.clip(x, -lambd, lambd), lambda dy: (np.where(small, 0, dy),)


def _small(x, lambd):
    return (x >= -lambd) & (x <= lambd)


def tanhshrink_vjp(x):
    """x − tanh(x); its derivative is tanh².

    Example
    -------
    >>> tanhshrink(np.array([-10.0, 0.1, 10.0])).round(3)
    array([-9.,  0.,  9.])
    """
    no_bools("tanhshrink", x)
    x = _as_floats("tanhshrink", x)
    t, _ = tanh_vjp(x)
    return x - t, lambda dy: (dy * t * t,)


def threshold_vjp(x, threshold, value, inplace=False):
    """x where it is greater than `threshold`, and `value` elsewhere, where the slope is 0.

    Parameters
    ----------
    x : ndarray, any shape
    threshold, value : float
        As numbers of x's dtype: for ints, without what stands after the decimal point.
    inplace : bool
        Accepted, and without effect: numbers are the same.

    Raises
    ------
    TypeError, ValueError
        If x holds no numbers, or its dtype no such value.

    Example
    -------
    >>> threshold(np.array([-1.0, 0.1, 0.5]), 0.1, 20)
    array([20. , 20. ,  0.5])
    """
    _numbers("threshold", x)
    checks.flag("threshold", "inplace", inplace)
    below = x <= _of_dtype(x, "threshold", threshold)
    return np.where(below, _of_dtype(x, "value", value), x), lambda dy: (np.where(below, 0, dy),)


def _of_dtype(x, name, value):
    number = checks.number("threshold", name, value)
    try:
        return x.dtype.type(number if x.dtype.kind == "f" else int(number))
    except (OverflowError, ValueError):
        raise ValueError(
            f"threshold: {name}={value!r} is no number of x's dtype {x.dtype}. Use x.astype(np.float32)."
        ) from None


hardshrink = differentiable(hardshrink_vjp)
softshrink = differentiable(softshrink_vjp)
tanhshrink = differentiable(tanhshrink_vjp)
threshold = differentiable(threshold_vjp)
