"""Channels and pixels in another order, as forward passes and their pull-backs."""

from ..tape import differentiable
from . import _checks
from ._broadcast import array
from .shape import permute_vjp, reshape_vjp

__all__ = ["pixel_shuffle", "pixel_shuffle_vjp"]


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
    r = _checks.whole("pixel_shuffle", "upscale_factor", upscale_factor, 1)
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


pixel_shuffle = differentiable(pixel_shuffle_vjp)
