"""The fully connected layer, and what leads to it."""

import numpy as np

from .. import functional as F
from . import init
from .module import Module, Parameter


class Linear(Module):
    """`functional.linear` with its own weight (O, I) and bias (O,): y = x Wᵀ + b.

    Parameters
    ----------
    in_features, out_features : int
        I and O.
    bias : bool
        Whether to add b.
    rng : numpy.random.Generator, optional
        For the starting values (PyTorch's: uniform within ± 1/√I); unseeded if left out.
    dtype : dtype
        Of the parameters.

    Raises
    ------
    ValueError
        If a size is not positive.

    Example
    -------
    >>> Linear(400, 120)(np.zeros((8, 400), np.float32)).shape
    (8, 120)
    """

    def __init__(self, in_features, out_features, bias=True, *, rng=None, dtype=np.float32):
        if in_features < 1 or out_features < 1:
            raise ValueError(
                f"Linear: in_features and out_features must be at least 1, not {in_features} and {out_features}."
            )
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(np.empty((out_features, in_features), dtype))
        self.bias = Parameter(np.empty(out_features, dtype)) if bias else None
        init._default_(self.weight, self.bias, rng)

    def forward(self, x):
        """Vectors (…, I) to vectors (…, O)."""
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Flatten(Module):
    """Join axes `start_dim` to `end_dim`: feature maps (N, C, H, W) become vectors (N, C·H·W).

    Example
    -------
    >>> Flatten()(np.zeros((8, 16, 5, 5))).shape
    (8, 400)
    """

    def __init__(self, start_dim=1, end_dim=-1):
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x):
        """See `functional.flatten`."""
        return F.flatten(x, self.start_dim, self.end_dim)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"
