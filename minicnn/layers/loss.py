"""Losses as layers: each holds the settings of the function of the same name, and is called with x and target."""

from .. import functional as F
from ..tensor import Tensor
from .module import Module

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss", "NLLLoss",
    "SmoothL1Loss",
]  # fmt: skip


class _Loss(Module):
    """Holds the settings of a loss. Arrays (weights) are buffers: they are saved with the model, as in PyTorch."""

    _function = None

    def __init__(self, **settings):
        self._settings = tuple(settings)
        for name, value in settings.items():
            if name in ("weight", "pos_weight"):
                self.register_buffer(name, value.data if isinstance(value, Tensor) else value)
            else:
                setattr(self, name, value)

    def forward(self, *arrays, **named):
        """Return the loss of x, given what it should have been; or of the arrays that this loss compares."""
        return getattr(F, self._function)(*arrays, **named, **{name: getattr(self, name) for name in self._settings})


class CrossEntropyLoss(_Loss):
    """`functional.cross_entropy` with its settings.

    Example
    -------
    >>> CrossEntropyLoss()(np.array([[0.0, 0.0]]), np.array([1]))
    np.float64(0.6931471805599453)
    """

    _function = "cross_entropy"

    def __init__(self, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
        super().__init__(weight=weight, ignore_index=ignore_index, reduction=reduction, label_smoothing=label_smoothing)


class NLLLoss(_Loss):
    """`functional.nll_loss` with its settings.

    Example
    -------
    >>> NLLLoss()(np.log([[0.5, 0.5]]), np.array([1]))
    np.float64(0.6931471805599453)
    """

    _function = "nll_loss"

    def __init__(self, weight=None, ignore_index=-100, reduction="mean"):
        super().__init__(weight=weight, ignore_index=ignore_index, reduction=reduction)


class MSELoss(_Loss):
    """`functional.mse_loss` with its settings.

    Example
    -------
    >>> MSELoss()(np.array([5.0]), np.array([7.0]))
    np.float64(4.0)
    """

    _function = "mse_loss"

    def __init__(self, reduction="mean"):
        super().__init__(reduction=reduction)


class L1Loss(_Loss):
    """`functional.l1_loss` with its settings.

    Example
    -------
    >>> L1Loss()(np.array([5.0]), np.array([7.0]))
    np.float64(2.0)
    """

    _function = "l1_loss"

    def __init__(self, reduction="mean"):
        super().__init__(reduction=reduction)


class SmoothL1Loss(_Loss):
    """`functional.smooth_l1_loss` with its settings.

    Example
    -------
    >>> SmoothL1Loss()(np.array([5.0]), np.array([7.0]))
    np.float64(1.5)
    """

    _function = "smooth_l1_loss"

    def __init__(self, reduction="mean", beta=1.0):
        super().__init__(reduction=reduction, beta=beta)


class HuberLoss(_Loss):
    """`functional.huber_loss` with its settings.

    Example
    -------
    >>> HuberLoss()(np.array([5.0]), np.array([7.0]))
    np.float64(1.5)
    """

    _function = "huber_loss"

    def __init__(self, reduction="mean", delta=1.0):
        super().__init__(reduction=reduction, delta=delta)


class BCEWithLogitsLoss(_Loss):
    """`functional.binary_cross_entropy_with_logits` with its settings.

    Example
    -------
    >>> BCEWithLogitsLoss()(np.array([0.0]), np.array([1.0]))
    np.float64(0.6931471805599453)
    """

    _function = "binary_cross_entropy_with_logits"

    def __init__(self, weight=None, reduction="mean", pos_weight=None):
        super().__init__(weight=weight, reduction=reduction, pos_weight=pos_weight)


class BCELoss(_Loss):
    """`functional.binary_cross_entropy` with its settings.

    Example
    -------
    >>> BCELoss()(np.array([0.5]), np.array([1.0]))
    np.float64(0.6931471805599453)
    """

    _function = "binary_cross_entropy"

    def __init__(self, weight=None, reduction="mean"):
        super().__init__(weight=weight, reduction=reduction)


class KLDivLoss(_Loss):
    """`functional.kl_div` with its settings.

    Example
    -------
    >>> KLDivLoss()(np.log([0.5, 0.5]), np.array([0.5, 0.5]))
    np.float64(0.0)
    """

    _function = "kl_div"

    def __init__(self, reduction="mean", log_target=False):
        super().__init__(reduction=reduction, log_target=log_target)
