"""Transposed convolution in one, two and three dimensions: conv.py's way back to its input, as the way forward."""

import numpy as np

from .. import checks
from ..operation import differentiable
from .convolution import ways
from .convolution.geometry import Geometry
from .windows import flat, of_one_image

__all__ = [
    "conv_transpose1d", "conv_transpose1d_vjp", "conv_transpose2d", "conv_transpose2d_vjp", "conv_transpose3d",
    "conv_transpose3d_vjp",
]  # fmt: skip


def conv_transpose2d_vjp(
    x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1, *, needs=(True, True, True)
):
    """The input gradient of a convolution, used as a forward pass: every pixel paints a copy of the filter.

    Its own gradients are then a convolution (for x) and the weight gradient of one (for `weight`).

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W) or (C, H, W)
    weight : ndarray, shape (C, O/groups, KH, KW)
    bias : ndarray, shape (O,), optional
    stride, dilation : int or (int, int)
        In pixels of the output.
    padding : int or (int, int)
        Pixels of the output that are cut off on each side: a convolution with this padding goes the other way.
    output_padding : int or (int, int)
        Pixels added at the end of the output; less than stride or dilation.
    groups : int
        Channels are split into that many groups.
    needs : tuple of bool
        Which gradients the pull-back computes; the others are None.

    Returns
    -------
    ndarray, shape (N, O, OH, OW) or (O, OH, OW)
        With OH = (H − 1) s − 2p + d(KH − 1) + output_padding + 1, and OW likewise.

    Raises
    ------
    TypeError, ValueError
        If dtypes differ, shapes do not fit, or nothing is left of the output.

    References
    ----------
    Dumoulin and Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285, chapter 4.

    Example
    -------
    >>> conv_transpose2d(np.ones((1, 5, 3, 3)), np.ones((5, 3, 4, 4)), stride=2).shape
    (1, 3, 8, 8)
    """
    return _transposed("conv_transpose2d", 2, x, weight, bias, stride, padding, output_padding, groups, dilation, needs)


def conv_transpose1d_vjp(
    x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1, *, needs=(True, True, True)
):
    """`conv_transpose2d` along one axis: x is (N, C, L) or (C, L), weight (C, O/groups, K).

    Example
    -------
    >>> conv_transpose1d(np.ones((1, 5, 3)), np.ones((5, 3, 4)), stride=2).shape
    (1, 3, 8)
    """
    return _transposed("conv_transpose1d", 1, x, weight, bias, stride, padding, output_padding, groups, dilation, needs)


def conv_transpose3d_vjp(
    x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1, *, needs=(True, True, True)
):
    """`conv_transpose2d` along three axes: x is (N, C, D, H, W) or (C, D, H, W), weight (C, O/groups, KD, KH, KW).

    Example
    -------
    >>> conv_transpose3d(np.ones((1, 5, 3, 3, 3)), np.ones((5, 3, 4, 4, 4)), stride=2).shape
    (1, 3, 8, 8, 8)
    """
    return _transposed("conv_transpose3d", 3, x, weight, bias, stride, padding, output_padding, groups, dilation, needs)


def _transposed(where, nd, x, weight, bias, stride, padding, output_padding, groups, dilation, needs):
    """A convolution's way back to its input, as the way forward."""
    if isinstance(x, np.ndarray) and x.ndim == nd + 1:
        options = weight, bias, stride, padding, output_padding, groups, dilation, needs
        return of_one_image(lambda one: _transposed(where, nd, one, *options), x)
    O = checks.filters(where, nd, x, weight, bias, groups, transposed=True)
    stride = checks.per_axis(where, "stride", stride, nd, 1)
    dilation = checks.per_axis(where, "dilation", dilation, nd, 1)
    padding = checks.per_axis(where, "padding", padding, nd, 0)
    extra = checks.per_axis(where, "output_padding", output_padding, nd, 0)
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise ValueError(
            f"{where}: output_padding must be smaller than stride or dilation, but output_padding={extra}, "
            f"stride={stride} and dilation={dilation}. Use a larger stride, or none of it."
        )
    kernel = weight.shape[2:]
    size = tuple(
        (n - 1) * s + d * (k - 1) + 1 + e - 2 * p
        for n, s, d, k, e, p in zip(x.shape[2:], stride, dilation, kernel, extra, padding, strict=True)
    )
    if 0 in x.shape[2:] or any(n <= 0 for n in size):
        full = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
        raise ValueError(
            f"{where}: nothing is left of the output of {full} after padding={padding} is cut off on each side. "
            "Use less padding or a larger image."
        )
    g = Geometry.of(size, padding, kernel, stride, dilation, x.shape[2:], groups)
    x3, w3, shape_of_x, shape_of_w, biased = flat(x), flat(weight), x.shape, weight.shape, bias is not None
    y = ways.grad_input(x3, w3, g).reshape(len(x), O, *size)
    if bias is not None:
        y += bias.reshape(-1, *[1] * nd)
    if not needs[1]:
        x3 = None  # dw alone needs it

    def vjp(dy):
        dx = dw = db = None
        dy3 = flat(dy)
        if needs[0]:
            dx = ways.forward(dy3, w3, None, g).reshape(shape_of_x)
        if needs[1]:
            dw = ways.grad_weight(dy3, x3, w3, g).reshape(shape_of_w)
        if biased and needs[2]:
            db = ways.grad_bias(dy3)
        return dx, dw, db

    return y, vjp


conv_transpose1d, conv_transpose2d, conv_transpose3d = (
    differentiable(f, arrays=3) for f in (conv_transpose1d_vjp, conv_transpose2d_vjp, conv_transpose3d_vjp)
)
