"""Losses between probability distributions, as forward passes and their pull-backs.

Those for one yes or no are in loss_binary.py, those for a distance in loss_distance.py.
"""

import numpy as np

from .. import checks
from ..kernels import softmax as kernels
from ..kernels.division import ceil_div
from ..kernels.running.buffers import empty
from ..kernels.running.jit import parallel_for
from ..operation import differentiable
from ._losses import constant, pair, reduce
from .broadcasting import quiet
from .softmax import log_softmax_vjp, row_grain, rows, unrows

__all__ = ["cross_entropy", "cross_entropy_vjp", "kl_div", "kl_div_vjp", "nll_loss", "nll_loss_vjp"]


def cross_entropy_vjp(
    x, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0, *, needs=(True, True, False)
):
    r"""How surprised softmax(x) is by the right classes: :math:`-\log \mathrm{softmax}(x_n)_{t_n}`.

    Parameters
    ----------
    x : ndarray, shape (N, K), (N, K, …) or (K,)
        Scores (logits) of N samples for K classes, before any softmax; … may be pixels.
    target : ndarray
        The right classes, ints from 0 to K − 1, of the shape of x without K; or a probability for each class, floats
        of the shape of x: the loss is then :math:`-\sum_k t_{nk} \log \mathrm{softmax}(x_n)_k`.
    weight : ndarray, shape (K,), optional
        A factor for each class. The mean over class numbers is then divided by the sum of the factors of the targets.
    ignore_index : int
        Targets of this number do not count.
    reduction : {"mean", "sum", "none"}
        What is done with the losses. The mean of none at all is NaN.
    label_smoothing : float
        From 0 to 1: this share of the target is spread evenly over all classes.
    needs : tuple of bool
        Which gradients are asked for; there is none for `weight`.

    Returns
    -------
    ndarray
        One number, in nats; with "none" the shape of x without K.

    Raises
    ------
    TypeError, ValueError
        If shapes or dtypes do not fit, or a target is no class.

    References
    ----------
    Szegedy et al., Rethinking the Inception architecture, CVPR 2016, arXiv:1512.00567, section 7 (label smoothing).

    Example
    -------
    >>> cross_entropy(np.array([[0.0, 0.0]]), np.array([1]))  # log 2
    np.float64(0.6931471805599453)
    """
    where = "cross_entropy"
    target = np.asarray(target)
    axis = _scores(where, x, weight, needs[2])
    ignore_index = checks.whole(where, "ignore_index", ignore_index, -(2**63))
    if not 0 <= checks.number(where, "label_smoothing", label_smoothing) <= 1:
        raise ValueError(f"{where}: label_smoothing must be from 0 to 1, not {label_smoothing!r}.")
    if target.shape != x.shape and not label_smoothing:
        return _of_classes(where, x, axis, target, weight, ignore_index, reduction)
    return _of_chances(where, x, axis, target, weight, ignore_index, reduction, label_smoothing)


@quiet
def _of_chances(where, x, axis, target, weight, ignore_index, reduction, label_smoothing):
    """`cross_entropy` for a probability of each class, which smoothing makes of class numbers too."""
    log_p, pull_back = log_softmax_vjp(x, axis)
    if target.shape != x.shape:
        y, vjp = _nll(where, log_p, axis, target, weight, ignore_index, reduction, label_smoothing)
        return y, lambda dy: (pull_back(vjp(dy))[0], None, None)

    pair(where, x, target)
    if ignore_index >= 0:
        raise ValueError(f"{where}: ignore_index={ignore_index} goes with class numbers, not with probabilities.")
    w = _along(weight, axis, x)
    q = (1 - label_smoothing) * target + label_smoothing / x.shape[axis]
    each = -(w * q * log_p).sum(axis)
    y, scale = reduce(where, each, reduction)
    shape = each.shape

    @quiet
    def vjp(dy):
        d = np.expand_dims(np.broadcast_to(-dy * scale, shape), axis)
        return pull_back(w * q * d)[0], (1 - label_smoothing) * w * log_p * d, None

    return y, vjp


