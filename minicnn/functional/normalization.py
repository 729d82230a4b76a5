"""Batch, layer, RMS, group and instance normalisation, as forward passes and their pull-backs.

They differ only in which numbers share a mean and a variance (see _standardize.py).
"""

from math import prod

import numpy as np

from .. import checks
from ..operation import differentiable
from ._standardize import by_group, check_channels, check_shapes, move, standardize, standardize_rows
from .broadcasting import form, quiet, unbroadcast

__all__ = [
    "batch_norm", "batch_norm_relu", "batch_norm_relu_vjp", "batch_norm_vjp", "group_norm", "group_norm_vjp",
    "instance_norm", "instance_norm_vjp", "layer_norm", "layer_norm_vjp", "rms_norm", "rms_norm_vjp",
]  # fmt: skip


def batch_norm_vjp(
    x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5
):  # fmt: skip
    r"""Each channel to mean 0 and variance 1, then to mean `bias` and standard deviation `weight`.

    .. math:: y = \frac{x - \mu_c}{\sqrt{\sigma_c^2 + \epsilon}}\, w_c + b_c

    While training, μ and σ² are those of the batch, and the running ones move a share `momentum` towards them, in
    place. Else they are the running ones.

    Parameters
    ----------
    x : ndarray, shape (N, C, …)
    running_mean, running_var : ndarray, shape (C,), or None
        None only while training: then nothing is remembered.
    weight, bias : ndarray, shape (C,), optional
    training : bool
    momentum : float
        Share of the new in the running statistics. The running variance takes the unbiased one (divided by count − 1).
    eps : float
        Added to the variance.

    Raises
    ------
    TypeError, ValueError
        If dtypes differ or shapes do not fit, if there are no running statistics to use, or if a channel has only one
        number to train with.

    References
    ----------
    Ioffe, Szegedy, Batch normalization, ICML 2015, arXiv:1502.03167.

    Example
    -------
    >>> batch_norm(np.array([[1.0, 10.0], [3.0, 30.0]]), None, None, training=True).round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    """
    given = x, running_mean, running_var, weight, bias, training, momentum, eps
    y, vjp = _batch_norm("batch_norm", *given)
    return y, lambda dy: vjp(dy)[:3]


def batch_norm_relu_vjp(
    x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5, residual=None
):  # fmt: skip
    """``relu(batch_norm(x, …) + residual)`` in one go: the numbers pass through memory once instead of three times.

    Parameters
    ----------
    x, running_mean, running_var, weight, bias, training, momentum, eps
        As in `batch_norm`.
    residual : ndarray of the shape of x, optional
        What a shortcut of a residual network brings.

    Raises
    ------
    TypeError, ValueError
        As `batch_norm`, or if `residual` has another shape or dtype than x.

    References
    ----------
    He, Zhang, Ren, Sun, Deep residual learning for image recognition, CVPR 2016, arXiv:1512.03385, figure 2.

    Example
    -------
    >>> x = np.array([[1.0, 10.0], [3.0, 30.0]])
    >>> batch_norm_relu(x, None, None, training=True, residual=np.array([[0.5, 2.0], [0.5, 2.0]])).round(3)
    array([[0. , 1. ],
           [1.5, 3. ]])
    """
    where = "batch_norm_relu"
    if residual is not None:
        checks.floating(where, "x", x)
        check_shapes(where, x, x.shape, "Add arrays of one shape only.", residual=residual)
    return _batch_norm(
        where, x, running_mean, running_var, weight, bias, training, momentum, eps, relu=True, residual=residual
    )


def _batch_norm(where, x, running_mean, running_var, weight, bias, training, momentum, eps, **more):
    C, statistics = check_channels(where, x, running_mean, running_var, weight, bias, training, 2)
    momentum, eps = checks.number(where, "momentum", momentum), checks.number(where, "eps", eps, 0)
    shape = (len(x), C, 1, prod(x.shape[2:]))
    if training:
        if eps == 0:
            raise ValueError(f"{where}: eps must be positive while training, not 0. The usual one is 1e-5.")
        if shape[0] * shape[3] == 1:
            raise ValueError(
                f"{where}: training needs more than 1 value per channel, but x of shape {x.shape} has 1. Use a larger "
                "batch, or call eval() first."
            )
    return standardize(x, shape, eps, weight, bias, statistics, momentum if training else None, **more)[:2]


