"""Other shapes for the same numbers: reshape, permute, join; and their pull-backs, which undo it."""

import operator
from math import prod

import numpy as np

from .. import checks
from ..operation import differentiable
from .broadcasting import array, common_dtype, form, unbroadcast

__all__ = [
    "cat", "cat_vjp", "concat", "flatten", "flatten_vjp", "permute", "permute_vjp", "reshape", "reshape_vjp", "squeeze",
    "squeeze_vjp", "stack", "stack_vjp", "transpose", "transpose_vjp", "unflatten", "unflatten_vjp", "unsqueeze",
    "unsqueeze_vjp",
]  # fmt: skip


def reshape_vjp(x, shape):
    """The same numbers in the same order, in another shape (one size may be −1: whatever is left).

    Example
    -------
    >>> reshape(np.arange(6.0), (2, -1))
    array([[0., 1., 2.],
           [3., 4., 5.]])
    """
    shape = _sizes("reshape", "shape", shape, array("reshape", x).size, f"the {x.size} numbers of x")
    before = x.shape
    return np.reshape(x, shape), lambda dy: (np.reshape(dy, before),)


def flatten_vjp(x, start_dim=0, end_dim=-1):
    """Axes start_dim to end_dim joined into one; with start_dim=1 images (N, C, H, W) become vectors (N, C·H·W).

    Example
    -------
    >>> flatten(np.zeros((5, 2, 3, 4)), 1).shape
    (5, 24)
    """
    n = max(array("flatten", x).ndim, 1)
    first, last = (checks.whole("flatten", k, d, -n) for k, d in (("start_dim", start_dim), ("end_dim", end_dim)))
    if max(first, last) >= n or first % n > last % n:
        raise ValueError(
            f"flatten: start_dim={start_dim} must not come after end_dim={end_dim}, and both must be axes of x, whose "
            f"shape is {x.shape}."
        )
    joined = prod(x.shape[first % n : last % n + 1])
    return reshape_vjp(x, x.shape[: first % n] + (joined,) + x.shape[last % n + 1 :])


def unflatten_vjp(x, dim, sizes):
    """Axis `dim` split into axes of the given sizes (one may be −1): undoes `flatten`.

    Example
    -------
    >>> unflatten(np.zeros((5, 24)), 1, (2, 3, -1)).shape
    (5, 2, 3, 4)
    """
    if array("unflatten", x).ndim == 0:
        raise ValueError("unflatten: x has no axis to split. Use reshape.")
    axis = checks.axis("unflatten", x, dim)
    n = x.shape[axis]
    sizes = _sizes("unflatten", "sizes", sizes, n, f"the {n} entries of axis {dim}")
    if not sizes:
        raise ValueError("unflatten: sizes is empty. Name at least one size.")
    return reshape_vjp(x, x.shape[:axis] + sizes + x.shape[axis + 1 :])


