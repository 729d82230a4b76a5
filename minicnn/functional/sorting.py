"""Entries chosen along an axis: by their numbers, or by their size. Gradients go to where the entries came from."""

import numpy as np

from .. import checks
from ..operation import differentiable
from .broadcasting import array

__all__ = ["gather", "gather_vjp", "sort", "sort_vjp", "topk", "topk_vjp"]


def gather_vjp(x, dim, index):
    """Entries of x along axis `dim`: for dim=1 in a matrix, y[i, j] = x[i, index[i, j]].

    Parameters
    ----------
    x : ndarray, any shape
    dim : int
        The axis that `index` is about.
    index : ndarray of int
        With as many axes as x, none longer than in x except `dim`. It gives y its shape. An entry taken several times
        gets all the gradients.

    Raises
    ------
    TypeError, ValueError, IndexError
        If `index` holds no ints, does not fit x, or asks for what is not there.

    Example
    -------
    >>> gather(np.array([[1.0, 2.0], [3.0, 4.0]]), 1, np.array([[1], [0]]))
    array([[2.],
           [3.]])
    """
    index, axis = np.asarray(index), checks.axis("gather", array("gather", x), dim)
    if index.dtype.kind not in "iu":
        raise TypeError(f"gather: index must hold ints, not {index.dtype}. Use index.astype(np.int64).")
    room = [max(n, m) if i == axis else n for i, (n, m) in enumerate(zip(x.shape, index.shape, strict=False))]
    if index.ndim != x.ndim or any(m > n for m, n in zip(index.shape, room, strict=True)):
        raise ValueError(
            f"gather: index of shape {index.shape} must have as many axes as x, whose shape is {x.shape}, and be no "
            f"longer, except along axis {axis}."
        )
    last = (x.shape[axis] if x.ndim else 1) - 1
    if index.size and not (index.min() >= 0 and index.max() <= last):
        raise IndexError(
            f"gather: index must be from 0 to {last} along axis {axis}, but goes from {index.min()} to {index.max()}."
        )
    y, vjp = _take(x, axis, index)
    return y, lambda dy: (*vjp(dy), None)


def sort_vjp(x, dim=-1, descending=False, *, stable=False):
    """A pair: x sorted along axis `dim`, and the places in x where the numbers come from.

    Equal numbers stay in their order, also if `stable` does not ask for it. NaN counts as the largest number.

    Example
    -------
    >>> values, indices = sort(np.array([3.0, 1.0, 2.0]), descending=True)
    >>> values, indices
    (array([3., 2., 1.]), array([0, 2, 1]))
    """
    axis = checks.axis("sort", array("sort", x), dim)
    checks.flag("sort", "stable", stable)
    index = _order(x, axis, checks.flag("sort", "descending", descending))
    y, vjp = _take(x, axis, index)
    return (y, index), vjp


def topk_vjp(x, k, dim=-1, largest=True, sorted=True):
    """A pair: the k largest numbers along axis `dim` (or the smallest), and the places in x where they come from.

    They are sorted, also if `sorted` does not ask for it. Of equal numbers, the first come first. NaN counts as the
    largest number.

    Example
    -------
    >>> values, indices = topk(np.array([3.0, 1.0, 2.0]), 2)
    >>> values, indices
    (array([3., 2.]), array([0, 2]))
    """
    axis, k = checks.axis("topk", array("topk", x), dim), checks.whole("topk", "k", k, 0)
    checks.flag("topk", "sorted", sorted)
    n = x.shape[axis] if x.ndim else 1
    if k > n:
        raise ValueError(f"topk: k={k} is more than the {n} entries along axis {dim} of x of shape {x.shape}.")
    order = _order(x, axis, checks.flag("topk", "largest", largest))
    index = np.take(order, range(k), axis) if x.ndim else order
    y, vjp = _take(x, axis, index)
    return (y, index), vjp


def _order(x, axis, descending):
    """The places of the numbers of x in sorted order; those of equal ones in theirs."""
    if x.ndim == 0:
        return np.array(0)
    if not descending:
        return np.argsort(x, axis, kind="stable")
    backwards = np.argsort(np.flip(x, axis), axis, kind="stable")
    return x.shape[axis] - 1 - np.flip(backwards, axis)


def _take(x, axis, index):
    """The entries of x at the places `index` along an axis, and the pull-back that puts gradients there."""
    shape, of_y, lines = x.shape, index.shape, np.reshape(x, x.shape or 1)
    where = [*np.indices(of_y or (1,), sparse=True)]
    where[axis] = np.reshape(index, of_y or 1)
    where = tuple(where)

    def vjp(dy):
        dx = np.zeros(shape or 1, dy.dtype)
        np.add.at(dx, where, dy.reshape(of_y or 1))
        return (dx.reshape(shape),)

    return lines[where].reshape(of_y), vjp


gather = differentiable(gather_vjp, arrays=("x", "index"))
sort, topk = map(differentiable, (sort_vjp, topk_vjp))
