"""What the operations demand of their inputs. Each error says where, the rule, the values, and the repair."""

import operator

import numpy as np


def pair(where, name, value, least):
    """An int or a pair of ints as a pair; each at least `least`."""
    try:
        both = (value, value) if np.ndim(value) == 0 else tuple(value)
        both = tuple(operator.index(v) for v in both)
    except TypeError:
        both = ()
    if len(both) != 2:
        raise TypeError(f"{where}: {name} must be an int or a pair of ints, not {value!r}.")
    if min(both) < least:
        raise ValueError(f"{where}: {name} must be at least {least}, not {value!r}.")
    return both


def images(where, x):
    """x must be a floating point batch of images (N, C, H, W)."""
    floating(where, "x", x)
    if x.ndim != 4:
        raise ValueError(
            f"{where}: x must have the four axes (N, C, H, W), not shape {x.shape}. For one image, pass x[np.newaxis]."
        )


def floating(where, name, x):
    """x must be an array of floating point numbers."""
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        found = f"dtype {x.dtype}" if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError(f"{where}: {name} must be a floating point array, not {found}. Use {name}.astype(np.float32).")


def same_dtype(where, **arrays):
    """All arrays must have one dtype: minicnn never changes precision behind your back."""
    dtypes = {name: a.dtype for name, a in arrays.items() if a is not None}
    if len(set(dtypes.values())) > 1:
        found = ", ".join(f"{name} is {dtype}" for name, dtype in dtypes.items())
        raise TypeError(f"{where}: all arrays must have one dtype, but {found}. Convert one with .astype(…).")


def output_size(where, size, kernel, stride, padding, dilation):
    """Positions of a window along each axis: floor((size + 2·padding − dilation·(kernel − 1) − 1) / stride) + 1."""
    span = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
    room = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
    if any(s > r for s, r in zip(span, room, strict=True)):
        raise ValueError(
            f"{where}: the window of {span[0]}×{span[1]} is larger than the padded input of {room[0]}×{room[1]}. "
            "Use a smaller kernel or dilation, more padding, or a larger image."
        )
    return tuple((r - s) // t + 1 for r, s, t in zip(room, span, stride, strict=True))


def conv(where, x, w, b, groups):
    """Shapes and dtypes of a convolution's input, weight and bias."""
    images(where, x)
    floating(where, "w", w)
    if w.ndim != 4:
        raise ValueError(f"{where}: w must have the four axes (O, C/groups, KH, KW), not shape {w.shape}.")
    if b is not None:
        floating(where, "b", b)
    same_dtype(where, x=x, w=w, b=b)
    try:
        good = operator.index(groups) >= 1
    except TypeError:
        good = False
    if not good:
        raise ValueError(f"{where}: groups must be an int of at least 1, not {groups!r}.")
    if 0 in w.shape:
        raise ValueError(f"{where}: w of shape {w.shape} has an axis of size 0. Every axis needs at least 1.")
    if w.shape[0] % groups:
        raise ValueError(
            f"{where}: w of shape {w.shape} has O={w.shape[0]} filters, which groups={groups} does not divide. "
            "Choose out_channels as a multiple of groups."
        )
    if x.shape[1] != w.shape[1] * groups:
        raise ValueError(
            f"{where}: x has C={x.shape[1]} channels but w of shape {w.shape} with groups={groups} expects "
            f"{w.shape[1] * groups}. Pass in_channels={x.shape[1]} to Conv2d."
        )
    if b is not None and b.shape != w.shape[:1]:
        raise ValueError(
            f"{where}: b must hold one number for each of the {w.shape[0]} filters, so shape ({w.shape[0]},), "
            f"not {b.shape}."
        )