def _sizes(where, name, sizes, size, what):
    """A shape whose product is `size`, with its −1 filled in."""
    try:
        given = tuple(map(operator.index, sizes)) if np.ndim(sizes) else (operator.index(sizes),)
    except (TypeError, ValueError):  # ValueError: a list in a list
        raise TypeError(f"{where}: {name} must hold ints, not {sizes!r}.") from None
    known = prod(n for n in given if n != -1)
    full = tuple(size // known if n == -1 and known else n for n in given)
    if min(full, default=0) < 0 or prod(full) != size or given.count(-1) > 1:
        raise ValueError(
            f"{where}: {name}={given} does not fit {what}. The product of the sizes must; one may be -1 if the others "
            "leave no doubt."
        )
    return full


def transpose_vjp(x, dim0, dim1):
    """Axes dim0 and dim1 exchanged.

    Example
    -------
    >>> transpose(np.zeros((5, 2, 3)), 1, 2).shape
    (5, 3, 2)
    """
    array("transpose", x)
    i, j = (checks.axis("transpose", x, d) for d in (dim0, dim1))
    if x.ndim == 0:
        return x, lambda dy: (dy,)
    return np.swapaxes(x, i, j), lambda dy: (np.swapaxes(dy, i, j),)


def permute_vjp(x, dims):
    """The axes in the order `dims`.

    Example
    -------
    >>> permute(np.zeros((5, 2, 3)), (0, 2, 1)).shape
    (5, 3, 2)
    """
    array("permute", x)
    if not isinstance(dims, (tuple, list)):
        raise TypeError(f"permute: dims must be a tuple of ints, not {dims!r}.")
    order = [checks.axis("permute", x, d) for d in dims]
    if sorted(order) != list(range(x.ndim)):
        raise ValueError(f"permute: dims={tuple(dims)} must name each axis of x, whose shape is {x.shape}, once.")
    back = np.argsort(order).astype(int)
    return np.transpose(x, order), lambda dy: (np.transpose(dy, back),)


def squeeze_vjp(x, dim=None):
    """x without its axes of size 1: all of them, or only `dim` (an int, or several), if they have size 1.

    Example
    -------
    >>> squeeze(np.zeros((1, 5, 1, 2)), 0).shape
    (5, 1, 2)
    """
    axes = () if isinstance(dim, tuple) and not dim else checks.axes("squeeze", array("squeeze", x), dim)
    return reshape_vjp(x, tuple(n for i, n in enumerate(x.shape) if n != 1 or i not in axes))


def unsqueeze_vjp(x, dim):
    """x with a new axis of size 1 before axis `dim`, or at the end.

    Example
    -------
    >>> unsqueeze(np.zeros((5, 2)), -1).shape
    (5, 2, 1)
    """
    n = array("unsqueeze", x).ndim + 1
    i = checks.whole("unsqueeze", "dim", dim, -n)
    if i >= n:
        raise ValueError(f"unsqueeze: dim={dim} is too large for x of shape {x.shape}. At most {n - 1} fits.")
    return reshape_vjp(x, x.shape[: i % n] + (1,) + x.shape[i % n :])


def cat_vjp(*arrays, dim=0):
    """Arrays one after the other along axis `dim`; their other sizes must be equal. `cat` takes them as a list.

    Example
    -------
    >>> y, vjp = cat_vjp(np.array([1.0]), np.array([2.0, 3.0]))
    >>> y, vjp(y * 10)
    (array([1., 2., 3.]), (array([10.]), array([20., 30.])))
    """
    _some("cat", arrays)
    shapes = [x.shape for x in arrays]
    full = next((x for x in arrays if x.shape != (0,)), arrays[0])  # PyTorch lets arrays of shape (0,) join anything
    if any(x.ndim == 0 for x in arrays):
        raise ValueError(f"cat: the arrays need at least one axis, but their shapes are {shapes}. Use stack.")
    i = checks.axis("cat", full, dim)
    rests = {s[:i] + s[i + 1 :] for s in shapes if s != (0,)}
    if len(rests) > 1 or len({len(s) for s in shapes if s != (0,)}) > 1:
        raise ValueError(f"cat: shapes may differ in axis {i} only, but they are {shapes}.")
    sizes = [x.shape[i] if x.shape != (0,) else 0 for x in arrays]
    forms = [(x.shape, form(x)) for x in arrays]
    dtype = common_dtype(*arrays)
    y = np.concatenate([x.astype(dtype, copy=False) for x in arrays if x.shape != (0,)] or [full.astype(dtype)], i)

    def vjp(dy):
        parts = np.split(dy, np.cumsum(sizes[:-1]), i)
        return tuple(unbroadcast(part.reshape(shape), of_x) for part, (shape, of_x) in zip(parts, forms, strict=True))

    return y, vjp


def stack_vjp(*arrays, dim=0):
    """Arrays of one shape, side by side along a new axis `dim`. `stack` takes them as a list.

    Example
    -------
    >>> y, vjp = stack_vjp(np.zeros(3), np.ones(3), dim=1)
    >>> y.shape
    (3, 2)
    """
    _some("stack", arrays)
    shapes = [x.shape for x in arrays]
    if len(set(shapes)) > 1:
        raise ValueError(f"stack: all arrays must have one shape, but the shapes are {shapes}.")
    n = arrays[0].ndim + 1
    i = checks.whole("stack", "dim", dim, -n)
    if i >= n:
        raise ValueError(f"stack: dim={dim} is too large for arrays of shape {shapes[0]}. At most {n - 1} fits.")
    dtype = common_dtype(*arrays)
    y, forms = np.stack([x.astype(dtype, copy=False) for x in arrays], i), [form(x) for x in arrays]
    return y, lambda dy: tuple(unbroadcast(part, of_x) for part, of_x in zip(np.moveaxis(dy, i, 0), forms, strict=True))


def _some(where, arrays):
    if not arrays:
        raise ValueError(f"{where}: the list of arrays is empty. Pass at least one.")
    for x in arrays:
        array(where, x, "every item")


def cat(arrays, dim=0):
    """A list of arrays, one after the other along axis `dim`; their other sizes must be equal.

    Example
    -------
    >>> cat([np.array([[1.0, 2.0]]), np.array([[3.0]])], dim=1)
    array([[1., 2., 3.]])
    """
    return _cat(*arrays, dim=dim)


def stack(arrays, dim=0):
    """A list of arrays of one shape, side by side along a new axis `dim`.

    Example
    -------
    >>> stack([np.array([1.0, 2.0]), np.array([3.0, 4.0])], dim=1)
    array([[1., 3.],
           [2., 4.]])
    """
    return _stack(*arrays, dim=dim)


reshape, flatten, unflatten = (differentiable(f) for f in (reshape_vjp, flatten_vjp, unflatten_vjp))
transpose, permute, squeeze, unsqueeze = map(differentiable, (transpose_vjp, permute_vjp, squeeze_vjp, unsqueeze_vjp))
_cat, _stack = (differentiable(f, arrays=None) for f in (cat_vjp, stack_vjp))
concat = cat
