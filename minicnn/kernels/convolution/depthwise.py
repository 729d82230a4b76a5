"""Convolutions in which each filter sees one channel (depthwise), as in rows.py: a vector is a run of pixels.

Nothing is shared between channels here, and sums are short: what costs time is to load pixels. So filters of 3×3 have
loops of their own, which load each pixel once for all windows of a column that see it.

    lines, dealt         where the rows of an image go in the buffer: see rows.py
    places     (…,)      what each vector of windows sees
    offsets    (…,)      as in images.py: a tap looks so far ahead

Shapes: x (N, C, pixels) · y, dy (N, O, pixels) · w, dw flat, tap by tap. Index t owns what belongs to one channel.
"""

from ..division import ceil_div
from ..running.jit import jit
from ..running.scratch import zeros
from ..simd import BYTES, I64, ROWS, WIDE_DOTS, loop, micro_kernel, wide_dots
from .rows import spread

HIGH = ROWS  # windows of a column that `nine` computes


def _nine(v, b, at, w, w_at, x, x_at, pitch, second, third, c, c_at, columns, stride=1):
    """c[r·columns] = Σ_ij w[3i + j] · x[(stride·r + i)·pitch + (0, second, third)[j]], for r < HIGH.

    A column of windows: what is loaded serves all that see it, up to three.
    """
    taps = [v.splat(b.load(at(w, w_at, k))) for k in range(9)]
    x, c, totals = at(x, x_at), at(c, c_at), [v.zero] * HIGH
    for row in range(stride * (HIGH - 1) + 3):
        see_it = [r for r in range(HIGH) if 0 <= row - stride * r < 3]
        for j, column in enumerate((0, second, third)):
            seen = v.load(at(x, b.mul(pitch, I64(row)), column))
            for r in see_it:
                totals[r] = v.multiply_add(taps[3 * (row - stride * r) + j], seen, totals[r])
        if row == stride * see_it[0] + 2:
            v.store(totals[see_it[0]], at(c, b.mul(columns, I64(see_it[0]))))


def _nine_dots(v, b, at, y, y_at, width, n, x, x_at, pitch, second, third, rows, c, c_at, stride=1):
    """c[3i + j] += Σ y[r·width + k] · x[(stride·r + i)·pitch + (0, second, third)[j] + k], k < n.

    All products of a column of `rows` vectors, n ≤ lanes. A row of x meets up to three of y, which wait in registers.
    """
    y, x, mask, nothing = at(y, y_at), at(x, x_at), v.mask(n), v.mask(I64(0))
    waiting = 2 // stride  # rows of y before this one that a row of x meets

    def body(r, kept):
        totals, own = kept[:9], kept[9:]
        there = b.icmp_signed("<", r, rows)
        row = b.select(there, b.mul(r, width), I64(0))
        own = [v.load_masked(at(y, row), b.select(there, mask, nothing)), *own]
        for below in range(stride):
            line = at(x, b.mul(pitch, b.add(b.mul(r, I64(stride)), I64(below))))
            for j, column in enumerate((0, second, third)):
                seen = v.load(at(line, column))
                for i in range(below, 3, stride):
                    totals[3 * i + j] = v.multiply_add(own[i // stride], seen, totals[3 * i + j])
        return [*totals, *own[:waiting]]

    v.add_sums(loop(b, b.add(rows, I64(waiting)), [v.zero] * (9 + waiting), body)[:9], at(c, c_at))


nine, nine_dots = map(micro_kernel, (_nine, _nine_dots))
nine_strided, nine_dots_strided = (micro_kernel(write, stride=2) for write in (_nine, _nine_dots))


@jit
def correlate(start, stop, x, y, w, bias, groups, size, lines, dealt, columns, nines):
    """Each channel of y from all channels of x that are in its group, with filters of 3×3: t is a group of an image.

    size: of a channel in the buffer; columns: windows in a row; nines: from a row of the buffer to the next, where the
    second and the third tap look, the stride.
    """
    _, C, X = x.shape
    _, O, Y = y.shape
    flat_x, flat_y, lanes = x.reshape(x.size), y.reshape(y.size), BYTES // x.itemsize
    seen, filters, (pitch, second, third, stride) = C // groups, O // groups, nines
    buffer, sums = zeros(seen * size + lanes, x), zeros(Y + lanes, x)  # and there is room for what sticks out
    for t in range(start, stop):
        for c in range(seen):
            spread(flat_x, (t * seen + c) * X, lines, dealt, buffer, c * size)
        for o in range(t * filters, (t + 1) * filters):
            f = o % O
            for r in range(0, Y // columns, HIGH):
                r = min(r, Y // columns - HIGH)
                for q in range((columns - 1) // lanes * lanes, -1, -lanes):  # the last one may stick out: it is first
                    place, target = r * stride * pitch + q, r * columns + q
                    if stride == 1:
                        nine(w, f * 9, buffer, place, pitch, second, third, sums, target, columns)
                    else:
                        nine_strided(w, f * 9, buffer, place, pitch, second, third, sums, target, columns)
            out, extra = flat_y[o * Y : (o + 1) * Y], bias[f]
            for q in range(Y):
                out[q] = sums[q] + extra


@jit
def grad_weight(
    start, stop, x, dy, dw, groups, size, lines, dealt, places, dy_lines, dy_dealt, vectors, offsets, nines
):
    """dw from x, one channel in a group, and dy: t is a group. offsets: filled up to whole blocks of dots."""
    N, _, X = x.shape
    _, O, Y = dy.shape
    flat_x, flat_dy, lanes = x.reshape(x.size), dy.reshape(dy.size), BYTES // x.itemsize
    filters, K, width = O // groups, dw.size // O, dy_dealt[0]
    pitch, second, third, stride = nines
    block, blocks = ceil_div(WIDE_DOTS, lanes) * lanes, offsets.size // WIDE_DOTS
    totals = zeros(filters * blocks * block, x)
    seen, back = zeros(size + 2 * pitch + lanes, x), zeros(0 if pitch else vectors * lanes, x)
    for t in range(start, stop):
        totals[:] = 0
        for n in range(N):
            spread(flat_x, (n * groups + t) * X, lines, dealt, seen, 0)
            for f in range(filters):
                first, to = (n * O + t * filters + f) * Y, f * blocks * block
                for q in range(0, width if pitch else 0, lanes):
                    m, height = min(lanes, width - q), Y // width
                    if stride == 1:
                        nine_dots(flat_dy, first + q, width, m, seen, q, pitch, second, third, height, totals, to)
                    else:
                        nine_dots_strided(
                            flat_dy, first + q, width, m, seen, q, pitch, second, third, height, totals, to
                        )
                if not pitch:
                    spread(flat_dy, first, dy_lines, dy_dealt, back, 0)
                    for k in range(blocks):
                        block_at = to + k * block
                        wide_dots(back, 0, 0, seen, 0, places, 0, offsets, k * WIDE_DOTS, vectors, totals, block_at)
        for f in range(filters):
            for k in range(K):
                place = k if pitch else k // WIDE_DOTS * block + k % WIDE_DOTS
                dw[(t * filters + f) * K + k] = totals[f * blocks * block + place]
