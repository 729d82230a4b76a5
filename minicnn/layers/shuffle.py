"""Channels and pixels in another order, as layers."""

from .. import functional as F
from .module import Module

__all__ = ["PixelShuffle"]


class PixelShuffle(Module):
    """`functional.pixel_shuffle` as a layer.

    Example
    -------
    >>> PixelShuffle(2)(np.zeros((8, 12, 5, 5))).shape
    (8, 3, 10, 10)
    """

    def __init__(self, upscale_factor):
        self.upscale_factor = upscale_factor

    def forward(self, x):
        """(…, C·r², H, W) to (…, C, H·r, W·r)."""
        return F.pixel_shuffle(x, self.upscale_factor)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"upscale_factor={self.upscale_factor}"
