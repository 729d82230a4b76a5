"""When Winograd's convolution along one axis (kernels/winograd_rows.py) pays, and its tables."""

import numpy as np

from ..kernels import winograd_rows as kernels
from ..kernels.simd import BYTES, ROWS
from ..kernels.winograd_rows import COLUMNS
from ._rows import firsts, sums
from ._tables import PIECES
from ._winograd import Product, fits, jobs_of

FROM, BELOW, FILLED = 8, 64, 0.8  # channels; the share of what is multiplied that is for something: measured
NEAR = 1 << 17  # bytes of mixed rows: they stay near


def choose(product, g, N, C, O, dtype):
    """The Product for y from x ("forward") or dx from dy ("grad_input"); None where it is computed faster directly."""
    if product == "grad_input":
        back = g._replace(size=g.out, out=g.size, before=(2 - g.before[0], 2 - g.before[1], 0))
        t = _product(back, N, O, C, (9, 9 * C), np.arange(9)[::-1], dtype) if fits(g, dtype) else None  # turned by 180°
    else:
        t = _product(g, N, C, O, (9 * C, 9), np.arange(9), dtype) if fits(g, dtype) else None
    return t if t and FROM <= min(C, O) < BELOW and t.filled >= FILLED else None


def _product(g, N, C, O, order, taps, dtype):
    lanes, (H, W), before, (height, width) = BYTES // dtype.itemsize, g.size[:2], g.before[:2], g.out[:2]
    if min(before) < 0 or 0 in (N, C, O):
        return None
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
    return Product(kernels.convolve, jobs, filters, pieces * parts + 1, order, np.zeros(O, dtype), tables, filled)
