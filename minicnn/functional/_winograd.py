"""When Winograd's convolution (kernels/winograd.py) pays, and its tables; compare functional/_tables.py.

Tiles of 2×2 pixels stand where windows stand otherwise; a step of the first axis is a row of tiles.
"""

from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from ..kernels.simd import BYTES, ROWS, VECTORS
from ._tables import PIECES, Source


class Product(NamedTuple):
    """How to call kernels.winograd.correlate, and the shape of the transformed filters."""

    pieces: int
    filters: tuple
    no_bias: np.ndarray
    tables: tuple


@lru_cache(maxsize=512)
def forward(g, N, C, O, dtype):
    """The Product for y from x, or None where the direct one is faster, or for float64 (which is for exactness)."""
    return _product(g, g.size, g.before, 0, g.out, N, C, O, dtype)


@lru_cache(maxsize=512)
def grad_input(g, N, C, O, dtype):
    """The Product for dx from dy, or None: pixel i of x looks back at pixels i + before − 2, …, i + before of y."""
    return _product(g, g.out, (2 - g.before[0], 2, 0), g.before[1], g.size, N, O, C, dtype)


def _product(g, size, before, left, target, N, C, O, dtype):
    """From images of `size`, with so many zeros `before`, to `target`; the first tile of a row stands at `left`."""
    flat = g.before[2] == 0 and size[2] == target[2] == 1
    if g[2:5] != ((3, 3, 1), (1, 1, 1), (1, 1, 1)) or g.groups > 1 or not flat or dtype != np.float32:
        return None
    lanes, across = BYTES // dtype.itemsize, -(-target[1] // 2)
    width = max(left + 2 * across + 2, before[1] + size[1])
    source = Source(size, before, (0, width, 1), 2, 3, target, 2, 0)
    vectors, blocks = -(-N // lanes), -(-O // ROWS)
    units = source.units(vectors, C * width * BYTES)
    tiles = np.diff([*range(0, source.all_units, units), source.all_units]) * across  # of each band
    used = prod(target) / (4 * (-(-tiles // VECTORS) * VECTORS).sum())
    if min(C, O) < 8 or C * O < 128 or used < 0.75:  # or the transforms take as long as they save: measured
        return None

    pixel = (C | 1) * lanes  # as in functional/_tables.py
    bands, outside = source.bands(units, pixel)
    bands = np.column_stack([bands, tiles])
    parts = min(blocks, -(-PIECES // (vectors * len(bands))))
    places = source.place(2 * np.arange(units), left + 2 * np.arange(across), [0], pixel)
    places = np.pad(places, (0, VECTORS), "edge")
    h, w, i, j = np.ix_(range(units), range(across), range(2), range(2))
    spare = 2 * units * target[1]  # for what sticks out
    targets = np.where(2 * w + j < target[1], (2 * h + i) * target[1] + 2 * w + j, spare).ravel()
    targets = np.append(targets, np.full(4 * VECTORS, spare)) * lanes
    seen, products = np.arange(16 * VECTORS) * pixel, np.arange(max(16 * VECTORS, C)) * lanes
    height = source.height(units) * width * pixel
    tables = parts, height, width * pixel, bands, source.inside(pixel), outside, places, targets, seen, products
    return Product(vectors * len(bands) * parts, (blocks, 16, C, ROWS), np.zeros(O, dtype), tables)
