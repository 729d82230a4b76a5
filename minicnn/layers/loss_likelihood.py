"""Losses of counts, and of numbers with a variance, as layers."""

from .loss import _Loss

__all__ = ["GaussianNLLLoss", "PoissonNLLLoss"]


class GaussianNLLLoss(_Loss):
    """`functional.gaussian_nll_loss` with its settings: called with x, target and var.

    Example
    -------
    >>> GaussianNLLLoss()(np.array([1.0]), np.array([3.0]), np.array([4.0])).round(3)
    np.float64(1.193)
    """

    _function = "gaussian_nll_loss"

    def __init__(self, *, full=False, eps=1e-6, reduction="mean"):
        super().__init__(full=full, eps=eps, reduction=reduction)


class PoissonNLLLoss(_Loss):
    """`functional.poisson_nll_loss` with its settings.

    Example
    -------
    >>> PoissonNLLLoss()(np.array([0.0]), np.array([2.0]))
    np.float64(1.0)
    """

    _function = "poisson_nll_loss"

    def __init__(self, log_input=True, full=False, eps=1e-8, reduction="mean"):
        super().__init__(log_input=log_input, full=full, eps=eps, reduction=reduction)
