"""Gradient clipping: a bound on gradients, against steps that are far too long."""

from collections.abc import Iterable

import numpy as np

from ..checks import number
from ..kernels.division import ceil_div
from ..kernels.optim import sums_of_squares
from ..kernels.running.jit import parallel_for
from ..tensor import Tensor

__all__ = ["clip_grad_norm_", "clip_grad_value_"]

PIECE = 1 << 16  # so many numbers are summed by one thread


def _with_gradient(where, parameters):
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    parameters = list(parameters) if isinstance(parameters, Iterable) else [parameters]
    for p in parameters:
        if not isinstance(p, Tensor):
            raise TypeError(f"{where}: parameters must be Parameters, not {type(p).__name__}. Pass model.parameters().")
    return [p for p in parameters if p.grad is not None]


class Norm(float):
    """A float that also has the `item` of PyTorch's norm, which is a tensor."""

    def item(self):
        """The float itself."""
        return float(self)


@np.errstate(invalid="ignore")  # ∞ · 0 is NaN, as it shall be
def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False):
    """Shorten all gradients by one factor, if together they are longer than `max_norm`. Call it before ``step()``.

    Parameters
    ----------
    parameters : iterable of Parameter, or one
    max_norm : float
    norm_type : float
        The p of the p-norm; ``np.inf`` for the largest absolute value.
    error_if_nonfinite : bool
        Raise an error if the norm is NaN or infinite. Otherwise all gradients become NaN or 0.

    Returns
    -------
    float
        The norm before; it has PyTorch's ``.item()``, too.

    Raises
    ------
    FloatingPointError
        See `error_if_nonfinite`.

    References
    ----------
    Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks, ICML 2013.

    Example
    -------
    >>> p = mc.Parameter([1.0, 1.0])
    >>> p.grad = np.array([3.0, 4.0], np.float32)
    >>> clip_grad_norm_([p], 1.0)
    5.0
    >>> p.grad.round(3)
    array([0.6, 0.8], dtype=float32)
    """
    where = "clip_grad_norm_"
    max_norm, norm_type = number(where, "max_norm", max_norm), number(where, "norm_type", norm_type)
    changed = _with_gradient(where, parameters)
    norms = [_length(p.grad) if norm_type == 2 else np.linalg.norm(p.grad.ravel(), norm_type) for p in changed]
    norm = float(np.linalg.norm(norms, norm_type)) if norms else 0.0
    if error_if_nonfinite and not np.isfinite(norm):
        raise FloatingPointError(
            f"clip_grad_norm_: the norm of the gradients is {norm}. Look for the first loss that is not finite."
        )
    factor = max_norm / (norm + 1e-6)
    for p in () if factor > 1 else changed:  # NaN is not > 1, and stays NaN
        p.grad *= factor
    return Norm(norm)


def _length(g):
    """The root of the sum of squares, added up in float64, in the same order on any number of threads."""
    sums = np.empty(ceil_div(g.size, PIECE))
    parallel_for(sums_of_squares, sums.size, np.ascontiguousarray(g).reshape(-1), PIECE, sums)
    return np.sqrt(sums.sum())


def clip_grad_value_(parameters, clip_value):
    """Bring each number of the gradients into the range from −clip_value to clip_value.

    Parameters
    ----------
    parameters : iterable of Parameter, or one
    clip_value : float

    Example
    -------
    >>> p = mc.Parameter([1.0, 1.0])
    >>> p.grad = np.array([3.0, -0.5], np.float32)
    >>> clip_grad_value_([p], 1.0)
    >>> p.grad
    array([ 1. , -0.5], dtype=float32)
    """
    clip_value = number("clip_grad_value_", "clip_value", clip_value)
    for p in _with_gradient("clip_grad_value_", parameters):
        np.clip(p.grad, -clip_value, clip_value, out=p.grad)
