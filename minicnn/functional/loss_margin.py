"""Losses that want a margin: between yes and no, near and far, one class and the others.

Where the margin is kept, loss and gradient are 0. Targets are 1 or −1; class numbers for `multi_margin_loss`.
"""

import numpy as np

from .. import checks
from ..operation import differentiable
from ._losses import alike, reduce, signs
from .arithmetic import minimum_vjp
from .broadcasting import quiet
from .distance import pairwise_distance_vjp
from .loss import _classes, _scores

__all__ = [
    "cosine_embedding_loss", "cosine_embedding_loss_vjp", "hinge_embedding_loss", "hinge_embedding_loss_vjp",
    "margin_ranking_loss", "margin_ranking_loss_vjp", "multi_margin_loss", "multi_margin_loss_vjp",
    "soft_margin_loss", "soft_margin_loss_vjp", "triplet_margin_loss", "triplet_margin_loss_vjp",
]  # fmt: skip


@quiet
def soft_margin_loss_vjp(x, target, reduction="mean", *, needs=(True, False)):
    r"""A smooth margin between yes (t = 1) and no (t = −1): :math:`\log(1 + e^{-t x})`.

    Parameters
    ----------
    x : ndarray, any shape
        Scores.
    target : ndarray, the same shape
        1 or −1.
    reduction : {"mean", "sum", "none"}
        What is done with the losses.
    needs : tuple of bool
        Which gradients are asked for; there is none for `target`.

    Raises
    ------
    TypeError, ValueError
        If shapes do not fit, or the target holds other numbers.

    Example
    -------
    >>> soft_margin_loss(np.array([0.0, 1000.0]), np.array([1, 1]), "none")
    array([0.69314718, 0.        ])
    """
    where = "soft_margin_loss"
    alike(where, x=x)
    t = signs(where, x, target, x.shape, needs[1])
    y, scale = reduce(where, np.logaddexp(0, -t * x), reduction)
    return y, quiet(lambda dy: (-t / (1 + np.exp(t * x)) * (dy * scale), None))


@quiet
def hinge_embedding_loss_vjp(x, target, margin=1.0, reduction="mean", *, needs=(True, False)):
    """For distances x: x itself between what is alike (t = 1), max(0, margin − x) between what is not (t = −1).

    The other arguments are those of `soft_margin_loss`.

    Example
    -------
    >>> hinge_embedding_loss(np.array([0.25, 0.25, 5.0]), np.array([1, -1, -1]), reduction="none")
    array([0.25, 0.75, 0.  ])
    """
    where = "hinge_embedding_loss"
    alike(where, x=x)
    t = signs(where, x, target, x.shape, needs[1])
    missing = checks.number(where, "margin", margin) - x
    y, scale = reduce(where, np.where(t > 0, x, np.maximum(missing, 0)), reduction)
    return y, quiet(lambda dy: (np.where(t > 0, 1, np.where(missing >= 0, -1, 0)) * (dy * scale), None))


@quiet
def margin_ranking_loss_vjp(x1, x2, target, margin=0.0, reduction="mean", *, needs=(True, True, False)):
    r"""x1 should be larger than x2 (t = 1), or smaller (t = −1): :math:`\max(0, \text{margin} - t (x_1 - x_2))`.

    The other arguments are those of `soft_margin_loss`.

    Example
    -------
    >>> margin_ranking_loss(np.array([3.0, 3.0]), np.array([1.0, 1.0]), np.array([1, -1]), reduction="none")
    array([0., 2.])
    """
    where = "margin_ranking_loss"
    alike(where, x1=x1, x2=x2)
    t = signs(where, x1, target, x1.shape, needs[2])
    missing = checks.number(where, "margin", margin) - t * (x1 - x2)
    y, scale = reduce(where, np.maximum(missing, 0), reduction)

    @quiet
    def vjp(dy):
        d = np.where(missing >= 0, t, 0) * (dy * scale)
        return -d, d, None

    return y, vjp


@quiet
def cosine_embedding_loss_vjp(x1, x2, target, margin=0.0, reduction="mean", *, needs=(True, True, False)):
    r"""With the cosine c of the angle between x1 and x2: 1 − c if they are alike (t = 1), else max(0, c − margin).

    Parameters
    ----------
    x1, x2 : ndarray, shape (N, D) or (D,)
        Vectors to be compared.
    target : ndarray, shape (N,) or ()
        1 or −1.
    margin : float
        From −1 to 1.
    reduction : {"mean", "sum", "none"}
        What is done with the losses.
    needs : tuple of bool
        Which gradients are asked for; there is none for `target`.

    Raises
    ------
    TypeError, ValueError
        If shapes do not fit, or the target holds other numbers.

    Example
    -------
    >>> x1, x2 = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[0.0, 2.0], [2.0, 0.0]])
    >>> cosine_embedding_loss(x1, x2, np.array([1, -1]), reduction="none").round(3)
    array([1., 1.])
    """
    where = "cosine_embedding_loss"
    alike(where, x1=x1, x2=x2)
    if x1.ndim not in (1, 2):
        raise ValueError(f"{where}: x1 and x2 must have shape (N, D), or (D,) for one pair, not {x1.shape}.")
    t = signs(where, x1, target, x1.shape[:-1], needs[2])[..., np.newaxis]
    margin, eps = checks.number(where, "margin", margin), x1.dtype.type(np.float32(1e-12))  # as in PyTorch
    square1, square2 = (np.sum(x * x, -1, keepdims=True) + eps for x in (x1, x2))
    lengths = np.sqrt(square1 * square2)
    c = np.sum(x1 * x2, -1, keepdims=True) / lengths  # (N, 1)
    each = np.where(t > 0, 1 - c, np.maximum(c - margin, 0))
    y, scale = reduce(where, np.squeeze(each, -1)[()], reduction)

    @quiet
    def vjp(dy):
        d = np.where(t > 0, -1, np.where(c >= margin, 1, 0)) * np.reshape(dy * scale, (*np.shape(dy), 1))
        return d * (x2 / lengths - c * x1 / square1), d * (x1 / lengths - c * x2 / square2), None

    return y, vjp


