"""When Winograd's convolution (kernels' winograd.py) pays, and its tables; compare images.py.

Tiles of 2×2 pixels stand where windows stand otherwise; a step of the first axis is a row of tiles.
"""

from math import prod
from typing import NamedTuple

import numpy as np

from ...kernels.convolution import winograd as kernels
from ...kernels.convolution import winograd_back as kernels_back
from ...kernels.convolution.winograd_back import LOW
from ...kernels.linear import HEIGHT, WIDTH
from ...kernels.simd import BYTES
from .images import PIECES, Source

CHUNK = 48  # tiles to transform at a time, about
FROM, FILLED = 16, 0.5  # channels, and share of what is multiplied that is for something, more than: measured
TOTALS = 1 << 21  # numbers of dU, of all pieces


class Product(NamedTuple):
    """How to call `convolve` of a module of kernels, with transformed filters of this shape, and as many checks."""

    convolve: object
    jobs: np.ndarray
    filters: tuple
    checks: int
    order: tuple
    no_bias: np.ndarray
    tables: tuple
    filled: float  # the share of what is multiplied that is for something


class Inner(NamedTuple):
    """How to call grad_weight and sum_up of a module of kernels, and the shape of the totals."""

    kernels: object
    pieces: int
    totals: tuple
    tables: tuple
    filled: float


def choose(product, g, N, C, O, dtype):
    """The tables for a product: "forward", "grad_input" or "grad_weight"; None where it is computed faster directly."""
    if not fits(g, dtype) or N == 0 or min(C, O) < FROM:
        return None
    tables = {"forward": forward, "grad_input": grad_input, "grad_weight": grad_weight}[product](g, N, C, O, dtype)
    return tables if tables.filled > FILLED else None


def fits(g, dtype):
    """Whether filters of 3×3 take steps of 1. float64 is for exactness, and computed directly."""
    flat = g.before[2] == 0 and g.size[2] == g.out[2] == 1
    return flat and g[2:5] == ((3, 3, 1), (1, 1, 1), (1, 1, 1)) and g.groups == 1 and dtype == np.float32


def forward(g, N, C, O, dtype):
    """The Product for y from x."""
    return _product(g, _source(g, g.size, g.before, 0, g.out), 0, N, C, O, (9 * C, 9), np.arange(9), dtype)


def grad_input(g, N, C, O, dtype):
    """The Product for dx from dy: pixel i of x looks back at pixels i + before − 2, …, i + before of y."""
    left = g.before[1]
    source = _source(g, g.out, (2 - g.before[0], 2, 0), left, g.size)
    return _product(g, source, left, N, O, C, (9, 9 * C), np.arange(9)[::-1], dtype)  # the filter is turned by 180°


