"""What a case with a golden answer is: an operation, its arguments, and what is stored of the answer.

A case says what the operation's array arguments look like: a shape, or one of the classes below; and which other
arguments stand between them. Inputs are not stored: they are drawn from a seed that follows from the case's own words,
and so are the weights c of the pull-back. Of outputs and gradients only a fingerprint is stored.
"""

import zlib
from typing import NamedTuple

import numpy as np


class Classes(NamedTuple):
    """An array of ints from 0 to K − 1."""

    K: int
    shape: tuple


class Wide(NamedTuple):
    """An array of numbers with standard deviation 5, so that they come also where a function is flat."""

    shape: tuple


class Fixed(NamedTuple):
    """An array of positive numbers that has no gradient."""

    shape: tuple


class Drawn(NamedTuple):
    """An array of numbers of a certain kind: see `KINDS`."""

    kind: str
    shape: tuple


class Named(NamedTuple):
    """An array that is passed by its name."""

    name: str
    array: object


class Given(NamedTuple):
    """An argument between the arrays that is none, as it is."""

    value: object


KINDS = {
    "positive": lambda rng, shape: rng.uniform(0.5, 2, shape),
    "probability": lambda rng, shape: rng.uniform(0.05, 0.95, shape),
    "distribution": lambda rng, shape: (p := rng.uniform(0.1, 1, shape)) / p.sum(min(len(shape) - 1, 1), keepdims=True),
    "few": lambda rng, shape: rng.integers(-1, 2, shape) / 1,  # −1, 0 and 1: many are equal, and at a kink
    "mask": lambda rng, shape: rng.random(shape) < 0.5,
    "distinct": lambda rng, shape: rng.permutation(np.prod(shape, dtype=int)).reshape(shape),  # ints from 0
    "signs": lambda rng, shape: rng.choice([-1.0, 1.0], shape),
}


def _draw(rng, a):
    if isinstance(a, Named):
        return _draw(rng, a.array)
    if isinstance(a, Classes):
        return rng.integers(0, a.K, a.shape)
    if isinstance(a, Fixed):
        return rng.uniform(0.5, 2, a.shape)
    if isinstance(a, Drawn):
        return np.asarray(KINDS[a.kind](rng, a.shape))
    if isinstance(a, Given):
        return a.value
    return rng.normal(0, 5, a.shape) if isinstance(a, Wide) else np.asarray(rng.standard_normal(a))


def _has_gradient(a):
    if isinstance(a, Named):
        return _has_gradient(a.array)
    return not isinstance(a, Classes | Fixed | Given) and getattr(a, "kind", None) not in ("mask", "distinct", "signs")


class Case(NamedTuple):
    operation: str
    arrays: tuple
    options: dict

    def __str__(self):
        words = [str(a).replace(" ", "") for a in self.arrays] + [f"{k}={v}" for k, v in self.options.items()]
        return f"{self.operation}({', '.join(words)})"

    def inputs(self):
        """The arguments, in order; and which of them have a gradient."""
        rng = self.rng()
        return [_draw(rng, a) for a in self.arrays], [_has_gradient(a) for a in self.arrays]

    def call(self, f, inputs):
        """The operation f, ours or PyTorch's, of these inputs."""
        arrays, options = self.arguments(inputs)
        if self.operation in ("cat", "stack"):
            return f(arrays, **options)
        if self.operation == "einsum":
            return f(options["equation"], *arrays)
        if self.operation == "getitem":
            return f(*arrays, options["index"])
        return f(*arrays, **options)

    def arguments(self, inputs):
        """What is passed by position, and what by name."""
        pairs = list(zip(self.arrays, inputs, strict=True))
        by_name = {a.name: x for a, x in pairs if isinstance(a, Named)}
        return [x for a, x in pairs if not isinstance(a, Named)], self.options | by_name

    def c(self, shape):
        """The weights of the outputs that the pull-back is given."""
        return self.rng(1).standard_normal(shape)

    def fingerprint(self, array, which):
        """Three random projections of an output (`which` = 0) or gradient: any wrong entry changes them."""
        directions = self.rng(2 + which).standard_normal((3, *np.shape(array)))
        return (directions * array).reshape(3, -1).sum(1)

    def rng(self, which=0):
        return np.random.default_rng([zlib.crc32(str(self).encode()), which])
