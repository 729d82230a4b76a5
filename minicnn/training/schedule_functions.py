"""Schedules given by a function of your own: a factor on the initial rate, or on the last one."""

from .schedule import LRScheduler

__all__ = ["LambdaLR", "MultiplicativeLR"]


class LambdaLR(LRScheduler):
    """Multiply the initial rate by ``lr_lambda(t)``.

    Parameters
    ----------
    optimizer : Optimizer
    lr_lambda : callable, or one for each group of parameters
        The factor after t steps; ``lr_lambda(0)`` is the first. Functions are not in the `state_dict`. A group that
        comes later has the last one.

    Example
    -------
    >>> optimizer = mc.SGD([mc.Parameter([1.0])], lr=0.5)
    >>> schedule = LambdaLR(optimizer, lambda t: 1 / (1 + t))
    >>> [schedule.rate(0.5, t) for t in range(4)]
    [0.5, 0.25, 0.16666666666666666, 0.125]
    """

    _own = ("lr_lambdas",)  # what the state does not hold

    def __init__(self, optimizer, lr_lambda):
        name, groups = type(self).__name__, getattr(optimizer, "param_groups", [])
        several = isinstance(lr_lambda, (list, tuple))
        self.lr_lambdas = list(lr_lambda) if several else [lr_lambda] * len(groups)
        if len(self.lr_lambdas) != len(groups):
            found = f"{len(self.lr_lambdas)} functions for {len(groups)} groups of parameters"
            raise ValueError(f"{name}: lr_lambda has {found}. Pass one for each, or one for all.")
        for f in self.lr_lambdas:
            if not callable(f):
                raise TypeError(f"{name}: lr_lambda must be a function of t, or a list of them, not {f!r}.")
        super().__init__(optimizer)

    def rate(self, base, t):
        """base · lr_lambda(t), for the first group."""
        return self._rate(0, base, t)

    def _rate(self, i, base, t):
        return base * self._factor(min(i, len(self.lr_lambdas) - 1), t)

    def _factor(self, i, t):
        return self._number("what lr_lambda returns", self.lr_lambdas[i](t))

    def state_dict(self):
        """All that is needed to go on later, except the functions."""
        return super().state_dict() | dict.fromkeys(self._own)

    def load_state_dict(self, state_dict):
        """Go to where `state_dict` was taken, with the functions that are here. Load the optimiser's state first."""
        super().load_state_dict(state_dict | {name: getattr(self, name) for name in self._own if name in state_dict})


class MultiplicativeLR(LambdaLR):
    """Multiply the rate by ``lr_lambda(t)`` in step t = 1, 2, …

    Parameters
    ----------
    optimizer, lr_lambda
        As for `LambdaLR`.

    Example
    -------
    >>> optimizer = mc.SGD([mc.Parameter([1.0])], lr=0.5)
    >>> schedule = MultiplicativeLR(optimizer, lambda t: 0.5 if t < 3 else 1)
    >>> [schedule.rate(0.5, t) for t in range(5)]
    [0.5, 0.25, 0.125, 0.125, 0.125]
    """

    _own = ("lr_lambdas", "products")

    def __init__(self, optimizer, lr_lambda):
        self.products = {}
        super().__init__(optimizer, lr_lambda)

    def _factor(self, i, t):
        """The product of all factors up to t; those for smaller t are remembered."""
        products = self.products.setdefault(i, [1.0])
        while len(products) <= t:
            products.append(products[-1] * super()._factor(i, len(products)))
        return products[t]
