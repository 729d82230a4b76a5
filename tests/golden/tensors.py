"""Cases of arithmetic, reductions, shapes, indexing and einsum."""

import itertools

from tests.golden.case import Drawn, Given

SHAPES = [(3, 4), (), (2, 0, 3), (2, 1, 3)]
PAIRS = [((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 1), (1, 4)), ((2, 3, 4), (3, 1)), ((), (2, 2)), ((0, 3), (3,))]


def elementwise(kind=None):
    def grid():
        for shape in SHAPES:
            yield (Drawn(kind, shape) if kind else shape,), {}

    return grid


def absolute():
    yield from elementwise()()
    yield from elementwise("few")()


def binary(kind=None):
    def grid():
        for pair in PAIRS:
            yield tuple(Drawn(kind, shape) for shape in pair) if kind else pair, {}
        yield (Drawn("positive", (3, 4)), Given(2.5)), {}

    return grid


def power():
    yield from binary("positive")()
    for exponent in (0, 1, 2, 3, -1, 2.0):
        yield ((3, 4), Given(exponent)), {}


def extreme_of_two():
    for pair in PAIRS:
        yield pair, {}
        yield tuple(Drawn("few", shape) for shape in pair), {}


def clamp():
    for x in [(3, 4), Drawn("few", (3, 4)), ()]:
        for low, high in [(-0.5, 0.5), (None, 0.5), (-0.5, None), (0, 1), (1, -1)]:
            yield (x,), dict(min=low, max=high)
    for x, low, high in [((3, 4), (3, 4), (3, 4)), ((3, 4), (4,), (3, 1)), ((3, 4), (), (1, 4))]:
        yield (x, low, high), {}
        yield (x, low), {}
        yield (x, Given(None), high), {}


def where():
    for condition, x, y in [((3, 4), (3, 4), (3, 4)), ((4,), (3, 1), ()), ((2, 3, 4), (4,), (3, 1))]:
        yield (Drawn("mask", condition), x, y), {}
        yield (Drawn("mask", condition), x, Given(2.5)), {}
        yield (Drawn("mask", condition), Given(2), y), {}


def matmul():
    for pair in [
        ((3, 4), (4, 2)), ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((5, 1, 3, 4), (2, 4, 6)), ((4,), (3, 4, 2)),
        ((3, 2, 4), (4,)), ((0, 4), (4, 2)), ((3, 0), (0, 2)), ((1, 3, 4), (5, 4, 2)),
    ]:  # fmt: skip
        yield pair, {}


def reductions(*kinds, several=True, **settings):
    def grid():
        for dim, keepdim, *values in itertools.product((0, 1, -1, (0, 2), (), None), (False, True), *settings.values()):
            if several or isinstance(dim, int):
                for kind in (None, *kinds):
                    x = Drawn(kind, (3, 4, 2)) if kind else (3, 4, 2)
                    yield (x,), dict(dim=dim, keepdim=keepdim, **dict(zip(settings, values, strict=True)))
        yield ((),), dict(dim=0)

    return grid


def amax():
    for arrays, options in reductions("few")():
        if options["dim"] is not None:  # PyTorch's have no None
            yield arrays, options


def var():
    for arrays, options in reductions(correction=(1, 0, 1.5))():
        if options["dim"] != () and arrays != ((),):  # where PyTorch's gradient is wrong
            yield arrays, options


def largest():
    yield from reductions("few", several=False)()
    for x in [(3, 4), Drawn("few", (3, 4)), (), (1,)]:
        yield (x,), {}


def grid_of(*cases):
    return lambda: (((shape,), options) for shape, options in cases)


reshape = grid_of(
    *(((2, 3, 4), dict(shape=s)) for s in [(6, 4), (-1,), (4, -1), (2, 3, 4, 1)]), ((0, 3), dict(shape=(3, 0)))
)
flatten = grid_of(
    *(((2, 3, 4, 5), dict(start_dim=a, end_dim=b)) for a, b in [(0, -1), (1, -1), (1, 2), (-2, 3), (2, 2)])
)
unflatten = grid_of(*(((2, 12, 3), dict(dim=1, sizes=s)) for s in [(3, 4), (-1, 2), (12,), (2, 3, 2)]))
transpose = grid_of(*(((2, 3, 4), dict(dim0=a, dim1=b)) for a, b in [(0, 1), (1, -1), (2, 2), (-3, 2)]))
permute = grid_of(*(((2, 3, 4), dict(dims=d)) for d in [(0, 1, 2), (2, 0, 1), (-1, 1, 0)]), ((), dict(dims=())))
squeeze = grid_of(((1, 3, 1), {}), *(((1, 3, 1), dict(dim=d)) for d in (0, 1, -1, (0, 2), (0, 1))), ((), dict(dim=0)))
unsqueeze = grid_of(*(((2, 3), dict(dim=d)) for d in (0, 1, 2, -1, -3)), ((), dict(dim=0)))


