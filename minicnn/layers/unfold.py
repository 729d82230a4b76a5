"""Windows as columns and back, as layers."""

from .. import functional as F
from .module import Module

__all__ = ["Fold", "Unfold"]


class Unfold(Module):
    """`functional.unfold` as a layer: every window of an image becomes a column.

    Example
    -------
    >>> Unfold((2, 3))(np.zeros((8, 5, 3, 4))).shape
    (8, 30, 4)
    """

    def __init__(self, kernel_size, dilation=1, padding=0, stride=1):
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, x):
        """(N, C, H, W) to (N, C·KH·KW, L)."""
        return F.unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Unfold):
    """`functional.fold` as a layer: columns of windows are added up to an image.

    Example
    -------
    >>> Fold((3, 4), (2, 3))(np.zeros((8, 30, 4))).shape
    (8, 5, 3, 4)
    """

    def __init__(self, output_size, kernel_size, dilation=1, padding=0, stride=1):
        self.output_size = output_size
        super().__init__(kernel_size, dilation, padding, stride)

    def forward(self, x):
        """(N, C·KH·KW, L) to (N, C, H, W)."""
        return F.fold(x, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"output_size={self.output_size}, {super().extra_repr()}"
