"""A trained table of vectors."""

import numpy as np

from .. import functional as F
from ..chance import generator
from ..checks import whole
from ..functional.embedding import padding_row
from . import init
from .module import Module, Parameter

__all__ = ["Embedding"]


class Embedding(Module):
    """`functional.embedding` with its own table, weight (V, D): numbers from 0 to V − 1 become vectors.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        V and D.
    padding_idx : int, optional
        A row that starts as zeros and gets no gradient.
    rng : numpy.random.Generator, optional
        For the starting values (PyTorch's: standard normal); that of `manual_seed` if left out.
    dtype : dtype
        Of the table.

    Raises
    ------
    TypeError, ValueError
        If a size is no int, or `padding_idx` no row.

    Example
    -------
    >>> words = Embedding(1000, 16, padding_idx=0)
    >>> words(np.array([[5, 7, 0]])).shape
    (1, 3, 16)
    """

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None, *, rng=None, dtype=np.float32):
        self.num_embeddings = whole("Embedding", "num_embeddings", num_embeddings, 0)
        self.embedding_dim = whole("Embedding", "embedding_dim", embedding_dim, 0)
        self.padding_idx = padding_row("Embedding", padding_idx, num_embeddings)
        weight = np.empty((num_embeddings, embedding_dim), dtype)
        init.normal_(weight, rng=generator("Embedding", rng))
        if padding_idx is not None:
            weight[padding_idx] = 0
        self.weight = Parameter(weight)

    def forward(self, x):
        """Ints (…) to vectors (…, D)."""
        return F.embedding(x, self.weight, self.padding_idx)

    def extra_repr(self):
        """As PyTorch prints it."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
