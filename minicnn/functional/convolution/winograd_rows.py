"""When Winograd's convolution along one axis (kernels' winograd_rows.py) pays, and its tables."""

from functools import partial

import numpy as np

from ...kernels.convolution import winograd_rows as kernels
from ...kernels.convolution import winograd_rows_back as kernels_back
from ...kernels.convolution.winograd import Filters
from ...kernels.convolution.winograd_rows import COLUMNS
from ...kernels.division import ceil_div
from ...kernels.simd import ROWS, VECTORS
from .packing import SHARES, Source
from .rows import firsts, sums
from .winograd import TOTALS, UNFIT, Call, GradWeightCall, convolve, fits, grad_weight

FEWEST_CHANNELS, MOST_CHANNELS = 8, 63  # measured, as the next one is
LEAST_FILLED = 0.8  # the share of what is multiplied that is for something
NEAR = 1 << 17  # bytes of mixed rows: they stay near


def plan(job):
    """Some channels, and rows that fill."""
    if not fits(job):
        return UNFIT
    if not FEWEST_CHANNELS <= min(job.C, job.O) <= MOST_CHANNELS:
        return f"it is for {FEWEST_CHANNELS} to {MOST_CHANNELS} channels, here {min(job.C, job.O)}"
    if job.product == "grad_input" and max(job.g.before) > 2:
        return "the padding is wider than the filter"
    call = job.pick(forward_call, grad_input_call, grad_weight_call)(job)
    if call.filled < LEAST_FILLED:
        return f"only {call.filled:.0%} of what it multiplies would be for something"
    return partial(job.pick(convolve, convolve, grad_weight), call)


def forward_call(job):
    """The Call for y from x."""
    return _call(job.g, (9 * job.C, 9), np.arange(9), job.C, job.O, job)


def grad_input_call(job):
    """The Call for dx from dy: pixel i of x looks back at pixels i + before − 2, …, i + before of y, so that the filter
    is turned by 180°."""
    g = job.g
    back = g._replace(size=g.out, out=g.size, before=(2 - g.before[0], 2 - g.before[1], 0))
    return _call(back, (9, 9 * job.C), np.arange(9)[::-1], job.O, job.C, job)


def grad_weight_call(job):
    """The GradWeightCall for dw from x and dy. How they are cut up does not depend on the number of threads."""
    _, g, N, C, O, dtype = job
    lanes, (height, width) = job.lanes, g.out[:2]
    vectors, blocks = ceil_div(C, lanes), ceil_div(O, ROWS)
    pixel, dy_pixel = ((n | 1) * lanes for n in (vectors, ceil_div(O, lanes)))  # odd, as in images.py
    length, quads = max(g.before[1] + g.size[1], width + 2), dict(step=4, target=g.out, rows=4, skip=0)
    source = Source(g.size, g.before, (0, length, 1), reach=5, **quads)
    dy_source = Source(g.out, (0, 0, 0), (0, width, 1), reach=3, **quads)
    row = source.length[1] * pixel
    units = min(source.all_units, max(2, NEAR // (2 * 6 * row * dtype.itemsize)))
    units = ceil_div(source.all_units, ceil_div(source.all_units, units))  # evenly
    (bands, outside), (dy_bands, dy_outside) = source.bands(units, pixel), dy_source.bands(units, dy_pixel)
    bands = np.column_stack([bands, source.steps(units) * width])
    taps = np.add.outer(np.arange(3) * pixel, np.arange(vectors) * lanes).ravel()
    taps = np.pad(taps, (0, -taps.size % VECTORS))
    windows = sums(np.arange(units) * 6 * row, np.arange(width) * pixel)
    pieces = max(1, min(N * len(bands), SHARES, TOTALS // (6 * blocks * ROWS * taps.size * lanes)))
    parts = min(blocks, ceil_div(SHARES, pieces))
    tables = kernels_back.Tables(
        parts, units, source.height(units) * row, row, bands, source.inside(pixel), outside,
        units * 4 * width * dy_pixel, width * dy_pixel, dy_bands, dy_source.inside(dy_pixel), dy_outside, taps,
        windows,
    )  # fmt: skip
    filled = C * O * height / (vectors * lanes * blocks * ROWS * 4 * source.all_units)
    totals = pieces, 6, blocks, taps.size // VECTORS, ROWS, VECTORS, lanes
    return GradWeightCall(kernels_back, pieces * parts, totals, tables, filled)


def _call(g, steps, taps, C, O, job):
    """The Call from C channels to O. steps: how far it is in w from one of the O channels to the next, and from one of
    the C; taps: which tap each of the 9 numbers of a filter is."""
    N, lanes, (H, W), before, (height, width) = job.N, job.lanes, g.size[:2], g.before[:2], g.out[:2]
    starts, quads, blocks = firsts(width, lanes), ceil_div(height, 4), ceil_div(O, ROWS)
    left = lanes if before[1] else 0  # a whole vector; the zeros behind a row are those before the next one
    mixed = left + ceil_div(max(W, width + 2 - before[1] - left), lanes) * lanes

    def computed(units):  # vectors of windows, in whole tiles
        bands, rest = divmod(quads, units)
        return sum(n * ceil_div(q * len(starts), COLUMNS) * COLUMNS for n, q in ((bands, units), (1, rest)))

    units = min(range(max(1, min(quads, NEAR // (24 * mixed * C))), 0, -1), key=computed)
    bands, places, targets = [], [], []
    for first in range(0, quads, units):
        own = np.arange(first, min(first + units, quads))
        fill, known = -(len(own) * len(starts)) % COLUMNS, sum(map(len, places))
        rows = 4 * own[:, None] + np.arange(4)
        rows = np.where(rows < height, rows, rows[:, :1])  # those that there are not go to the first one
        places.append(np.pad(sums((own - first) * 6 * mixed, left - before[1] + starts), (0, fill), "edge"))
        where = (rows[:, None] * width + starts[:, None]).reshape(-1, 4)
        targets.append(np.pad(where, ((0, fill), (0, 0)), "edge").ravel())
        bands.append([first, own[-1] + 1, known, known + len(places[-1])])
    channel = (units * 6 * mixed // lanes | 1) * lanes + lanes
    pieces = N * len(bands)
    parts = min(blocks, ceil_div(SHARES, pieces))
    tables = np.array(bands, np.int64), np.concatenate(places), np.concatenate(targets)
    tables = kernels.Tables(parts, (H, W), before[0], left, width, mixed, channel, *tables)
    filled = width * height * O / (4 * computed(units) * lanes * blocks * ROWS)
    filters, shape = Filters(O, C, *steps, taps), (6, blocks, 3 * C, ROWS)
    return Call(kernels, blocks * C, shape, filters, pieces * parts, tables, filled)
