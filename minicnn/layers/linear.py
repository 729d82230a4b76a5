"""Fully connected layers, and what leads to them."""

import numpy as np

from .. import functional as F
from ..chance import generator
from ..checks import whole
from . import init
from .module import Module, Parameter

__all__ = ["Bilinear", "Flatten", "Identity", "Linear", "Unflatten"]


class Linear(Module):
    """`functional.linear` with its own weight (O, I) and bias (O,): y = x Wᵀ + b.

    Parameters
    ----------
    in_features, out_features : int
        I and O.
    bias : bool
        Whether to add b.
    rng : numpy.random.Generator, optional
        For the starting values (PyTorch's: uniform within ± 1/√I); that of `manual_seed` if left out.
    dtype : dtype
        Of the parameters.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive int.

    Example
    -------
    >>> Linear(400, 120)(np.zeros((8, 400), np.float32)).shape
    (8, 120)
    """

    def __init__(self, in_features, out_features, bias=True, *, rng=None, dtype=np.float32):
        self.in_features = whole("Linear", "in_features", in_features, 1)
        self.out_features = whole("Linear", "out_features", out_features, 1)
        self.weight = Parameter(np.empty((out_features, in_features), dtype))
        self.bias = Parameter(np.empty(out_features, dtype)) if bias else None
        init._default_(self.weight, self.bias, rng)

    def forward(self, x):
        """Vectors (…, I) to vectors (…, O)."""
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """`functional.bilinear` with its own weight (O, I, J) and bias (O,): products of the entries of two inputs.

    Parameters
    ----------
    in1_features, in2_features, out_features : int
        I, J and O.
    bias : bool
        Whether to add b.
    rng : numpy.random.Generator, optional
        For the starting values (PyTorch's: uniform within ± 1/√I); that of `manual_seed` if left out.
    dtype : dtype
        Of the parameters.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive int.

    Example
    -------
    >>> x1, x2 = np.zeros((8, 20), np.float32), np.zeros((8, 30), np.float32)
    >>> Bilinear(20, 30, 40)(x1, x2).shape
    (8, 40)
    """

    def __init__(self, in1_features, in2_features, out_features, bias=True, *, rng=None, dtype=np.float32):
        for name, size in dict(in1_features=in1_features, in2_features=in2_features, out_features=out_features).items():
            setattr(self, name, whole("Bilinear", name, size, 1))
        rng, bound = generator("Bilinear", rng), in1_features**-0.5
        weight = np.empty((out_features, in1_features, in2_features), dtype)
        self.weight = Parameter(init.uniform_(weight, -bound, bound, rng=rng))
        self.bias = Parameter(init.uniform_(np.empty(out_features, dtype), -bound, bound, rng=rng)) if bias else None

    def forward(self, x1, x2):
        """Vectors (…, I) and (…, J) to vectors (…, O)."""
        return F.bilinear(x1, x2, self.weight, self.bias)

    def extra_repr(self):
        """As PyTorch prints it."""
        sizes = f"in1_features={self.in1_features}, in2_features={self.in2_features}, out_features={self.out_features}"
        return f"{sizes}, bias={self.bias is not None}"


class Identity(Module):
    """Passes its input on: it stands where a layer is wanted and none is needed. Any arguments are accepted.

    Example
    -------
    >>> Identity()(np.array([1.0, 2.0]))
    array([1., 2.])
    """

    def __init__(self, *args, **options):
        pass

    def forward(self, x):
        """Give x back."""
        return x


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


class Unflatten(Module):
    """Split axis `dim` into axes of the given sizes (one may be −1): undoes `Flatten`.

    Example
    -------
    >>> Unflatten(1, (16, 5, 5))(np.zeros((8, 400))).shape
    (8, 16, 5, 5)
    """

    def __init__(self, dim, unflattened_size):
        self.dim, self.unflattened_size = dim, unflattened_size

    def forward(self, x):
        """See `functional.unflatten`."""
        return F.unflatten(x, self.dim, self.unflattened_size)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
