"""Interpolation as layers."""

from .. import functional as F
from ..checks import number
from .module import Module

__all__ = ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]


class Upsample(Module):
    """`functional.interpolate` as a layer.

    Example
    -------
    >>> Upsample(scale_factor=2, mode="bilinear")(np.zeros((8, 6, 14, 14))).shape
    (8, 6, 28, 28)
    """

    def __init__(self, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None):
        self.size, self.scale_factor, self.mode = size, _floats(scale_factor), mode
        self.align_corners, self.recompute_scale_factor = align_corners, recompute_scale_factor

    def forward(self, x):
        """Feature maps (N, C, …) to maps of another size."""
        options = (self.mode, self.align_corners, self.recompute_scale_factor)
        return F.interpolate(x, self.size, self.scale_factor, *options)

    def extra_repr(self):
        """As PyTorch prints it."""
        given = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{given}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """`Upsample` of images in mode "nearest": every pixel is repeated.

    Example
    -------
    >>> UpsamplingNearest2d(scale_factor=2)(np.array([[[[0.0, 3.0]]]]))
    array([[[[0., 0., 3., 3.],
             [0., 0., 3., 3.]]]])
    """

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor)


class UpsamplingBilinear2d(Upsample):
    """`Upsample` of images in mode "bilinear", with the outermost pixels' centres where they were.

    Example
    -------
    >>> UpsamplingBilinear2d((1, 4))(np.array([[[[0.0, 3.0]]]]))
    array([[[[0., 1., 2., 3.]]]])
    """

    def __init__(self, size=None, scale_factor=None):
        super().__init__(size, scale_factor, "bilinear", align_corners=True)


def _floats(scale_factor):
    """Ints as floats, as PyTorch prints them."""
    if isinstance(scale_factor, (tuple, list)):
        return tuple(map(_floats, scale_factor))
    return None if scale_factor is None else number("Upsample", "scale_factor", scale_factor)
