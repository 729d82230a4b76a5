"""Interpolation as a layer."""

from .. import functional as F
from .module import Module

__all__ = ["Upsample"]


class Upsample(Module):
    """`functional.interpolate` as a layer.

    Example
    -------
    >>> Upsample(scale_factor=2, mode="bilinear")(np.zeros((8, 6, 14, 14))).shape
    (8, 6, 28, 28)
    """

    def __init__(self, size=None, scale_factor=None, mode="nearest", align_corners=False):
        self.size, self.scale_factor, self.mode, self.align_corners = size, scale_factor, mode, align_corners

    def forward(self, x):
        """Feature maps (N, C, …) to maps of another size."""
        return F.interpolate(x, self.size, self.scale_factor, self.mode, self.align_corners)

    def extra_repr(self):
        """As PyTorch prints it."""
        given = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{given}, mode={self.mode!r}"
