"""Sums, means, variances and extremes over axes, as forward passes and their pull-backs.

All take PyTorch's `dim` (an axis, several, or None for all) and `keepdim` (leave the axes there, with size 1).
"""

from math import prod

import numpy as np

from .. import checks
from ..operation import differentiable
from ..tensor import Tensor
from .broadcasting import array, no_bools, quiet

__all__ = [
    "amax", "amax_vjp", "amin", "amin_vjp", "argmax", "argmin", "max", "max_vjp", "mean", "mean_vjp", "min", "min_vjp",
    "std", "std_vjp", "sum", "sum_vjp", "var", "var_vjp",
]  # fmt: skip


def sum_vjp(x, dim=None, keepdim=False):
    """The sum over `dim`. Ints and bools add up as int64.

    Example
    -------
    >>> sum(np.array([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    array([4., 6.])
    """
    axes = _axes("sum", array("sum", x), dim, keepdim)
    y = np.sum(x, axes, dtype=x.dtype if x.dtype.kind == "f" else np.int64, keepdims=keepdim)
    shape = x.shape
    return y, lambda dy: (np.broadcast_to(_with_axes(dy, shape, axes), shape),)


@quiet
def mean_vjp(x, dim=None, keepdim=False):
    """The mean over `dim`; of nothing, NaN.

    Example
    -------
    >>> mean(np.array([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    array([2., 3.])
    """
    checks.floating("mean", "x", x)
    axes = _axes("mean", x, dim, keepdim)
    shape, count = x.shape, x.dtype.type(prod(x.shape[i] for i in axes))
    y = np.sum(x, axes, keepdims=keepdim) / count
    return y, quiet(lambda dy: (np.broadcast_to(_with_axes(dy / count, shape, axes), shape),))


@quiet
def var_vjp(x, dim=None, *, correction=1, keepdim=False):
    r"""The variance over `dim`: :math:`\sum_i (x_i - \bar x)^2 / (n - \text{correction})`.

    Parameters
    ----------
    x : ndarray, any shape
    dim : int, tuple of int, or None
        Axes; None for all.
    correction : int
        1 makes the estimate unbiased; 0 divides by the number n itself, as batch normalisation does.
    keepdim : bool
        Leave the axes there, with size 1.

    Returns
    -------
    ndarray
        NaN or inf where n is not more than `correction`.

    Raises
    ------
    TypeError, ValueError
        If x is not floating point, or has no axis `dim`.

    Example
    -------
    >>> var(np.array([1.0, 2.0, 3.0, 4.0]), correction=0)
    np.float64(1.25)
    """
    return _var("var", x, dim, correction, keepdim)


@quiet
def std_vjp(x, dim=None, *, correction=1, keepdim=False):
    """The standard deviation: the square root of `var`, with the same arguments. Where it is 0, so is its gradient.

    Example
    -------
    >>> std(np.array([1.0, 3.0]), correction=0)
    np.float64(1.0)
    """
    y, vjp = _var("std", x, dim, correction, keepdim)
    y = np.sqrt(y)
    return y, quiet(lambda dy: vjp(np.where(y == 0, 0, dy / (2 * y))))


def _var(where, x, dim, correction, keepdim):
    checks.floating(where, "x", x)
    axes = _axes(where, x, dim, keepdim)
    count = x.dtype.type(prod(x.shape[i] for i in axes))
    rest = count - x.dtype.type(checks.number(where, "correction", correction))
    d = x - np.sum(x, axes, keepdims=True) / count
    y = np.sum(d * d, axes, keepdims=keepdim) / np.maximum(rest, 0)
    # the mean moves too, but Σ d = 0: only the 2 d of its own square is left of the gradient
    return y, quiet(lambda dy: (2 / rest * _with_axes(dy, d.shape, axes) * d,))


def max_vjp(x, dim=None, keepdim=False):
    """The largest number of all; or with `dim`, a pair: the largest along that axis, and where they are.

    Of equal numbers, the first counts along an axis; of all, they share the gradient. NaN wins.

    Example
    -------
    >>> values, indices = max(np.array([[1.0, 9.0], [5.0, 4.0]]), dim=1)
    >>> values, indices
    (array([9., 5.]), array([1, 0]))
    """
    return _extreme("max", np.argmax, np.max, x, dim, keepdim)


def min_vjp(x, dim=None, keepdim=False):
    """The smallest number of all; or with `dim`, a pair: the smallest along that axis, and where they are.

    Of equal numbers, the first counts along an axis; of all, they share the gradient. NaN wins.

    Example
    -------
    >>> min(np.array([[1.0, 9.0], [5.0, 4.0]]))
    np.float64(1.0)
    """
    return _extreme("min", np.argmin, np.min, x, dim, keepdim)


