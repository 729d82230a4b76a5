"""Elementary functions, number by number: powers, logarithms, sine and cosine, rounding."""

import math

import numpy as np

from .. import checks
from ..operation import differentiable
from .broadcasting import array, floats, no_bools, quiet

__all__ = [
    "ceil", "ceil_vjp", "cos", "cos_vjp", "expm1", "expm1_vjp", "floor", "floor_vjp", "log10", "log10_vjp", "log1p",
    "log1p_vjp", "log2", "log2_vjp", "reciprocal", "reciprocal_vjp", "round", "round_vjp", "rsqrt", "rsqrt_vjp",
    "sign", "sign_vjp", "sin", "sin_vjp", "square", "square_vjp",
]  # fmt: skip


@quiet
def square_vjp(x):
    """x · x.

    Example
    -------
    >>> square(np.array([3.0, -2.0]))
    array([9., 4.])
    """
    no_bools("square", x)
    return np.square(array("square", x)), quiet(lambda dy: (2 * dy * x,))


@quiet
def reciprocal_vjp(x):
    """1 / x; ± inf for 0.

    Example
    -------
    >>> reciprocal(np.array([4.0, -0.5]))
    array([ 0.25, -2.  ])
    """
    y = 1 / floats("reciprocal", x)
    return y, quiet(lambda dy: (-dy * y * y,))


@quiet
def rsqrt_vjp(x):
    """1 / √x; inf for 0, NaN for negative x.

    Example
    -------
    >>> rsqrt(np.array([4.0, 0.25]))
    array([0.5, 2. ])
    """
    y = 1 / np.sqrt(floats("rsqrt", x))
    return y, quiet(lambda dy: (-0.5 * dy * y**3,))


@quiet
def expm1_vjp(x):
    """e to the power x, minus 1: exact also for tiny x, where the subtraction would lose all digits.

    Example
    -------
    >>> expm1(np.array([0.0, 1e-20]))
    array([0.e+00, 1.e-20])
    """
    y = np.expm1(floats("expm1", x))
    return y, quiet(lambda dy: (dy * (y + 1),))


@quiet
def log1p_vjp(x):
    """The natural logarithm of 1 + x: exact also for tiny x, where the addition would lose all digits.

    Example
    -------
    >>> log1p(np.array([0.0, 1e-20]))
    array([0.e+00, 1.e-20])
    """
    return np.log1p(floats("log1p", x)), quiet(lambda dy: (dy / (1 + x),))


@quiet
def log2_vjp(x):
    """The logarithm of x to base 2; −inf for 0, NaN for negative x.

    Example
    -------
    >>> log2(np.array([8.0, 0.5]))
    array([ 3., -1.])
    """
    return np.log2(floats("log2", x)), quiet(lambda dy: (dy / (x * math.log(2)),))


@quiet
def log10_vjp(x):
    """The logarithm of x to base 10; −inf for 0, NaN for negative x.

    Example
    -------
    >>> log10(np.array([1000.0, 0.1]))
    array([ 3., -1.])
    """
    return np.log10(floats("log10", x)), quiet(lambda dy: (dy / (x * math.log(10)),))


@quiet
def sin_vjp(x):
    """The sine of x, in radians.

    Example
    -------
    >>> sin(np.array([0.0, np.pi / 2]))
    array([0., 1.])
    """
    return np.sin(floats("sin", x)), quiet(lambda dy: (dy * np.cos(x),))


@quiet
def cos_vjp(x):
    """The cosine of x, in radians.

    Example
    -------
    >>> cos(np.array([0.0, np.pi]))
    array([ 1., -1.])
    """
    return np.cos(floats("cos", x)), quiet(lambda dy: (-dy * np.sin(x),))


def sign_vjp(x):
    """1 where x is positive, −1 where it is negative, 0 for 0 and NaN. Its gradient is 0 everywhere.

    Example
    -------
    >>> sign(np.array([3.0, 0.0, -2.0]))
    array([ 1.,  0., -1.])
    """
    y = (array("sign", x) > 0).astype(x.dtype)
    return y if x.dtype == np.bool_ else y - (x < 0), _flat


def floor_vjp(x):
    """The largest whole number that is not above x. Its gradient is 0 everywhere.

    Example
    -------
    >>> floor(np.array([1.5, -1.5]))
    array([ 1., -2.])
    """
    return _step("floor", np.floor, x), _flat


def ceil_vjp(x):
    """The smallest whole number that is not below x. Its gradient is 0 everywhere.

    Example
    -------
    >>> ceil(np.array([1.5, -1.5]))
    array([ 2., -1.])
    """
    return _step("ceil", np.ceil, x), _flat


def round_vjp(x, *, decimals=0):
    """x to so many decimals (negative: to tens, hundreds, …); halves go to the even neighbour. Its gradient is 0.

    Example
    -------
    >>> round(np.array([0.5, 1.5, 2.5])), round(np.array([3.14159]), decimals=2)
    (array([0., 2., 2.]), array([3.14]))
    """
    if not -300 <= checks.whole("round", "decimals", decimals, -300) <= 300:
        raise ValueError(f"round: decimals must be from -300 to 300, not {decimals!r}.")
    if decimals and array("round", x).dtype.kind != "f":
        raise TypeError(f"round: decimals={decimals} goes with floats, not {x.dtype}. Use x.astype(np.float32).")
    return _step("round", quiet(lambda x: np.round(x, decimals)), x), _flat


def _step(where, f, x):
    """f(x); ints, which are whole already, stay as they are."""
    no_bools(where, x)
    return f(x) if array(where, x).dtype.kind == "f" else np.array(x)


def _flat(dy):
    return (np.zeros_like(dy),)


square, reciprocal, rsqrt = map(differentiable, (square_vjp, reciprocal_vjp, rsqrt_vjp))
expm1, log1p, log2, log10 = map(differentiable, (expm1_vjp, log1p_vjp, log2_vjp, log10_vjp))
sin, cos, sign, floor, ceil, round = map(differentiable, (sin_vjp, cos_vjp, sign_vjp, floor_vjp, ceil_vjp, round_vjp))
