"""When the weight gradient goes to kernels' channels.py, and its tables; compare images.py."""

from functools import lru_cache
from math import prod

import numpy as np

from ...kernels.simd import BYTES, ROWS, VECTORS
from .images import PIECES, Inner, source_of_windows


def pays(seen, images_filled, dtype):
    """Whether so many channels fill vectors better than images do, of whose vectors that share is filled. Those take
    longer: they have to be added up lane by lane."""
    lanes = BYTES // dtype.itemsize
    return 1.4 * seen / (-(-seen // lanes) * lanes) >= images_filled


@lru_cache(maxsize=512)
def grad_weight(g, N, C, O, dtype):
    """The Inner products for dw from x and dy. How they are cut up does not depend on the number of threads."""
    source, lanes = source_of_windows(g), BYTES // dtype.itemsize
    vectors, blocks = -(-C // g.groups // lanes), g.groups * -(-O // g.groups // ROWS)
    pixel, dy_pixel = ((n | 1) * lanes for n in (g.groups * vectors, -(-O // lanes)))  # odd, as in images.py
    row, target_row, stride = prod(source.length[1:]), prod(g.out[1:]), g.stride[0]
    units = source.units(N, (row * pixel * stride + target_row * dy_pixel) * dtype.itemsize // stride)
    bands, outside = source.bands(units, pixel)
    dy_bands = np.array([[start, stop, -start * dy_pixel, 0, 0] for *_, start, stop in bands], np.int64)
    windows = [np.arange(n) * s for n, s in zip((units, *g.out[1:]), g.stride, strict=True)]
    taps = source.place(*(np.arange(k) * d for k, d in zip(g.kernel, g.dilation, strict=True)), pixel)
    places = (taps[:, None] + np.arange(vectors) * lanes).ravel()
    places = np.pad(places, (0, -places.size % VECTORS))
    pieces = min(N * len(bands), PIECES, max(1, (1 << 20) // (O * places.size * lanes)))
    parts = min(blocks, -(-PIECES // pieces))
    size, dy_size = source.height(units) * row * pixel, units * target_row * dy_pixel
    dy_inside = np.arange(prod(g.out) + lanes) * dy_pixel
    tables = (
        g.groups, parts, size, bands, source.inside(pixel), outside, dy_size, dy_bands, dy_inside, places,
        source.place(*windows, pixel),
    )  # fmt: skip
    return Inner(pieces * parts, (pieces, blocks, places.size // VECTORS, ROWS, VECTORS, lanes), tables)
