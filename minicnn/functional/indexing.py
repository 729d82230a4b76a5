"""Parts of an array: indices, slices and masks, with the pull-back that puts gradients where the numbers came from."""

import operator

import numpy as np

from .. import checks
from ..kernels.division import ceil_div
from ..operation import differentiable
from ..tensor import Tensor
from .broadcasting import array

__all__ = ["chunk", "getitem", "getitem_vjp", "split"]


def getitem_vjp(x, index):
    """What ``x[index]`` is for a Tensor. An entry taken several times gets all the gradients.

    Parameters
    ----------
    x : ndarray, any shape
    index : int, slice, None, Ellipsis, list or array of ints or bools, or a tuple of them
        As in NumPy; but ints always remove their axis where it is, as in PyTorch: ``x[0, :, [1, 2]]`` of an x with the
        shape (A, B, C) has shape (B, 2), not (2, B).

    Returns
    -------
    ndarray
        A view of x if the index holds no list or array.

    Raises
    ------
    IndexError
        If x has no such entries, or the index is none of the above.

    Example
    -------
    >>> y, vjp = getitem_vjp(np.array([1.0, 2.0, 3.0]), [2, 2])
    >>> y, vjp(np.array([10.0, 1.0]))
    (array([3., 3.]), (array([ 0.,  0., 11.]),))
    """
    basic, advanced = _two_steps(array("getitem", x), index)
    part = x[basic]  # first ints, slices and new axes: a view; then arrays
    try:
        y = part if advanced is None else part[advanced]
    except IndexError as error:
        raise IndexError(f"getitem: the index does not fit x of shape {x.shape}: {str(error).strip()}.") from None

    shape = x.shape

    def vjp(dy):
        dx = np.zeros(shape, dy.dtype)
        if advanced is None:
            dx[basic] = dy
        else:
            np.add.at(dx[basic], advanced, dy)
        return (dx,)

    return y, vjp


def _two_steps(x, index):
    """The index in two: of ints, slices and None for x, which makes a view; of arrays for that view, or None."""
    items = [_item(i) for i in (index if isinstance(index, tuple) else (index,))]
    taken = sum(map(_axes_taken, items))
    if taken > x.ndim:
        raise IndexError(f"getitem: {taken} indices are too many for x of shape {x.shape}.")
    if not any(item is Ellipsis for item in items):
        items.append(...)
    rest = [slice(None)] * (x.ndim - taken)
    basic, advanced, axis = [], [], 0
    for item in items:
        if item is Ellipsis:
            basic += rest
            advanced += rest
            axis += len(rest)
            rest = []  # a second Ellipsis stands for nothing
        elif isinstance(item, np.ndarray):
            there = x.shape[axis : axis + item.ndim]
            if item.dtype == np.bool_ and item.shape != there:
                raise IndexError(f"getitem: a mask of shape {item.shape} does not fit the axes of size {there} of x.")
            basic += [slice(None)] * _axes_taken(item)
            advanced.append(item)
        else:
            if isinstance(item, int) and not -x.shape[axis] <= item < x.shape[axis]:
                raise IndexError(f"getitem: index {item} is out of range for axis {axis} of x of shape {x.shape}.")
            basic.append(item)
            advanced += [slice(None)] * (not isinstance(item, int))
        axis += _axes_taken(item)
    return (*basic, ...), tuple(advanced) if any(isinstance(i, np.ndarray) for i in advanced) else None


def _axes_taken(item):
    """How many axes of x an item of the index is about."""
    if isinstance(item, np.ndarray) and item.dtype == np.bool_:
        return item.ndim
    return int(item is not None and item is not Ellipsis)


def _item(item):
    """One item of an index: an int, slice, None, Ellipsis, or array of ints or bools."""
    item = item.data if isinstance(item, Tensor) else item
    if item is None or item is Ellipsis:
        return item
    if isinstance(item, slice):
        if item.step is not None and item.step < 1:
            raise IndexError(f"getitem: the step of a slice must be at least 1, not {item.step}. Index with an array.")
        return item
    if isinstance(item, (list, bool, np.ndarray, np.generic)):
        item = np.asarray(item, np.int64 if isinstance(item, list) and not np.size(item) else None)
        if item.dtype == np.bool_ or (item.dtype.kind in "iu" and item.ndim and item.dtype != np.uint8):
            return item
        if item.dtype.kind in "iu" and item.ndim == 0:
            return int(item)
        raise IndexError(f"getitem: an array that is an index must hold ints (not uint8) or bools, not {item.dtype}.")
    try:
        return operator.index(item)
    except TypeError:
        raise IndexError(
            f"getitem: an index must be an int, slice, None, ..., or array of ints or bools, not {item!r}."
        ) from None


getitem = differentiable(getitem_vjp)


def split(x, split_size_or_sections, dim=0):
    """Parts of x along axis `dim`: each of one size (the last may be smaller), or of the listed sizes.

    Example
    -------
    >>> split(np.arange(5), 2)
    (array([0, 1]), array([2, 3]), array([4]))
    """
    axis, n = _axis_to_cut("split", x, dim)
    sizes = split_size_or_sections
    if isinstance(sizes, (list, tuple)):
        sizes = [checks.whole("split", "each size", s, 0) for s in sizes]
        if sum(sizes) != n:
            raise ValueError(f"split: the sizes {list(sizes)} must not be negative, and sum to the {n} of axis {dim}.")
    else:
        size = checks.whole("split", "split_size_or_sections", sizes, 0 if n == 0 else 1)
        sizes = [min(size, n - start) for start in range(0, n, size)] if n else [0]
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    before = (slice(None),) * axis
    return tuple(getitem(x, (*before, slice(end - size, end))) for end, size in zip(ends, sizes, strict=True))


def chunk(x, chunks, dim=0):
    """At most `chunks` parts of x along axis `dim`, of one size; the last may be smaller.

    Example
    -------
    >>> chunk(np.arange(5), 2)
    (array([0, 1, 2]), array([3, 4]))
    """
    _, n = _axis_to_cut("chunk", x, dim)
    chunks = checks.whole("chunk", "chunks", chunks, 1)
    return split(x, [0] * chunks if n == 0 else ceil_div(n, chunks), dim)


def _axis_to_cut(where, x, dim):
    if not array(where, x.data if isinstance(x, Tensor) else x).ndim:
        raise ValueError(f"{where}: x has no axis to cut. Use unsqueeze first.")
    axis = checks.axis(where, x, dim)
    return axis, x.shape[axis]
