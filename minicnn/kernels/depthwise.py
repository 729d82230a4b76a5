"""Convolutions in which each filter sees one channel (depthwise): a vector is a run of pixels of one image.

Nothing is shared between channels here, so that packing images into vectors (kernels/conv.py) would take longer than
the sums themselves. Instead one channel of one image is copied into a buffer, row by row, into its padding, and stays
in the nearest cache. There a row of windows is a row of vectors, wherever a tap looks: `simd.wide_tile` adds them up.

    rows       (rows,)   where each row of the image goes in the buffer, its pixels `step` places apart
    places     (…,)      what each vector of windows sees; up to whole tiles
    targets    (…,)      where their sums go. A row's last vector may stick out: the next row overwrites that
    columns    int       windows of a row. With a stride they are computed at all places, and some of them kept
    offsets    (…,)      as in kernels/conv.py: a tap looks so far ahead

Shapes: x (N, C, pixels) · y, dy (N, O, pixels) · w, dw flat, tap by tap. Index t owns what belongs to one channel.
"""

from numba.extending import register_jitable

from ._jit import jit
from .simd import BYTES, I64, ROWS, WIDE, WIDE_DOTS, micro_kernel, wide_dots, wide_tile, zeros

HIGH = ROWS  # windows of a column that `nine` computes


def _move(v, b, at, x, xo, n, y, yo):
    """y[yo + j] = x[xo + j] for j < n ≤ lanes."""
    mask = v.mask(n)
    v.store_masked(v.load_masked(at(x, xo), mask), at(y, yo), mask)


def _nine(v, b, at, w, wo, x, place, pitch, c, target, columns):
    """c[target + r·columns] = Σ_ij w[3i + j] · x[place + (r + i)·pitch + j], vectors, for r < HIGH.

    `simd.wide_tile` for filters of 3×3 and a column of windows. What is loaded serves all that see it, up to three.
    """
    taps = [v.splat(b.load(at(w, wo, k))) for k in range(9)]
    x, c, totals = at(x, place), at(c, target), [v.zero] * HIGH
    for row in range(HIGH + 2):
        for j in range(3):
            seen = v.load(at(x, b.mul(pitch, I64(row)), j))
            for r in range(max(0, row - 2), min(HIGH, row + 1)):
                totals[r] = v.multiply_add(taps[3 * (row - r) + j], seen, totals[r])
        if row > 1:
            v.store(totals[row - 2], at(c, b.mul(columns, I64(row - 2))))


move, nine = map(micro_kernel, (_move, _nine))


@register_jitable
def spread(x, first, width, rows, step, buffer, shift):
    """An image, which begins at first, to its places in the buffer, shifted."""
    lanes = BYTES // x.itemsize
    for r in range(rows.size):
        source, target = first + r * width, shift + rows[r]
        if step == 1:
            for j in range(0, width, lanes):
                move(x, source + j, min(lanes, width - j), buffer, target + j)
        else:
            for j in range(width):
                buffer[target + j * step] = x[source + j]


@jit
def correlate(
    start, stop, x, y, w, bias, groups, size, rows, width, step, places, targets, columns, keep, offsets, pitch
):  # fmt: skip
    """Each channel of y from all channels of x that are in its group: t is a group of an image.

    size: of a channel in the buffer; width: pixels in a row of x; every `keep`-th window of a row is kept;
    pitch: from a row of the buffer to the next if it is for `nine`, else 0.
    """
    _, C, X = x.shape
    _, O, Y = y.shape
    flat_x, flat_y, lanes = x.reshape(x.size), y.reshape(y.size), BYTES // x.itemsize
    seen, filters, K = C // groups, O // groups, offsets.size
    buffer, sums = zeros(seen * size + lanes, x), zeros(targets[-1] + 2 * lanes, x)
    for t in range(start, stop):
        for c in range(seen):
            spread(flat_x, (t * seen + c) * X, width, rows, step, buffer, c * size)
        for o in range(t * filters, (t + 1) * filters):
            f = o % O
            if pitch:
                for r in range(0, Y // columns, HIGH):
                    r = min(r, Y // columns - HIGH)
                    for q in range(
                        (columns - 1) // lanes * lanes, -1, -lanes
                    ):  # the last one may stick out: it is first
                        nine(w, f * K, buffer, r * pitch + q, pitch, sums, r * columns + q, columns)
            else:
                for p in range(0, places.size, WIDE):
                    wide_tile(w, f * K, buffer, 0, places, p, offsets, 0, K, sums, targets)
            out, extra = flat_y[o * Y : (o + 1) * Y], bias[f]
            if keep == 1:
                for q in range(Y):
                    out[q] = sums[q] + extra
            else:
                per_row = (columns - 1) // keep + 1
                for r in range(Y // per_row):
                    for q in range(per_row):
                        out[r * per_row + q] = sums[r * columns + q * keep] + extra


@jit
def grad_weight(
    start, stop, x, dy, dw, groups, size, rows, width, places, dy_rows, dy_width, dy_step, vectors, offsets
):  # fmt: skip
    """dw from x, one channel in a group, and dy: t is a group. offsets: filled up to whole blocks of dots."""
    N, _, X = x.shape
    _, O, Y = dy.shape
    flat_x, flat_dy, lanes = x.reshape(x.size), dy.reshape(dy.size), BYTES // x.itemsize
    filters, K = O // groups, dw.size // O
    block, blocks = -(-WIDE_DOTS // lanes) * lanes, offsets.size // WIDE_DOTS
    totals = zeros(filters * blocks * block, x)
    seen, back = zeros(size + lanes, x), zeros(vectors * lanes, x)
    for t in range(start, stop):
        totals[:] = 0
        for n in range(N):
            spread(flat_x, (n * groups + t) * X, width, rows, 1, seen, 0)
            for f in range(filters):
                spread(flat_dy, (n * O + t * filters + f) * Y, dy_width, dy_rows, dy_step, back, 0)
                for k in range(blocks):
                    at = (f * blocks + k) * block
                    wide_dots(back, 0, seen, 0, places, 0, offsets, k * WIDE_DOTS, vectors, totals, at)
        for f in range(filters):
            for k in range(K):
                dw[(t * filters + f) * K + k] = totals[(f * blocks + k // WIDE_DOTS) * block + k % WIDE_DOTS]
