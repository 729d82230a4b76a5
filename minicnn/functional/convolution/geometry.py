"""What a convolution is, whatever computes it: how the windows of a filter stand over an image.

There are always three axes; images of one or two dimensions get axes of length 1 behind their own. Arrays are flat:
x (N, C, pixels), w (O, C/groups, taps), y (N, O, pixels).
"""

from typing import NamedTuple

import numpy as np

from ...kernels.simd import BYTES
from ..windows import crop, flat, pad, tables


class Geometry(NamedTuple):
    """Windows over the larger image (x), one for each pixel of the smaller one (y), along each axis; and the groups."""

    size: tuple  # pixels of x
    before: tuple  # zeros before them
    kernel: tuple  # taps
    stride: tuple
    dilation: tuple
    out: tuple  # pixels of y
    groups: int

    @classmethod
    def of(cls, size, before, kernel, stride, dilation, out, groups):
        """From tuples of one, two or three axes."""
        zeros, ones = (0,) * (3 - len(size)), (1,) * (3 - len(size))
        return cls(*((*t, *more) for t, more in (
            (size, ones), (before, zeros), (kernel, ones), (stride, ones), (dilation, ones), (out, ones)
        )), groups)  # fmt: skip

    @property
    def padded(self):
        """Pixels of x with zeros on both sides, so many behind that all windows fit."""
        axes = zip(self.size, self.before, self.kernel, self.stride, self.dilation, self.out, strict=True)
        return tuple(max(b + n, (o - 1) * s + (k - 1) * d + 1) for n, b, k, s, d, o in axes)

    @property
    def sides(self):
        """Zeros before and behind, along each axis."""
        return tuple((b, total - b - n) for total, b, n in zip(self.padded, self.before, self.size, strict=True))

    def pad(self, x):
        """x (N, C, pixels) with its padding, flat again."""
        return flat(pad(x.reshape(*x.shape[:2], *self.size), self.sides))

    def crop(self, xp):
        """What `pad` was given."""
        return flat(crop(xp.reshape(*xp.shape[:2], *self.padded), self.sides))

    def offsets_and_places(self):
        """In the padded image: how far taps look ahead of their window's first pixel, and where each window stands."""
        return tables(self.padded, self.kernel, self.out, self.stride, self.dilation)


class Job(NamedTuple):
    """One of the products of a convolution: "forward" (y), "grad_input" (dx) or "grad_weight" (dw)."""

    product: str
    g: Geometry
    N: int
    C: int  # channels of x
    O: int  # and of y
    dtype: np.dtype

    @property
    def lanes(self):
        """Numbers in a vector."""
        return BYTES // self.dtype.itemsize

    def pick(self, forward, grad_input, grad_weight=None):
        """The one that is for this product."""
        return dict(forward=forward, grad_input=grad_input, grad_weight=grad_weight)[self.product]

    @property
    def channels(self):
        """Channels of what is computed that see the same input: rows that a tile could have."""
        return (self.C if self.product == "grad_input" else self.O) // self.g.groups
