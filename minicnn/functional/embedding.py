"""A table of vectors, looked up by number, as a forward pass and its pull-back."""

import numpy as np

from ..tape import differentiable
from . import _checks

__all__ = ["embedding", "embedding_vjp"]


def embedding_vjp(x, weight, padding_idx=None):
    """The rows of `weight` whose numbers are in x: words become vectors. A row used twice gets both gradients.

    Parameters
    ----------
    x : ndarray of int, any shape (…)
        Numbers of rows, from 0 to V − 1.
    weight : ndarray, shape (V, D)
        A vector for each of V words.
    padding_idx : int, optional
        A row that gets no gradient: the filler after the end of short sentences. Negative: counted from the end.

    Returns
    -------
    ndarray, shape (…, D)

    Raises
    ------
    TypeError, ValueError
        If x holds no row numbers, or weight is no table.

    Example
    -------
    >>> embedding(np.array([1, 0, 1]), np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[3., 4.],
           [1., 2.],
           [3., 4.]])
    """
    x = np.asarray(x, np.int64 if isinstance(x, list) and not np.size(x) else None)  # an empty list has no dtype
    _checks.floating("embedding", "weight", weight)
    if weight.ndim != 2:
        raise ValueError(f"embedding: weight must have the two axes (V, D), not shape {weight.shape}.")
    if x.dtype.kind not in "iu":
        raise TypeError(f"embedding: x must hold row numbers as ints, not dtype {x.dtype}. Use x.astype(np.int64).")
    V = len(weight)
    if x.size and not (x.min() >= 0 and x.max() < V):
        raise ValueError(
            f"embedding: x must be from 0 to V − 1 = {V - 1}, but goes from {x.min()} to {x.max()}. "
            "Pass a larger num_embeddings to Embedding."
        )
    padding, shape = padding_row("embedding", padding_idx, V), weight.shape

    def vjp(dy):
        dw = np.zeros(shape, dy.dtype)
        np.add.at(dw, x, dy)
        if padding is not None:
            dw[padding] = 0
        return None, dw

    return weight[x], vjp


def padding_row(where, padding_idx, V):
    """The number of the padding row, from 0, or None."""
    if padding_idx is None:
        return None
    if not -V <= _checks.whole(where, "padding_idx", padding_idx, -V) < V:
        raise ValueError(f"{where}: padding_idx={padding_idx} is no row of the {V} there are.")
    return padding_idx % V


embedding = differentiable(embedding_vjp, arrays=2)