def layer_norm_vjp(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    r"""Each sample to mean 0 and variance 1 over its last axes, then times `weight` plus `bias`, entry by entry.

    Parameters
    ----------
    x : ndarray, shape (…, \*normalized_shape)
    normalized_shape : tuple of int
        The sizes of the last axes: those that are taken together.
    weight, bias : ndarray, shape normalized_shape, optional
    eps : float
        Added to the variance.

    Raises
    ------
    TypeError, ValueError
        If dtypes differ or shapes do not fit.

    References
    ----------
    Ba, Kiros, Hinton, Layer normalization, arXiv:1607.06450.

    Example
    -------
    >>> layer_norm(np.array([[1.0, 3.0], [10.0, 30.0]]), (2,)).round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    where = "layer_norm"
    shape = _last_axes(where, x, normalized_shape)
    check_shapes(where, x, shape, f"Pass normalized_shape={shape} to LayerNorm.", weight=weight, bias=bias)
    rows, L = prod(x.shape[: x.ndim - len(shape)]), prod(shape)
    return standardize_rows(x, rows, L, checks.number(where, "eps", eps, 0), weight, bias)


@quiet
def rms_norm_vjp(x, normalized_shape, weight=None, eps=None):
    r"""Each sample divided by the root of its mean square over the last axes, then times `weight`, entry by entry.

    .. math:: y = x \cdot w / \sqrt{\textstyle\frac{1}{n} \sum_i x_i^2 + \epsilon}

    Parameters
    ----------
    x : ndarray, shape (…, \*normalized_shape)
    normalized_shape : tuple of int
        The sizes of the last axes: those that are taken together.
    weight : ndarray, shape normalized_shape, optional
    eps : float, optional
        Added to the mean square. If left out, the gap between 1 and the next larger number of x's dtype.

    Raises
    ------
    TypeError, ValueError
        If dtypes differ or shapes do not fit.

    References
    ----------
    Zhang, Sennrich, Root mean square layer normalization, NeurIPS 2019, arXiv:1910.07467.

    Example
    -------
    >>> rms_norm(np.array([[1.0, 1.0], [10.0, -10.0]]), (2,)).round(3)
    array([[ 1.,  1.],
           [ 1., -1.]])
    """
    where = "rms_norm"
    shape = _last_axes(where, x, normalized_shape)
    check_shapes(where, x, shape, f"Pass normalized_shape={shape} to RMSNorm.", weight=weight)
    eps = np.finfo(x.dtype).eps if eps is None else checks.number(where, "eps", eps, 0)
    axes, w, of_w = tuple(range(x.ndim - len(shape), x.ndim)), 1 if weight is None else weight, form(weight)
    factor = 1 / np.sqrt(_mean(x * x, axes) + x.dtype.type(eps))
    z = x * factor

    @quiet
    def vjp(dy):  # growing all of x by one factor changes nothing: that part of the gradient, along z, is left out
        dz = dy * w
        return factor * (dz - z * _mean(dz * z, axes)), unbroadcast(dy * z, of_w)

    return z * w, vjp


def _mean(x, axes):
    return np.sum(x, axes, keepdims=True) / x.dtype.type(prod(x.shape[i] for i in axes))


def _last_axes(where, x, normalized_shape):
    """normalized_shape, after a look whether x has these sizes as its last ones."""
    checks.floating(where, "x", x)
    if not isinstance(normalized_shape, (tuple, list)) or not normalized_shape:
        raise TypeError(
            f"{where}: normalized_shape must be a tuple of at least one int, not {normalized_shape!r}. Pass "
            "x.shape[1:] for all of a sample."
        )
    shape = tuple(checks.whole(where, "each of normalized_shape", n, 0) for n in normalized_shape)
    if x.shape[-len(shape) :] != shape:
        raise ValueError(
            f"{where}: normalized_shape={shape} must be the sizes of the last axes of x, whose shape is {x.shape}. "
            f"Pass {x.shape[-1:]} for the last one."
        )
    return shape


def group_norm_vjp(x, num_groups, weight=None, bias=None, eps=1e-5):
    """Each group of channels of each sample to mean 0 and variance 1, then each channel times `weight` plus `bias`.

    Parameters
    ----------
    x : ndarray, shape (N, C, …)
    num_groups : int
        Divides C. With 1, all of a sample is taken together; with C, each channel for itself (instance norm).
    weight, bias : ndarray, shape (C,), optional
    eps : float
        Added to the variance.

    Raises
    ------
    TypeError, ValueError
        If dtypes differ, shapes do not fit, or there is only one number to normalise.

    References
    ----------
    Wu, He, Group normalization, ECCV 2018, arXiv:1803.08494.

    Example
    -------
    >>> group_norm(np.array([[1.0, 3.0, 10.0, 30.0]]), 2).round(3)
    array([[-1.,  1., -1.,  1.]])
    """
    where = "group_norm"
    C, _ = check_channels(where, x, None, None, weight, bias, True, 2)
    G = checks.whole(where, "num_groups", num_groups, 1)
    if C % G:
        raise ValueError(f"{where}: num_groups must divide the C={C} channels of x, but num_groups={G}.")
    if x.size == G:
        raise ValueError(
            f"{where}: a group needs more than 1 value, but x of shape {x.shape} with num_groups={G} has 1. Use fewer "
            "groups."
        )
    y, vjp, *_ = by_group(x, G, weight, bias, checks.number(where, "eps", eps, 0))
    return y, vjp


def instance_norm_vjp(
    x, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    """Each channel of each sample to mean 0 and variance 1, then each channel times `weight` plus `bias`.

    Parameters
    ----------
    x : ndarray, shape (N, C, L), (N, C, H, W) or (N, C, D, H, W)
    running_mean, running_var : ndarray, shape (C,), optional
        Move a share `momentum` towards the averages over the samples, in place.
    weight, bias : ndarray, shape (C,), optional
    use_input_stats : bool
        False: use the running statistics instead, as `batch_norm` does.
    momentum, eps : float
        As in `batch_norm`.

    Raises
    ------
    TypeError, ValueError
        If dtypes differ or shapes do not fit, if there are no running statistics to use, or if a channel has only one
        pixel.

    References
    ----------
    Ulyanov, Vedaldi, Lempitsky, Instance normalization, arXiv:1607.08022.

    Example
    -------
    >>> instance_norm(np.array([[[1.0, 3.0], [10.0, 30.0]]])).round(3)
    array([[[-1.,  1.],
            [-1.,  1.]]])
    """
    where = "instance_norm"
    momentum, eps = checks.number(where, "momentum", momentum), checks.number(where, "eps", eps, 0)
    C, statistics = check_channels(
        where, x, running_mean, running_var, weight, bias, use_input_stats, 3 if use_input_stats else 2
    )
    if not use_input_stats:
        return batch_norm_vjp(x, running_mean, running_var, weight, bias, False, momentum, eps)
    pixels = prod(x.shape[2:])
    if pixels == 1:
        raise ValueError(
            f"{where}: a channel needs more than 1 pixel, but x of shape {x.shape} has 1. Use a larger image, or "
            "normalise fewer times."
        )
    y, vjp, mean, var = by_group(x, C, weight, bias, eps)
    if statistics and x.size:
        mean, var = (a.reshape(len(x), C).mean(0) for a in (mean, var))
        move(statistics, mean, var * (pixels / (pixels - 1)), momentum)
    return y, vjp


batch_norm = differentiable(batch_norm_vjp, arrays=("x", "weight", "bias"))
batch_norm_relu = differentiable(batch_norm_relu_vjp, arrays=("x", "weight", "bias", "residual"))
layer_norm = differentiable(layer_norm_vjp, arrays=("x", "weight", "bias"))
rms_norm = differentiable(rms_norm_vjp, arrays=("x", "weight"))
group_norm = differentiable(group_norm_vjp, arrays=("x", "weight", "bias"))
instance_norm = differentiable(instance_norm_vjp, arrays=("x", "weight", "bias"))
