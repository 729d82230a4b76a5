"""The cases whose answers PyTorch gave: read by tools/make_golden.py, which asks it, and by the tests, which compare.

Inputs are not stored: they are drawn from a seed that follows from the case's own words. So are the weights c of the
pull-back. A case says what the operation's array arguments look like: a shape, or for class numbers the shape and K.
"""

import itertools
import zlib
from typing import NamedTuple

import numpy as np


class Classes(NamedTuple):
    """An array of ints from 0 to K − 1."""

    K: int
    shape: tuple


class Case(NamedTuple):
    operation: str
    arrays: tuple
    options: dict

    def __str__(self):
        words = [str(a).replace(" ", "") for a in self.arrays] + [f"{k}={v}" for k, v in self.options.items()]
        return f"{self.operation}({', '.join(words)})"

    def inputs(self):
        rng = self.rng()
        return [
            rng.integers(0, a.K, a.shape) if isinstance(a, Classes) else rng.standard_normal(a) for a in self.arrays
        ]

    def c(self, shape):
        return self.rng(1).standard_normal(shape)

    def rng(self, which=0):
        return np.random.default_rng([zlib.crc32(str(self).encode()), which])


def conv2d():
    for stride, padding, dilation, groups in itertools.product(
        (1, 2, (3, 1)), (0, 1, (0, 2)), (1, 2, (1, 3)), (1, 2, 4)
    ):
        yield (
            ((2, 4, 5, 6), (4, 4 // groups, 3, 2), (4,)),
            dict(stride=stride, padding=padding, dilation=dilation, groups=groups),
        )
    yield ((1, 1, 6, 6), (1, 1, 6, 6), (1,)), {}  # kernel = input
    yield ((2, 3, 5, 5), (2, 3, 1, 1), (2,)), dict(stride=3)  # stride > kernel
    yield ((2, 3, 2, 2), (2, 3, 4, 4), (2,)), dict(padding=3)  # more padding than image
    yield ((2, 4, 5, 5), (8, 1, 3, 3), (8,)), dict(groups=4, padding=1)  # two filters a channel
    yield ((0, 3, 5, 5), (2, 3, 3, 3), (2,)), {}  # empty batch


def max_pool2d():
    for kernel, stride, padding, dilation in itertools.product(
        (2, 3, (1, 3)), (None, 1, (2, 3)), (0, (0, 1)), (1, (2, 1))
    ):
        yield ((1, 2, 7, 8),), dict(kernel_size=kernel, stride=stride, padding=padding, dilation=dilation)


def avg_pool2d():
    for kernel, stride, padding, count in itertools.product(
        (2, 3, (2, 3)), (None, 1, (2, 3)), (0, 1, (0, 1)), (True, False)
    ):
        yield ((1, 2, 7, 8),), dict(kernel_size=kernel, stride=stride, padding=padding, count_include_pad=count)


def linear():
    for leading in [(), (4,), (2, 3), (0,)]:
        yield ((*leading, 5), (3, 5), (3,)), {}
        yield ((*leading, 5), (3, 5)), {}


def elementwise():
    yield ((3, 4),), {}
    yield ((),), {}
    yield ((2, 0, 3),), {}


def along_dim():
    for dim in (0, 1, -1):
        yield ((3, 4, 2),), dict(dim=dim)
    yield ((5,),), dict(dim=0)


def cross_entropy():
    for reduction in ("mean", "sum", "none"):
        yield ((6, 4), Classes(4, (6,))), dict(reduction=reduction)
    yield ((1, 1), Classes(1, (1,))), {}


def mse_loss():
    for reduction in ("mean", "sum", "none"):
        yield ((3, 4), (3, 4)), dict(reduction=reduction)


def binary():
    for pair in [((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 1), (1, 4)), ((2, 3, 4), (3, 1)), ((), (2, 2))]:
        yield pair, {}


def matmul():
    for pair in [
        ((3, 4), (4, 2)),
        ((4,), (4,)),
        ((3, 4), (4,)),
        ((4,), (4, 2)),
        ((5, 1, 3, 4), (2, 4, 6)),
        ((4,), (3, 4, 2)),
    ]:
        yield pair, {}


def reductions():
    for dim, keepdim in itertools.product((0, 1, -1, (0, 2)), (False, True)):
        yield ((3, 4, 2),), dict(dim=dim, keepdim=keepdim)
    yield ((3, 4, 2),), {}


GRID = dict(
    conv2d=conv2d, max_pool2d=max_pool2d, avg_pool2d=avg_pool2d, linear=linear, cross_entropy=cross_entropy,
    mse_loss=mse_loss, softmax=along_dim, log_softmax=along_dim, relu=elementwise, tanh=elementwise,
    sigmoid=elementwise, exp=elementwise, neg=elementwise, add=binary, sub=binary, mul=binary, div=binary,
    matmul=matmul, sum=reductions, mean=reductions,
)  # fmt: skip
CASES = [Case(name, arrays, options) for name, grid in GRID.items() for arrays, options in grid()]
