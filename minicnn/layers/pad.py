"""Padding layers in one, two and three dimensions. They hold settings, no parameters."""

import numpy as np

from .. import functional as F
from ..checks import SHAPES, per_axis
from ._dimensions import Dimensional

__all__ = [
    "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d",
    "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d",
    "ReplicationPad3d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
]  # fmt: skip


class _Pad(Dimensional):
    mode = None

    def __init__(self, padding):
        self.padding = per_axis(type(self).__name__, "padding", padding, 2 * self.nd, -(2**31))

    def forward(self, x):
        """Images (N, C, …) or (C, …) to larger ones, or with negative numbers to smaller ones."""
        if np.ndim(x) not in (self.nd + 1, self.nd + 2):
            shape = SHAPES[self.nd]
            raise ValueError(
                f"{type(self).__name__}: x must have shape {shape}, or {shape.replace('N, ', '')} for one image, not "
                f"{np.shape(x)}. Use the layer for its number of dimensions."
            )
        return F.pad(x, self.padding, self.mode)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"{self.padding}"


class ConstantPadNd(_Pad):
    """`functional.pad` with a constant as a layer.

    Parameters
    ----------
    padding : int or one for each side
        In pixels: (before, after) for the last axis, then for the one before it, and so on.
    value : float
        What the border holds.

    Example
    -------
    >>> ConstantPadNd(1, 0.5)(np.zeros((8, 3, <4>))).shape
    (8, 3, <6>)
    """

    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    def forward(self, x):
        """The last axes larger, or with negative numbers smaller; x may have any number of axes before them."""
        return F.pad(x, self.padding, "constant", self.value)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"padding={self.padding}, value={self.value}"


class ZeroPadNd(ConstantPadNd):
    """`functional.pad` with zeros as a layer.

    Parameters
    ----------
    padding : int or one for each side
        In pixels: (before, after) for the last axis, then for the one before it, and so on.

    Example
    -------
    >>> ZeroPadNd(1)(np.zeros((8, 3, <4>))).shape
    (8, 3, <6>)
    """

    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"{self.padding}"


class ReflectionPadNd(_Pad):
    """`functional.pad` in mode "reflect" as a layer: the image is mirrored at its outermost pixels.

    Parameters
    ----------
    padding : int or one for each side
        In pixels: (before, after) for the last axis, then for the one before it, and so on.

    Example
    -------
    >>> ReflectionPadNd(1)(np.zeros((8, 3, <4>))).shape
    (8, 3, <6>)
    """

    mode = "reflect"


class ReplicationPadNd(_Pad):
    """`functional.pad` in mode "replicate" as a layer: the outermost pixels are repeated.

    Parameters
    ----------
    padding : int or one for each side
        In pixels: (before, after) for the last axis, then for the one before it, and so on.

    Example
    -------
    >>> ReplicationPadNd(1)(np.zeros((8, 3, <4>))).shape
    (8, 3, <6>)
    """

    mode = "replicate"


class CircularPadNd(_Pad):
    """`functional.pad` in mode "circular" as a layer: the image goes on from its other side.

    Parameters
    ----------
    padding : int or one for each side
        In pixels: (before, after) for the last axis, then for the one before it, and so on.

    Example
    -------
    >>> CircularPadNd(1)(np.zeros((8, 3, <4>))).shape
    (8, 3, <6>)
    """

    mode = "circular"


class ConstantPad1d(ConstantPadNd):
    nd = 1


class ConstantPad2d(ConstantPadNd):
    nd = 2


class ConstantPad3d(ConstantPadNd):
    nd = 3


class ZeroPad1d(ZeroPadNd):
    nd = 1


class ZeroPad2d(ZeroPadNd):
    nd = 2


class ZeroPad3d(ZeroPadNd):
    nd = 3


class ReflectionPad1d(ReflectionPadNd):
    nd = 1


class ReflectionPad2d(ReflectionPadNd):
    nd = 2


class ReflectionPad3d(ReflectionPadNd):
    nd = 3


class ReplicationPad1d(ReplicationPadNd):
    nd = 1


class ReplicationPad2d(ReplicationPadNd):
    nd = 2


class ReplicationPad3d(ReplicationPadNd):
    nd = 3


class CircularPad1d(CircularPadNd):
    nd = 1


class CircularPad2d(CircularPadNd):
    nd = 2


class CircularPad3d(CircularPadNd):
    nd = 3


for _template in (ConstantPadNd, ZeroPadNd, ReflectionPadNd, ReplicationPadNd, CircularPadNd):
    _template.__doc__ = None  # its words are in its subclasses now; it is no layer itself
