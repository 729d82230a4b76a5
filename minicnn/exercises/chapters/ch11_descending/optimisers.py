"""Exercises of chapter 11: momentum and Adam, step by step."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Function, Mistake


class Momentum:
    def __init__(self, momentum=0.9):
        self.momentum, self.velocity = momentum, 0.0

    def step(self, w, gradient, lr):
        self.velocity = self.momentum * self.velocity + gradient
        return w - lr * self.velocity


def momentum_with(velocity, step):
    """A wrong Momentum: its new velocity from (m, v, g, lr), and its new weights from (w, v, g, lr, m)."""

    class Wrong(Momentum):
        def step(self, w, gradient, lr):
            self.velocity = velocity(self.momentum, self.velocity, gradient, lr)
            return step(w, self.velocity, gradient, lr, self.momentum)

    return {"Momentum": Wrong}


def plain_step(w, v, g, lr, m):
    return w - lr * v


def steps(*rates):
    def script(code, rng):
        optimizer = code.call("Momentum", momentum=float(rng.choice([0.5, 0.8, 0.9])))
        w = ints(rng, 3)
        for lr in rates:
            w = optimizer.call("step", w, ints(rng, 3), lr)

    return script


sgd_momentum = Function(
    id="sgd_momentum",
    chapter=11,
    title="SGD with momentum",
    prompt="""
    Write the class `Momentum`. It keeps a velocity $v$, at first 0. Each `step(w, gradient, lr)` sets $v
    \\leftarrow \\mu v + g$ and returns the new weights $w - \\eta v$ as a new array, with $\\mu$ the momentum,
    $g$ the gradient and $\\eta$ the learning rate `lr` of this step.
    """,
    stub='''
    class Momentum:
        def __init__(self, momentum=0.9):
            self.momentum = momentum
            self.velocity = 0.0

        def step(self, w, gradient, lr):
            """The new weights, an array like w; w itself stays as it is."""
            ...
    ''',
    reference=[Momentum],
    without=["SGD"],
    checks=[
        Check("The first step", 1, steps(0.1)),
        Check("Three steps", 1, steps(0.1, 0.1, 0.1)),
        Check("A learning rate that falls", 1, steps(0.1, 0.01, 0.001)),
    ],
    mistakes=[
        Mistake(
            "forgetful",
            momentum_with(lambda m, v, g, lr: g, plain_step),
            "This is what one gets without memory. The velocity must be kept from step to step, in `self.velocity`.",
        ),
        Mistake(
            "averaged",
            momentum_with(lambda m, v, g, lr: m * v + (1 - m) * g, plain_step),
            "This is what one gets when the gradient is multiplied by 1 − μ: Adam averages so, here it is added "
            "in full.",
        ),
        Mistake(
            "rate inside",
            momentum_with(lambda m, v, g, lr: m * v + lr * g, lambda w, v, g, lr, m: w - v),
            "This is what one gets when the learning rate goes into the velocity. Old gradients then keep their "
            "old rates; "
            "here this step's rate scales all of v.",
        ),
        Mistake(
            "uphill",
            momentum_with(lambda m, v, g, lr: m * v + g, lambda w, v, g, lr, m: w + lr * v),
            "This is a step uphill: subtract it.",
        ),
        Mistake(
            "Nesterov",
            momentum_with(lambda m, v, g, lr: m * v + g, lambda w, v, g, lr, m: w - lr * (g + m * v)),
            "This is Nesterov's form, which looks one step ahead. Here the step is lr · v.",
        ),
        Mistake(
            "old velocity",
            momentum_with(lambda m, v, g, lr: m * v + g, lambda w, v, g, lr, m: w - lr * (v - g) / m),
            "This is the step of the velocity *before* this gradient. First renew v, then step.",
        ),
    ],
    hints=[
        "The velocity must outlive the call: `self.velocity`.",
        "`self.velocity = self.momentum * self.velocity + gradient`, and then the step with it.",
    ],
)


class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m = self.v = 0.0
        self.t = 0

    def step(self, w, gradient):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * gradient
        self.v = self.beta2 * self.v + (1 - self.beta2) * gradient**2
        m = self.m / (1 - self.beta1**self.t)
        v = self.v / (1 - self.beta2**self.t)
        return w - self.lr * m / (np.sqrt(v) + self.eps)


def adam_with(direction=None, **changes):
    """A wrong Adam: the step's direction from (m, v, eps, b1, b2, t), or other constants."""

    class Wrong(Adam):
        def step(self, w, gradient):
            for name, change in changes.items():
                setattr(self, name, change(self))
            new = super().step(w, gradient)
            if direction is None:
                return new
            return w - self.lr * direction(self.m, self.v, self.eps, self.beta1, self.beta2, self.t)

    return {"Adam": Wrong}


