"""The fully connected layer, as a forward pass and its pull-back."""

from ..tensor import differentiable
from . import _checks

__all__ = ["linear", "linear_vjp"]


def linear_vjp(x, weight, bias=None):
    r"""Every output sees every input: :math:`y = x W^\top + b`.

    Parameters
    ----------
    x : ndarray, shape (…, I)
    weight : ndarray, shape (O, I)
    bias : ndarray, shape (O,), optional

    Returns
    -------
    ndarray, shape (…, O)

    Raises
    ------
    TypeError, ValueError
        If dtypes differ or shapes do not fit.

    Example
    -------
    >>> linear(np.array([[1.0, 2.0]]), np.array([[1.0, 2.0]]))
    array([[5.]])
    """
    for name, a in (("x", x), ("w", weight), ("b", bias)):
        if a is not None:
            _checks.floating("linear", name, a)
    _checks.same_dtype("linear", x=x, w=weight, b=bias)
    if weight.ndim != 2:
        raise ValueError(f"linear: w must have the two axes (O, I), not shape {weight.shape}.")
    if x.ndim == 0 or x.shape[-1] != weight.shape[1]:
        raise ValueError(
            f"linear: the last axis of x, shape {x.shape}, must have the I={weight.shape[1]} entries that w of shape "
            f"{weight.shape} expects. Pass in_features={x.shape[-1] if x.ndim else 1} to Linear, or flatten x first."
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(
            f"linear: b must hold one number for each of the {weight.shape[0]} outputs, so shape "
            f"({weight.shape[0]},), not {bias.shape}."
        )
    y = x @ weight.T
    if bias is not None:
        y += bias

    def vjp(dy):
        rows = dy.reshape(-1, weight.shape[0])
        dw = rows.T @ x.reshape(-1, weight.shape[1])
        return dy @ weight, dw, rows.sum(0) if bias is not None else None

    return y, vjp


linear = differentiable(linear_vjp, arrays=3)
