"""Convolution in one, two and three dimensions: forward passes, and their pull-backs."""

from functools import lru_cache

import numpy as np

from .. import checks
from ..operation import differentiable
from .convolution import ways
from .convolution.geometry import Geometry
from .windows import flat, of_one_image

__all__ = ["conv1d", "conv1d_vjp", "conv2d", "conv2d_vjp", "conv3d", "conv3d_vjp"]


def conv2d_vjp(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1, *, needs=(True, True, True)):
    r"""Slide filters over images, and take an inner product at every position (a cross-correlation: no flip).

    With stride s, padding p (zeros) and dilation d,

    .. math:: y_{n,o,h,w} = b_o + \sum_{c,i,j} w_{o,c,i,j}\; x_{n,\,c,\,h s + i d - p,\; w s + j d - p}

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W) or (C, H, W)
    weight : ndarray, shape (O, C/groups, KH, KW)
    bias : ndarray, shape (O,), optional
    stride, dilation : int or (int, int)
        In pixels.
    padding : int, (int, int), "valid" or "same"
        Pixels added on each of the two sides; "valid" adds none, "same" so many that size stays (stride 1 only; where
        their number is odd, the extra one comes last).
    groups : int
        Channels are split into that many groups; each filter sees one. ``groups=C`` is a depthwise convolution.
    needs : tuple of bool
        Which gradients the pull-back computes; the others are None.

    Returns
    -------
    ndarray, shape (N, O, OH, OW) or (O, OH, OW)
        With OH = floor((H + 2p − d(KH − 1) − 1) / s) + 1, and OW likewise.

    Raises
    ------
    TypeError, ValueError
        If dtypes differ, shapes do not fit, or the window is larger than the padded image.

    References
    ----------
    Dumoulin and Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285.

    Example
    -------
    >>> conv2d(np.ones((1, 3, 8, 8)), np.ones((5, 3, 3, 3)), stride=2).shape
    (1, 5, 3, 3)
    """
    return _convolve("conv2d", 2, x, weight, bias, stride, padding, dilation, groups, needs)


def conv1d_vjp(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1, *, needs=(True, True, True)):
    """`conv2d` along one axis: x is (N, C, L) or (C, L), weight (O, C/groups, K), and the output (N, O, OL) or (O, OL).

    Example
    -------
    >>> conv1d(np.ones((1, 3, 8)), np.ones((5, 3, 3)), stride=2).shape
    (1, 5, 3)
    """
    return _convolve("conv1d", 1, x, weight, bias, stride, padding, dilation, groups, needs)


def conv3d_vjp(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1, *, needs=(True, True, True)):
    """`conv2d` along three axes: x is (N, C, D, H, W) or (C, D, H, W), weight (O, C/groups, KD, KH, KW).

    Example
    -------
    >>> conv3d(np.ones((1, 3, 8, 8, 8)), np.ones((5, 3, 3, 3, 3)), stride=2).shape
    (1, 5, 3, 3, 3)
    """
    return _convolve("conv3d", 3, x, weight, bias, stride, padding, dilation, groups, needs)


def _convolve(where, nd, x, weight, bias, stride, padding, dilation, groups, needs):
    """y, and under it the way back; `ways` says which kernel computes y, dx and dw."""
    if isinstance(x, np.ndarray) and x.ndim == nd + 1:
        options = weight, bias, stride, padding, dilation, groups, needs
        return of_one_image(lambda one: _convolve(where, nd, one, *options), x)
    g = checked_geometry(where, nd, x, weight, bias, stride, padding, dilation, groups)
    x3, w3, shape_of_x, shape_of_w, biased = flat(x), flat(weight), x.shape, weight.shape, bias is not None
    y = ways.forward(x3, w3, bias, g).reshape(len(x), len(weight), *g.out[:nd])
    if not needs[1]:
        x3 = None  # dw alone needs it

    def vjp(dy):
        dx = dw = db = None
        dy3 = flat(dy)
        if needs[0]:
            dx = ways.grad_input(dy3, w3, g).reshape(shape_of_x)
        if needs[1]:
            dw = ways.grad_weight(x3, dy3, w3, g).reshape(shape_of_w)
        if biased and needs[2]:
            db = ways.grad_bias(dy3)
        return dx, dw, db

    return y, vjp


def checked_geometry(where, nd, x, weight, bias, stride, padding, dilation, groups):
    """The Geometry of a convolution of these arrays, after a look whether they fit."""
    checks.filters(where, nd, x, weight, bias, groups)
    stride = checks.per_axis(where, "stride", stride, nd, 1)
    dilation = checks.per_axis(where, "dilation", dilation, nd, 1)
    sides = padding_sides(where, nd, padding, weight.shape[2:], stride, dilation)
    return _geometry(where, x.shape[2:], sides, weight.shape[2:], stride, dilation, groups)


def padding_sides(where, nd, padding, kernel, stride, dilation):
    """`padding` in numbers or words as ((before, after), …) for each axis."""
    if not isinstance(padding, str):
        return tuple((p, p) for p in checks.per_axis(where, "padding", padding, nd, 0))
    if padding == "valid":
        return ((0, 0),) * nd
    if padding != "same":
        raise ValueError(f'{where}: padding must be "valid", "same", or a number of pixels, not {padding!r}.')
    if any(s > 1 for s in stride):
        raise ValueError(f'{where}: padding="same" goes with stride 1 only, not {stride}. Pass a number of pixels.')
    both = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    return tuple((b // 2, b - b // 2) for b in both)


@lru_cache(maxsize=512)
def _geometry(where, size, sides, kernel, stride, dilation, groups):
    """Made once for the same sizes and options."""
    padded = tuple(n + a + b for n, (a, b) in zip(size, sides, strict=True))
    out = checks.output_size(where, padded, kernel, stride, dilation)
    return Geometry.of(size, tuple(a for a, _ in sides), kernel, stride, dilation, out, groups)


conv1d, conv2d, conv3d = (differentiable(f, arrays=3) for f in (conv1d_vjp, conv2d_vjp, conv3d_vjp))
