"""Padding in four modes, as a forward pass and its pull-back."""

import numpy as np

from .. import checks
from ..operation import differentiable
from .broadcasting import array

__all__ = ["pad", "pad_vjp"]


def pad_vjp(x, pad, mode="constant", value=None):
    """Add a border to the last axes, or cut it off with negative numbers.

    Parameters
    ----------
    x : ndarray, any shape; for the other modes (N, C, …) or (C, …)
    pad : tuple of int
        Pixels (before, after) for the last axis, then for the one before it, and so on, as in PyTorch:
        (left, right, top, bottom) for images.
    mode : {"constant", "reflect", "replicate", "circular"}
        What the border holds: `value`; the image mirrored at its outermost pixels; its outermost pixels repeated; the
        image continued from its other side. Where one side is cut off, "circular" continues what is left, but
        "reflect" and "replicate" see the whole image.
    value : float, optional
        For "constant": 0 if left out.

    Raises
    ------
    TypeError, ValueError
        If `pad` is not in pairs, names too many axes, or asks for more than the image holds.

    Example
    -------
    >>> x = np.array([[1.0, 2, 3]])
    >>> for mode in ("constant", "reflect", "replicate", "circular"):
    ...     print(pad(x, (2, 1), mode))
    [[0. 0. 1. 2. 3. 0.]]
    [[3. 2. 1. 2. 3. 2.]]
    [[1. 1. 1. 2. 3. 3.]]
    [[2. 3. 1. 2. 3. 1.]]
    """
    sides = _sides(array("pad", x), pad, mode)
    value, size = checks.number("pad", "value", 0 if value is None else value), x.shape
    if mode != "constant" and value != 0:
        raise ValueError(f'pad: value goes with mode "constant" only, not with "{mode}". Leave it out.')
    if mode == "constant":
        y = np.full([n + a + b for n, (a, b) in zip(x.shape, sides, strict=True)], value, x.dtype)
        inside = tuple(slice(max(a, 0), m - max(b, 0)) for m, (a, b) in zip(y.shape, sides, strict=True))
        kept = tuple(slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(x.shape, sides, strict=True))
        y[inside] = x[kept]

        def vjp(dy):
            dx = np.zeros(size, dy.dtype)
            dx[kept] = dy[inside]
            return (dx,)

        return y, vjp

    # Along each axis, y[i] = x[source[i]]: a pixel that was copied several times gets all their gradients.
    sources = [
        (axis, _source(x.shape[axis], before, after, mode))
        for axis, (before, after) in enumerate(sides)
        if (before, after) != (0, 0)
    ]
    y = x
    for axis, source in sources:
        y = np.take(y, source, axis)

    def vjp(dy):
        for axis, source in reversed(sources):
            dx = np.zeros((*dy.shape[:axis], size[axis], *dy.shape[axis + 1 :]), dy.dtype)
            np.add.at(np.moveaxis(dx, axis, 0), source, np.moveaxis(dy, axis, 0))
            dy = dx
        return (dy,)

    return y, vjp


def _source(n, before, after, mode):
    """The pixel, from 0 to n − 1, that each pixel of a padded axis repeats."""
    if mode == "circular":
        left = np.arange(n)[max(-before, 0) : n - max(-after, 0)]
        return np.pad(left, (max(before, 0), max(after, 0)), "wrap")
    i = np.arange(-before, n + after)
    if mode == "replicate":
        return np.clip(i, 0, n - 1)
    i = np.abs(i)  # reflect: mirrored at 0, and at n − 1
    return (n - 1) - np.abs((n - 1) - i)


def _sides(x, pad, mode):
    """((before, after), …) for every axis of x."""
    ints = isinstance(pad, (tuple, list)) and all(isinstance(p, (int, np.integer)) for p in pad)
    if not ints or len(pad) % 2 or any(isinstance(p, bool) for p in pad):
        raise TypeError(f"pad: pad must be ints in pairs (before, after), last axis first, not {pad!r}.")
    axes = len(pad) // 2
    checks.one_of("pad", "mode", mode, "constant", "reflect", "replicate", "circular")
    most = x.ndim if mode == "constant" else x.ndim - 1
    if axes > most:
        raise ValueError(
            f'pad: {pad} names {axes} axes, but mode "{mode}" pads at most {max(most, 0)} of x with shape {x.shape}.'
        )
    sides = ((0, 0),) * (x.ndim - axes) + tuple(zip(pad[::2], pad[1::2], strict=True))[::-1]
    for axis in range(x.ndim - axes, x.ndim):
        n, (before, after) = x.shape[axis], sides[axis]
        left = n + min(before, 0) + min(after, 0)
        if mode in ("constant", "circular") and left < 0:
            raise ValueError(f"pad: {(before, after)} cuts off more than the {n} entries of axis {axis}.")
        if mode in ("reflect", "replicate") and (n == 0 or n + before + after < 1):
            raise ValueError(
                f'pad: mode "{mode}" leaves nothing of axis {axis} with {n} entries and {(before, after)}.'
            )
        most = {"reflect": n - 1, "circular": left}.get(mode, np.inf)
        if max(before, after) > most:
            raise ValueError(
                f'pad: mode "{mode}" can add at most {most} entries to each side of axis {axis} with {n}, '
                f"not {(before, after)}."
            )
    return sides


pad = differentiable(pad_vjp)
