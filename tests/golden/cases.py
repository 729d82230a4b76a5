"""The cases whose answers PyTorch gave: tools/make_golden.py reads them to ask it, the tests to compare."""

import importlib
import itertools
from pathlib import Path

from tests.golden.case import Case


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


def conv_nd(nd):
    size, kernel = (7, 5, 6)[:nd], (3, 2, 2)[:nd]

    def grid():
        for stride, padding, dilation, groups in itertools.product((1, 2), (0, 1, "same"), (1, 2), (1, 2)):
            if stride == 1 or padding != "same":
                yield (
                    ((2, 4, *size), (4, 4 // groups, *kernel), (4,)),
                    dict(stride=stride, padding=padding, dilation=dilation, groups=groups),
                )
        yield ((4, *size), (2, 4, *kernel)), {}  # one image, no bias

    return grid


def conv_transpose_nd(nd):
    size, kernel = (3, 4, 2)[:nd], (3, 2, 4)[:nd]

    def grid():
        for stride, padding, extra, dilation, groups in itertools.product((1, 2, 3), (0, 1), (0, 1), (1, 2), (1, 2)):
            if extra < max(stride, dilation):
                yield (
                    ((2, 4, *size), (4, 3, *kernel), (3 * groups,)),
                    dict(stride=stride, padding=padding, output_padding=extra, groups=groups, dilation=dilation),
                )
        yield ((4, *size), (4, 2, *kernel)), {}

    return grid


def max_pool_nd(nd):
    size = (9, 8, 7)[:nd]

    def grid():
        for kernel, stride, padding, dilation, ceil in itertools.product(
            (2, 3), (None, 1, 2), (0, 1), (1, 2), (False, True)
        ):
            yield (
                ((1, 2, *size),),
                dict(kernel_size=kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil),
            )
        yield ((2, *size),), dict(kernel_size=2)

    return grid


def avg_pool_nd(nd):
    size = (9, 8, 7)[:nd]

    def grid():
        for kernel, stride, padding, ceil, count in itertools.product(
            (2, 3), (None, 1, 2), (0, 1), (False, True), (False, True)
        ):
            yield (
                ((1, 2, *size),),
                dict(kernel_size=kernel, stride=stride, padding=padding, ceil_mode=ceil, count_include_pad=count),
            )
        if nd > 1:
            yield ((1, 2, *size),), dict(kernel_size=2, padding=1, divisor_override=5)
        yield ((2, *size),), dict(kernel_size=2)

    return grid


def adaptive_nd(nd):
    size = (7, 5, 6)[:nd]

    def grid():
        for out in (1, 2, 3, 5, (8, None, 2)[:nd]):
            yield ((2, 3, *size),), dict(output_size=out)
        yield ((3, *size),), dict(output_size=2)

    return grid


def elementwise():
    yield ((3, 4),), {}
    yield ((),), {}
    yield ((2, 0, 3),), {}


def along_dim():
    for dim in (0, 1, -1):
        yield ((3, 4, 2),), dict(dim=dim)
    yield ((5,),), dict(dim=0)
    for axes in range(6):  # PyTorch warns, but chooses one
        yield ((2, 3, 4, 3, 2)[:axes],), {}


GRID = {}  # {operation: function that gives its cases}: of all files here that have one, and those of this file
for path in sorted(Path(__file__).parent.glob("*.py")):
    if path.stem not in ("case", "cases"):
        GRID |= importlib.import_module(f"tests.golden.{path.stem}").GRID
GRID |= dict(
    conv2d=conv2d, max_pool2d=max_pool2d, avg_pool2d=avg_pool2d, softmax=along_dim, log_softmax=along_dim,
    softmin=along_dim, relu=elementwise, tanh=elementwise, sigmoid=elementwise,
    **{f"conv{nd}d": conv_nd(nd) for nd in (1, 3)},
    **{f"conv_transpose{nd}d": conv_transpose_nd(nd) for nd in (1, 2, 3)},
    **{f"max_pool{nd}d": max_pool_nd(nd) for nd in (1, 3)},
    **{f"avg_pool{nd}d": avg_pool_nd(nd) for nd in (1, 3)},
    **{f"adaptive_{kind}_pool{nd}d": adaptive_nd(nd) for kind in ("avg", "max") for nd in (1, 2, 3)},
)  # fmt: skip
CASES = [Case(name, arrays, options) for name, grid in GRID.items() for arrays, options in grid()]
