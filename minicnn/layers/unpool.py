"""Max unpooling as layers."""

from .. import functional as F
from ..checks import per_axis
from .pool import _Pool

__all__ = ["MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"]


class MaxUnpoolNd(_Pool):
    """`functional.max_unpoolNd` as a layer: call it with maps and indices.

    Example
    -------
    >>> y, indices = mc.MaxPoolNd(2, return_indices=True)(np.zeros((8, 6, <9>)))
    >>> MaxUnpoolNd(2)(y, indices, output_size=(<9>,)).shape
    (8, 6, <9>)
    """

    def __init__(self, kernel_size, stride=None, padding=0):
        stride = kernel_size if stride is None else stride
        for name, value, least in (("kernel_size", kernel_size, 1), ("stride", stride, 1), ("padding", padding, 0)):
            setattr(self, name, per_axis(type(self).__name__, name, value, self.nd, least))

    def forward(self, x, indices, output_size=None):
        """Feature maps (N, C, …), with each number back where it was before pooling."""
        unpool = getattr(F, f"max_unpool{self.nd}d")
        return unpool(x, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool1d(MaxUnpoolNd):
    nd = 1


class MaxUnpool2d(MaxUnpoolNd):
    nd = 2


class MaxUnpool3d(MaxUnpoolNd):
    nd = 3


MaxUnpoolNd.__doc__ = None  # its words are in its subclasses now; it is no layer itself
