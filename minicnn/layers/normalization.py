"""Normalisation layers."""

import numpy as np

from .. import functional as F
from ..checks import SHAPES, whole
from ._dimensions import Dimensional
from .module import Module
from .parameter import Parameter

__all__ = [
    "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "BatchNormReLU1d", "BatchNormReLU2d", "BatchNormReLU3d",
    "GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "LayerNorm", "LocalResponseNorm", "RMSNorm",
]  # fmt: skip


def _set_affine(layer, shape, weight, bias, dtype):
    """Its weight (ones) and bias (zeros); None where it has none."""
    layer.weight = Parameter(np.ones(shape, dtype)) if weight else None
    layer.bias = Parameter(np.zeros(shape, dtype)) if weight and bias else None


class _Norm(Dimensional):
    def _set(self, num_features, eps, momentum, affine, track_running_stats, bias, dtype):
        self.num_features = whole(type(self).__name__, "num_features", num_features, 0)
        self.eps, self.momentum, self.affine, self.track_running_stats = eps, momentum, affine, track_running_stats
        _set_affine(self, num_features, affine, bias, dtype)
        on = track_running_stats
        self.register_buffer("running_mean", np.zeros(num_features, dtype) if on else None)
        self.register_buffer("running_var", np.ones(num_features, dtype) if on else None)
        self.register_buffer("num_batches_tracked", np.array(0, np.int64) if on else None)

    def reset_running_stats(self):
        """Forget the batches seen: mean 0, variance 1."""
        if self.running_mean is not None:
            self.running_mean[...], self.running_var[...], self.num_batches_tracked[...] = 0, 1, 0

    def extra_repr(self):
        """As PyTorch prints it."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNormNd(_Norm):
    """`functional.batch_norm` with its own weight, bias and running statistics, each (C,).

    Parameters
    ----------
    num_features : int
        C.
    eps : float
        Added to the variance.
    momentum : float or None
        Share of a new batch in the running statistics; None: they are the average of all batches.
    affine : bool
        Whether to learn weight and bias.
    track_running_stats : bool
        False: keep no running statistics, and use those of the batch also after ``eval()``.
    bias : bool
        Whether there is a bias beside the weight.
    dtype : dtype
        Of parameters and statistics.

    Example
    -------
    >>> layer = BatchNormNd(6)
    >>> layer(np.zeros((8, 6, <5>), np.float32)).shape
    (8, 6, <5>)
    >>> layer.num_batches_tracked
    array(1)
    """

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, *, bias=True,
        dtype=np.float32,
    ):  # fmt: skip
        self._set(num_features, eps, momentum, affine, track_running_stats, bias, dtype)

    def forward(self, x):
        """(N, C, …) to the same shape. While training, this changes the running statistics."""
        return F.batch_norm(x, *self._settings(x))

    def _settings(self, x):
        if np.ndim(x) != self.nd + 2 and not np.ndim(x) == 2 == self.nd + 1:
            also = " or (N, C)" if self.nd == 1 else ""
            raise ValueError(
                f"{type(self).__name__}: x must have shape {SHAPES[self.nd]}{also}, not {np.shape(x)}. Use "
                "x[np.newaxis] for one sample, or the layer for its number of dimensions."
            )
        track = self.training and self.track_running_stats
        share = 0.0 if self.momentum is None else self.momentum
        if track and self.num_batches_tracked is not None:
            self.num_batches_tracked[...] += 1
            if self.momentum is None:
                share = 1 / int(self.num_batches_tracked)  # new mean = old mean + (x − old mean) / n
        training = self.training or self.running_mean is None
        keep = track or not self.training
        mean, var = (self.running_mean, self.running_var) if keep else (None, None)
        return mean, var, self.weight, self.bias, training, share, self.eps


class BatchNormReLUNd(BatchNormNd):
    """`BatchNormNd`, then plus a residual if there is one, then ReLU: one pass over memory instead of three.

    Parameters, statistics and their names are those of `BatchNormNd`.

    Example
    -------
    >>> x = np.zeros((8, 6, <5>), np.float32)
    >>> BatchNormReLUNd(6)(x, residual=x).shape
    (8, 6, <5>)
    """

    def forward(self, x, residual=None):
        """(N, C, …), and a residual like it, to the same shape. While training, this changes the statistics."""
        return F.batch_norm_relu(x, *self._settings(x), residual)


class InstanceNormNd(_Norm):
    """`functional.instance_norm`; with its own weight, bias and running statistics, each (C,), if asked for.

    Parameters
    ----------
    num_features, eps, momentum, bias, dtype
        As in `BatchNormNd`.
    affine : bool
        Whether to learn weight and bias.
    track_running_stats : bool
        Whether to keep running statistics, and to use them after ``eval()``.

    Example
    -------
    >>> InstanceNormNd(6)(np.zeros((8, 6, <5>))).shape
    (8, 6, <5>)
    """

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, affine=False, track_running_stats=False, *, bias=True,
        dtype=np.float32,
    ):  # fmt: skip
        self._set(num_features, eps, momentum, affine, track_running_stats, bias, dtype)

    def forward(self, x):
        """(N, C, …), or (C, …) for one sample, to the same shape."""
        if getattr(x, "ndim", 0) not in (self.nd + 1, self.nd + 2):
            batch = SHAPES[self.nd]
            raise ValueError(
                f"{type(self).__name__}: x must have shape {batch}, or {batch.replace('N, ', '')} for one sample, not "
                f"{np.shape(x)}. Use the layer for its number of dimensions."
            )
        one = x.ndim == self.nd + 1
        own = self.training or not self.track_running_stats
        share = 0.0 if self.momentum is None else self.momentum
        y = F.instance_norm(
            F.reshape(x, (1, *x.shape)) if one else x, self.running_mean, self.running_var, self.weight, self.bias,
            own, share, self.eps,
        )  # fmt: skip
        return F.reshape(y, x.shape) if one else y


class BatchNorm1d(BatchNormNd):
    nd = 1


class BatchNorm2d(BatchNormNd):
    nd = 2


class BatchNorm3d(BatchNormNd):
    nd = 3


class BatchNormReLU1d(BatchNormReLUNd, BatchNorm1d):
    nd = 1


class BatchNormReLU2d(BatchNormReLUNd, BatchNorm2d):
    nd = 2


class BatchNormReLU3d(BatchNormReLUNd, BatchNorm3d):
    nd = 3


class InstanceNorm1d(InstanceNormNd):
    nd = 1


class InstanceNorm2d(InstanceNormNd):
    nd = 2


class InstanceNorm3d(InstanceNormNd):
    nd = 3


for _template in (BatchNormNd, BatchNormReLUNd, InstanceNormNd):
    _template.__doc__ = None  # its words are in its subclasses now; it is no layer itself


class LayerNorm(Module):
    """`functional.layer_norm` with its own weight and bias, each of shape `normalized_shape`.

    Parameters
    ----------
    normalized_shape : int or tuple of int
        Sizes of the last axes, over which mean and variance are taken.
    eps : float
        Added to the variance.
    elementwise_affine, bias : bool
        Whether to learn a weight, and a bias beside it.
    dtype : dtype
        Of the parameters.

    Example
    -------
    >>> LayerNorm(2)(np.array([[1.0, 3.0]], np.float32)).numpy().round(3)
    array([[-1.,  1.]], dtype=float32)
    """

    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, *, dtype=np.float32):
        self.normalized_shape = _last_sizes("LayerNorm", normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        _set_affine(self, self.normalized_shape, elementwise_affine, bias, dtype)

    def forward(self, x):
        """(…, *normalized_shape) to the same shape."""
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        """As PyTorch prints it."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """`functional.rms_norm` with its own weight of shape `normalized_shape`.

    Parameters
    ----------
    normalized_shape : int or tuple of int
        Sizes of the last axes, over which the mean square is taken.
    eps : float, optional
        Added to the mean square; see `functional.rms_norm`.
    elementwise_affine : bool
        Whether to learn a weight.
    dtype : dtype
        Of the weight.

    Example
    -------
    >>> RMSNorm(2)(np.array([[5.0, -5.0]], np.float32)).numpy().round(3)
    array([[ 1., -1.]], dtype=float32)
    """

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, *, dtype=np.float32):
        self.normalized_shape = _last_sizes("RMSNorm", normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.weight = Parameter(np.ones(self.normalized_shape, dtype)) if elementwise_affine else None

    def forward(self, x):
        """(…, *normalized_shape) to the same shape."""
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


def _last_sizes(where, normalized_shape):
    shape = normalized_shape if isinstance(normalized_shape, (tuple, list)) else (normalized_shape,)
    return tuple(whole(where, "each of normalized_shape", n, 0) for n in shape)


class GroupNorm(Module):
    """`functional.group_norm` with its own weight and bias, each (C,).

    Parameters
    ----------
    num_groups, num_channels : int
        Groups of channels; C, which they divide.
    eps : float
        Added to the variance.
    affine, bias : bool
        Whether to learn a weight, and a bias beside it.
    dtype : dtype
        Of the parameters.

    Example
    -------
    >>> GroupNorm(2, 6)(np.zeros((8, 6, 5, 5), np.float32)).shape
    (8, 6, 5, 5)
    """

    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, *, bias=True, dtype=np.float32):
        whole("GroupNorm", "num_groups", num_groups, 1)
        whole("GroupNorm", "num_channels", num_channels, 0)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_groups must divide num_channels, but num_groups={num_groups} and "
                f"num_channels={num_channels}."
            )
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        _set_affine(self, num_channels, affine, bias, dtype)

    def forward(self, x):
        """(N, C, …) to the same shape."""
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self):
        """As PyTorch prints it."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """`functional.local_response_norm` as a layer.

    Example
    -------
    >>> LocalResponseNorm(5)(np.zeros((8, 96, 27, 27))).shape
    (8, 96, 27, 27)
    """

    def __init__(self, size, alpha=1e-4, beta=0.75, k=1.0):
        self.size, self.alpha, self.beta, self.k = whole("LocalResponseNorm", "size", size, 1), alpha, beta, k

    def forward(self, x):
        """(N, C, …) to the same shape."""
        return F.local_response_norm(x, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self):
        """As PyTorch prints it."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
