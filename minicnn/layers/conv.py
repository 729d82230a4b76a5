"""Convolution layers."""

import numpy as np

from ..functional import conv2d
from ..functional._checks import pair
from . import init
from .module import Module, Parameter


class Conv2d(Module):
    """`functional.conv2d` with its own weight (O, C/groups, KH, KW) and bias (O,).

    Parameters
    ----------
    in_channels, out_channels : int
        C and O.
    kernel_size, stride, padding, dilation : int or (int, int)
        In pixels, for rows and columns.
    groups : int
        Must divide C and O.
    bias : bool
        Whether to add a number for each output channel.
    rng : numpy.random.Generator, optional
        For the starting values (PyTorch's: uniform within ± 1/√(C/groups · KH · KW)); unseeded if left out.
    dtype : dtype
        Of the parameters.

    Raises
    ------
    ValueError
        If a size is not positive or groups do not divide the channels.

    Example
    -------
    >>> layer = Conv2d(1, 6, 5)
    >>> layer(np.zeros((8, 1, 32, 32), np.float32)).shape
    (8, 6, 28, 28)
    """

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        *, rng=None, dtype=np.float32,
    ):  # fmt: skip
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = pair("Conv2d", "kernel_size", kernel_size, 1)
        self.stride = pair("Conv2d", "stride", stride, 1)
        self.padding = pair("Conv2d", "padding", padding, 0)
        self.dilation = pair("Conv2d", "dilation", dilation, 1)
        if groups < 1 or in_channels < 1 or out_channels < 1 or in_channels % groups or out_channels % groups:
            raise ValueError(
                f"Conv2d: groups must divide in_channels and out_channels, all at least 1, but "
                f"in_channels={in_channels}, out_channels={out_channels}, groups={groups}."
            )
        self.weight = Parameter(np.empty((out_channels, in_channels // groups, *self.kernel_size), dtype))
        self.bias = Parameter(np.empty(out_channels, dtype)) if bias else None
        init._default_(self.weight, self.bias, rng)

    def forward(self, x):
        """Images (N, C, H, W) to feature maps (N, O, OH, OW)."""
        return conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self):
        """As PyTorch prints it: settings that have their default are left out."""
        s = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        for name, usual in dict(padding=(0, 0), dilation=(1, 1), groups=1).items():
            if getattr(self, name) != usual:
                s += f", {name}={getattr(self, name)}"
        return s if self.bias is not None else s + ", bias=False"
