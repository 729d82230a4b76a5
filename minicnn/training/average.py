"""Averages of weights over the course of training, which often predict better than the last weights."""

from contextlib import contextmanager

import numpy as np

from ..calls import Explained
from ..checks import number
from ..layers import Module

__all__ = ["ExponentialMovingAverage"]


class ExponentialMovingAverage(metaclass=Explained):
    """A running mean of all Parameters of a model: mean ← decay · mean + (1 − decay) · parameter.

    Buffers are not averaged: with the averages in place, batch norm uses the statistics that the model gathered last
    (as ``torch.optim.swa_utils.AveragedModel`` does).

    Parameters
    ----------
    model : Module
    decay : float
        From 0 to 1. The mean goes back over about 1 / (1 − decay) steps.

    Raises
    ------
    ValueError
        If decay is out of range.

    References
    ----------
    Polyak, Juditsky, Acceleration of stochastic approximation by averaging, SIAM Control Optim. 30 (1992).

    Example
    -------
    >>> model = mc.Linear(1, 1)
    >>> ema = ExponentialMovingAverage(model, decay=0.75)
    >>> for w in (1, 2, 3):  # instead of optimizer.step()
    ...     model.weight.data[...] = w
    ...     ema.update()
    >>> with ema.applied():
    ...     print(model.weight.item())
    1.6875
    """

    def __init__(self, model, decay=0.999):
        if not isinstance(model, Module):
            raise TypeError(f"ExponentialMovingAverage: model must be a Module, not {type(model).__name__}.")
        if not 0 <= number("ExponentialMovingAverage", "decay", decay) <= 1:
            raise ValueError(f"ExponentialMovingAverage: decay must be from 0 to 1, not {decay}.")
        self.model, self.decay, self.updates = model, float(decay), 0
        self.means = {name: p.data.copy() for name, p in model.named_parameters()}

    def update(self):
        """Take in the Parameters as they are now: call it after each step of the optimiser. The first sets the mean."""
        values = {name: p.data for name, p in self.model.named_parameters()}
        self._check("update", values)
        for name, mean in self.means.items():
            mean += (1 - self.decay if self.updates else 1) * (values[name] - mean)
        self.updates += 1

    @contextmanager
    def applied(self):
        """Inside the ``with`` block, the model has the averages: to measure, or to save them. Do not train there."""
        self._swap()
        try:
            yield self.model
        finally:
            self._swap()

    def _swap(self):
        for name, p in self.model.named_parameters():
            p.data, self.means[name] = self.means[name], p.data

    def state_dict(self):
        """All that is needed to go on later."""
        return {"decay": self.decay, "updates": self.updates, "means": dict(self.means)}

    def load_state_dict(self, state_dict):
        """Go on from a `state_dict` of the same model."""
        self._check("load_state_dict", state_dict["means"])
        self.decay, self.updates = state_dict["decay"], state_dict["updates"]
        for name, mean in self.means.items():
            mean[...] = state_dict["means"][name]

    def _check(self, where, values):
        """There must be one value for each mean, of its shape."""
        for name in values.keys() | self.means.keys():
            shapes = [np.shape(arrays[name]) if name in arrays else "nothing" for arrays in (self.means, values)]
            if shapes[0] != shapes[1]:
                raise ValueError(
                    f"ExponentialMovingAverage.{where}: the mean of {name} has shape {shapes[0]}, but given is "
                    f"{shapes[1]}. Make a new average when the model changes its Parameters."
                )
