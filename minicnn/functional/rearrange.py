"""The same numbers repeated, or in another order, as forward passes and their pull-backs."""

import numpy as np

from .. import checks
from ..operation import differentiable
from .broadcasting import array, form, unbroadcast

__all__ = [
    "broadcast_to", "broadcast_to_vjp", "expand", "flip", "flip_vjp", "repeat", "repeat_vjp", "roll", "roll_vjp",
]  # fmt: skip


def broadcast_to_vjp(x, shape):
    """x repeated along its axes of size 1, and along new ones in front. −1 keeps a size. The result is read-only.

    Example
    -------
    >>> broadcast_to(np.array([[1.0], [2.0]]), (-1, 3))
    array([[1., 1., 1.],
           [2., 2., 2.]])
    """
    of_x, sizes = form(array("broadcast_to", x)), _ints("broadcast_to", "shape", shape, -1)
    new = len(sizes) - x.ndim
    try:
        y = np.broadcast_to(x, [x.shape[i - new] if n == -1 and i >= new else n for i, n in enumerate(sizes)])
    except ValueError:
        raise ValueError(
            f"broadcast_to: x of shape {x.shape} does not fit into shape {sizes}. Counted from the last axis, a size "
            "must be that of x, or any if that is 1; -1 keeps what is there."
        ) from None
    return y, lambda dy: (unbroadcast(dy, of_x),)


def repeat_vjp(x, repeats):
    """Copies of x side by side, `repeats` of them along each axis, and along new ones in front.

    This is PyTorch's ``Tensor.repeat``; NumPy's `repeat` is another.

    Example
    -------
    >>> repeat(np.array([[1.0, 2.0]]), (2, 2))
    array([[1., 2., 1., 2.],
           [1., 2., 1., 2.]])
    """
    repeats = _ints("repeat", "repeats", repeats, 0)
    if len(repeats) < array("repeat", x).ndim:
        raise ValueError(f"repeat: repeats={repeats} must have a number for each axis of x, whose shape is {x.shape}.")
    before = x.shape
    old = (1,) * (len(repeats) - x.ndim) + before
    pairs = tuple(n for pair in zip(repeats, old, strict=True) for n in pair)  # (copies, size, copies, size, …)
    # the gradients of all copies add
    return np.tile(x, repeats), lambda dy: (dy.reshape(pairs).sum((*range(0, len(pairs), 2),)).reshape(before),)


def flip_vjp(x, dims):
    """x with the order along each of the axes `dims` reversed.

    Example
    -------
    >>> flip(np.array([[1.0, 2.0], [3.0, 4.0]]), (1,))
    array([[2., 1.],
           [4., 3.]])
    """
    array("flip", x)
    axes = () if isinstance(dims, (tuple, list)) and not dims else checks.axes("flip", x, dims)
    return np.flip(x, axes).copy(), lambda dy: (np.flip(dy, axes),)


def roll_vjp(x, shifts, dims=None):
    """x moved on by `shifts` places along axis `dims` (or several each); what falls off the end begins anew.

    Without `dims`, x moves as if it had one axis only.

    Example
    -------
    >>> roll(np.array([1.0, 2.0, 3.0, 4.0]), 1)
    array([4., 1., 2., 3.])
    """
    shifts = _ints("roll", "shifts", shifts, -(2**62))
    axes = () if dims is None else tuple(checks.axis("roll", x, d) for d in _several(dims))
    if len(shifts) != (1 if dims is None else len(axes)):
        raise ValueError(f"roll: shifts={shifts} and dims={dims} do not fit. Pass one shift for each axis.")
    if array("roll", x).ndim == 0:
        return np.array(x), lambda dy: (dy,)
    back, axes = tuple(-n for n in shifts), axes or None
    return np.roll(x, shifts, axes), lambda dy: (np.roll(dy, back, axes),)


def _several(value):
    return value if isinstance(value, (tuple, list)) else (value,)


def _ints(where, name, value, least):
    """One int, or several, as a tuple."""
    return tuple(checks.whole(where, f"each of {name}", n, least) for n in _several(value))


broadcast_to, repeat, flip, roll = map(differentiable, (broadcast_to_vjp, repeat_vjp, flip_vjp, roll_vjp))
expand = broadcast_to
