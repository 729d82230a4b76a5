"""A table of vectors, looked up by number, as a forward pass and its pull-back; and numbers as vectors of 0 and 1."""

import numpy as np

from .. import checks
from ..operation import differentiable
from ..tensor import Tensor

__all__ = ["embedding", "embedding_vjp", "one_hot"]


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
    checks.floating("embedding", "weight", weight)
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


def one_hot(x, num_classes=-1):
    """A vector for each class number of x: 1 at its place, 0 elsewhere. It has no gradient.

    Parameters
    ----------
    x : ndarray of int, any shape (…)
        Numbers of classes, from 0 to K − 1.
    num_classes : int
        K. −1: one more than the largest number of x.

    Returns
    -------
    ndarray of int64, shape (…, K)
        A Tensor if x is one.

    Raises
    ------
    TypeError, ValueError
        If x holds no class numbers, or none at all and num_classes is not given.

    Example
    -------
    >>> one_hot(np.array([0, 2]))
    array([[1, 0, 0],
           [0, 0, 1]])
    """
    classes = np.asarray(x.data if isinstance(x, Tensor) else x)
    K = checks.whole("one_hot", "num_classes", num_classes, -1)
    if classes.dtype.kind not in "iu":
        raise TypeError(f"one_hot: x must hold class numbers as ints, not {classes.dtype}. Use x.astype(np.int64).")
    if K == -1 and classes.size:
        K = int(classes.max()) + 1
    if K < 1 or (classes.size and not (classes.min() >= 0 and classes.max() < K)):
        found = f"go from {classes.min()} to {classes.max()}" if classes.size else "are none"
        raise ValueError(
            f"one_hot: numbers of x must be from 0 to num_classes − 1, but num_classes={num_classes} and they {found}. "
            "Number the classes from 0, and pass num_classes."
        )
    y = (classes[..., np.newaxis] == np.arange(K)).astype(np.int64)
    return Tensor(y) if isinstance(x, Tensor) else y


def padding_row(where, padding_idx, V):
    """The number of the padding row, from 0, or None."""
    if padding_idx is None:
        return None
    if not -V <= checks.whole(where, "padding_idx", padding_idx, -V) < V:
        raise ValueError(f"{where}: padding_idx={padding_idx} is no row of the {V} there are.")
    return padding_idx % V


embedding = differentiable(embedding_vjp, arrays=2)
