"""The one-cycle schedule: up, down, and almost to nothing."""

import math

from ..checks import one_of
from .schedule import LRScheduler

__all__ = ["OneCycleLR"]


class OneCycleLR(LRScheduler):
    """One cycle: the rate rises from max_lr / div_factor to max_lr, and falls to a 10⁴th of where it began.

    Momentum goes the other way. `fit` steps it after each batch.

    Parameters
    ----------
    optimizer : Optimizer
    max_lr : float, or one for each group of parameters
    total_steps : int
        Number of batches of the whole training; or give the two that follow.
    epochs, steps_per_epoch : int
    pct_start : float
        Which share of the steps the rate rises.
    anneal_strategy : {"cos", "linear"}
    cycle_momentum : bool
        Let momentum (beta1 of Adam) go from max_momentum to base_momentum and back.
    base_momentum, max_momentum : float, or one for each group
    div_factor, final_div_factor : float
        The rate begins at max_lr / div_factor, and ends at a `final_div_factor`-th of that.
    three_phase : bool
        Fall to the beginning as long as the rise took, then to the end.

    References
    ----------
    Smith, Topin, Super-convergence: very fast training of neural networks using large learning rates,
    arXiv:1708.07120.

    Example
    -------
    >>> optimizer = mc.SGD([mc.Parameter([1.0])])
    >>> schedule = OneCycleLR(optimizer, max_lr=1, total_steps=5, pct_start=0.4, anneal_strategy="linear")
    >>> [round(schedule.rate(0.04, t), 3) for t in range(5)]
    [0.04, 1.0, 0.667, 0.333, 0.0]
    """

    per_batch = True

    def __init__(
        self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None, pct_start=0.3,
        anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85, max_momentum=0.95, div_factor=25.0,
        final_div_factor=1e4, three_phase=False,
    ):  # fmt: skip
        if total_steps is None and (epochs is None or steps_per_epoch is None):
            raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch.")
        if total_steps is None:
            total_steps = self._whole("epochs", epochs) * self._whole("steps_per_epoch", steps_per_epoch)
        self.total_steps = self._whole("total_steps", total_steps)
        if not 0 <= self._number("pct_start", pct_start) <= 1:
            raise ValueError(f"OneCycleLR: pct_start must be from 0 to 1, not {pct_start}.")
        for name, factor in (("div_factor", div_factor), ("final_div_factor", final_div_factor)):
            if not self._number(name, factor) > 0:
                raise ValueError(f"OneCycleLR: {name} must be greater than 0, not {factor!r}.")
        one_of("OneCycleLR", "anneal_strategy", anneal_strategy, "cos", "linear")
        self.anneal_strategy, self.div_factor, self.final_div_factor = anneal_strategy, div_factor, final_div_factor
        rise, end = pct_start * total_steps - 1, total_steps - 1
        self.ends = [rise, 2 * rise, end] if three_phase else [rise, end]
        groups, self.momenta = getattr(optimizer, "param_groups", []), None
        for group, lr in zip(groups, self._for_each("max_lr", max_lr, groups), strict=True):
            group["initial_lr"] = lr / div_factor
        if cycle_momentum and groups:
            if not {"momentum", "betas"} & optimizer.defaults.keys():
                raise ValueError(f"OneCycleLR: {type(optimizer).__name__} has no momentum. Pass cycle_momentum=False.")
            both = (self._for_each("max_momentum", max_momentum, groups),
                    self._for_each("base_momentum", base_momentum, groups))  # fmt: skip
            self.momenta = list(zip(*both, strict=True))
        super().__init__(optimizer)

    def _for_each(self, name, value, groups):
        each = list(value) if isinstance(value, (list, tuple)) else [value] * len(groups)
        each = [self._number(name, number) for number in each]
        if len(each) != len(groups):
            raise ValueError(f"OneCycleLR: {name} has {len(each)} numbers for {len(groups)} groups of parameters.")
        return each

    def _anneal(self, stations, t):
        """Go from station to station, one phase each, from 0 to the end of the first phase and so on."""
        i = next((i for i, end in enumerate(self.ends) if t <= end), len(self.ends) - 1)
        start = self.ends[i - 1] if i else 0.0
        done = (t - start) / (self.ends[i] - start or 1)
        a, b = stations[i : i + 2]
        return b + (a - b) / 2 * (1 + math.cos(math.pi * done)) if self.anneal_strategy == "cos" else a + (b - a) * done

    def rate(self, base, t):
        """From base up to base · div_factor and down to base / final_div_factor."""
        if t > self.total_steps:
            raise ValueError(f"OneCycleLR: step {t} is one too many for total_steps={self.total_steps}.")
        middle = [base * self.div_factor] + [base] * (len(self.ends) - 2)
        return self._anneal([base, *middle, base / self.final_div_factor], t)

    def _go_to(self, t):
        super()._go_to(t)
        groups, momenta = self.optimizer.param_groups, self.momenta or []
        momenta = momenta + momenta[-1:] * (len(groups) - len(momenta))  # a group may have come later
        for group, (high, low) in zip(groups, momenta, strict=bool(momenta)):
            momentum = self._anneal([high, low] + [high] * (len(self.ends) - 1), t)
            if "betas" in group:
                group["betas"] = (momentum, *group["betas"][1:])
            else:
                group["momentum"] = momentum
