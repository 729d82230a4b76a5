"""A smaller learning rate when the loss no longer falls."""

import math

from ..checks import one_of
from .schedule import LRScheduler

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(LRScheduler):
    """Multiply the rate by `factor` once a metric has not become better for more than `patience` steps.

    Call ``schedule.step(loss)`` after each epoch, or pass the schedule to `fit`.

    Parameters
    ----------
    optimizer : Optimizer
    mode : {"min", "max"}
        Whether smaller is better, as for a loss, or larger, as for an accuracy.
    factor : float
        Less than 1.
    patience : int
        So many steps without a better metric are let pass.
    threshold : float
        By how much a metric must be better than the best one to count.
    threshold_mode : {"rel", "abs"}
        Whether `threshold` is a share of the best metric, or a number.
    cooldown : int
        After a smaller rate, so many steps are not counted.
    min_lr : float, or one for each group of parameters
        No rate becomes smaller than this. A group that comes later has the last one.
    eps : float
        A rate that would change by no more than this stays as it is.

    Example
    -------
    >>> optimizer = mc.SGD([mc.Parameter([1.0])], lr=0.5)
    >>> schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in [3, 2, 2, 2, 2]:
    ...     schedule.step(loss)
    ...     print(optimizer.lr, end=" ")
    0.5 0.5 0.5 0.25 0.25
    """

    needs_metric = True

    def __init__(
        self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0,
        min_lr=0.0, eps=1e-8,
    ):  # fmt: skip
        one_of("ReduceLROnPlateau", "mode", mode, "min", "max")
        one_of("ReduceLROnPlateau", "threshold_mode", threshold_mode, "rel", "abs")
        if not 0 <= self._number("factor", factor) < 1:
            raise ValueError(f"ReduceLROnPlateau: factor must be ≥ 0 and < 1, not {factor}.")
        groups = getattr(optimizer, "param_groups", [])
        several = isinstance(min_lr, (list, tuple))
        self.min_lrs = [self._number("min_lr", lr) for lr in (min_lr if several else [min_lr] * len(groups))]
        if len(self.min_lrs) != len(groups):
            raise ValueError(
                f"ReduceLROnPlateau: min_lr has {len(min_lr)} numbers for {len(groups)} groups of parameters."
            )
        self.mode, self.factor, self.threshold_mode = mode, factor, threshold_mode
        self.threshold, self.eps = self._number("threshold", threshold), self._number("eps", eps)
        self.patience, self.cooldown = self._whole("patience", patience, 0), self._whole("cooldown", cooldown, 0)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = 0
        super().__init__(optimizer)

    def step(self, metrics):
        """Look at the metric of one more step, a number, and set the learning rates."""
        try:
            metric = float(metrics)
        except (TypeError, ValueError):
            raise TypeError(f"ReduceLROnPlateau: metrics must be one number, not {metrics!r}.") from None
        self.last_epoch += 1
        if self._is_better(metric):
            self.best, self.num_bad_epochs = metric, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0

    def _is_better(self, metric):
        margin = -self.threshold if self.mode == "min" else self.threshold
        bound = self.best * (1 + margin) if self.threshold_mode == "rel" else self.best + margin
        return metric < bound if self.mode == "min" else metric > bound

    def _reduce(self):
        for i, group in enumerate(self.optimizer.param_groups):
            lr = max(group["lr"] * self.factor, self.min_lrs[min(i, len(self.min_lrs) - 1)])
            if group["lr"] - lr > self.eps:
                group["lr"] = lr

    def _go_to(self, t):
        self.last_epoch = t  # rates follow from metrics only: they are in the optimiser's state
