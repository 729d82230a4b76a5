"""Cases of elementary functions, of running sums and products, and of logsumexp."""

from tests.golden.case import Drawn, Wide
from tests.golden.tensors import elementwise


def steps():
    yield from elementwise()()
    yield (Wide((3, 4)),), {}
    yield (Drawn("few", (3, 4)),), {}


def round_():
    yield from steps()
    for decimals in (1, 3, -1):
        yield (Wide((3, 4)),), dict(decimals=decimals)


def running():
    for dim in (0, 1, -1):
        for kind in (None, "few"):
            yield (Drawn(kind, (3, 4, 2)) if kind else (3, 4, 2),), dict(dim=dim)
    yield ((),), dict(dim=0)
    yield ((2, 0, 3),), dict(dim=0)
    yield ((2, 0, 3),), dict(dim=1)
    yield ((7,),), dict(dim=0)


def prod():
    for x in [(3, 4, 2), (), (0, 3), Drawn("few", (5,)), Drawn("few", (2, 2))]:
        yield (x,), {}
    for dim in (0, 1, -1):
        for keepdim in (False, True):
            yield ((3, 4, 2),), dict(dim=dim, keepdim=keepdim)
            yield (Drawn("few", (3, 4, 2)),), dict(dim=dim, keepdim=keepdim)
    yield ((),), dict(dim=0)
    yield ((2, 0, 3),), dict(dim=1)


def logsumexp():
    for dim in (0, 1, -1, (0, 2), (0, 1, 2)):
        for keepdim in (False, True):
            yield (Wide((3, 4, 2)),), dict(dim=dim, keepdim=keepdim)
    yield ((),), dict(dim=0)
    yield ((2, 0, 3),), dict(dim=0)


GRID = dict(
    ceil=steps, cos=elementwise(), cumprod=running, cumsum=running, expm1=elementwise(), floor=steps,
    log10=elementwise("positive"), log1p=elementwise("positive"), log2=elementwise("positive"), logsumexp=logsumexp,
    prod=prod, reciprocal=elementwise(), round=round_, rsqrt=elementwise("positive"), sign=steps, sin=elementwise(),
    square=elementwise(),
)  # fmt: skip
