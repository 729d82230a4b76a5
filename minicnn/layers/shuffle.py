"""Channels and pixels in another order, as layers."""

from .. import functional as F
from .module import Module

__all__ = ["ChannelShuffle", "PixelShuffle", "PixelUnshuffle"]


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


class PixelUnshuffle(Module):
    """`functional.pixel_unshuffle` as a layer.

    Example
    -------
    >>> PixelUnshuffle(2)(np.zeros((8, 3, 10, 10))).shape
    (8, 12, 5, 5)
    """

    def __init__(self, downscale_factor):
        self.downscale_factor = downscale_factor

    def forward(self, x):
        """(…, C, H·r, W·r) to (…, C·r², H, W)."""
        return F.pixel_unshuffle(x, self.downscale_factor)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """`functional.channel_shuffle` as a layer.

    Example
    -------
    >>> ChannelShuffle(3)(np.arange(6.0).reshape(1, 6, 1)).ravel()
    array([0., 2., 4., 1., 3., 5.])
    """

    def __init__(self, groups):
        self.groups = groups

    def forward(self, x):
        """(N, C, …) to the same shape."""
        return F.channel_shuffle(x, self.groups)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"groups={self.groups}"
