"""Pooling layers. They hold settings, no parameters."""

from .. import functional as F
from ._dimensions import Dimensional

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d", "LPPool1d", "LPPool2d", "LPPool3d", "MaxPool1d",
    "MaxPool2d", "MaxPool3d",
]  # fmt: skip


class _Pool(Dimensional):
    def _set(self, kernel_size, stride, padding):
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxPoolNd(_Pool):
    """`functional.max_poolNd` as a layer.

    Example
    -------
    >>> MaxPoolNd(2)(np.zeros((8, 6, <28>))).shape
    (8, 6, <14>)
    """

    def __init__(self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False):
        self._set(kernel_size, stride, padding)
        self.dilation, self.return_indices, self.ceil_mode = dilation, return_indices, ceil_mode

    def forward(self, x):
        """Feature maps (N, C, …) to smaller ones; with `return_indices` also where the winners were."""
        pool = getattr(F, f"max_pool{self.nd}d")
        settings = (self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)
        return pool(x, *settings)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"{super().extra_repr()}, dilation={self.dilation}, ceil_mode={self.ceil_mode}"


class AvgPoolNd(_Pool):
    """`functional.avg_poolNd` as a layer.

    Example
    -------
    >>> AvgPoolNd(2)(np.zeros((8, 6, <28>))).shape
    (8, 6, <14>)
    """

    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
    ):
        self._set(kernel_size, stride, padding)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad
        self.divisor_override = divisor_override

    def forward(self, x):
        """Feature maps (N, C, …) to smaller ones."""
        pool = getattr(F, f"avg_pool{self.nd}d")
        options = (self.ceil_mode, self.count_include_pad, self.divisor_override)
        return pool(x, self.kernel_size, self.stride, self.padding, *options)


class LPPoolNd(Dimensional):
    """`functional.lp_poolNd` as a layer.

    Example
    -------
    >>> LPPoolNd(2, 3)(np.zeros((8, 6, <28>))).shape
    (8, 6, <9>)
    """

    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode

    def forward(self, x):
        """Feature maps (N, C, …) to smaller ones."""
        pool = getattr(F, f"lp_pool{self.nd}d")
        return pool(x, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self):
        """As PyTorch prints it."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class AdaptiveAvgPoolNd(Dimensional):
    """`functional.adaptive_avg_poolNd` as a layer; with 1 it is global average pooling.

    Example
    -------
    >>> AdaptiveAvgPoolNd(1)(np.zeros((8, 6, <28>))).shape
    (8, 6, <1>)
    """

    def __init__(self, output_size):
        self.output_size = output_size

    def forward(self, x):
        """Feature maps (N, C, …) to maps of the given size."""
        return getattr(F, f"adaptive_avg_pool{self.nd}d")(x, self.output_size)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPoolNd(Dimensional):
    """`functional.adaptive_max_poolNd` as a layer; with 1 it is global max pooling.

    Example
    -------
    >>> AdaptiveMaxPoolNd(1)(np.zeros((8, 6, <28>))).shape
    (8, 6, <1>)
    """

    def __init__(self, output_size, return_indices=False):
        self.output_size, self.return_indices = output_size, return_indices

    def forward(self, x):
        """Feature maps (N, C, …) to maps of the given size."""
        return getattr(F, f"adaptive_max_pool{self.nd}d")(x, self.output_size, self.return_indices)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"output_size={self.output_size}"


class MaxPool1d(MaxPoolNd):
    nd = 1


class MaxPool2d(MaxPoolNd):
    nd = 2


class MaxPool3d(MaxPoolNd):
    nd = 3


class AvgPool1d(AvgPoolNd):
    nd = 1


class AvgPool2d(AvgPoolNd):
    nd = 2


class AvgPool3d(AvgPoolNd):
    nd = 3


class LPPool1d(LPPoolNd):
    nd = 1


class LPPool2d(LPPoolNd):
    nd = 2


class LPPool3d(LPPoolNd):
    nd = 3


class AdaptiveAvgPool1d(AdaptiveAvgPoolNd):
    nd = 1


class AdaptiveAvgPool2d(AdaptiveAvgPoolNd):
    nd = 2


class AdaptiveAvgPool3d(AdaptiveAvgPoolNd):
    nd = 3


class AdaptiveMaxPool1d(AdaptiveMaxPoolNd):
    nd = 1


class AdaptiveMaxPool2d(AdaptiveMaxPoolNd):
    nd = 2


class AdaptiveMaxPool3d(AdaptiveMaxPoolNd):
    nd = 3


for _template in (MaxPoolNd, AvgPoolNd, LPPoolNd, AdaptiveAvgPoolNd, AdaptiveMaxPoolNd):
    _template.__doc__ = None  # its words are in its subclasses now; it is no layer itself
