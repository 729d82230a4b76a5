"""Convolution and transposed convolution in one, two and three dimensions, as forward passes and their pull-backs."""

from functools import lru_cache

import numpy as np

from .. import checks
from ..operation import differentiable
from .convolution import ways
from .convolution.geometry import Geometry
from .windows import flat, of_one_image

__all__ = [
    "conv1d", "conv1d_vjp", "conv2d", "conv2d_vjp", "conv3d", "conv3d_vjp", "conv_transpose1d", "conv_transpose1d_vjp",
    "conv_transpose2d", "conv_transpose2d_vjp", "conv_transpose3d", "conv_transpose3d_vjp",
]  # fmt: skip


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
        Which gradients the pull-back shall compute; the others are None.

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
    padding = padding if isinstance(padding, str) else checks.per_axis(where, "padding", padding, nd, 0)
    return _geometry(where, x.shape[2:], padding, weight.shape[2:], stride, dilation, groups)


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
        Which gradients the pull-back shall compute; the others are None.

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


@lru_cache(maxsize=512)
def _geometry(where, size, padding, kernel, stride, dilation, groups):
    """Made once for the same sizes and options."""
    sides = padding_sides(where, len(size), padding, kernel, stride, dilation)
    padded = tuple(n + a + b for n, (a, b) in zip(size, sides, strict=True))
    out = checks.output_size(where, padded, kernel, stride, dilation)
    return Geometry.of(size, tuple(a for a, _ in sides), kernel, stride, dilation, out, groups)


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


conv1d, conv2d, conv3d = (differentiable(f, arrays=3) for f in (conv1d_vjp, conv2d_vjp, conv3d_vjp))
conv_transpose1d, conv_transpose2d, conv_transpose3d = (
    differentiable(f, arrays=3) for f in (conv_transpose1d_vjp, conv_transpose2d_vjp, conv_transpose3d_vjp)
)
