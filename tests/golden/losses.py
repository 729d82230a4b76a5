"""Cases of the losses, and of what stands before them: linear, bilinear, embedding."""

import itertools

from tests.golden.case import Classes, Drawn, Fixed, Given, Named

REDUCTIONS = ("mean", "sum", "none")
SHAPES = [((6, 4), (6,)), ((4,), ()), ((2, 4, 3), (2, 3)), ((2, 4, 3, 2), (2, 3, 2)), ((1, 1), (1,))]


def cross_entropy():
    for (x, target), weighted, reduction, ignored, smoothing in itertools.product(
        SHAPES, (False, True), REDUCTIONS, (-100, 1), (0.0, 0.1)
    ):
        K = x[min(len(x) - 1, 1)]
        weight = (Fixed((K,)),) if weighted else ()
        options = dict(reduction=reduction, label_smoothing=smoothing)
        if target or ignored < 0:  # a mean of nothing is NaN
            yield (x, Classes(K, target), *weight), options | dict(ignore_index=ignored)
        if ignored < 0:
            yield (x, Drawn("distribution", x), *weight), options


def nll_loss():
    for (x, target), weighted, reduction, ignored in itertools.product(SHAPES, (False, True), REDUCTIONS, (-100, 1)):
        K = x[min(len(x) - 1, 1)]
        weight = (Fixed((K,)),) if weighted else ()
        if target or ignored < 0:
            yield (x, Classes(K, target), *weight), dict(reduction=reduction, ignore_index=ignored)


def pairs(weighted=False, **settings):
    def grid():
        for shape, reduction, *values in itertools.product([(3, 4), (), (2, 3, 2)], REDUCTIONS, *settings.values()):
            options = dict(zip(settings, values, strict=True), reduction=reduction)
            yield (shape, shape), options
            yield (Drawn("few", shape), Drawn("few", shape)), options
            if weighted:
                yield (shape, shape, Named("weight", Drawn("positive", shape))), options
        yield ((0, 3), (0, 3)), dict(reduction="sum")

    return grid


def binary_cross_entropy_with_logits():
    for shape, reduction in itertools.product([(3, 4), (), (2, 3, 4)], REDUCTIONS):
        pair, options = (shape, Drawn("probability", shape)), dict(reduction=reduction)
        yield pair, options
        for of in dict.fromkeys([shape, shape[-1:], ()]):
            yield (*pair, Fixed(of)), options
            yield (*pair, Given(None), Named("pos_weight", Fixed(of))), options
            yield (*pair, Fixed(of), Named("pos_weight", Fixed(of))), options


def binary_cross_entropy():
    for shape, reduction in itertools.product([(3, 4), (), (2, 3, 4)], REDUCTIONS):
        pair = Drawn("probability", shape), Drawn("probability", shape)
        yield pair, dict(reduction=reduction)
        yield (*pair, Fixed(shape[-1:])), dict(reduction=reduction)


def kl_div():
    for shape, reduction in itertools.product([(3, 4), (4,), (2, 3, 4)], (*REDUCTIONS, "batchmean")):
        yield (shape, Drawn("distribution", shape)), dict(reduction=reduction)
        yield (shape, shape), dict(reduction=reduction, log_target=True)


def linear():
    for leading in [(), (4,), (2, 3), (0,)]:
        yield ((*leading, 5), (3, 5), (3,)), {}
        yield ((*leading, 5), (3, 5)), {}
    yield ((2, 0), (3, 0), (3,)), {}
    yield ((2, 5), (0, 5), (0,)), {}


def bilinear():
    for leading in [(), (4,), (2, 3), (0,)]:
        yield ((*leading, 5), (*leading, 2), (3, 5, 2), (3,)), {}
        yield ((*leading, 5), (*leading, 2), (3, 5, 2)), {}


def embedding():
    for shape, padding in itertools.product([(), (4,), (2, 3), (0, 2)], (None, 0, 2, -1)):
        yield (Classes(4, shape), (4, 3)), dict(padding_idx=padding)


GRID = dict(
    cross_entropy=cross_entropy, nll_loss=nll_loss, mse_loss=pairs(True), l1_loss=pairs(True),
    smooth_l1_loss=pairs(beta=(1, 0.5, 0)), huber_loss=pairs(True, delta=(1, 0.5)), kl_div=kl_div, linear=linear,
    binary_cross_entropy=binary_cross_entropy, binary_cross_entropy_with_logits=binary_cross_entropy_with_logits,
    bilinear=bilinear, embedding=embedding,
)  # fmt: skip
