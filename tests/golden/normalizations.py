"""Cases of the normalisations."""

from tests.golden.case import Fixed, Given, Wide

NORMALISED = [(5, 4), (3, 4, 5), (2, 4, 3, 2), (2, 4, 3, 1, 2), (0, 4, 3), (1, 4, 6)]


def batch_norm():
    none, one_each, fixed = Given(None), (4,), Fixed((4,))
    for shape in NORMALISED:
        for running, training in (((none, none), True), ((fixed, fixed), True), ((fixed, fixed), False)):
            yield (shape, *running), dict(training=training)
            yield (shape, *running, one_each, one_each), dict(training=training, momentum=0.3, eps=0.1)
    yield ((3, 4, 5), none, none, one_each), dict(training=True)
    yield ((3, 4, 5), fixed, fixed, none, one_each), dict(training=False, eps=0)
    yield ((1, 4), fixed, fixed, one_each, one_each), dict(training=False)


def instance_norm():
    none, one_each, fixed = Given(None), (4,), Fixed((4,))
    for shape in NORMALISED:
        if len(shape) > 2:
            yield (shape,), {}
            if 0 not in shape:
                yield (shape, none, none, one_each, one_each), dict(eps=0.1)
                yield (shape, fixed, fixed, one_each, one_each), dict(momentum=0.3)
                yield (shape, fixed, fixed, none, one_each), dict(use_input_stats=False)


def layer_norm():
    for shape in NORMALISED:
        for axes in range(1, len(shape) + 1):
            last = shape[-axes:]
            yield (shape, Given(last)), {}
            if 0 not in last:
                yield (shape, Given(last), last, last), dict(eps=0.1)
                yield (shape, Given(last), last), {}
                yield (shape, Given(last), Given(None), last), dict(eps=0.01)


def rms_norm():
    for shape in NORMALISED:
        for axes in range(1, len(shape) + 1):
            last = shape[-axes:]
            if 0 not in last:
                yield (shape, Given(last)), {}
                yield (shape, Given(last), last), dict(eps=0.1)


def group_norm():
    for shape in NORMALISED:
        for groups in (1, 2, 4):
            yield (shape, Given(groups)), {}
            yield (shape, Given(groups), (4,), (4,)), dict(eps=0.1)
    yield ((1, 4), Given(2), (4,)), {}


def local_response_norm():
    for shape in NORMALISED[1:]:
        for size in (1, 2, 3, 5, 11):
            yield (shape,), dict(size=size)
            yield (Wide(shape),), dict(size=size, alpha=0.5, beta=1.5, k=2)


GRID = dict(
    batch_norm=batch_norm, instance_norm=instance_norm, layer_norm=layer_norm, group_norm=group_norm,
    local_response_norm=local_response_norm, rms_norm=rms_norm,
)  # fmt: skip
