"""Optimisers that give each parameter a step size of its own, from the sizes of its gradients so far."""

import numpy as np

from ..checks import number
from ..kernels import optim as kernels
from .optim import Optimizer, update

__all__ = ["Adadelta", "Adagrad", "Adam", "AdamW", "RMSprop"]


def running_mean(state, key, value, keep):
    """Update a running mean that starts at 0: keep · mean + (1 − keep) · value."""
    state[key] = keep * state.get(key, 0.0) + (1 - keep) * value
    return state[key]


class Adagrad(Optimizer):
    r"""Divide each gradient by the root of the sum of all its squares so far: steps shrink as 1/√t.

    .. math::
        s \leftarrow s + g^2, \qquad
        p \leftarrow p - \frac{\text{lr}}{1 + (t - 1) \cdot \text{lr\_decay}} \cdot \frac{g}{\sqrt s + \text{eps}}

    Parameters
    ----------
    params, lr, weight_decay, maximize
        As for `SGD`.
    lr_decay : float
        Lets the learning rate fall with the steps t.
    initial_accumulator_value : float
        Where s starts.
    eps : float
        Keeps the division away from 0.

    References
    ----------
    Duchi, Hazan, Singer, Adaptive subgradient methods, JMLR 12 (2011).

    Example
    -------
    >>> p = mc.Parameter([1.0, 1.0])
    >>> p.grad = np.array([0.001, 1000], np.float32)
    >>> Adagrad([p], lr=0.25).step()
    >>> p.data.round(3)
    array([0.75, 0.75], dtype=float32)
    """

    def __init__(
        self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, *, maximize=False
    ):
        super().__init__(
            params, lr=lr, lr_decay=lr_decay, weight_decay=weight_decay, eps=eps, maximize=maximize,
            initial_accumulator_value=initial_accumulator_value,
        )  # fmt: skip

    def _direction(self, g, state, group):
        t = state["step"] = state.get("step", 0) + 1
        state["sum"] = state.get("sum", group["initial_accumulator_value"]) + g * g
        return g / (np.sqrt(state["sum"]) + group["eps"]) / (1 + (t - 1) * group["lr_decay"])


class RMSprop(Optimizer):
    r"""Divide each gradient by the root of a running mean of its squares, so that old ones are forgotten.

    .. math::
        v \leftarrow \alpha v + (1 - \alpha) g^2, \qquad
        b \leftarrow \text{momentum} \cdot b + \frac{g}{\sqrt v + \text{eps}}, \qquad
        p \leftarrow p - \text{lr} \cdot b

    Parameters
    ----------
    params, lr, weight_decay, momentum, maximize
        As for `SGD`.
    alpha : float
        How much of the running mean is kept in each step.
    eps : float
        Keeps the division away from 0.
    centered : bool
        Subtract the square of the running mean of g from v: the variance in place of the mean square.

    References
    ----------
    Hinton, Neural networks for machine learning, lecture 6 (2012); Graves, arXiv:1308.0850 (centered).

    Example
    -------
    >>> p = mc.Parameter([1.0, 1.0])
    >>> p.grad = np.array([0.001, 1000], np.float32)
    >>> RMSprop([p], lr=0.25, alpha=0).step()
    >>> p.data.round(3)
    array([0.75, 0.75], dtype=float32)
    """

    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False, *, maximize=False
    ):
        super().__init__(
            params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered,
            maximize=maximize,
        )  # fmt: skip

    def _direction(self, g, state, group):
        alpha = group["alpha"]
        v = running_mean(state, "square_avg", g * g, alpha)
        if group["centered"]:
            v = v - running_mean(state, "grad_avg", g, alpha) ** 2
        direction = g / (np.sqrt(v) + group["eps"])
        if group["momentum"]:
            direction = direction + group["momentum"] * state.get("momentum_buffer", 0.0)
            state["momentum_buffer"] = direction
        return direction


class Adadelta(Optimizer):
    r"""Steps with the units of the parameter: as long as past steps were, over the size of past gradients.

    .. math::
        v \leftarrow \rho v + (1 - \rho) g^2, \qquad
        d = g \sqrt{u + \text{eps}} / \sqrt{v + \text{eps}}, \qquad
        u \leftarrow \rho u + (1 - \rho) d^2, \qquad
        p \leftarrow p - \text{lr} \cdot d

    Parameters
    ----------
    params, lr, weight_decay, maximize
        As for `SGD`.
    rho : float
        How much of both running means is kept in each step, from 0 to 1.
    eps : float
        Keeps the division away from 0, and sets how long the first steps are.

    References
    ----------
    Zeiler, ADADELTA: an adaptive learning rate method, arXiv:1212.5701.

    Example
    -------
    >>> p = mc.Parameter([1.0, 1.0])
    >>> p.grad = np.array([0.1, 1000], np.float32)
    >>> Adadelta([p], rho=0.75, eps=0.0625).step()
    >>> p.data.round(3)
    array([0.902, 0.5  ], dtype=float32)
    """

    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0, *, maximize=False):
        super().__init__(params, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)

    def _check(self, group):
        super()._check(group)
        if group["rho"] > 1:
            raise ValueError(f"Adadelta: rho must be from 0 to 1, got {group['rho']}.")

    def _direction(self, g, state, group):
        rho, eps = group["rho"], group["eps"]
        v, u = running_mean(state, "square_avg", g * g, rho), state.get("acc_delta", np.zeros_like(g))
        direction = g * np.sqrt(u + eps) / np.sqrt(v + eps)
        running_mean(state, "acc_delta", direction * direction, rho)
        return direction


