"""Distances and angles between vectors, as layers."""

from .. import functional as F
from .module import Module

__all__ = ["CosineSimilarity", "PairwiseDistance"]


class CosineSimilarity(Module):
    """`functional.cosine_similarity` with its settings.

    Example
    -------
    >>> CosineSimilarity(dim=0)(np.array([3.0, 0.0]), np.array([0.0, 5.0]))
    np.float64(0.0)
    """

    def __init__(self, dim=1, eps=1e-8):
        self.dim, self.eps = dim, eps

    def forward(self, x1, x2):
        """The cosine of the angle between x1 and x2."""
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """`functional.pairwise_distance` with its settings.

    Example
    -------
    >>> PairwiseDistance(p=1)(np.array([[3.0, 0.0]]), np.array([[0.0, 5.0]]))
    array([8.])
    """

    def __init__(self, p=2.0, eps=1e-6, keepdim=False):
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1, x2):
        """The distance between x1 and x2, along the last axis."""
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
