"""Optimisers: how a gradient becomes a step. Formulas, argument names and defaults are PyTorch's."""

import numpy as np

from ..tensor import Tensor


class Optimizer:
    """What all optimisers share: the list of parameters, the settings, and the step along a direction."""

    def __init__(self, params, **settings):
        name = type(self).__name__
        if isinstance(params, Tensor) or not hasattr(params, "__iter__"):
            raise TypeError(
                f"{name}: params must be a list of Parameters, not {type(params).__name__}. "
                "Pass model.parameters(), or [p] for a single one."
            )
        self.params = list(params)
        if not self.params:
            raise ValueError(
                f"{name}: params is empty. Pass model.parameters(), and call it anew for each optimiser: "
                "it can be walked through only once."
            )
        seen = {}
        for i, p in enumerate(self.params):
            if not isinstance(p, Tensor):
                raise TypeError(
                    f"{name}: params[{i}] is a {type(p).__name__}, not a Parameter. Pass model.parameters()."
                )
            if seen.setdefault(id(p), i) != i:
                raise ValueError(
                    f"{name}: params[{seen[id(p)]}] and params[{i}] are the same Parameter; each step would move "
                    "it twice. Pass it once."
                )
        for key, value in settings.items():
            if not value >= 0:
                raise ValueError(f"{name}: {key} must be ≥ 0, got {value}.")
            setattr(self, key, float(value))

    def zero_grad(self):
        """Forget all gradients. Do this before each `backward`, which adds to what is there."""
        for p in self.params:
            p.grad = None

    def step(self):
        """Move every parameter that has a gradient; ``p.data`` is changed in place."""
        for i, p in enumerate(self.params):
            if p.grad is not None:
                g = p.grad + self.weight_decay * p.data if self.weight_decay else p.grad
                p.data -= float(self.lr) * self._direction(i, g)  # float: a np.float64 would upcast float32

    def _direction(self, i, g):
        """Return where parameter i shall go (times −lr), given its gradient g."""
        raise NotImplementedError

    def __repr__(self):
        n = sum(p.size for p in self.params)
        return f"{type(self).__name__}({n:,} parameters, lr={self.lr:g})"


class SGD(Optimizer):
    r"""Gradient descent, with momentum if wanted.

    .. math::
        g &\leftarrow \text{gradient} + \text{weight\_decay} \cdot p \\
        b &\leftarrow \text{momentum} \cdot b + (1 - \text{dampening}) \cdot g
            \qquad (b \leftarrow g \text{ in the first step}) \\
        p &\leftarrow p - \text{lr} \cdot b
            \qquad (p - \text{lr} \cdot (g + \text{momentum} \cdot b) \text{ with Nesterov})

    Parameters
    ----------
    params : iterable of Parameter
        Those without a gradient are left alone.
    lr : float
        Learning rate. ``optimizer.lr`` may be changed at any time.
    momentum : float
        How much of the last step goes on into the next: 0.9 keeps nine tenths.
    dampening : float
        How much of the gradient is withheld from the momentum.
    weight_decay : float
        Pulls parameters towards 0.
    nesterov : bool
        Take the gradient as if the momentum had acted already.

    Raises
    ------
    TypeError, ValueError
        If params is empty, holds something twice or something else than Parameters; if a setting is below 0;
        if Nesterov's variant is asked for without momentum or with dampening.

    References
    ----------
    Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013.

    Example
    -------
    >>> from minicnn import Parameter
    >>> p = Parameter([1.0])
    >>> p.grad = np.array([2.0], np.float32)
    >>> SGD([p], lr=0.25).step()
    >>> p
    Parameter([0.5], requires_grad=True)
    """

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False):
        super().__init__(params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay)
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError(
                f"SGD: nesterov=True needs momentum > 0 and dampening = 0, got momentum={momentum} and "
                f"dampening={dampening}. Pass momentum=0.9, nesterov=True."
            )
        self.nesterov = nesterov
        self._momenta = [None] * len(self.params)

    def _direction(self, i, g):
        if self.momentum == 0:
            return g
        b = self._momenta[i]
        b = g.copy() if b is None else self.momentum * b + (1 - self.dampening) * g
        self._momenta[i] = b
        return g + self.momentum * b if self.nesterov else b


class Adam(Optimizer):
    r"""Adaptive moments: every parameter has its own step size, about lr whatever the size of its gradient.

    .. math::
        g &\leftarrow \text{gradient} + \text{weight\_decay} \cdot p \\
        m &\leftarrow \beta_1 m + (1 - \beta_1) g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        p &\leftarrow p - \text{lr} \cdot \hat m / (\sqrt{\hat v} + \text{eps}), \qquad
            \hat m = m / (1 - \beta_1^t), \; \hat v = v / (1 - \beta_2^t)

    Both means start at 0 and are too small at first; in step t, dividing by :math:`1 - \beta^t` mends that.

    Parameters
    ----------
    params : iterable of Parameter
        Those without a gradient are left alone, and their t stands still.
    lr : float
        Learning rate. ``optimizer.lr`` may be changed at any time.
    betas : (float, float)
        How much of the running means of g and g² is kept in each step.
    eps : float
        Keeps the division away from 0.
    weight_decay : float
        Pulls parameters towards 0.

    Raises
    ------
    TypeError, ValueError
        If params is empty, holds something twice or something else than Parameters; if a setting is out of
        range.

    References
    ----------
    Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1.

    Example
    -------
    >>> from minicnn import Parameter
    >>> p = Parameter([1.0, 1.0])
    >>> p.grad = np.array([0.001, 1000], np.float32)
    >>> Adam([p], lr=0.25).step()
    >>> p.data.round(3)
    array([0.75, 0.75], dtype=float32)
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0):
        super().__init__(params, lr=lr, eps=eps, weight_decay=weight_decay)
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"Adam: betas must be ≥ 0 and < 1, got {betas}.")
        self.betas = tuple(float(beta) for beta in betas)
        self._moments = [(0, 0.0, 0.0)] * len(self.params)  # t, m, v

    def _direction(self, i, g):
        beta1, beta2 = self.betas
        t, m, v = self._moments[i]
        t, m, v = t + 1, beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        self._moments[i] = t, m, v
        return m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + self.eps)