@quiet
def nll_loss_vjp(x, target, weight=None, ignore_index=-100, reduction="mean", *, needs=(True, False, False)):
    """Negative log likelihood: minus the entry of x that belongs to the right class. x holds logs of probabilities.

    The arguments are those of `cross_entropy`, which is this loss after `log_softmax`.

    Example
    -------
    >>> nll_loss(np.log([[0.25, 0.75]]), np.array([1])).round(3)
    np.float64(0.288)
    """
    axis = _scores("nll_loss", x, weight, needs[2])
    ignore_index = checks.whole("nll_loss", "ignore_index", ignore_index, -(2**63))
    y, vjp = _nll("nll_loss", x, axis, np.asarray(target), weight, ignore_index, reduction, 0)
    return y, lambda dy: (vjp(dy), None, None)


def _scores(where, x, weight, needed):
    """Check x and the weights of its classes. Returns the axis of the classes."""
    constant(where, "weight", needed)
    checks.floating(where, "x", x)
    if x.ndim == 0:
        raise ValueError(f"{where}: x must have shape (N, K, …), or (K,) for one sample, not ().")
    axis = min(x.ndim - 1, 1)
    if weight is not None:
        checks.floating(where, "weight", weight)
        checks.same_dtype(where, x=x, weight=weight)
        if weight.shape != (x.shape[axis],):
            raise ValueError(
                f"{where}: weight must hold one number for each of the K={x.shape[axis]} classes, so shape "
                f"({x.shape[axis]},), not {weight.shape}."
            )
    return axis


def _along(weight, axis, x):
    """The weights of the classes, or 1, to be multiplied with x."""
    return x.dtype.type(1) if weight is None else weight.reshape(-1, *[1] * (x.ndim - axis - 1))


@quiet
def _of_classes(where, x, axis, target, weight, ignore_index, reduction):
    """`cross_entropy` for class numbers without smoothing, in one pass over x there and one back."""
    _check_classes(where, x, axis, target)
    checks.one_of(where, "reduction", reduction, "mean", "sum", "none")
    scores, classes = rows(x, axis), np.ascontiguousarray(target, np.int64).reshape(-1)
    p, of_rows, grain = empty(scores.shape, x.dtype), np.empty((3, classes.size), x.dtype), row_grain(x.shape[axis])
    sums = np.empty((ceil_div(classes.size, grain), 2))
    weights = np.empty(0, x.dtype) if weight is None else np.ascontiguousarray(weight)
    parallel_for(kernels.cross_entropy, len(sums), grain, scores, classes, ignore_index, weights, p, of_rows, sums)
    y, count = (sums[0] if len(sums) == 1 else sums.sum(0)).tolist()
    if count != count:  # NaN
        _classes(where, x, axis, target, weight, ignore_index)  # finds what is wrong, if the weights are not
    if reduction == "mean":
        y, scale = (y / count, 1 / count) if count else (np.nan, np.inf)
    else:
        scale = 1
    y = of_rows[2].reshape(target.shape).copy() if reduction == "none" else x.dtype.type(y)
    scale, shape = x.dtype.type(scale), x.shape

    def vjp(dy):
        dx = empty(p.shape, p.dtype)
        with np.errstate(all="ignore"):
            d = np.asarray(dy * scale, p.dtype).reshape(-1)
        parallel_for(kernels.cross_entropy_back, classes.size, d, classes, ignore_index, p, of_rows, dx, grain=grain)
        return unrows(dx, axis, shape), None, None

    return y, vjp


def _check_classes(where, x, axis, target):
    rest = x.shape[:axis] + x.shape[axis + 1 :]
    if target.shape != rest:
        classes = f"{where}: x of shape {x.shape} needs a target of shape {rest} with class numbers"
        chances = f" or {x.shape} with probabilities" if where == "cross_entropy" else ""
        raise ValueError(f"{classes}{chances}, not {target.shape}.")
    if target.dtype.kind not in "iu":
        raise TypeError(
            f"{where}: target must hold class numbers as ints, not dtype {target.dtype}. Use target.astype(np.int64)."
        )


