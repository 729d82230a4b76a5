"""Cases of lengths, distances, angles, and of attention."""

import itertools

from tests.golden.case import Drawn, Given

inf = float("inf")
POWERS = (1, 2, 3, 1.5, 0.5, -1, inf, -inf)


def norm():
    for p, dim, keepdim in itertools.product((*POWERS, "fro"), (None, 0, -1, (0, 2)), (False, True)):
        yield ((3, 4, 2),), dict(p=p, dim=dim, keepdim=keepdim)
    for p in POWERS:
        yield (Drawn("few", (3, 4)),), dict(p=p, dim=1)
        yield ((),), dict(p=p)
    yield ((0, 3),), dict(p=2)
    yield ((0, 3),), dict(p=inf, dim=1)


def normalize():
    for p, dim in itertools.product(POWERS, (0, 1, -1)):
        yield ((3, 4, 2),), dict(p=p, dim=dim)
    yield ((3, 4, 2),), dict(dim=(1, 2), eps=0.5)
    yield (Drawn("few", (9, 2)),), dict(eps=0.1)
    yield ((0, 3),), {}


PAIRS = [((3, 4), (3, 4)), ((3, 4), (4,)), ((2, 3, 4), (3, 1)), ((2, 1, 4), (3, 1)), ((0, 3), (0, 3))]


def cosine_similarity():
    for pair in PAIRS:
        for dim in (0, 1, -1):
            yield pair, dict(dim=dim)
        yield pair, dict(eps=2)
        yield tuple(Drawn("few", shape) for shape in pair), dict(eps=0.1)
    yield ((5,), (5,)), dict(dim=0)


def pairwise_distance():
    for pair, p in itertools.product(PAIRS, (1, 2, 3, inf)):
        yield pair, dict(p=p)
        yield tuple(Drawn("few", shape) for shape in pair), dict(p=p, keepdim=True)
    yield ((5,), (5,)), dict(eps=0.1)


def scaled_dot_product_attention():
    for batch in [(), (2,), (2, 3), (0,)]:
        arrays = (*batch, 3, 4), (*batch, 5, 4), (*batch, 5, 6)
        yield arrays, {}
        yield arrays, dict(is_causal=True, scale=0.7)
        for mask in [(3, 5), (1, 5), (*batch, 3, 1)]:
            yield (*arrays, Drawn("mask", mask)), {}
            if 0 not in batch:
                yield (*arrays, mask), dict(scale=-0.5)
    yield ((2, 3, 4), (5, 4), (5, 6)), {}
    yield ((2, 1, 3, 4), (2, 7, 5, 4), (1, 1, 5, 6)), {}
    yield ((7, 4), (2, 4), (2, 3), Given(None), Given(0.0), Given(True)), {}


GRID = dict(
    cosine_similarity=cosine_similarity, norm=norm, normalize=normalize, pairwise_distance=pairwise_distance,
    scaled_dot_product_attention=scaled_dot_product_attention,
)  # fmt: skip
