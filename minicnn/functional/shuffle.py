"""Channels and pixels in another order, as forward passes and their pull-backs."""

from .. import checks
from ..operation import differentiable
from .broadcasting import array
from .shape import permute_vjp, reshape_vjp, transpose_vjp

__all__ = [
    "channel_shuffle", "channel_shuffle_vjp", "pixel_shuffle", "pixel_shuffle_vjp", "pixel_unshuffle",
    "pixel_unshuffle_vjp",
]  # fmt: skip


def pixel_shuffle_vjp(x, upscale_factor):
    """Turn r² channels into r × r pixels: (…, C·r², H, W) becomes (…, C, H·r, W·r).

    Parameters
    ----------
    x : ndarray, shape (…, C·r², H, W)
    upscale_factor : int
        r.

    Raises
    ------
    TypeError, ValueError
        If r² does not divide the channels.

    References
    ----------
    Shi et al., Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural
    network, arXiv:1609.05158.

    Example
    -------
    >>> pixel_shuffle(np.arange(4.0).reshape(4, 1, 1), 2)
    array([[[0., 1.],
            [2., 3.]]])
    """
    r = checks.whole("pixel_shuffle", "upscale_factor", upscale_factor, 1)
    if array("pixel_shuffle", x).ndim < 3 or x.shape[-3] % (r * r):
        raise ValueError(
            f"pixel_shuffle: x must have shape (…, C·r², H, W), but r={r} and x has shape {x.shape}. "
            f"Use a number of channels that {r * r} divides."
        )
    *n, c, h, w = x.shape
    c //= r * r
    split, back1 = reshape_vjp(x, (*n, c, r, r, h, w))
    k = len(n)
    moved, back2 = permute_vjp(split, (*range(k + 1), k + 3, k + 1, k + 4, k + 2))  # (…, C, H, r, W, r)
    y, back3 = reshape_vjp(moved, (*n, c, h * r, w * r))
    return y, lambda dy: back1(*back2(*back3(dy)))


def pixel_unshuffle_vjp(x, downscale_factor):
    """Turn r × r pixels into r² channels: (…, C, H·r, W·r) becomes (…, C·r², H, W). Undoes `pixel_shuffle`.

    Parameters
    ----------
    x : ndarray, shape (…, C, H·r, W·r)
    downscale_factor : int
        r.

    Raises
    ------
    TypeError, ValueError
        If r does not divide height and width.

    Example
    -------
    >>> pixel_unshuffle(np.arange(4.0).reshape(1, 2, 2), 2).ravel()
    array([0., 1., 2., 3.])
    """
    r = checks.whole("pixel_unshuffle", "downscale_factor", downscale_factor, 1)
    if array("pixel_unshuffle", x).ndim < 3 or x.shape[-2] % r or x.shape[-1] % r:
        raise ValueError(
            f"pixel_unshuffle: x must have shape (…, C, H·r, W·r), but r={r} and x has shape {x.shape}. "
            f"Use a height and a width that {r} divides."
        )
    *n, c, h, w = x.shape
    h, w = h // r, w // r
    split, back1 = reshape_vjp(x, (*n, c, h, r, w, r))
    k = len(n)
    moved, back2 = permute_vjp(split, (*range(k + 1), k + 2, k + 4, k + 1, k + 3))  # (…, C, r, r, H, W)
    y, back3 = reshape_vjp(moved, (*n, c * r * r, h, w))
    return y, lambda dy: back1(*back2(*back3(dy)))


def channel_shuffle_vjp(x, groups):
    """Deal the channels of each group out to all groups, so that grouped convolutions see each other's maps.

    Parameters
    ----------
    x : ndarray, shape (N, C, …), at least three axes
    groups : int
        Must divide C. A group is C / groups channels in a row; the first channels of all groups come first, then the
        second ones, and so on.

    Raises
    ------
    TypeError, ValueError
        If `groups` does not divide the channels.

    References
    ----------
    Zhang, Zhou, Lin, Sun, ShuffleNet: an extremely efficient convolutional neural network for mobile devices,
    arXiv:1707.01083.

    Example
    -------
    >>> channel_shuffle(np.arange(6.0).reshape(1, 6, 1), 2).ravel()
    array([0., 3., 1., 4., 2., 5.])
    """
    g = checks.whole("channel_shuffle", "groups", groups, 1)
    if array("channel_shuffle", x).ndim < 3 or x.shape[1] % g:
        raise ValueError(
            f"channel_shuffle: x must have shape (N, C, …), at least three axes, and groups must divide C, but "
            f"groups={g} and x has shape {x.shape}."
        )
    n, c, *size = x.shape
    split, back1 = reshape_vjp(x, (n, g, c // g, *size))
    dealt, back2 = transpose_vjp(split, 1, 2)
    y, back3 = reshape_vjp(dealt, x.shape)
    return y, lambda dy: back1(*back2(*back3(dy)))


channel_shuffle = differentiable(channel_shuffle_vjp)
pixel_shuffle, pixel_unshuffle = differentiable(pixel_shuffle_vjp), differentiable(pixel_unshuffle_vjp)
