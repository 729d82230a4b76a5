"""Arithmetic, number by number, with broadcasting: NumPy's operations with PyTorch's dtypes and pull-backs."""

import numpy as np

from ..kernels import arithmetic as kernels
from ..operation import differentiable
from .broadcasting import array, floats, form, no_bools, quiet, together, unbroadcast

__all__ = [
    "abs", "abs_vjp", "add", "add_vjp", "clamp", "clamp_vjp", "clip", "clip_vjp", "div", "div_vjp", "exp", "exp_vjp",
    "log", "log_vjp", "maximum", "maximum_vjp", "minimum", "minimum_vjp", "mul", "mul_vjp", "neg", "neg_vjp", "pow",
    "pow_vjp", "sqrt", "sqrt_vjp", "sub", "sub_vjp", "where", "where_vjp",
]  # fmt: skip


@quiet
def add_vjp(x, y):
    """x + y, with broadcasting.

    Example
    -------
    >>> add(np.array([1.0, 2.0]), 10)
    array([11., 12.])
    """
    a, b = together("add", x, y)
    of_x, of_y = form(x), form(y)
    return kernels.add(a, b), lambda dz: (unbroadcast(dz, of_x), unbroadcast(dz, of_y))


@quiet
def sub_vjp(x, y):
    """x − y, with broadcasting.

    Example
    -------
    >>> sub(np.array([1.0, 2.0]), 10)
    array([-9., -8.])
    """
    no_bools("sub", x, y)
    a, b = together("sub", x, y)
    of_x, of_y = form(x), form(y)
    return np.subtract(a, b), lambda dz: (unbroadcast(dz, of_x), unbroadcast(-dz, of_y))


@quiet
def mul_vjp(x, y):
    """x · y, with broadcasting.

    Example
    -------
    >>> mul(np.array([1.0, 2.0]), 10)
    array([10., 20.])
    """
    a, b = together("mul", x, y)
    of_x, of_y, z = form(x), form(y), np.multiply(a, b)
    a, b = a if of_y else 0, b if of_x else 0  # each is needed for the other's gradient only
    return z, quiet(lambda dz: (unbroadcast(dz * b, of_x), unbroadcast(dz * a, of_y)))


@quiet
def div_vjp(x, y):
    """x / y, with broadcasting. Division by 0 gives ± inf, or NaN for 0 / 0.

    Example
    -------
    >>> div(np.array([1.0, 2.0]), 10)
    array([0.1, 0.2])
    """
    a, b = together("div", x, y, floats=True)
    of_x, of_y, z = form(x), form(y), np.divide(a, b)
    kept = z if of_y else 0
    return z, quiet(lambda dz: (unbroadcast(dz / b, of_x), unbroadcast(-dz * kept / b, of_y)))


@quiet
def pow_vjp(x, y):
    """x to the power y, with broadcasting.

    Example
    -------
    >>> pow(np.array([1.0, 2.0]), 3)
    array([1., 8.])
    """
    a, b = together("pow", x, y)
    no_bools("pow", a)
    if a.dtype.kind in "biu" and np.less(y, 0).any():
        raise ValueError("pow: an int to a negative power is no int. Use x.astype(np.float32).")
    of_x, of_y, z = form(x), form(y), np.power(a, b)
    kept = z if of_y else 0

    @quiet
    def vjp(dz):
        da = np.where(b == 0, 0, dz * b * np.power(a, b - 1))  # x⁰ has derivative 0 everywhere, also at 0
        if of_y is None:
            return unbroadcast(da, of_x), None
        db = np.where((a == 0) & (b >= 0), 0, dz * kept * np.log(a))  # so has 0ʸ
        return unbroadcast(da, of_x), unbroadcast(db, of_y)

    return z, vjp


def neg_vjp(x):
    """−x.

    Example
    -------
    >>> neg(np.array([1.0, -2.0]))
    array([-1.,  2.])
    """
    no_bools("neg", x)
    return np.negative(array("neg", x)), lambda dy: (-dy,)


def abs_vjp(x):
    """The absolute value of x; its slope at the kink, and of NaN, is 0.

    Example
    -------
    >>> abs(np.array([3.0, -2.0]))
    array([3., 2.])
    """
    no_bools("abs", x)
    return np.abs(array("abs", x)), lambda dy: (dy * (1.0 * (x > 0) - (x < 0)).astype(x.dtype),)


@quiet
def exp_vjp(x):
    """e to the power x.

    Example
    -------
    >>> exp(np.array([0.0, -np.inf]))
    array([1., 0.])
    """
    y = np.exp(floats("exp", x))
    return y, quiet(lambda dy: (dy * y,))


