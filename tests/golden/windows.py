"""Cases of what windows are cut out, pooled and put back with."""

import itertools
import math

from tests.golden.case import Drawn


def unfold():
    for kernel, dilation, padding, stride in itertools.product((2, (1, 3)), (1, (2, 1)), (0, (1, 2)), (1, (2, 3))):
        yield ((2, 3, 5, 6),), dict(kernel_size=kernel, dilation=dilation, padding=padding, stride=stride)
    yield ((3, 4, 5),), dict(kernel_size=(4, 5))
    yield ((0, 3, 4, 5),), dict(kernel_size=2)


def fold():
    yield ((2, 6, 16),), dict(output_size=(5, 6), kernel_size=(2, 3))
    yield ((2, 12, 9),), dict(output_size=4, kernel_size=2)
    yield ((2, 6, 9),), dict(output_size=(5, 6), kernel_size=(3, 2), dilation=(2, 1), padding=(1, 2), stride=(1, 3))
    yield ((4, 6),), dict(output_size=(4, 6), kernel_size=2, stride=2)
    yield ((0, 4, 1),), dict(output_size=2, kernel_size=2)


def max_unpool(nd):
    size = (3, 2, 4)[:nd]

    def grid():
        for kernel, stride, padding, longer in [(2, None, 0, None), (3, 2, 1, 0), (3, None, 0, 2), (2, 3, 0, -2)]:
            options = dict(kernel_size=kernel, stride=stride, padding=padding)
            if longer is not None:
                out = tuple((n - 1) * (stride or kernel) - 2 * padding + kernel + longer for n in size)
                options["output_size"] = out
            yield ((1, 1, *size), Drawn("distinct", (1, 1, *size))), options
        yield ((2, *size), Drawn("distinct", (2, *size))), dict(kernel_size=2)
        yield ((0, 2, *size), Drawn("distinct", (0, 2, *size))), dict(kernel_size=2)

    return grid


def lp_pool(nd):
    size = (7, 5, 6)[:nd]

    def grid():
        for p, stride, ceil in itertools.product((1, 2, 3.5, -1, math.inf, -math.inf), (None, 1, 2), (False, True)):
            options = dict(norm_type=p, kernel_size=(3, 2, 2)[:nd] if nd > 1 else 3, stride=stride, ceil_mode=ceil)
            yield (Drawn("positive", (1, 2, *size)),), options
        for p in (1, 2):
            yield (Drawn("few", (2, 3, *size)),), dict(norm_type=p, kernel_size=2)  # many sums are 0
        yield ((2, *size),), dict(norm_type=2, kernel_size=2)
        yield ((0, 2, *size),), dict(norm_type=2, kernel_size=2)

    return grid


GRID = dict(unfold=unfold, fold=fold)
GRID |= {f"max_unpool{nd}d": max_unpool(nd) for nd in (1, 2, 3)} | {f"lp_pool{nd}d": lp_pool(nd) for nd in (1, 2, 3)}