def grad_weight(g, N, C, O, dtype):
    """The Inner products for dw from x and dy. How they are cut up does not depend on the number of threads."""
    source = _source(g, g.size, g.before, 0, g.out)
    lanes, vectors = BYTES // dtype.itemsize, -(-C // (WIDTH * BYTES // dtype.itemsize)) * WIDTH
    dy_source = Source(g.out, (0, 0, 0), (0, g.out[1] + g.out[1] % 2, 1), 2, 1, g.out, 2, 0)
    units = source.units(N, (vectors + -(-O // lanes)) * source.length[1] * BYTES)
    tiles = _tiles(source, units)
    together = max(1, min(N // PIECES, 4 * CHUNK // tiles)) if units == source.all_units else 1
    together = -(-N // (-(-N // (together * PIECES)) * PIECES))  # as many for all pieces
    chunk = -(-together * tiles // -(-together * tiles // CHUNK))
    blocks, rounds = -(-O // LOW), -(-N // together) * -(-source.all_units // units)
    numbers = 16 * blocks * LOW * vectors * lanes
    all_tiles = N * _tiles(source, source.all_units)
    pieces = max(1, min(rounds, PIECES, TOTALS // numbers, all_tiles // 96))  # or to sum up takes as long
    parts = min(blocks, -(-PIECES // pieces))
    tables = together, parts, chunk, *_buffer(source, units, 0, together, 0, vectors, lanes)
    tables += _buffer(dy_source, units, 0, together, 0, -(-O // lanes), lanes)
    filled = C * prod(g.out) / (vectors * lanes * 4 * _tiles(source, source.all_units))
    return Inner(kernels_back, pieces * parts, (pieces, 16, numbers // 16), tables, filled)


def _source(g, size, before, left, target):
    """Images of `size` behind zeros, with all that tiles see if the first of a row stands at `left`."""
    across = target[1] + target[1] % 2
    return Source(size, before, (0, max(left + across + 2, before[1] + size[1]), 1), 2, 3, target, 2, 0)


def _tiles(source, units):
    """How many tiles so many rows of them have."""
    return units * -(-source.target[1] // 2)


def _buffer(source, units, left, together, more, vectors, lanes):
    """Of images packed by vectors of channels: how many numbers one takes, how far it is to the next row and pixel;
    bands, with their numbers of tiles; inside, outside; the first pixels of all tiles, and of `more`."""
    pixel, wide = (vectors | 1) * lanes, source.length[1]  # odd: as in images.py
    size = source.height(units) * wide * pixel
    bands, outside = source.bands(units, pixel)
    places = source.place(2 * np.arange(units), left + 2 * np.arange(_tiles(source, 1)), [0], pixel)
    places = np.pad(np.add.outer(np.arange(together) * size, places).ravel(), (0, more), "edge")
    bands = np.column_stack([bands, _tiles(source, source.steps(units))])
    return size, wide * pixel, pixel, bands, source.inside(pixel), outside, places


def _product(g, source, left, N, C, O, order, taps, dtype):
    """The first tile of a row stands at `left`. order: how far it is in the weights from one of the O channels to the
    next, and from one of the C; taps: where each goes."""
    lanes, target = BYTES // dtype.itemsize, source.target
    blocks, vectors = -(-O // (WIDTH * lanes)), -(-C // lanes)
    units = source.units(N, vectors * source.length[1] * BYTES)
    tiles, pieces = _tiles(source, units), -(-source.all_units // units)
    together = _together(N, tiles, blocks, vectors) if pieces == 1 else 1
    pieces *= -(-N // together)
    rows = -(-together * tiles // HEIGHT) * HEIGHT
    filled = prod(target) * together * O / (4 * rows * (source.all_units / units) * blocks * WIDTH * lanes)
    parts = min(blocks, -(-PIECES // pieces))
    chunk = -(-rows // (-(-rows // CHUNK) * HEIGHT)) * HEIGHT
    height = min(2 * units, target[0])
    h, w, i, j = np.ix_(range(units), range(_tiles(source, 1)), range(2), range(2))
    spare = together * height * target[1]  # for what sticks out
    own = np.where((2 * h + i < height) & (2 * w + j < target[1]), (2 * h + i) * target[1] + 2 * w + j, spare).ravel()
    targets = np.minimum(np.add.outer(np.arange(together) * height * target[1], own).ravel(), spare)
    first = np.arange(0, C, 4)
    fours = first // lanes * (chunk | 1) * lanes + first % lanes
    tables = together, parts, chunk, *_buffer(source, units, left, together, chunk, vectors, lanes)
    tables += np.append(targets, spare) * lanes, fours
    order = O, C, *order, np.pad(taps, (0, lanes)) * lanes
    filters = 16, blocks, 4 * fours.size, WIDTH * lanes
    jobs = jobs_of(blocks * 4 * fours.size * WIDTH, pieces * parts)
    return Product(kernels.convolve, jobs, filters, pieces * parts, order, np.zeros(O, dtype), tables, filled)


def jobs_of(work, pieces):
    """The jobs of `convolve`, when there is so much work with filters, and in so many pieces."""
    return np.array([[work, 64, kernels.FILTERS], [pieces, 1, kernels.PIECES]])


def _together(N, tiles, blocks, vectors):
    """Of how many images the tiles shall be multiplied together: their number is filled up to a multiple of HEIGHT. Few
    pieces are divided by the channels of y, and each part transforms all pixels again."""

    def cost(n):  # about 50 vector multiply-adds take as long as to transform a vector of pixels
        pieces = -(-N // n)
        parts = min(blocks, -(-PIECES // pieces))
        return pieces * (-(-n * tiles // HEIGHT) * HEIGHT * blocks * WIDTH * BYTES // 4 + 50 / 16 * n * tiles * parts)

    return min(range(1, max(1, min(N, 4 * CHUNK // tiles)) + 1), key=cost)
