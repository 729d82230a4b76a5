"""Exercises of chapter 11: initialisation and schedules; SGD, momentum and Adam stand in ch11_optim.py."""

import numpy as np

from ...checking.exercise import Check, Choice, Function, Mistake, Predict


def spread(what, inputs, outputs=0, gain=2.0):
    """He's variance for so many inputs a unit, the deviation, or what ten layers leave of the mean square."""
    return {"variance": gain / inputs, "deviation": (gain / inputs) ** 0.5, "ten": (1 / 2) ** 10}[what]


he_variance = Predict(
    id="he_variance",
    chapter=11,
    title="Predict the variance",
    prompt="""
    He initialisation draws weights with mean 0 and the variance that keeps the mean square of the signal as it
    is when a ReLU, which throws half of it away, follows each layer. The first two questions ask about such
    weights. In the last one, the variance is 1 / (inputs of a unit) instead, as if there were no ReLU: which
    share of the mean square is left behind ten layers of weights, each followed by a ReLU?
    """,
    reference=spread,
    questions={
        "variance, convolution 3×3 from 64 to 128 channels": ("variance", 576, 1152),
        "standard deviation, dense layer from 400 to 120": ("deviation", 400, 120),
        "variance 1 / inputs: share left after ten layers": ("ten", 100),
    },
    mistakes=[
        Mistake(
            "outputs",
            lambda what, inputs, outputs=1: spread(what, outputs),
            "This is what one gets from the number of outputs (fan-out). Forward, a unit sums over its *inputs*.",
        ),
        Mistake(
            "no ReLU",
            lambda what, inputs, outputs=0: 1.0 if what == "ten" else spread(what, inputs, gain=1.0),
            "This is what one gets without the ReLU. It throws away half of the mean square: a factor 2 makes up "
            "for it.",
        ),
        Mistake(
            "kernel forgotten",
            lambda what, inputs, outputs=0: spread(what, 64 if inputs == 576 else inputs),
            "This is what one gets when the kernel's size is forgotten. A unit sums over 3 · 3 places in 64 channels.",
        ),
        Mistake(
            "deviation for variance",
            lambda what, inputs, outputs=0: {
                "variance": (2 / inputs) ** 0.5,
                "deviation": 2 / inputs,
                "ten": (1 / 2) ** 5,
            }[what],
            "Variance and standard deviation have changed places: the deviation is the root of the variance, and "
            "the mean "
            "square goes with the variance.",
        ),
    ],
    hints=[
        "How many numbers does one unit sum up? For a convolution: channels times the places of the kernel.",
        "A sum of n products has n times the variance of one. To make up for that and for the ReLU: variance 2 / n.",
        "Forget the 2, and each layer leaves half of the mean square. Ten layers?",
    ],
)

equal_start = Choice(
    id="equal_start",
    chapter=11,
    title="All weights equal at the start",
    prompt="""
    Somebody starts a dense network with two hidden layers with *every* weight 0.01 and every bias 0, and trains
    it. What happens?
    """,
    options={
        "a": (
            "It learns as well as others: gradient descent moves the weights apart.",
            "It cannot: the units of a layer see the same inputs and have the same weights, so they get the same "
            "gradients, "
            "in every step.",
        ),
        "b": (
            "Nothing moves, because all gradients are 0.",
            "That happens to the weights if they are all 0. With 0.01 those of the last layer move at once, and "
            "then the others.",
        ),
        "c": (
            "The units of a hidden layer stay equal to each other for ever.",
            "Yes. They compute the same, and get the same gradient. A layer of 120 units does the work of one. "
            "Only unequal "
            "first weights can tell them apart.",
        ),
        "d": (
            "The loss overflows after a few steps.",
            "The weights are small, and so are the steps. What is wrong here makes no noise: the loss even falls "
            "a little.",
        ),
    },
    right="c",
    hints=[
        "Take two units of the same layer. Do they differ in anything, their inputs, their weights, what comes back?"
    ],
)


def warm_cosine(step, steps, warmup, lr):
    if step < warmup:
        return lr * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup)
    return lr * (1 + np.cos(np.pi * done)) / 2


def ramp_or(rate, ramp=lambda step, warmup, lr: lr * (step + 1) / warmup):
    """A wrong warm_cosine: `rate(step, steps, warmup, lr)` after the warm-up."""
    return lambda step, steps, warmup, lr: ramp(step, warmup, lr) if step < warmup else rate(step, steps, warmup, lr)


def some_step(first, last):
    """A script: step `first` to `last` as shares of the way, of a schedule drawn at random."""

    def script(code, rng):
        warmup = int(rng.integers(3, 7))
        steps = warmup + int(rng.integers(10, 20))
        low, high = (int(share[0] * warmup + share[1] * (steps - warmup)) for share in (first, last))
        code.call("warm_cosine", int(rng.integers(low, high)), steps, warmup, 0.1)

    return script


warmup_cosine = Function(
    id="warmup_cosine",
    chapter=11,
    title="Warm up, then fall along a cosine",
    prompt="""
    Write `warm_cosine(step, steps, warmup, lr)`, the learning rate of one of `steps` steps; they count from 0. During
    the first `warmup` steps the rate rises in equal amounts and reaches `lr` in the last of them. From step
    `warmup` on it falls along half a cosine, from `lr` there towards 0 at step `steps`, which is never taken.
    """,
    stub='''
    def warm_cosine(step, steps, warmup, lr):
        """The learning rate of step 0, 1, ..., steps - 1."""
        ...
    ''',
    reference=[warm_cosine],
    checks=[
        Check("Warming up", 1, some_step((0, 0), (1, 0))),
        Check("The first step after it", 1, some_step((1, 0), (1, 0.1))),
        Check("Falling", 1, some_step((1, 0.3), (1, 1))),
    ],
    mistakes=[
        Mistake(
            "starts at 0",
            ramp_or(warm_cosine, lambda step, warmup, lr: lr * step / warmup),
            "This warms up from 0, and the first step would do nothing. Step 0 gets lr / warmup already.",
        ),
        Mistake(
            "no warm-up",
            lambda step, steps, warmup, lr: lr if step < warmup else warm_cosine(step, steps, warmup, lr),
            "This is the full rate from the start: the warm-up is missing.",
        ),
        Mistake(
            "cosine from step 0",
            ramp_or(lambda step, steps, warmup, lr: warm_cosine(step, steps, 0, lr)),
            "This is a cosine that began at step 0. It begins after the warm-up: count from there, also the length.",
        ),
        Mistake(
            "whole cosine",
            ramp_or(lambda step, steps, warmup, lr: lr * np.cos(np.pi * (step - warmup) / (steps - warmup))),
            "This cosine falls to −lr, and a negative rate climbs. Lift it by 1, and halve it.",
        ),
        Mistake(
            "straight",
            ramp_or(lambda step, steps, warmup, lr: lr * (steps - step) / (steps - warmup)),
            "This falls along a straight line. A cosine stays up longer at first, and comes in gently.",
        ),
    ],
    hints=[
        "Warming up: of `warmup` equal amounts, step 0 has one, step 1 two.",
        "After it: which share of the way is done? (step − warmup) / (steps − warmup), from 0 to nearly 1.",
        "cos(0) = 1 and cos(π) = −1. So (1 + cos(π · share)) / 2 goes from 1 to 0.",
    ],
)
