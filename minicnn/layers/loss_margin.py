"""Losses with a margin as layers."""

from .loss import _Loss

__all__ = [
    "CosineEmbeddingLoss", "HingeEmbeddingLoss", "MarginRankingLoss", "MultiMarginLoss", "SoftMarginLoss",
    "TripletMarginLoss",
]  # fmt: skip


class SoftMarginLoss(_Loss):
    """`functional.soft_margin_loss` with its settings.

    Example
    -------
    >>> SoftMarginLoss()(np.array([0.0]), np.array([1]))
    np.float64(0.6931471805599453)
    """

    _function = "soft_margin_loss"

    def __init__(self, reduction="mean"):
        super().__init__(reduction=reduction)


class HingeEmbeddingLoss(_Loss):
    """`functional.hinge_embedding_loss` with its settings.

    Example
    -------
    >>> HingeEmbeddingLoss()(np.array([0.25]), np.array([-1]))
    np.float64(0.75)
    """

    _function = "hinge_embedding_loss"

    def __init__(self, margin=1.0, reduction="mean"):
        super().__init__(margin=margin, reduction=reduction)


class MarginRankingLoss(_Loss):
    """`functional.margin_ranking_loss` with its settings: called with x1, x2 and target.

    Example
    -------
    >>> MarginRankingLoss()(np.array([3.0]), np.array([1.0]), np.array([-1]))
    np.float64(2.0)
    """

    _function = "margin_ranking_loss"

    def __init__(self, margin=0.0, reduction="mean"):
        super().__init__(margin=margin, reduction=reduction)


class CosineEmbeddingLoss(_Loss):
    """`functional.cosine_embedding_loss` with its settings: called with x1, x2 and target.

    Example
    -------
    >>> CosineEmbeddingLoss()(np.array([[1.0, 0.0]]), np.array([[0.0, 2.0]]), np.array([1]))
    np.float64(1.0)
    """

    _function = "cosine_embedding_loss"

    def __init__(self, margin=0.0, reduction="mean"):
        super().__init__(margin=margin, reduction=reduction)


class TripletMarginLoss(_Loss):
    """`functional.triplet_margin_loss` with its settings: called with anchor, positive and negative.

    Example
    -------
    >>> TripletMarginLoss()(np.array([[0.0]]), np.array([[1.0]]), np.array([[1.5]])).round(3)
    np.float64(0.5)
    """

    _function = "triplet_margin_loss"

    def __init__(self, margin=1.0, p=2.0, eps=1e-6, swap=False, reduction="mean"):
        super().__init__(margin=margin, p=p, eps=eps, swap=swap, reduction=reduction)


class MultiMarginLoss(_Loss):
    """`functional.multi_margin_loss` with its settings.

    Example
    -------
    >>> MultiMarginLoss()(np.array([[1.0, 3.0, 2.5]]), np.array([1]))
    np.float64(0.16666666666666666)
    """

    _function = "multi_margin_loss"

    def __init__(self, p=1, margin=1.0, weight=None, reduction="mean"):
        super().__init__(p=p, margin=margin, weight=weight, reduction=reduction)
