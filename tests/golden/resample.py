"""Cases of interpolation and of pixels in another order."""

import itertools


def interpolate():
    for shape, linear in [((2, 3, 5), "linear"), ((2, 3, 5, 4), "bilinear"), ((1, 2, 3, 4, 5), "trilinear")]:
        smooth = (linear, "bicubic") if len(shape) == 4 else (linear,)
        settings = [{}, dict(mode="nearest-exact"), dict(mode="area")]
        settings += [dict(mode=mode, align_corners=corners) for mode in smooth for corners in (False, True)]
        for options in settings:
            for size in ((3, 7, 8), (5, 4, 1), (10, 9, 3)):
                yield (shape,), dict(size=size[: len(shape) - 2], **options)
            for factor, recompute in itertools.product((2, 1.5, 0.7), (None, True)):
                extra = {} if recompute is None else dict(recompute_scale_factor=recompute)
                yield (shape,), dict(scale_factor=factor, **options, **extra)
    for mode, corners in itertools.product(("bilinear", "bicubic"), (None, True)):
        for how in [dict(size=(3, 9)), dict(size=(1, 2)), dict(scale_factor=(0.3, 1.7))]:
            yield ((2, 3, 7, 8),), dict(**how, mode=mode, align_corners=corners, antialias=True)
    for options in [{}, dict(mode="nearest-exact"), dict(mode="bilinear"), dict(mode="bicubic")]:
        yield ((2, 3, 7, 8),), dict(scale_factor=(1.1, 2.1), **options)  # leaves 7 pixels and makes 16
    yield ((0, 3, 7, 8),), dict(size=2, mode="bicubic")


def pixel_shuffle():
    for shape, r in [((2, 8, 3, 2), 2), ((9, 2, 2), 3), ((2, 3, 4, 1, 2), 1)]:
        yield (shape,), dict(upscale_factor=r)


def pixel_unshuffle():
    for shape, r in [((2, 2, 6, 4), 2), ((1, 6, 3), 3), ((2, 3, 4, 1, 2), 1)]:
        yield (shape,), dict(downscale_factor=r)


def channel_shuffle():
    for shape, groups in [((2, 6, 3, 2), 2), ((2, 6, 3), 3), ((1, 4, 2, 1, 2), 4), ((0, 4, 3), 2), ((2, 5, 3), 1)]:
        yield (shape,), dict(groups=groups)


GRID = dict(
    channel_shuffle=channel_shuffle, interpolate=interpolate, pixel_shuffle=pixel_shuffle,
    pixel_unshuffle=pixel_unshuffle,
)  # fmt: skip
