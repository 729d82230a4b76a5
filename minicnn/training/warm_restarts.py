"""Cosine annealing that begins again and again."""

import math

from .schedule import LRScheduler

__all__ = ["CosineAnnealingWarmRestarts"]


class CosineAnnealingWarmRestarts(LRScheduler):
    """Let the rate fall as half a cosine wave to `eta_min`, then begin again from the top.

    Parameters
    ----------
    optimizer : Optimizer
    T_0 : int
        Steps to the first restart.
    T_mult : int
        So many times as long each fall takes as the one before.
    eta_min : float
        The lowest rate.

    References
    ----------
    Loshchilov, Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017.

    Example
    -------
    >>> optimizer = mc.SGD([mc.Parameter([1.0])], lr=0.5)
    >>> schedule = CosineAnnealingWarmRestarts(optimizer, T_0=2, T_mult=2)
    >>> [round(schedule.rate(0.5, t), 3) for t in range(7)]
    [0.5, 0.25, 0.5, 0.427, 0.25, 0.073, 0.5]
    """

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0):
        self.T_0, self.T_mult = self._whole("T_0", T_0), self._whole("T_mult", T_mult)
        self.eta_min = self._number("eta_min", eta_min)
        super().__init__(optimizer)

    def rate(self, base, t):
        """eta_min + (base − eta_min) · (1 + cos(π s / T)) / 2, with s steps of T done since the last restart."""
        T = self.T_0
        if self.T_mult == 1:
            t %= T
        while t >= T:
            t, T = t - T, T * self.T_mult
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * t / T)) / 2

    def step(self, epoch=None):
        """Go on by one step; or to `epoch`, which may be a fraction, as in ``step(epoch + batch / len(loader))``."""
        if epoch is not None and not self._number("epoch", epoch) >= 0:
            raise ValueError(f"CosineAnnealingWarmRestarts: epoch must be at least 0, not {epoch!r}.")
        self._go_to(self.last_epoch + 1 if epoch is None else epoch)
        self.last_epoch = math.floor(self.last_epoch)
