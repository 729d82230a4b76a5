"""Schedules: how the learning rate changes in the course of training. Names, arguments and rates are PyTorch's.

A schedule is a formula for the rate after so many steps, `rate`; `step` goes on by one. Pass it to `fit`, or call
``schedule.step()`` yourself after each epoch (after each batch for `OneCycleLR`). PyTorch computes each rate from the
one before, so that two schedules of one optimiser multiply; here the last one that steps sets the rate. A new schedule
for an optimiser that another one has left at a low rate begins at the initial rate again.
"""

import math
from bisect import bisect_right

from ..calls import Explained
from ..checks import number
from .optim import Optimizer

__all__ = [
    "ConstantLR", "CosineAnnealingLR", "ExponentialLR", "LRScheduler", "LinearLR", "MultiStepLR", "PolynomialLR",
    "SequentialLR", "StepLR",
]  # fmt: skip


class LRScheduler(metaclass=Explained):
    """What all schedules share. Write `rate` for one of your own."""

    per_batch = False  # whether `fit` shall step after each batch, not after each epoch; may be set
    needs_metric = False  # whether `step` takes the loss

    def __init__(self, optimizer):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"{type(self).__name__}: optimizer must be an optimiser, as SGD(…), not {type(optimizer).__name__}."
            )
        self.optimizer, self.last_epoch = optimizer, -1
        self._go_to(0)

    def rate(self, base, t):
        """Return the learning rate after t steps, if it was `base` at first."""
        raise NotImplementedError

    def step(self):
        """Go on by one step, and set the learning rate of each group of parameters."""
        self._go_to(self.last_epoch + 1)

    def _go_to(self, t):
        for i, group in enumerate(self.optimizer.param_groups):
            if "initial_lr" not in group:
                group["initial_lr"] = self._initial(i, group["lr"])
            group["lr"] = self._rate(i, group["initial_lr"], t)
        self.last_epoch = t

    def _rate(self, i, base, t):
        """The `rate` of group i: that of all, unless a schedule has settings for each."""
        return self.rate(base, t)

    def _initial(self, i, lr):
        """The rate at first of a group whose rate is `lr` now: one that came later goes on from it, as in PyTorch."""
        if self.last_epoch < 0:
            return lr
        low, high = (self._rate(i, base, self.last_epoch) for base in (0.0, 1.0))  # every schedule is a line in base
        return (lr - low) / (high - low) if high != low else lr

    def get_last_lr(self):
        """The learning rates now, one for each group of parameters."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self):
        """All that is needed to go on later, settings too, beside the state of the optimiser."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict):
        """Take over the settings, and go to where `state_dict` was taken. Load the state of the optimiser first."""
        unknown = state_dict.keys() - self.state_dict().keys()
        if unknown or "last_epoch" not in state_dict:
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: these are settings of another schedule: "
                f"{', '.join(state_dict)}. Make the schedule that was saved."
            )
        vars(self).update(state_dict)
        self._go_to(self.last_epoch)

    def _whole(self, name, value, least=1):
        if not isinstance(value, int) or value < least:
            raise ValueError(f"{type(self).__name__}: {name} must be a whole number of at least {least}, not {value}.")
        return value

    def _number(self, name, value):
        return number(type(self).__name__, name, value)

    def _milestones(self, milestones):
        if not isinstance(milestones, (list, tuple)) or not all(isinstance(m, int) for m in milestones):
            raise TypeError(f"{type(self).__name__}: milestones must be a list of ints, not {milestones!r}.")
        return sorted(milestones)


