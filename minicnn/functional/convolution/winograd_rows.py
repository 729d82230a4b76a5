"""When Winograd's convolution along one axis (kernels' winograd_rows.py) pays, and its tables."""

import numpy as np

from ...kernels.convolution import winograd_rows as kernels
from ...kernels.convolution import winograd_rows_back as kernels_back
from ...kernels.convolution.winograd_rows import COLUMNS
from ...kernels.simd import BYTES, ROWS, VECTORS
from .images import PIECES, Source
from .rows import firsts, sums
from .winograd import TOTALS, Inner, Product, fits, jobs_of

FROM, BELOW, FILLED = 8, 64, 0.8  # channels; the share of what is multiplied that is for something: measured
NEAR = 1 << 17  # bytes of mixed rows: they stay near


def choose(product, g, N, C, O, dtype):
    """The tables for a product: "forward", "grad_input" or "grad_weight"; None where it is computed faster directly."""
    if not fits(g, dtype) or 0 in (N, C, O) or not FROM <= min(C, O) < BELOW:
        return None
    if product == "grad_weight":
        t = grad_weight(g, N, C, O, dtype)
    elif product == "forward":
        t = _product(g, N, C, O, (9 * C, 9), np.arange(9), dtype)
    else:  # pixel i of x looks back at pixels i + before − 2, …, i + before of y: the filter is turned by 180°
        back = g._replace(size=g.out, out=g.size, before=(2 - g.before[0], 2 - g.before[1], 0))
        t = _product(back, N, O, C, (9, 9 * C), np.arange(9)[::-1], dtype) if min(back.before) >= 0 else None
    return t if t and t.filled >= FILLED else None


def grad_weight(g, N, C, O, dtype):
    """The Inner products for dw from x and dy. How they are cut up does not depend on the number of threads."""
    lanes, (height, width) = BYTES // dtype.itemsize, g.out[:2]
    vectors, blocks = -(-C // lanes), -(-O // ROWS)
    pixel, dy_pixel = ((n | 1) * lanes for n in (vectors, -(-O // lanes)))  # odd, as in images.py
    source = Source(g.size, g.before, (0, max(g.before[1] + g.size[1], width + 2), 1), 4, 5, g.out, 4, 0)
    dy_source = Source(g.out, (0, 0, 0), (0, width, 1), 4, 3, g.out, 4, 0)
    row = source.length[1] * pixel
    units = min(source.all_units, max(2, NEAR // (2 * 6 * row * dtype.itemsize)))
    units = -(-source.all_units // -(-source.all_units // units))  # evenly
    (bands, outside), (dy_bands, dy_outside) = source.bands(units, pixel), dy_source.bands(units, dy_pixel)
    bands = np.column_stack([bands, source.steps(units) * width])
    taps = np.add.outer(np.arange(3) * pixel, np.arange(vectors) * lanes).ravel()
    places = np.pad(taps, (0, -taps.size % VECTORS))
    offsets = sums(np.arange(units) * 6 * row, np.arange(width) * pixel)
    pieces = max(1, min(N * len(bands), PIECES, TOTALS // (6 * blocks * ROWS * places.size * lanes)))
    parts = min(blocks, -(-PIECES // pieces))
    tables = (
        parts, units, source.height(units) * row, row, bands, source.inside(pixel), outside,
        units * 4 * width * dy_pixel, width * dy_pixel, dy_bands, dy_source.inside(dy_pixel), dy_outside, places,
        offsets,
    )  # fmt: skip
    filled = C * O * height / (vectors * lanes * blocks * ROWS * 4 * source.all_units)
    totals = pieces, 6, blocks, places.size // VECTORS, ROWS, VECTORS, lanes
    return Inner(kernels_back, pieces * parts, totals, tables, filled)


def _product(g, N, C, O, order, taps, dtype):
    lanes, (H, W), before, (height, width) = BYTES // dtype.itemsize, g.size[:2], g.before[:2], g.out[:2]
    at, fours, blocks = firsts(width, lanes), -(-height // 4), -(-O // ROWS)
    left = lanes if before[1] else 0  # a whole vector; the zeros behind a row are those before the next one
    mixed = left + -(-max(W, width + 2 - before[1] - left) // lanes) * lanes

    def computed(units):  # vectors of windows, in whole tiles
        rest = fours % units
        return sum(-(-n * len(at) // COLUMNS) * COLUMNS for n in [units] * (fours // units) + [rest] * (rest > 0))

    units = min(range(max(1, min(fours, NEAR // (24 * mixed * C))), 0, -1), key=computed)
    bands, places, targets = [], [], []
    for first in range(0, fours, units):
        own = np.arange(first, min(first + units, fours))
        fill, start = -(len(own) * len(at)) % COLUMNS, sum(map(len, places))
        rows = 4 * own[:, None] + np.arange(4)
        rows = np.where(rows < height, rows, rows[:, :1])  # those that there are not go to the first one
        places.append(np.pad(sums((own - first) * 6 * mixed, left - before[1] + at), (0, fill), "edge"))
        where = (rows[:, None] * width + at[:, None]).reshape(-1, 4)
        targets.append(np.pad(where, ((0, fill), (0, 0)), "edge").ravel())
        bands.append([first, own[-1] + 1, start, start + len(places[-1])])
    channel = (units * 6 * mixed // lanes | 1) * lanes + lanes
    pieces = N * len(bands)
    parts = min(blocks, -(-PIECES // pieces))
    tables = np.array(bands, np.int64), np.concatenate(places), np.concatenate(targets)
    tables = parts, (H, W), before[0], left, width, mixed, channel, *tables
    filled = width * height * O / (4 * computed(units) * lanes * blocks * ROWS)
    filters, order = (6, blocks, 3 * C, ROWS), (O, C, *order, taps)
    jobs = jobs_of(blocks * C, pieces * parts)
    return Product(kernels.convolve, jobs, filters, pieces * parts, order, np.zeros(O, dtype), tables, filled)