def adam_steps(count, eps):
    def script(code, rng):
        optimizer, w = code.call("Adam", lr=0.1, beta1=0.9, beta2=0.99, eps=eps), ints(rng, 3)
        for _ in range(count):
            w = optimizer.call("step", w, ints(rng, 3))

    return script


adam_step = Function(
    id="adam_step",
    chapter=11,
    title="Adam",
    prompt="""
    Write the class `Adam`. It keeps two running means, at first 0: $m$ of the gradient and $v$ of its square,
    and counts its steps $t = 1, 2, \\dots$ Each `step(w, gradient)` sets $m \\leftarrow \\beta_1 m + (1 -
    \\beta_1) g$ and $v \\leftarrow \\beta_2 v + (1 - \\beta_2) g^2$, corrects both for having started at 0,
    $\\hat m = m / (1 - \\beta_1^t)$ and $\\hat v = v / (1 - \\beta_2^t)$, and returns the new weights $w -
    \\eta\\, \\hat m / (\\sqrt{\\hat v} + \\varepsilon)$ as a new array.
    """,
    stub='''
    class Adam:
        def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
            self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
            # what else must it remember?

        def step(self, w, gradient):
            """The new weights, an array like w; w itself stays as it is."""
            ...
    ''',
    reference=[Adam],
    without=["Adam", "AdamW"],
    checks=[
        Check("The first step", 1, adam_steps(1, 1e-8)),
        Check("Four steps", 2, adam_steps(4, 1e-8)),
        Check("A large ε", 1, adam_steps(2, 0.5)),
    ],
    mistakes=[
        Mistake(
            "no correction",
            adam_with(lambda m, v, eps, b1, b2, t: m / (np.sqrt(v) + eps)),
            "This is what one gets without the correction for the start at 0: m and v are too small at first, by the "
            "factors 1 − β₁ᵗ and 1 − β₂ᵗ.",
        ),
        Mistake(
            "corrected for one step only",
            adam_with(lambda m, v, eps, b1, b2, t: m / (1 - b1) / (np.sqrt(v / (1 - b2)) + eps)),
            "This is what one gets when t stays at 1. Count the steps: the correction fades as t grows.",
        ),
        Mistake(
            "t from 0",
            adam_with(lambda m, v, eps, b1, b2, t: m / np.float64(1 - b1 ** (t - 1)) / np.sqrt(v)),
            "This is what one gets when t starts at 0: the first correction divides by 1 − β⁰ = 0. Count first, "
            "then step.",
        ),
        Mistake(
            "no root",
            adam_with(lambda m, v, eps, b1, b2, t: m / (1 - b1**t) / (v / (1 - b2**t) + eps)),
            "This is what one gets without the square root: v is a mean of *squares*.",
        ),
        Mistake(
            "ε inside",
            adam_with(lambda m, v, eps, b1, b2, t: m / (1 - b1**t) / np.sqrt(v / (1 - b2**t) + eps)),
            "This is what one gets with ε inside the root. It is added to the root.",
        ),
        Mistake(
            "no memory",
            adam_with(m=lambda self: 0.0, v=lambda self: 0.0),
            "This is what one gets when m and v start at 0 in every step. They must be kept, in `self`.",
        ),
        Mistake(
            "betas swapped",
            adam_with(beta1=lambda self: 0.99, beta2=lambda self: 0.9),
            "β₁ and β₂ have changed places: β₁ is for the gradient, β₂ for its square.",
        ),
        Mistake(
            "uphill",
            adam_with(lambda m, v, eps, b1, b2, t: -m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps)),
            "This is a step uphill: subtract it.",
        ),
    ],
    hints=[
        "Three things must outlive a call: m, v and t. Make them in `__init__`.",
        "Begin `step` with `self.t += 1`, so that the first correction divides by 1 − β, and not by 0.",
        "The corrected m and v are used in this step only; `self.m` and `self.v` stay uncorrected.",
    ],
)