class StepLR(LRScheduler):
    """Multiply the rate by gamma every `step_size` steps.

    Example
    -------
    >>> optimizer = mc.SGD([mc.Parameter([1.0])], lr=0.5)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> [schedule.rate(0.5, t) for t in range(5)]
    [0.5, 0.5, 0.25, 0.25, 0.125]
    """

    def __init__(self, optimizer, step_size, gamma=0.1):
        self.step_size, self.gamma = self._whole("step_size", step_size), self._number("gamma", gamma)
        super().__init__(optimizer)

    def rate(self, base, t):
        """base · gamma^⌊t / step_size⌋."""
        return base * self.gamma ** (t // self.step_size)


class MultiStepLR(LRScheduler):
    """Multiply the rate by gamma at each milestone.

    Example
    -------
    >>> optimizer = mc.SGD([mc.Parameter([1.0])], lr=0.5)
    >>> schedule = MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    >>> [schedule.rate(0.5, t) for t in range(5)]
    [0.5, 0.25, 0.25, 0.125, 0.125]
    """

    def __init__(self, optimizer, milestones, gamma=0.1):
        self.milestones, self.gamma = self._milestones(milestones), self._number("gamma", gamma)
        super().__init__(optimizer)

    def rate(self, base, t):
        """base · gamma^(milestones that are passed)."""
        return base * self.gamma ** bisect_right(self.milestones, t)


class ExponentialLR(LRScheduler):
    """Multiply the rate by gamma in every step.

    Example
    -------
    >>> optimizer = mc.SGD([mc.Parameter([1.0])], lr=0.5)
    >>> schedule = ExponentialLR(optimizer, gamma=0.5)
    >>> [schedule.rate(0.5, t) for t in range(4)]
    [0.5, 0.25, 0.125, 0.0625]
    """

    def __init__(self, optimizer, gamma):
        self.gamma = self._number("gamma", gamma)
        super().__init__(optimizer)

    def rate(self, base, t):
        """base · gammaᵗ."""
        return base * self.gamma**t


class CosineAnnealingLR(LRScheduler):
    """Let the rate fall as half a cosine wave, to `eta_min` after `T_max` steps (and rise again after that).

    References
    ----------
    Loshchilov, Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, equation 5.

    Example
    -------
    >>> optimizer = mc.SGD([mc.Parameter([1.0])], lr=0.5)
    >>> schedule = CosineAnnealingLR(optimizer, T_max=4)
    >>> [round(schedule.rate(0.5, t), 3) for t in range(5)]
    [0.5, 0.427, 0.25, 0.073, 0.0]
    """

    def __init__(self, optimizer, T_max, eta_min=0.0):
        self.T_max, self.eta_min = self._whole("T_max", T_max), self._number("eta_min", eta_min)
        super().__init__(optimizer)

    def rate(self, base, t):
        """eta_min + (base − eta_min) · (1 + cos(π t / T_max)) / 2."""
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * t / self.T_max)) / 2


class LinearLR(LRScheduler):
    """Warm up: let a factor on the rate go from `start_factor` to `end_factor` in `total_iters` steps, and stay there.

    Example
    -------
    >>> optimizer = mc.SGD([mc.Parameter([1.0])], lr=0.5)
    >>> schedule = LinearLR(optimizer, start_factor=0.25, total_iters=3)
    >>> [schedule.rate(0.5, t) for t in range(5)]
    [0.125, 0.25, 0.375, 0.5, 0.5]
    """

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5):
        if not 0 < self._number("start_factor", start_factor) <= 1:
            raise ValueError(f"LinearLR: start_factor must be > 0 and ≤ 1, not {start_factor}.")
        if not 0 <= self._number("end_factor", end_factor) <= 1:
            raise ValueError(f"LinearLR: end_factor must be ≥ 0 and ≤ 1, not {end_factor}.")
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = self._whole("total_iters", total_iters)
        super().__init__(optimizer)

    def rate(self, base, t):
        """base · a number on the line from start_factor to end_factor."""
        done = min(t / self.total_iters, 1)
        return base * (self.start_factor + (self.end_factor - self.start_factor) * done)


