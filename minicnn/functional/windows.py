"""What convolution and pooling share: windows that slide over padded images of one, two or three dimensions."""

import re
from functools import lru_cache, wraps
from inspect import signature
from math import prod

import numpy as np


def for_each_dimension(f, adds_n=True):
    """The functions f1d_vjp, f2d_vjp, f3d_vjp from one ``f(nd, x, …)``, which is named ``f_Nd_vjp``.

    They also take one image without the axis N, as PyTorch's do: f gets it with an N of 1, unless `adds_n` is False.
    Their docstrings are filled in by `words`.
    """
    three = tuple(_with_dimension(f, nd, adds_n) for nd in (1, 2, 3))
    f.__doc__ = None  # its words are theirs now
    return three


def _with_dimension(f, nd, adds_n):
    @wraps(f)
    def fixed(x, *args, **options):
        if not adds_n or np.ndim(x) != nd + 1 or not isinstance(x, np.ndarray):
            return f(nd, x, *args, **options)
        return of_one_image(lambda x: f(nd, x, *args, **options), x)

    fixed.__name__ = fixed.__qualname__ = f.__name__.replace("Nd", f"{nd}d")
    fixed.__doc__ = words(f.__doc__, nd)
    sig = signature(f)
    fixed.__signature__ = sig.replace(parameters=list(sig.parameters.values())[1:])
    return fixed


def of_one_image(f, x):
    """``f(x) -> (y, vjp)`` for one image: x gets an axis N of 1, which y and its gradient lose again."""
    y, vjp = f(x[np.newaxis])

    def without_n(dy):
        dx, *others = vjp(dy[np.newaxis])
        return (None if dx is None else dx[0], *others)

    return (tuple(a[0] for a in y) if isinstance(y, tuple) else y[0]), without_n


def words(template, nd):
    """A docstring for `nd` dimensions: "Nd" becomes "2d", and "<5>" becomes "5, 5"."""
    return re.sub(r"<(\w+)>", lambda m: ", ".join([m[1]] * nd), template.replace("Nd", f"{nd}d"))


@lru_cache(maxsize=1024)
def tables(size, kernel, out, stride, dilation):
    """Flat offset of each tap from its window's first pixel, and flat place of each window."""

    def places(counts, step):
        steps = np.indices(counts).reshape(len(counts), prod(counts)) * np.reshape(step, (-1, 1))
        table = np.ravel_multi_index(tuple(steps), size).astype(np.int64)
        table.flags.writeable = False
        return table

    return places(kernel, dilation), places(out, stride)


def flat(x):
    """x (A, B, *size) as a contiguous (A, B, pixels)."""
    return np.ascontiguousarray(x).reshape(*x.shape[:2], prod(x.shape[2:]))


def pad(x, sides, value=0):
    """x (N, C, *size) with `sides` = ((before, after), …) of `value` along each axis of size; x itself if all are 0."""
    if not any(map(any, sides)):
        return x
    out = np.full(x.shape[:2] + tuple(n + a + b for n, (a, b) in zip(x.shape[2:], sides, strict=True)), value, x.dtype)
    crop(out, sides)[...] = x
    return out


def crop(x, sides):
    """The view of x (N, C, *size) without its `sides`: what undoes `pad`, and its pull-back."""
    return x[:, :, *(slice(a, n - b) for n, (a, b) in zip(x.shape[2:], sides, strict=True))]
