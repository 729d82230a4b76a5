"""Max unpooling as a layer."""

from .. import functional as F
from .pool import _Pool

__all__ = ["MaxUnpool2d"]


class MaxUnpool2d(_Pool):
    """`functional.max_unpool2d` as a layer: call it with maps and indices.

    Example
    -------
    >>> y, indices = F.max_pool2d(np.zeros((8, 6, 28, 28)), 2, return_indices=True)
    >>> MaxUnpool2d(2)(y, indices).shape
    (8, 6, 28, 28)
    """

    def __init__(self, kernel_size, stride=None, padding=0):
        self._set(kernel_size, stride, padding)

    def forward(self, x, indices, output_size=None):
        """Feature maps (N, C, H, W), with each number back where it was before pooling."""
        return F.max_unpool2d(x, indices, self.kernel_size, self.stride, self.padding, output_size)