@quiet
def log_vjp(x):
    """The natural logarithm of x; −inf for 0, NaN for negative x.

    Example
    -------
    >>> log(np.array([1.0, 0.5, 0.0]))
    array([ 0.        , -0.69314718,        -inf])
    """
    return np.log(floats("log", x)), quiet(lambda dy: (dy / x,))


@quiet
def sqrt_vjp(x):
    """The square root of x; NaN for negative x. Its slope at 0 is infinite.

    Example
    -------
    >>> sqrt(np.array([4.0, 2.25]))
    array([2. , 1.5])
    """
    y = np.sqrt(floats("sqrt", x))
    return y, quiet(lambda dy: (dy / (2 * y),))


def clamp_vjp(x, min=None, max=None):
    """x cut off below `min` and above `max`, which are numbers or arrays. If min > max, the result is max.

    The gradient goes to x from `min` to `max`, both included; elsewhere to the limit that counts.

    Example
    -------
    >>> clamp(np.array([-3.0, 0.5, 3.0]), 0, 1)
    array([0. , 0.5, 1. ])
    """
    if min is None and max is None:
        raise ValueError("clamp: min and max are both None. Pass at least one of them.")
    limits = [limit for limit in (min, max) if limit is not None]
    a, *limits = together("clamp", array("clamp", x), *limits)
    low = limits[0] if min is not None else None
    high = limits[-1] if max is not None else None
    of_x, of_min, of_max = form(x), form(min), form(max)
    y = a if low is None else np.maximum(a, low)
    y = y if high is None else np.minimum(y, high)

    def vjp(dy):
        above = True if low is None else a >= low
        below = True if high is None else a <= high
        dlow = dhigh = None
        if of_min:
            dlow = np.where((a < low) if high is None else (a < low) & (low < high), dy, 0)
        if of_max:
            dhigh = np.where((a > high) if low is None else (a > high) | (low > high), dy, 0)
        dx = np.where(above & below, dy, 0)
        return unbroadcast(dx, of_x), unbroadcast(dlow, of_min), unbroadcast(dhigh, of_max)

    return y, vjp


def clip_vjp(x, min=None, max=None):
    """The other name of `clamp`.

    Example
    -------
    >>> clip(np.array([-3.0, 0.5, 3.0]), max=1)
    array([-3. ,  0.5,  1. ])
    """
    return clamp_vjp(x, min, max)


def maximum_vjp(x, y):
    """The larger of x and y, with broadcasting. Equal numbers share the gradient; NaN wins.

    Example
    -------
    >>> maximum(np.array([1.0, 5.0]), np.array([3.0, 4.0]))
    array([3., 5.])
    """
    return _better("maximum", np.maximum, np.less, x, y)


def minimum_vjp(x, y):
    """The smaller of x and y, with broadcasting. Equal numbers share the gradient; NaN wins.

    Example
    -------
    >>> minimum(np.array([1.0, 5.0]), np.array([3.0, 4.0]))
    array([1., 4.])
    """
    return _better("minimum", np.minimum, np.greater, x, y)


def _better(name, choose, worse, x, y):
    a, b = together(name, array(name, x), array(name, y, "y"))
    of_x, of_y = form(x), form(y)

    def vjp(dz):
        shared = np.where(a == b, dz / 2, dz)
        dx, dy = (np.where(lost, 0, shared) for lost in (worse(a, b), worse(b, a)))
        return unbroadcast(dx, of_x), unbroadcast(dy, of_y)

    return choose(a, b), vjp


def where_vjp(condition, x, y):
    """x where `condition` (of bools) is true, y elsewhere, with broadcasting.

    Example
    -------
    >>> where(np.array([True, False]), np.array([1.0, 2.0]), 0)
    array([1., 0.])
    """
    if getattr(condition, "dtype", None) != np.bool_:
        found = getattr(condition, "dtype", type(condition).__name__)
        raise TypeError(f"where: condition must be an array of bool, not {found}. Compare, as in x > 0.")
    a, b = together("where", x, y)
    together("where", condition, x, y)  # all three shapes must fit
    of_x, of_y = form(x), form(y)

    def vjp(dz):
        dx, dy = np.where(condition, dz, 0), np.where(condition, 0, dz)
        return None, unbroadcast(dx, of_x), unbroadcast(dy, of_y)

    return np.where(condition, a, b), vjp


add, sub, mul, div, pow = (differentiable(f, arrays=2) for f in (add_vjp, sub_vjp, mul_vjp, div_vjp, pow_vjp))
maximum, minimum = (differentiable(f, arrays=2) for f in (maximum_vjp, minimum_vjp))
clamp, clip, where = (differentiable(f, arrays=3) for f in (clamp_vjp, clip_vjp, where_vjp))
neg, abs, exp, log, sqrt = (differentiable(f) for f in (neg_vjp, abs_vjp, exp_vjp, log_vjp, sqrt_vjp))
