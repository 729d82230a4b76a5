"""Cases of padding."""


def pad():
    for mode in ("constant", "reflect", "replicate", "circular"):
        yield ((2, 3, 5),), dict(pad=(2, 1), mode=mode)
        yield ((2, 3, 5, 4),), dict(pad=(2, 1, 0, 3), mode=mode)
        yield ((3, 5, 4),), dict(pad=(0, 1, 3, 0), mode=mode)
        yield ((1, 2, 3, 4, 5),), dict(pad=(1, 2, 1, 1, 2, 0), mode=mode)
    yield ((2, 3, 5),), dict(pad=(-1, 2, 1, -1, 0, 1), value=1.5)
    for mode in ("reflect", "replicate", "circular"):
        for sides in [(-1, -2), (-2, 3), (2, -2), (-4, 1), (-3, 0)]:
            yield ((2, 3, 5),), dict(pad=sides, mode=mode)
        yield ((2, 3, 5, 4),), dict(pad=(-1, 2, 2, -1), mode=mode)
        yield ((3, 5, 4),), dict(pad=(-1, -1, -2, 1), mode=mode)
        yield ((1, 2, 3, 4, 5),), dict(pad=(-1, 2, 1, -1, -2, 1), mode=mode)
    for sides in [(-7, 4), (-6, 2), (4, -4), (-1, 4)]:
        yield ((2, 3, 5),), dict(pad=sides, mode="reflect")
    for sides in [(-7, 9), (8, -6), (-1, 7)]:
        yield ((2, 3, 5),), dict(pad=sides, mode="replicate")


GRID = dict(pad=pad)