def _classes(where, x, axis, target, weight, ignore_index):
    """Check class numbers. Returns them as int64, with −1 where they do not count, and the factor of each sample."""
    _check_classes(where, x, axis, target)
    K = x.shape[axis]
    kept = target != ignore_index
    if (kept & ((target < 0) | (target >= K))).any():
        found = target[kept]
        raise ValueError(
            f"{where}: targets must be from 0 to K − 1 = {K - 1}, but they go from {found.min()} to {found.max()}. "
            "Number the classes from 0, or give the last layer more outputs."
        )
    of_target = kept.astype(x.dtype) if weight is None else np.where(kept, weight[np.where(kept, target, 0)], 0)
    return np.where(kept, target, -1).astype(np.int64), of_target


def _nll(where, log_p, axis, target, weight, ignore_index, reduction, smoothing):
    """The loss for class numbers, and its pull-back to log_p."""
    shape, dtype, K = log_p.shape, log_p.dtype, log_p.shape[axis]
    index, of_target = _classes(where, log_p, axis, target, weight, ignore_index)
    kept, index = index >= 0, np.expand_dims(np.maximum(index, 0), axis)
    each = np.where(kept, -of_target * np.take_along_axis(log_p, index, axis).squeeze(axis), 0)
    count = of_target.sum()
    y, scale = reduce(where, each, reduction, count)
    if smoothing:
        w = _along(weight, axis, log_p)
        evenly = np.where(kept, -(w * log_p).sum(axis), 0)
        y = (1 - smoothing) * y + smoothing / K * reduce(where, evenly, reduction, count)[0]

    @quiet
    def vjp(dy):
        d = np.where(kept, -dy * scale, 0)
        dlog_p = np.zeros(shape, dtype)
        if smoothing:
            dlog_p += smoothing / K * w * np.expand_dims(d, axis)
        chosen = np.take_along_axis(dlog_p, index, axis) + np.expand_dims((1 - smoothing) * of_target * d, axis)
        np.put_along_axis(dlog_p, index, chosen, axis)
        return dlog_p

    return y, vjp


@quiet
def kl_div_vjp(x, target, reduction="mean", log_target=False):
    r"""The Kullback-Leibler divergence :math:`t (\log t - x)` of distributions exp(x) and t. Note that x holds logs.

    Parameters
    ----------
    x : ndarray, any shape
        Logs of probabilities.
    target : ndarray, the same shape
        Probabilities, or their logs too.
    reduction : {"mean", "batchmean", "sum", "none"}
        What is done with the numbers. The divergence by its definition, a mean over the batch only, is "batchmean".
    log_target : bool
        Whether `target` holds logs.

    Raises
    ------
    TypeError, ValueError
        If the dtypes or shapes differ.

    Example
    -------
    >>> kl_div(np.log([[0.5, 0.5]]), np.array([[1.0, 0.0]]), "batchmean")  # log 2
    np.float64(0.6931471805599453)
    """
    pair("kl_div", x, target)
    if log_target:
        t, each = np.exp(target), np.exp(target) * (target - x)
        dt = each + t
    else:
        log_t = np.where(target == 0, 0, np.log(target))  # 0 log 0 = 0
        t, each = target, target * log_t - target * x
        dt = log_t + target / target - x  # NaN at 0, as in PyTorch
    if isinstance(reduction, str) and reduction == "batchmean":
        y, scale = reduce("kl_div", each, "mean", x.shape[0] if x.ndim else 1)
    else:
        y, scale = reduce("kl_div", each, reduction)
    return y, quiet(lambda dy: (-t * (dy * scale), dt * (dy * scale)))


cross_entropy, nll_loss = (differentiable(f, arrays=3) for f in (cross_entropy_vjp, nll_loss_vjp))
kl_div = differentiable(kl_div_vjp, arrays=2)
