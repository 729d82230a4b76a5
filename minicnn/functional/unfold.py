"""Windows as columns (im2col) and back, as forward passes and their pull-backs: each is the other's."""

from math import prod

import numpy as np

from .. import checks
from ..operation import differentiable
from .windows import crop, flat, pad, tables

__all__ = ["fold", "fold_vjp", "unfold", "unfold_vjp"]


def unfold_vjp(x, kernel_size, dilation=1, padding=0, stride=1):
    """Copy every window of an image into a column of its own (im2col): a convolution is then one matrix product.

    The pull-back is `fold`: a pixel gets the gradients of all its copies.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W) or (C, H, W)
    kernel_size, dilation, padding, stride : int or (int, int)
        In pixels, as in `conv2d`.

    Returns
    -------
    ndarray, shape (N, C·KH·KW, L) or (C·KH·KW, L)
        L = OH·OW windows, row by row. Along a column come the KH·KW pixels of the first channel, row by row, then
        those of the next.

    Raises
    ------
    TypeError, ValueError
        If x is not a floating point batch of images, or the window does not fit.

    References
    ----------
    Chellapilla, Puri, Simard, High performance convolutional neural networks for document processing, IWFHR 2006.

    Example
    -------
    >>> x = np.arange(6.0).reshape(1, 2, 3)
    >>> unfold(x, (1, 2))
    array([[0., 1., 3., 4.],
           [1., 2., 4., 5.]])
    """
    checks.floating("unfold", "x", x)
    images = x[np.newaxis] if x.ndim == 3 else x
    checks.images("unfold", 2, images)
    checks.channels("unfold", images)
    window = _window("unfold", x.shape[-2:], kernel_size, dilation, padding, stride)
    y = _columns(images, *window)
    shape, many = x.shape, y.shape
    return y.reshape(*shape[:-3], *many[1:]), lambda dy: (_image(dy.reshape(many), *window).reshape(shape),)


def fold_vjp(x, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Add the columns of windows up to an image (col2im). Where windows overlap, it is the sum: no inverse of `unfold`.

    ``fold(unfold(ones))`` counts the windows that see each pixel; divide by it to get an image back. The pull-back is
    `unfold`.

    Parameters
    ----------
    x : ndarray, shape (N, C·KH·KW, L) or (C·KH·KW, L)
        As `unfold` returns it.
    output_size : int or (int, int)
        H and W of the image.
    kernel_size, dilation, padding, stride : int or (int, int)
        Those of `unfold`.

    Returns
    -------
    ndarray, shape (N, C, H, W) or (C, H, W)

    Raises
    ------
    TypeError, ValueError
        If x does not hold the windows of such an image.

    Example
    -------
    >>> fold(np.ones((2, 4)), (2, 3), (1, 2))
    array([[[1., 2., 1.],
            [1., 2., 1.]]])
    """
    checks.floating("fold", "x", x)
    size = checks.per_axis("fold", "output_size", output_size, 2, 1)
    window = _window("fold", size, kernel_size, dilation, padding, stride)
    taps, windows = window[2].shape
    if x.ndim not in (2, 3) or x.shape[-1] != windows or x.shape[-2] % taps or x.shape[-2] == 0:
        raise ValueError(
            f"fold: x must have shape (N, C·{taps}, {windows}) or (C·{taps}, {windows}), as an image of {size} has "
            f"{windows} windows of {taps} pixels, not {x.shape}. Pass the output_size and the settings of unfold."
        )
    y = _image(x if x.ndim == 3 else x[np.newaxis], *window)
    shape, many = x.shape, y.shape
    return y.reshape(*shape[:-2], *many[1:]), lambda dy: (_columns(dy.reshape(many), *window).reshape(shape),)


def _window(where, size, kernel_size, dilation, padding, stride):
    """((before, after), …) and the size of the padded image; and its pixel, flat, under each tap of each window."""
    kernel = checks.per_axis(where, "kernel_size", kernel_size, 2, 1)
    dilation = checks.per_axis(where, "dilation", dilation, 2, 1)
    padding = checks.per_axis(where, "padding", padding, 2, 0)
    stride = checks.per_axis(where, "stride", stride, 2, 1)
    padded = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
    out = checks.output_size(where, padded, kernel, stride, dilation)
    offsets, at = tables(padded, kernel, out, stride, dilation)
    return tuple((p, p) for p in padding), padded, offsets[:, np.newaxis] + at  # (taps, windows)


def _columns(x, sides, size, places):
    """(N, C, H, W) to (N, C·taps, windows)."""
    taps, windows = places.shape
    return flat(pad(x, sides))[:, :, places].reshape(len(x), x.shape[1] * taps, windows)


def _image(columns, sides, size, places):
    """(N, C·taps, windows) to (N, C, H, W). The places of one tap are distinct, so that += misses none of them."""
    taps, windows = places.shape
    N, C = len(columns), columns.shape[1] // taps
    columns = columns.reshape(N, C, taps, windows)
    y = np.zeros((N, C, prod(size)), columns.dtype)
    for tap, place in enumerate(places):
        y[:, :, place] += columns[:, :, tap]
    return crop(y.reshape(N, C, *size), sides)


unfold, fold = differentiable(unfold_vjp), differentiable(fold_vjp)
