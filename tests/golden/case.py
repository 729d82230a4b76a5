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


class Given(NamedTuple):
    """An argument between the arrays that is none, as it is."""

    value: object


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
        inputs = [
            rng.integers(0, a.K, a.shape) if isinstance(a, Classes)
            else rng.uniform(0.5, 2, a.shape) if isinstance(a, Fixed)
            else a.value if isinstance(a, Given)
            else rng.normal(0, 5, a.shape) if isinstance(a, Wide)
            else np.asarray(rng.standard_normal(a))
            for a in self.arrays
        ]  # fmt: skip
        return inputs, [not isinstance(a, Classes | Fixed | Given) for a in self.arrays]

    def c(self, shape):
        """The weights of the outputs that the pull-back is given."""
        return self.rng(1).standard_normal(shape)

    def fingerprint(self, array, which):
        """Three random projections of an output (`which` = 0) or gradient: any wrong entry changes them."""
        directions = self.rng(2 + which).standard_normal((3, *np.shape(array)))
        return (directions * array).reshape(3, -1).sum(1)

    def rng(self, which=0):
        return np.random.default_rng([zlib.crc32(str(self).encode()), which])
