"""Dropout of numbers, channels or whole samples, as forward passes and their pull-backs."""

import numpy as np

from .. import checks
from ..chance import generator
from ..kernels import activation as kernels
from ..kernels.running.buffers import empty
from ..kernels.running.jit import parallel_for
from ..operation import differentiable
from ._elementwise import each
from .windows import for_each_dimension

__all__ = [
    "drop_path", "drop_path_vjp", "dropout", "dropout1d", "dropout1d_vjp", "dropout2d", "dropout2d_vjp", "dropout3d",
    "dropout3d_vjp", "dropout_vjp",
]  # fmt: skip


def dropout_vjp(x, p=0.5, training=True, inplace=False, *, rng=None):
    """While training, set each number to 0 with probability p, and divide the others by 1 − p.

    The division keeps the expected value, so nothing needs to be done at test time ("inverted" dropout).

    Parameters
    ----------
    x : ndarray, any shape
    p : float
        Probability of dropping a number, from 0 to 1.
    training : bool
        False: return x.
    inplace : bool
        Accepted, and without effect: numbers are the same.
    rng : numpy.random.Generator, optional
        Where chance comes from; that of `manual_seed` if left out.

    Raises
    ------
    TypeError, ValueError
        If x is not floating point, or p is not a probability.

    References
    ----------
    Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, JMLR 15 (2014).

    Example
    -------
    >>> dropout(np.ones(6), 0.5, rng=np.random.default_rng(1))
    array([2., 2., 0., 2., 0., 0.])
    """
    checks.flag("dropout", "inplace", inplace)
    return _drop("dropout", x, np.shape(x), p, training, rng)


def dropoutNd_vjp(nd, x, p=0.5, training=True, inplace=False, *, rng=None):
    r"""`dropout` of whole channels: neighbouring pixels say nearly the same, so dropping only some of them does little.

    Parameters
    ----------
    x : ndarray, shape (N, C, \*size) or (C, \*size)
        size is (L,), (H, W) or (D, H, W).
    p : float
        Probability of dropping a channel of a sample, from 0 to 1.
    training : bool
        False: return x.
    inplace : bool
        Accepted, and without effect: numbers are the same.
    rng : numpy.random.Generator, optional
        Where chance comes from; that of `manual_seed` if left out.

    Raises
    ------
    TypeError, ValueError
        If x is not a floating point batch of images, or p is not a probability.

    References
    ----------
    Tompson et al., Efficient object localization using convolutional networks, CVPR 2015, arXiv:1411.4280.

    Example
    -------
    >>> dropoutNd(np.ones((1, 4, <3>)), rng=np.random.default_rng(1)).reshape(4, -1)[:, :2]
    array([[2., 2.],
           [2., 2.],
           [0., 0.],
           [2., 2.]])
    """
    # (C, H, W) is one image, as for every other operation; PyTorch's dropout2d still takes it for (N, C, L), and warns
    where = f"dropout{nd}d"
    checks.images(where, nd, x)
    checks.flag(where, "inplace", inplace)
    return _drop(where, x, x.shape[:2] + (1,) * nd, p, training, rng)


def drop_path_vjp(x, p=0.5, training=True, *, rng=None):
    """`dropout` of whole samples (stochastic depth): put on the branch of a residual block, it skips the block.

    Parameters
    ----------
    x : ndarray, shape (N, …)
    p : float
        Probability of dropping a sample, from 0 to 1.
    training : bool
        False: return x.
    rng : numpy.random.Generator, optional
        Where chance comes from; that of `manual_seed` if left out.

    Raises
    ------
    TypeError, ValueError
        If x is not floating point or has no axis N, or p is not a probability.

    References
    ----------
    Huang et al., Deep networks with stochastic depth, ECCV 2016, arXiv:1603.09382.

    Example
    -------
    >>> drop_path(np.ones((4, 2)), rng=np.random.default_rng(1))
    array([[2., 2.],
           [2., 2.],
           [0., 0.],
           [2., 2.]])
    """
    if np.ndim(x) == 0:
        raise ValueError("drop_path: x must have shape (N, …), not (). Pass a batch of samples.")
    return _drop("drop_path", x, (*np.shape(x)[:1], *[1] * (np.ndim(x) - 1)), p, training, rng)


def _drop(where, x, shape, p, training, rng):
    """Drop x with one throw of the dice for each entry of `shape`, which broadcasts to that of x."""
    checks.floating(where, "x", x)
    p = checks.probability(where, p)
    if not training or p == 0:
        return x, lambda dy: (dy,)
    rng = generator(where, rng)
    if shape == np.shape(x):
        return _drop_numbers(x, p, rng)
    keep = (rng.random(shape) >= p).astype(x.dtype)
    if p < 1:
        keep /= 1 - p
    return x * keep, lambda dy: (dy * keep,)


def _drop_numbers(x, p, rng):
    """`dropout`, in one pass over x there and one back."""
    scale = x.dtype.type(1 / (1 - p) if p < 1 else 1)
    dice, keep, y = (empty(np.shape(x), dtype) for dtype in (np.float64, np.bool_, x.dtype))
    rng.random(out=dice)
    flat = (a.reshape(-1) for a in (np.ascontiguousarray(x), dice))
    parallel_for(kernels.dropout, y.size, *flat, p, scale, keep.reshape(-1), y.reshape(-1), grain=32768)
    return y, lambda dy: (each(kernels.dropout_back, dy, keep, settings=(scale,), dtype=x.dtype),)


dropout = differentiable(dropout_vjp)
dropout1d_vjp, dropout2d_vjp, dropout3d_vjp = for_each_dimension(dropoutNd_vjp)
dropout1d, dropout2d, dropout3d = map(differentiable, (dropout1d_vjp, dropout2d_vjp, dropout3d_vjp))
drop_path = differentiable(drop_path_vjp)
