"""Cases of the activations; the arguments of each are numbers of all sizes."""

import itertools

from tests.golden.case import Wide


def activation(**settings):
    """All combinations of the settings."""

    def grid():
        for values in itertools.product(*settings.values()):
            options = dict(zip(settings, values, strict=True))
            yield (Wide((3, 4, 5)),), options
            yield ((7,),), options
            yield ((),), options
            yield ((2, 0, 3),), options

    return grid


def prelu():
    for weight in ((1,), (4,)):
        yield ((3, 4), weight), {}
        yield ((2, 4, 3, 2), weight), {}
        yield ((0, 4), weight), {}
    yield ((5,), (1,)), {}
    yield ((), ()), {}


def glu():
    yield (Wide((3, 4)),), {}
    for dim in (0, 1, -1):
        yield ((4, 2, 6),), dict(dim=dim)
    yield ((2,),), dict(dim=0)
    yield ((0, 4),), {}
    yield ((2, 0),), {}


GRID = dict(
    relu6=activation(), hardtanh=activation(min_val=(-1, -2.5), max_val=(0.5, 2)), hardswish=activation(), glu=glu,
    celu=activation(alpha=(1, 0.25, 2)), mish=activation(), logsigmoid=activation(),
    softsign=activation(), tanhshrink=activation(), hardshrink=activation(lambd=(0.5, 0, 2, -0.5)),
    softshrink=activation(lambd=(0.5, 0, 2)), threshold=activation(threshold=(0.1, -2), value=(20, -0.5)),
    leaky_relu=activation(negative_slope=(0.01, 0.2, 0, -0.5)), prelu=prelu, elu=activation(alpha=(1, 0.3, 2)),
    selu=activation(), silu=activation(), gelu=activation(approximate=("none", "tanh")),
    softplus=activation(beta=(1, 0.5, 3, -1), threshold=(20, 2)),
)  # fmt: skip
