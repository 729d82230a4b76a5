"""Cases of interpolation and of pixels in another order."""


def interpolate():
    for shape, linear in [((2, 3, 5), "linear"), ((2, 3, 5, 4), "bilinear"), ((1, 2, 3, 4, 5), "trilinear")]:
        for size in ((3, 7, 8), (5, 4, 1), (10, 9, 3)):
            size = size[: len(shape) - 2]
            yield (shape,), dict(size=size)
            yield (shape,), dict(size=size, mode=linear, align_corners=False)
            yield (shape,), dict(size=size, mode=linear, align_corners=True)
        for factor in (2, 1.5, 0.7):
            yield (shape,), dict(scale_factor=factor)
            yield (shape,), dict(scale_factor=factor, mode=linear, align_corners=False)
            yield (shape,), dict(scale_factor=factor, mode=linear, align_corners=True)


def pixel_shuffle():
    for shape, r in [((2, 8, 3, 2), 2), ((9, 2, 2), 3), ((2, 3, 4, 1, 2), 1)]:
        yield (shape,), dict(upscale_factor=r)


GRID = dict(interpolate=interpolate, pixel_shuffle=pixel_shuffle)