class WithBetas(Optimizer):
    """What Adam and its kin share: the setting betas, how much of two running means is kept."""

    def _check(self, group):
        super()._check(group)
        betas = group["betas"]
        name = type(self).__name__
        if not isinstance(betas, (tuple, list)):
            raise TypeError(f"{name}: betas must be a pair of numbers, not {betas!r}.")
        if len(betas) != 2 or not all(0 <= number(name, "each of betas", beta) < 1 for beta in betas):
            raise ValueError(f"{type(self).__name__}: betas must be ≥ 0 and < 1, got {betas}.")
        group["betas"] = tuple(float(beta) for beta in betas)


class Adam(WithBetas):
    r"""Adaptive moments: every parameter has its own step size, about lr whatever the size of its gradient.

    .. math::
        g &\leftarrow \text{gradient} + \text{weight\_decay} \cdot p \\
        m &\leftarrow \beta_1 m + (1 - \beta_1) g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        p &\leftarrow p - \text{lr} \cdot \hat m / (\sqrt{\hat v} + \text{eps}), \qquad
            \hat m = m / (1 - \beta_1^t), \; \hat v = v / (1 - \beta_2^t)

    Both means start at 0 and are too small at first; in step t, dividing by :math:`1 - \beta^t` mends that.

    Parameters
    ----------
    params, lr, weight_decay, maximize
        As for `SGD`. For a parameter without a gradient t stands still.
    betas : (float, float)
        How much of the running means of g and g² is kept in each step.
    eps : float
        Keeps the division away from 0.
    amsgrad : bool
        Divide by the largest v so far, so that no step size grows again.

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
    >>> p = mc.Parameter([1.0, 1.0])
    >>> p.grad = np.array([0.001, 1000], np.float32)
    >>> Adam([p], lr=0.25).step()
    >>> p.data.round(3)
    array([0.75, 0.75], dtype=float32)
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *, maximize=False):
        super().__init__(
            params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize
        )

    def _update(self, p, state, group):
        if group["amsgrad"]:
            super()._update(p, state, group)
            return
        lr, (beta1, beta2), decay, t = group["lr"], group["betas"], group["weight_decay"], state.get("step", 0) + 1
        if t == 1:
            state |= {"exp_avg": np.zeros(p.shape, p.dtype), "exp_avg_sq": np.zeros(p.shape, p.dtype)}
        state["step"] = t
        settings = lr, -1 if group["maximize"] else 1, *((0, 1 - lr * decay) if self.decoupled else (decay, 1))
        settings += beta1, 1 - beta1, beta2, 1 - beta2, 1 - beta1**t, 1 - beta2**t, group["eps"]
        update(kernels.adam, p, state["exp_avg"], state["exp_avg_sq"], settings=settings)

    def _direction(self, g, state, group):
        beta1, beta2 = group["betas"]
        t = state["step"] = state.get("step", 0) + 1
        m = running_mean(state, "exp_avg", g, beta1)
        v = running_mean(state, "exp_avg_sq", g * g, beta2)
        largest = state["max_exp_avg_sq"] = np.maximum(state.get("max_exp_avg_sq", 0), v)
        return m / (1 - beta1**t) / (np.sqrt(largest / (1 - beta2**t)) + group["eps"])


class AdamW(Adam):
    r"""Adam with a weight decay that does not pass through the means: p ← p − lr · weight_decay · p, then Adam's step.

    Parameters
    ----------
    params, lr, betas, eps, weight_decay, amsgrad, maximize
        As for `Adam`.

    References
    ----------
    Loshchilov, Hutter, Decoupled weight decay regularization, ICLR 2019.

    Example
    -------
    >>> p = mc.Parameter([1.0])
    >>> p.grad = np.array([0.0], np.float32)
    >>> AdamW([p], lr=0.5, weight_decay=0.5).step()
    >>> p
    Parameter([0.75], requires_grad=True)
    """

    decoupled = True

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, *, maximize=False
    ):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)
