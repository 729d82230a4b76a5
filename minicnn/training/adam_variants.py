"""Variants of Adam: another measure of the gradients' size, and Nesterov's momentum."""

import numpy as np

from .adaptive import WithBetas, running_mean

__all__ = ["Adamax", "NAdam"]


class Adamax(WithBetas):
    r"""Adam with the largest gradient so far, which fades, in place of the root of their mean square.

    .. math::
        m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
        u \leftarrow \max(\beta_2 u, |g| + \text{eps}), \qquad
        p \leftarrow p - \frac{\text{lr}}{1 - \beta_1^t} \cdot \frac{m}{u}

    Parameters
    ----------
    params, lr, weight_decay, maximize
        As for `SGD`.
    betas : (float, float)
        How much of m and u is kept in each step.
    eps : float
        Keeps the division away from 0.

    References
    ----------
    Kingma, Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 2.

    Example
    -------
    >>> p = mc.Parameter([1.0, 1.0])
    >>> p.grad = np.array([0.001, 1000], np.float32)
    >>> Adamax([p], lr=0.25).step()
    >>> p.data.round(3)
    array([0.75, 0.75], dtype=float32)
    """

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, *, maximize=False):
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize)

    def _direction(self, g, state, group):
        beta1, beta2 = group["betas"]
        t = state["step"] = state.get("step", 0) + 1
        m = running_mean(state, "exp_avg", g, beta1)
        state["exp_inf"] = np.maximum(beta2 * state.get("exp_inf", 0.0), np.abs(g) + group["eps"])
        return m / state["exp_inf"] / (1 - beta1**t)


class NAdam(WithBetas):
    r"""Adam that looks ahead: its momentum is Nesterov's, and grows from step to step.

    .. math::
        \mu_t = \beta_1 (1 - \tfrac12 \cdot 0.96^{t \cdot \text{momentum\_decay}}), \qquad
        p \leftarrow p - \text{lr} \left(\frac{\mu_{t+1}\, m}{1 - \mu_1 \cdots \mu_{t+1}}
            + \frac{(1 - \mu_t)\, g}{1 - \mu_1 \cdots \mu_t}\right) / (\sqrt{\hat v} + \text{eps})

    with m and :math:`\hat v` as in `Adam`.

    Parameters
    ----------
    params, lr, betas, eps, weight_decay, maximize
        As for `Adam`.
    momentum_decay : float
        How fast the momentum μ grows to beta1.
    decoupled_weight_decay : bool
        Let the weight decay pull at the parameter itself, as in `AdamW`.

    References
    ----------
    Dozat, Incorporating Nesterov momentum into Adam, ICLR 2016 workshop.

    Example
    -------
    >>> p = mc.Parameter([1.0, 1.0])
    >>> p.grad = np.array([0.001, 1000], np.float32)
    >>> NAdam([p], lr=0.25, betas=(0, 0)).step()
    >>> p.data.round(3)
    array([0.75, 0.75], dtype=float32)
    """

    def __init__(
        self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, momentum_decay=4e-3,
        decoupled_weight_decay=False, *, maximize=False,
    ):  # fmt: skip
        super().__init__(
            params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay, maximize=maximize,
        )  # fmt: skip

    def _direction(self, g, state, group):
        beta1, beta2 = group["betas"]
        t = state["step"] = state.get("step", 0) + 1
        now, later = (beta1 * (1 - 0.5 * 0.96 ** (k * group["momentum_decay"])) for k in (t, t + 1))
        product = state["mu_product"] = state.get("mu_product", 1.0) * now
        m = running_mean(state, "exp_avg", g, beta1)
        v = running_mean(state, "exp_avg_sq", g * g, beta2)
        ahead = m * (later / (1 - product * later)) + g * ((1 - now) / (1 - product))
        return ahead / (np.sqrt(v / (1 - beta2**t)) + group["eps"])
