"""Cases of the losses with a margin, and of those of counts and variances."""

import itertools

from tests.golden.case import Classes, Drawn, Fixed, Given
from tests.golden.losses import REDUCTIONS, pairs


def of_signs(arrays, shapes, reduced=lambda shape: shape, **settings):
    """So many arrays of one shape (also with many equal numbers), and signs."""

    def grid():
        for shape, reduction, *values in itertools.product(shapes, REDUCTIONS, *settings.values()):
            options = dict(zip(settings, values, strict=True), reduction=reduction)
            for x in (shape, Drawn("few", shape)):
                yield (*(x,) * arrays, Drawn("signs", reduced(shape))), options

    return grid


SHAPES = [(3, 4), (), (2, 3, 2)]


def triplet_margin_loss():
    for shape, reduction, swap, p in itertools.product([(6, 4), (5,)], REDUCTIONS, (False, True), (2, 1)):
        yield (shape,) * 3, dict(reduction=reduction, swap=swap, p=p)
    yield (Drawn("few", (8, 2)),) * 3, dict(margin=1, swap=True)
    yield ((6, 4),) * 3, dict(margin=0.3, eps=0.1, reduction="none")


def multi_margin_loss():
    for (x, target), p, reduction in itertools.product([((6, 4), (6,)), ((4,), ())], (1, 2), REDUCTIONS):
        yield (x, Classes(4, target)), dict(p=p, reduction=reduction)
        yield (x, Classes(4, target), Given(p), Given(0.5), Fixed((4,))), dict(reduction=reduction)
    yield (Drawn("few", (6, 4)), Classes(4, (6,))), {}


def gaussian_nll_loss():
    for shape, reduction, full in itertools.product([(3, 4), (2, 3, 4)], REDUCTIONS, (False, True)):
        options = dict(reduction=reduction, full=full)
        for var in (shape, shape[:-1], (*shape[:-1], 1), (1, *shape[1:])):
            yield (shape, shape, Drawn("positive", var)), options
        yield (shape, shape, Given(0.7)), options
    yield ((3, 4), (3, 4), Drawn("positive", (3, 4))), dict(eps=1)
    yield ((3,), (3,), Drawn("positive", ())), {}


def poisson_nll_loss():
    for log_input, full, reduction in itertools.product((True, False), (True, False), REDUCTIONS):
        options = dict(log_input=log_input, full=full, reduction=reduction)
        yield (Drawn("positive", (3, 4)), Drawn("positive", (3, 4))), options
    yield (Drawn("probability", (3, 4)), Drawn("positive", (3, 4))), dict(log_input=False, eps=0.1)
    yield from pairs()()


GRID = dict(
    cosine_embedding_loss=of_signs(2, [(6, 4), (4,)], lambda shape: shape[:-1], margin=(0, 0.4)),
    gaussian_nll_loss=gaussian_nll_loss, hinge_embedding_loss=of_signs(1, SHAPES, margin=(1, 0.5)),
    margin_ranking_loss=of_signs(2, SHAPES, margin=(0, 0.5, 1)), multi_margin_loss=multi_margin_loss,
    poisson_nll_loss=poisson_nll_loss, soft_margin_loss=of_signs(1, SHAPES), triplet_margin_loss=triplet_margin_loss,
)  # fmt: skip