@quiet
def triplet_margin_loss_vjp(anchor, positive, negative, margin=1.0, p=2.0, eps=1e-6, swap=False, reduction="mean"):
    r"""An anchor should be nearer to its like than to another: :math:`\max(0, \text{margin} + |a - p| - |a - n|)`.

    Parameters
    ----------
    anchor, positive, negative : ndarray, shape (N, D) or (D,)
        Vectors; the second is like the first, the third is not.
    margin : float
        Positive.
    p, eps : float
        As in `pairwise_distance`.
    swap : bool
        Take the distance from the positive to the negative instead, where it is smaller than that from the anchor.
    reduction : {"mean", "sum", "none"}
        What is done with the losses.

    Raises
    ------
    TypeError, ValueError
        If dtypes or shapes differ, or the margin is not positive.

    References
    ----------
    Balntas et al., Learning local feature descriptors with triplets and shallow convolutional neural networks,
    BMVC 2016 (swap).

    Example
    -------
    >>> a, p, n = np.array([[0.0, 0.0]]), np.array([[0.0, 1.0]]), np.array([[0.0, 1.5]])
    >>> triplet_margin_loss(a, p, n).round(3)
    np.float64(0.5)
    """
    where = "triplet_margin_loss"
    alike(where, anchor=anchor, positive=positive, negative=negative)
    if not checks.number(where, "margin", margin) > 0:
        raise ValueError(f"{where}: margin must be greater than 0, not {margin!r}.")
    p, eps = checks.number(where, "p", p), checks.number(where, "eps", eps)
    near, of_near = pairwise_distance_vjp(anchor, positive, p, eps)
    far, of_far = pairwise_distance_vjp(anchor, negative, p, eps)
    if checks.flag(where, "swap", swap):
        other, of_other = pairwise_distance_vjp(positive, negative, p, eps)
        far, of_smaller = minimum_vjp(far, other)
    missing = margin + near - far
    y, scale = reduce(where, np.maximum(missing, 0), reduction)

    @quiet
    def vjp(dy):
        d = np.where(missing >= 0, dy * scale, 0)
        danchor, dpositive = of_near(d)
        dfar, dother = of_smaller(-d) if swap else (-d, None)
        more, dnegative = of_far(dfar)
        if swap:
            dp, dn = of_other(dother)
            dpositive, dnegative = dpositive + dp, dnegative + dn
        return danchor + more, dpositive, dnegative

    return y, vjp


@quiet
def multi_margin_loss_vjp(x, target, p=1, margin=1.0, weight=None, reduction="mean", *, needs=(True, False, False)):
    r"""The right class t should win over each other: :math:`\frac{1}{K} \sum_{k \ne t} \max(0, m - x_t + x_k)^p`.

    Parameters
    ----------
    x : ndarray, shape (N, K) or (K,)
        Scores of N samples for K classes.
    target : ndarray of int, shape (N,) or ()
        The right classes, from 0 to K − 1.
    p : int
        1 or 2.
    margin : float
        m.
    weight : ndarray, shape (K,), optional
        A factor for each class. The mean is divided by the number of samples all the same.
    reduction : {"mean", "sum", "none"}
        What is done with the losses.
    needs : tuple of bool
        Which gradients are asked for; there is none for `weight`.

    Raises
    ------
    TypeError, ValueError
        If shapes or dtypes do not fit, a target is no class, or p is neither 1 nor 2.

    Example
    -------
    >>> multi_margin_loss(np.array([[1.0, 3.0, 2.5]]), np.array([1]))  # a half is missing for the last
    np.float64(0.16666666666666666)
    """
    where = "multi_margin_loss"
    axis, target = _scores(where, x, weight, needs[2]), np.asarray(target)
    if x.ndim > 2 or x.shape[axis] == 0:
        raise ValueError(f"{where}: x must have shape (N, K), or (K,) for one sample, with K ≥ 1, not {x.shape}.")
    if checks.number(where, "p", p) not in (1, 2):
        raise ValueError(f"{where}: p must be 1 or 2, not {p!r}.")
    no_class = -(2**63)  # none is ignored
    index, w = (np.expand_dims(a, axis) for a in _classes(where, x, axis, target, weight, no_class))
    K, shape = x.shape[axis], target.shape
    missing = np.maximum(checks.number(where, "margin", margin) - np.take_along_axis(x, index, axis) + x, 0)
    np.put_along_axis(missing, index, 0, axis)  # a class is no rival of itself
    y, scale = reduce(where, np.sum(w * missing**p, axis) / K, reduction)

    @quiet
    def vjp(dy):
        d = np.expand_dims(np.broadcast_to(dy * scale / K, shape), axis)
        dx = w * d * (2 * missing if p == 2 else missing > 0)
        np.put_along_axis(dx, index, -np.sum(dx, axis, keepdims=True), axis)
        return dx, None, None

    return y, vjp


soft_margin_loss, hinge_embedding_loss = (
    differentiable(f, arrays=2) for f in (soft_margin_loss_vjp, hinge_embedding_loss_vjp)
)
margin_ranking_loss, cosine_embedding_loss, triplet_margin_loss = (
    differentiable(f, arrays=3) for f in (margin_ranking_loss_vjp, cosine_embedding_loss_vjp, triplet_margin_loss_vjp)
)
multi_margin_loss = differentiable(multi_margin_loss_vjp, arrays=("x", "target", "weight"))
