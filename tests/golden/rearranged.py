"""Cases of what repeats, moves, sorts, chooses or masks the numbers of an array."""

from tests.golden.case import Classes, Drawn, Given
from tests.golden.tensors import grid_of


def broadcast_to():
    for x, shape in [
        ((2, 1), (2, 3)), ((2, 1), (4, 2, 3)), ((1, 3), (-1, -1)), ((2, 3), (1, -1, 3)), ((2, 1), (2, 0)),
    ]:  # fmt: skip
        yield (x, Given(shape)), {}


def repeat():
    for x, repeats in [((2, 3), (2, 2)), ((2, 3), (3, 1, 2)), ((2, 3), (1, 1)), ((2, 3), (0, 2)), ((2, 0), (2, 1))]:
        yield (x, Given(repeats)), {}


flip = grid_of(*(((2, 3, 4), dict(dims=d)) for d in [(0,), (1,), (-1,), (0, 2), (1, 0), ()]), ((0, 3), dict(dims=(1,))))
roll = grid_of(
    *(((2, 3, 4), dict(shifts=n, dims=d)) for n, d in [(1, 0), (-1, 1), (7, 2), ((1, 2), (0, 2)), ((1, 1), (1, 1))]),
    ((2, 3), dict(shifts=1)), ((2, 3), dict(shifts=-8)), ((0, 3), dict(shifts=2, dims=0)), ((), dict(shifts=1)),
)  # fmt: skip


def sort():
    for dim in (0, 1, -1):
        for descending in (False, True):
            for x in [(3, 4, 2), Drawn("few", (3, 4, 2))]:
                yield (x,), dict(dim=dim, descending=descending, stable=True)
    yield ((5,),), {}
    yield ((),), dict(dim=0)
    yield ((2, 0),), {}


def topk():
    for dim in (0, 1, -1):
        for largest in (False, True):
            yield ((3, 4, 2),), dict(k=2, dim=dim, largest=largest)
    yield ((5,),), dict(k=5)
    yield ((5, 2),), dict(k=0, dim=0)


def gather():
    for index in [(2, 5, 2), (3, 4, 2), (1, 1, 1), (0, 2, 1)]:
        yield ((3, 4, 2), Given(1), Classes(4, index)), {}
        yield ((3, 4, 2), Given(-2), Classes(4, index)), {}
    yield ((5,), Given(0), Classes(5, (9,))), {}
    yield ((), Given(0), Classes(1, ())), {}


def masked_fill():
    for x, mask in [((3, 4), (3, 4)), ((3, 4), (4,)), ((4,), (3, 1)), ((2, 0), (2, 1))]:
        yield (x, Drawn("mask", mask), Given(2.5)), {}
        yield (x, Drawn("mask", mask), ()), {}


triangle = grid_of(
    *((shape, dict(diagonal=k)) for shape in [(4, 4), (2, 3, 5), (5, 3)] for k in (0, 1, -1, 9, -9)), ((0, 3), {})
)
GRID = dict(
    broadcast_to=broadcast_to, flip=flip, gather=gather, masked_fill=masked_fill, repeat=repeat, roll=roll, sort=sort,
    topk=topk, tril=triangle, triu=triangle,
)  # fmt: skip
