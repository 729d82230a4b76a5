"""Convolution layers in one, two and three dimensions."""

import numpy as np

from .. import functional as F
from ..checks import one_of, per_axis, whole
from ..functional.conv import padding_sides
from . import init
from .module import Module, Parameter

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]


class _Conv(Module):
    """Settings, weight and bias, and how they are printed."""

    nd = 2  # axes of pixels

    def _set(self, in_channels, out_channels, groups, bias, rng, dtype, **per_axis_settings):
        name = type(self).__name__
        whole(name, "in_channels", in_channels, 1)
        whole(name, "out_channels", out_channels, 1)
        whole(name, "groups", groups, 1)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{name}: groups must divide in_channels and out_channels, but in_channels={in_channels}, "
                f"out_channels={out_channels}, groups={groups}."
            )
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        for setting, (value, least) in per_axis_settings.items():
            words = setting == "padding" and isinstance(value, str)
            setattr(self, setting, value if words else per_axis(name, setting, value, self.nd, least))
        self.weight = Parameter(np.empty((*self._filters(), *self.kernel_size), dtype))
        self.bias = Parameter(np.empty(out_channels, dtype)) if bias else None
        init._default_(self.weight, self.bias, rng)

    def extra_repr(self):
        """As PyTorch prints it: settings that have their default are left out."""
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        zeros, ones, bias = (0,) * self.nd, (1,) * self.nd, self.bias is not None
        usual = dict(padding=zeros, dilation=ones, output_padding=zeros, groups=1, bias=True, padding_mode="zeros")
        for name, value in usual.items():
            own = bias if name == "bias" else getattr(self, name, value)
            if own != value:
                text += f", {name}={own}"
        return text


