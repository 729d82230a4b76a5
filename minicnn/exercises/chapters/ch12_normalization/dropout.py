"""Exercises of chapter 12: dropout, and what evaluation is for; batch norm stands in ch12_norm.py."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Choice, Function, Mistake


def dropout(x, u, p, training=True):
    return x * (u >= p) / (1 - p) if training else x


def dropout_with(train, test=lambda x, u, p: x):
    return lambda x, u, p, training=True: train(x, u, p) if training else test(x, u, p)


def drop(training):
    """A script: some numbers dropped and some not."""

    def script(code, rng):
        x, u = ints(rng, 3, 4), np.concatenate([rng.integers(0, 20, 10), rng.integers(80, 100, 2)]) / 100 + 0.005
        u = 1 - u if rng.random() < 0.5 else u
        code.call(
            "dropout", x, rng.permutation(u).reshape(3, 4), float(rng.choice([0.2, 0.25, 0.6])), training=training
        )

    return script


dropout_train_and_test = Function(
    id="dropout_train_and_test",
    chapter=12,
    title="Dropout, training and test",
    prompt="""
    Write `dropout(x, u, p, training)` in today's form ("inverted"). In training, a number is set to 0 where the
    uniform random number `u`, an array in [0, 1) of the shape of `x`, is **less than** `p`; the others are
    scaled so that the expected value stays that of `x`. At test time nothing happens.
    """,
    stub='''
    def dropout(x, u, p, training=True):
        """x and u of the same shape, 0 <= p < 1, to an array of that shape."""
        ...
    ''',
    reference=[dropout],
    without=["dropout"],
    checks=[
        Check("Training", 2, drop(True)),
        Check("Test", 1, drop(False)),
    ],
    mistakes=[
        Mistake(
            "2014",
            dropout_with(lambda x, u, p: x * (u >= p), lambda x, u, p: x * (1 - p)),
            "This is dropout as in 2014: unscaled in training, times 1 − p at test time. The inverted form "
            "divides by 1 − p in "
            "training, and leaves the test alone.",
        ),
        Mistake(
            "scaled twice",
            dropout_with(lambda x, u, p: dropout(x, u, p), lambda x, u, p: x * (1 - p)),
            "This is what one gets when it is scaled twice, in training and again at test time. Once is enough.",
        ),
        Mistake(
            "active at test time",
            dropout_with(lambda x, u, p: dropout(x, u, p), lambda x, u, p: dropout(x, u, p)),
            "Dropout is active at test time: the same image would get another answer each time.",
        ),
        Mistake(
            "not scaled",
            dropout_with(lambda x, u, p: x * (u >= p)),
            "This is what one gets without scaling: a share p is missing on average. Divide by 1 − p.",
        ),
        Mistake(
            "divided by p",
            dropout_with(lambda x, u, p: x * (u >= p) / p),
            "This is what one gets when one divides by p. What is *kept* is the share 1 − p.",
        ),
        Mistake(
            "turned round",
            dropout_with(lambda x, u, p: x * (u < p) / (1 - p)),
            "What should be dropped is kept, and what should be kept is dropped: drop where u < p.",
        ),
        Mistake(
            "whole rows",
            dropout_with(lambda x, u, p: x * (u[:, :1] >= p) / (1 - p)),
            "This drops whole rows. Every number has a random number of its own.",
        ),
    ],
    hints=[
        "`u >= p` is an array of True and False; as numbers they are 1 and 0.",
        "A number survives with probability 1 − p. By what must it be multiplied, so that it counts in full on "
        "average?",
    ],
)

one_at_a_time = Choice(
    id="one_at_a_time",
    chapter=12,
    title="98 % together, 10 % alone",
    prompt="""
    A network with batch norm reads 98 % of the test digits when it is given a hundred at a time, in random order. Given
    all the zeros first, then all the ones and so on, or one digit at a time, it reads far fewer. What is wrong?
    """,
    options={
        "a": (
            "It has overfitted.",
            "Then it would read few in any order. These are the same test digits, and only their company has changed.",
        ),
        "b": (
            "It is still in training mode: each batch is normalised with its own mean and variance.",
            "Yes. What a digit gives depends on its neighbours, and with batches of one kind, the mean takes "
            "away what tells "
            "that kind from others. Call `model.eval()`: then the running statistics are used.",
        ),
        "c": (
            "The running variance was biased.",
            "With hundreds of numbers, n and n − 1 are nearly the same. That cannot cost 80 %.",
        ),
        "d": (
            "Batch norm needs large batches, also at test time.",
            "In training it does. At test time it uses running statistics, and then an image's answer does not "
            "depend on "
            "others at all.",
        ),
    },
    right="b",
    hints=["What, in this network, can make the answer to one image depend on the other images of the batch?"],
)