def _extreme(where, argbest, best, x, dim, keepdim):
    array(where, x)
    if dim is None:
        if keepdim:
            raise ValueError(f"{where}: keepdim goes with a dim. Pass one, or use a{where}(x, keepdim=True).")
        _not_empty(where, x, range(x.ndim))
        y = best(x)

        def shared(dy):
            winners = np.isnan(x) if np.isnan(y) else x == y
            return (np.where(winners, dy / x.dtype.type(np.sum(winners)), 0),)

        return y, shared
    axis = _axis(where, x, dim, keepdim)
    _not_empty(where, x, (axis,))
    lines = x if x.ndim else np.reshape(x, 1)
    index = argbest(lines, axis, keepdims=True)
    values = np.take_along_axis(lines, index, axis)
    before, rest = x.shape, lines.shape
    shape = before[:axis] + (1,) * keepdim + before[axis + 1 :]

    def to_the_winner(dy):
        dx = np.zeros(rest, dy.dtype)
        np.put_along_axis(dx, index, np.reshape(dy, index.shape), axis)
        return (dx.reshape(before),)

    return (values.reshape(shape), index.reshape(shape)), to_the_winner


def amax_vjp(x, dim=None, keepdim=False):
    """The largest number over `dim`. Equal ones share the gradient; NaN wins, and passes NaN.

    Example
    -------
    >>> amax(np.array([[1.0, 9.0], [5.0, 4.0]]), dim=(0, 1))
    np.float64(9.0)
    """
    return _shared_extreme("amax", np.max, x, dim, keepdim)


def amin_vjp(x, dim=None, keepdim=False):
    """The smallest number over `dim`. Equal ones share the gradient; NaN wins, and passes NaN.

    Example
    -------
    >>> amin(np.array([[1.0, 9.0], [5.0, 4.0]]), dim=0)
    array([1., 4.])
    """
    return _shared_extreme("amin", np.min, x, dim, keepdim)


def _shared_extreme(where, best, x, dim, keepdim):
    axes = _axes(where, array(where, x), dim, keepdim)
    _not_empty(where, x, axes)
    y = best(x, axes, keepdims=True)

    @quiet
    def vjp(dy):
        winners = (x == y).astype(dy.dtype)
        return (winners / winners.sum(axes, keepdims=True) * _with_axes(dy, x.shape, axes),)

    return best(x, axes, keepdims=keepdim), vjp


def argmax(x, dim=None, keepdim=False):
    """Where the largest number along `dim` is: the first, if several are equal. None: its number in x read row by row.

    It has no gradient.

    Example
    -------
    >>> argmax(np.array([[1.0, 9.0], [5.0, 4.0]]), dim=1)
    array([1, 0])
    """
    return _where_extreme("argmax", np.argmax, x, dim, keepdim)


def argmin(x, dim=None, keepdim=False):
    """Where the smallest number along `dim` is: the first, if several are equal. See `argmax`.

    Example
    -------
    >>> argmin(np.array([[1.0, 9.0], [5.0, 4.0]]))
    np.int64(0)
    """
    return _where_extreme("argmin", np.argmin, x, dim, keepdim)


def _where_extreme(where, argbest, x, dim, keepdim):
    a = array(where, x.data if isinstance(x, Tensor) else x)
    no_bools(where, a)
    axis = None if dim is None else _axis(where, a, dim, keepdim)
    _not_empty(where, a, range(a.ndim) if axis is None else (axis,))
    index = argbest(a, axis if a.ndim else None, keepdims=keepdim)
    return Tensor(index) if isinstance(x, Tensor) else index


def _axes(where, x, dim, keepdim):
    checks.flag(where, "keepdim", keepdim)
    return checks.axes(where, x, dim)


def _axis(where, x, dim, keepdim):
    checks.flag(where, "keepdim", keepdim)
    return checks.axis(where, x, dim)


def _not_empty(where, x, axes):
    if any(x.shape[i] == 0 for i in axes if x.ndim):
        raise ValueError(f"{where}: x of shape {x.shape} has nothing to choose from along dim. Use a larger x.")


def _with_axes(dy, shape, axes):
    """dy with the axes of size 1 back that a reduction of an array of that shape removed, if it did."""
    return np.reshape(dy, [1 if i in axes else n for i, n in enumerate(shape)])


sum, mean, max, min = (differentiable(f) for f in (sum_vjp, mean_vjp, max_vjp, min_vjp))
var, std, amax, amin = (differentiable(f) for f in (var_vjp, std_vjp, amax_vjp, amin_vjp))