class ConstantLR(LRScheduler):
    """Warm up in one jump: multiply the rate by `factor` for `total_iters` steps, and by nothing after that.

    Example
    -------
    >>> optimizer = mc.SGD([mc.Parameter([1.0])], lr=0.5)
    >>> schedule = ConstantLR(optimizer, factor=0.25, total_iters=2)
    >>> [schedule.rate(0.5, t) for t in range(4)]
    [0.125, 0.125, 0.5, 0.5]
    """

    def __init__(self, optimizer, factor=1 / 3, total_iters=5):
        if not 0 <= self._number("factor", factor) <= 1:
            raise ValueError(f"ConstantLR: factor must be from 0 to 1, not {factor}.")
        self.factor, self.total_iters = factor, self._whole("total_iters", total_iters)
        super().__init__(optimizer)

    def rate(self, base, t):
        """base · factor before step total_iters, base from there on."""
        return base * self.factor if t < self.total_iters else base


class PolynomialLR(LRScheduler):
    """Let the rate fall to 0 in `total_iters` steps: on a line, or with `power` 2 on a parabola, and so on.

    Example
    -------
    >>> optimizer = mc.SGD([mc.Parameter([1.0])], lr=0.5)
    >>> schedule = PolynomialLR(optimizer, total_iters=4, power=2)
    >>> [schedule.rate(0.5, t) for t in range(6)]
    [0.5, 0.28125, 0.125, 0.03125, 0.0, 0.0]
    """

    def __init__(self, optimizer, total_iters=5, power=1.0):
        self.total_iters, self.power = self._whole("total_iters", total_iters), self._number("power", power)
        super().__init__(optimizer)

    def rate(self, base, t):
        """base · (1 − t / total_iters)^power."""
        return base * (1 - min(t / self.total_iters, 1)) ** self.power


class SequentialLR(LRScheduler):
    """Schedules one after the other: the next one begins anew at each milestone.

    Example
    -------
    >>> optimizer = mc.SGD([mc.Parameter([1.0])], lr=0.5)
    >>> warm_up, fall = LinearLR(optimizer, 0.25, total_iters=3), ExponentialLR(optimizer, 0.5)
    >>> schedule = SequentialLR(optimizer, [warm_up, fall], milestones=[3])
    >>> [schedule.rate(0.5, t) for t in range(6)]
    [0.125, 0.25, 0.375, 0.5, 0.25, 0.125]
    """

    def __init__(self, optimizer, schedulers, milestones):
        if len(schedulers) != len(milestones) + 1:
            raise ValueError(
                f"SequentialLR: {len(schedulers)} schedulers need one milestone less, not {len(milestones)}. "
                "Each milestone is where the next one begins."
            )
        for schedule in schedulers:
            if schedule.needs_metric:
                name = type(schedule).__name__
                raise ValueError(f"SequentialLR: {name} needs a metric in each step. Step it on its own.")
        if any(schedule.optimizer is not optimizer for schedule in schedulers):
            raise ValueError("SequentialLR: all schedulers must be made with the optimizer that is given here.")
        self.schedulers, self.milestones = list(schedulers), self._milestones(milestones)
        super().__init__(optimizer)

    def rate(self, base, t):
        """That of the schedule whose turn it is, which counts from its milestone."""
        schedule, t = self._turn(t)
        return schedule.rate(base, t)

    def _turn(self, t):
        i = bisect_right(self.milestones, t)
        return self.schedulers[i], t - self.milestones[i - 1] if i else t

    def _go_to(self, t):
        schedule, steps = self._turn(t)
        schedule._go_to(steps)
        self.last_epoch = t

    def state_dict(self):
        """That of each schedule too."""
        return super().state_dict() | {"schedulers": [schedule.state_dict() for schedule in self.schedulers]}

    def load_state_dict(self, state_dict):
        """Those of all schedules."""
        for schedule, state in zip(self.schedulers, state_dict.get("schedulers", self.schedulers), strict=True):
            schedule.load_state_dict(state)
        super().load_state_dict(state_dict | {"schedulers": self.schedulers})