def cat():
    yield ((2, 3), (4, 3), (1, 3)), {}
    for dim in (1, -1):
        yield ((2, 3), (2, 1), (2, 0)), dict(dim=dim)
    yield ((3,),), dict(dim=0)
    yield ((0,), (2, 3), (2, 2)), dict(dim=1)


def stack():
    for dim in (0, 1, 2, -1, -2):
        yield ((2, 3), (2, 3), (2, 3)), dict(dim=dim)
    yield ((), ()), {}


def getitem():
    s = slice
    for index in [
        0, -1, s(1, 3), s(None, None, 2), s(-3, -1), s(3, 1), None, ..., (1, 2), (0, 1, 2), (..., 0), (..., None, 1),
        (s(None), 1), (None, s(1), ..., s(2)), (2, ..., 1), [0, 2], [1, 1, -1], ([[0, 1], [1, 1]],), ([0, 1], [2, 2]),
        (s(None), [0, 0, 3]), ([0, 1], s(None), [1, 1]), (0, s(None), [1, 2]), ([0], 1), (..., [0, 2]),
        ([2], None, [1]), [True, False, True], (s(None), [True, False, False, True]), ([True, False, True], [1, 3]),
        (1, [3, 3], s(1)), ([[0], [1]], [1, 2, 3], 0), True, False, (0, True, [1]), [], (s(None), []), (),
    ]:  # fmt: skip
        yield ((3, 4, 5),), dict(index=index)


def einsum():
    for equation, *shapes in [
        ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ij->ji", (2, 3)), ("ba", (2, 3)), ("bA", (2, 3)),
        ("ii", (3, 3)), ("ii->i", (3, 3)), ("iij->ij", (3, 3, 2)), ("iji->j", (3, 2, 3)), ("ij->", (2, 3)),
        ("ij->j", (2, 3)), ("i,j->ij", (2,), (3,)), ("i,i", (3,), (3,)), ("ij,ij->ij", (2, 3), (1, 3)),
        ("ij,ij->j", (1, 3), (2, 1)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)), ("...ij,...jk->...ik", (2, 3, 4), (4, 5)),
        ("...ij,...jk->...ik", (5, 1, 3, 4), (2, 4, 5)), ("...i->...", (2, 3)), ("...ij->ij", (2, 3, 4)),
        ("i...,i...", (2, 3), (2, 3)), ("a...,b...", (2, 3), (4, 5, 1)), ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
        ("i,ij,j", (2,), (2, 3), (3,)), ("bi,oij,bj->bo", (2, 3), (4, 3, 5), (2, 5)), ("ij,kl->", (2, 3), (4, 5)),
        ("nchw,nc->nhw", (2, 3, 2, 2), (2, 3)), (",->", (), ()), ("ij,->ji", (2, 3), ()), ("ij,j->i", (0, 3), (3,)),
        (" i j , j -> i ", (2, 3), (3,)), ("ijk,ilm,njm->kln", (2, 3, 4), (2, 2, 3), (2, 3, 3)),
    ]:  # fmt: skip
        yield tuple(shapes), dict(equation=equation)


GRID = dict(
    add=binary(), sub=binary(), mul=binary(), div=binary(), pow=power, neg=elementwise(), exp=elementwise(),
    log=elementwise("positive"), sqrt=elementwise("positive"), abs=absolute, clamp=clamp, clip=clamp,
    maximum=extreme_of_two, minimum=extreme_of_two, where=where, matmul=matmul, einsum=einsum, sum=reductions(),
    mean=reductions(), var=var, std=var, max=largest, min=largest, amax=amax, amin=amax, reshape=reshape,
    flatten=flatten, unflatten=unflatten, transpose=transpose, permute=permute, squeeze=squeeze, unsqueeze=unsqueeze,
    cat=cat, stack=stack, getitem=getitem,
)  # fmt: skip