class Conv2d(_Conv):
    """`functional.conv2d` with its own weight (O, C/groups, KH, KW) and bias (O,).

    Parameters
    ----------
    in_channels, out_channels : int
        C and O.
    kernel_size, stride, dilation : int or (int, int)
        In pixels.
    padding : int, (int, int), "valid" or "same"
        Pixels added on each of the two sides.
    groups : int
        Must divide C and O.
    bias : bool
        Whether to add a number for each output channel.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What the padding holds: see `functional.pad`.
    rng : numpy.random.Generator, optional
        For the starting values (PyTorch's: uniform within ± 1/√(C/groups · taps)); that of `manual_seed` if left out.
    dtype : dtype
        Of the parameters.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of range, or groups do not divide the channels.

    Example
    -------
    >>> layer = Conv2d(1, 6, 5)
    >>> layer(np.zeros((8, 1, 12, 12), np.float32)).shape
    (8, 6, 8, 8)
    """

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        padding_mode="zeros", *, rng=None, dtype=np.float32,
    ):  # fmt: skip
        one_of(type(self).__name__, "padding_mode", padding_mode, "zeros", "reflect", "replicate", "circular")
        self._set(
            in_channels, out_channels, groups, bias, rng, dtype,  # then values, and how large they are at least
            kernel_size=(kernel_size, 1), stride=(stride, 1), padding=(padding, 0), dilation=(dilation, 1),
        )  # fmt: skip
        self.padding_mode = padding_mode

    def forward(self, x):
        """Images (N, C, H, W) to feature maps (N, O, OH, OW)."""
        conv, padding = getattr(F, f"conv{self.nd}d"), self.padding  # at the end of functional/conv.py
        if self.padding_mode != "zeros":
            pairs = padding_sides(type(self).__name__, self.nd, padding, self.kernel_size, self.stride, self.dilation)
            sides = tuple(side for pair in reversed(pairs) for side in pair)  # `pad` begins with the last axis
            x, padding = F.pad(x, sides, self.padding_mode), 0
        return conv(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _filters(self):
        return self.out_channels, self.in_channels // self.groups


class Conv1d(_Conv):
    """`Conv2d` for sequences (N, C, L), with `functional.conv1d`.

    Example
    -------
    >>> Conv1d(1, 6, 5)(np.zeros((8, 1, 12), np.float32)).shape
    (8, 6, 8)
    """

    nd = 1
    __init__ = Conv2d.__init__
    forward = Conv2d.forward
    _filters = Conv2d._filters


class Conv3d(_Conv):
    """`Conv2d` for volumes (N, C, D, H, W), with `functional.conv3d`.

    Example
    -------
    >>> Conv3d(1, 6, 5)(np.zeros((8, 1, 12, 12, 12), np.float32)).shape
    (8, 6, 8, 8, 8)
    """

    nd = 3
    __init__ = Conv2d.__init__
    forward = Conv2d.forward
    _filters = Conv2d._filters


class ConvTranspose2d(_Conv):
    """`functional.conv_transpose2d` with its own weight (C, O/groups, KH, KW) and bias (O,).

    Parameters
    ----------
    in_channels, out_channels : int
        C and O.
    kernel_size, stride, padding, output_padding, dilation : int or (int, int)
        In pixels.
    groups : int
        Must divide C and O.
    bias : bool
        Whether to add a number for each output channel.
    padding_mode : {"zeros"}
        There is no other: `padding` cuts off here.
    rng : numpy.random.Generator, optional
        For the starting values (PyTorch's); that of `manual_seed` if left out.
    dtype : dtype
        Of the parameters.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of range, or groups do not divide the channels.

    Example
    -------
    >>> layer, x = ConvTranspose2d(6, 1, 5, stride=2), np.zeros((8, 6, 4, 4), np.float32)
    >>> layer(x).shape
    (8, 1, 11, 11)
    >>> layer(x, output_size=(12, 12)).shape
    (8, 1, 12, 12)
    """

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True,
        dilation=1, padding_mode="zeros", *, rng=None, dtype=np.float32,
    ):  # fmt: skip
        name = type(self).__name__
        if not (isinstance(padding_mode, str) and padding_mode == "zeros"):
            raise ValueError(f'{name}: padding_mode must be "zeros", as nothing is padded here, not {padding_mode!r}.')
        self._set(
            in_channels, out_channels, groups, bias, rng, dtype,
            kernel_size=(kernel_size, 1), stride=(stride, 1), dilation=(dilation, 1),
            padding=(per_axis(name, "padding", padding, self.nd, 0), 0), output_padding=(output_padding, 0),
        )  # fmt: skip
        self.padding_mode = padding_mode

    def forward(self, x, output_size=None):
        """Feature maps (N, C, H, W) to larger ones (N, O, OH, OW).

        A stride of s takes s sizes to one, so that the way back is not unique: `output_size`, (H, W) or a whole shape
        that ends in it, says which of them is wanted, in place of the layer's `output_padding`.
        """
        extra = (
            self.output_padding if output_size is None else self._output_padding(getattr(x, "shape", ()), output_size)
        )
        conv = getattr(F, f"conv_transpose{self.nd}d")
        return conv(x, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation)

    def _output_padding(self, shape, output_size):
        """What is missing to that size, for an input of that shape."""
        name, nd = type(self).__name__, self.nd
        if not isinstance(output_size, (tuple, list)):
            raise TypeError(f"{name}: output_size must be a tuple of ints, not {output_size!r}.")
        if len(shape) not in (nd + 1, nd + 2):
            return self.output_padding  # the convolution says what is wrong with x
        wanted = output_size[-nd:] if len(output_size) == len(shape) else output_size
        wanted = tuple(whole(name, "each of output_size", n, 0) for n in wanted)
        axes = zip(shape[-nd:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True)
        least = tuple((n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in axes)
        most = tuple(n + s - 1 for n, s in zip(least, self.stride, strict=True))
        if len(wanted) != nd or not all(a <= n <= b for a, n, b in zip(least, wanted, most, strict=True)):
            raise ValueError(f"{name}: output_size must be from {least} to {most} for x of {shape}, not {output_size}.")
        return tuple(n - a for n, a in zip(wanted, least, strict=True))

    def _filters(self):
        return self.in_channels, self.out_channels // self.groups


class ConvTranspose1d(_Conv):
    """`ConvTranspose2d` for sequences (N, C, L), with `functional.conv_transpose1d`.

    Example
    -------
    >>> ConvTranspose1d(6, 1, 5, stride=2)(np.zeros((8, 6, 4), np.float32)).shape
    (8, 1, 11)
    """

    nd = 1
    __init__ = ConvTranspose2d.__init__
    forward = ConvTranspose2d.forward
    _output_padding = ConvTranspose2d._output_padding
    _filters = ConvTranspose2d._filters


class ConvTranspose3d(_Conv):
    """`ConvTranspose2d` for volumes (N, C, D, H, W), with `functional.conv_transpose3d`.

    Example
    -------
    >>> ConvTranspose3d(6, 1, 5, stride=2)(np.zeros((8, 6, 4, 4, 4), np.float32)).shape
    (8, 1, 11, 11, 11)
    """

    nd = 3
    __init__ = ConvTranspose2d.__init__
    forward = ConvTranspose2d.forward
    _output_padding = ConvTranspose2d._output_padding
    _filters = ConvTranspose2d._filters
