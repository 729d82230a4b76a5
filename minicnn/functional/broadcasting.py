"""How arrays of different dtype and shape meet: PyTorch's rules, and what broadcasting means for gradients."""

from typing import NamedTuple

import numpy as np

from ..tensor import DTYPES

# PyTorch gives inf and NaN without a warning. Decorates forward passes and their pull-backs.
quiet = np.errstate(all="ignore")


def array(where, x, name="x"):
    """x must be an array, or a NumPy number, which counts as an array without axes."""
    if type(x) is np.ndarray and x.dtype in DTYPES:
        return x
    if not isinstance(x, (np.ndarray, np.generic)):
        raise TypeError(f"{where}: {name} must be an array or a Tensor, not {type(x).__name__}. Use np.asarray.")
    if x.dtype not in DTYPES:
        raise TypeError(f"{where}: {name} must be of float32, float64, ints or bools, not {x.dtype}. Use .astype(…).")
    return x


def floats(where, x):
    """x as it is; ints and bools as float32, the dtype of Python's numbers in PyTorch."""
    return x if array(where, x).dtype.kind == "f" else x.astype(np.float32)


def no_bools(where, *operands):
    """Refuse bools, for which the operation has no meaning."""
    if any(isinstance(x, bool) or getattr(x, "dtype", None) == np.bool_ for x in operands):
        raise TypeError(f"{where}: not defined for bool. Convert with .astype(np.int64), or use ~, & and ^ on masks.")


def common_dtype(*operands):
    """The dtype in which operands meet, by PyTorch's rule.

    The kind counts first (bool < int < float), then the size; within a kind, arrays with axes outvote those without,
    and they outvote Python's numbers, whose float is a float32.

    Example
    -------
    >>> common_dtype(np.ones(2, np.float32), np.array(1.0), 3.0)
    dtype('float32')
    """
    votes = [None, None, None]
    for x in operands:
        if isinstance(x, (np.ndarray, np.generic)):
            vote, dtype = int(x.ndim == 0), x.dtype
        else:
            vote, dtype = 2, np.dtype({bool: np.bool_, int: np.int64}.get(type(x), np.float32))
        votes[vote] = _promote(votes[vote], dtype)
    result = None
    for dtype in votes:
        if result is None or (dtype is not None and result.kind != "f" and (dtype.kind == "f" or result.kind == "b")):
            result = _promote(result, dtype)
    return result


def _promote(a, b):
    if a is None or b is None:
        return b if a is None else a
    if (a.kind == "f") != (b.kind == "f"):
        return a if a.kind == "f" else b
    return np.promote_types(a, b)


def together(where, *operands, floats=False):
    """Operands (arrays or numbers) as arrays of their common dtype, after a look whether their shapes fit.

    With `floats`, ints and bools become float32.
    """
    for x in operands:
        if isinstance(x, (np.ndarray, np.generic)) or not isinstance(x, (int, float)):
            array(where, x, "every operand")
    shapes = [np.shape(x) for x in operands]
    broadcast_shape(where, *shapes)
    dtype = common_dtype(*operands)
    if floats and dtype.kind != "f":
        dtype = np.dtype(np.float32)
    return [np.asarray(x).astype(dtype, copy=False) for x in operands]


def broadcast_shape(where, *shapes):
    """The shape that `shapes` broadcast to."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        found = " and ".join(map(str, shapes))
        raise ValueError(
            f"{where}: shapes {found} do not broadcast. Counted from the last axis, sizes must be equal, or one be 1."
        ) from None


class Form(NamedTuple):
    """What a pull-back may know of an array without keeping its numbers."""

    shape: tuple
    dtype: np.dtype


def form(x):
    """The Form of what can have a gradient; None for a plain number."""
    return Form(x.shape, x.dtype) if isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind == "f" else None


def unbroadcast(dy, form):
    """Sum dy over the axes along which an array of that form was repeated: it was used many times, and gets it all."""
    if form is None:
        return None
    more = dy.ndim - len(form.shape)
    repeated = [i + more for i, n in enumerate(form.shape) if n == 1 and dy.shape[i + more] != 1]
    if more or repeated:
        dy = dy.sum((*range(more), *repeated)).reshape(form.shape)
    return dy.astype(form.dtype, copy=False)
