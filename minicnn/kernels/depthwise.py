"""Convolutions in which each filter sees one channel (depthwise): a vector is a run of pixels of one image.

Nothing is shared between channels here, so that packing images into vectors (kernels/conv.py) would take longer than
the sums themselves. Instead one channel of one image is copied into a buffer, row by row, into its padding, and stays
in the nearest cache. There a row of windows is a row of vectors, wherever a tap looks: `simd.wide_tile` adds them up.

With a stride of s, a row is dealt like cards: pixels 0, s, 2s, … go to plane 0 of its row in the buffer, pixels
1, s + 1, … to plane 1. So what one tap sees of neighbouring windows lies side by side again. In `grad_input` it is the
other way round: pixels of x that differ by s were seen by the same taps, and are computed together, plane by plane.

    rows       (rows,)   where each row of the image goes in the buffer
    dealt      (4,)      of these rows: pixels, planes, zeros before the first pixel, places in a plane
    gathered   (4,)      the same of the rows of sums, which are put together again
    segments   (…, 4)    windows with the same taps: vectors start and stop in `places`, first tap, how many taps
    places     (…,)      what each vector of windows sees; up to whole tiles
    targets    (…,)      where their sums go. If there is one plane, a row's last vector may stick out: the next row
                         overwrites that
    offsets    (…,)      as in kernels/conv.py: a tap looks so far ahead

Shapes: x (N, C, pixels) · y, dy (N, O, pixels) · w, dw flat, tap by tap. Index t owns what belongs to one channel.
"""

from numba.extending import register_jitable

from ._jit import jit
from .simd import BYTES, I64, ROWS, WIDE, WIDE_DOTS, loop, micro_kernel, wide_dots, wide_tile, zeros

HIGH = ROWS  # windows of a column that `nine` computes


def _move(v, b, at, x, xo, n, y, yo):
    """y[yo + j] = x[xo + j] for j < n ≤ lanes."""
    mask = v.mask(n)
    v.store_masked(v.load_masked(at(x, xo), mask), at(y, yo), mask)


def _deal(v, b, at, x, xo, n, y, first, second):
    """y[first + j] = x[xo + 2j], y[second + j] = x[xo + 2j + 1]; x has n ≤ 2 · lanes numbers there."""
    pair = [v.load_masked(p, mask) for p, mask in v.halves(at(x, xo), n)]
    for place, odd in ((first, 0), (second, 1)):
        mask = v.mask(b.sdiv(b.add(n, I64(1 - odd)), I64(2)))
        v.store_masked(v.shuffle(*pair, [*range(odd, 2 * v.lanes, 2)]), at(y, place), mask)


def _weave(v, b, at, x, first, second, bias, n, y, yo):
    """y[yo + 2j] = x[first + j] + bias, y[yo + 2j + 1] = x[second + j] + bias: n ≤ 2 · lanes numbers. Undoes `deal`."""
    pair = [b.fadd(v.load(at(x, place)), v.splat(bias)) for place in (first, second)]
    places = [k for j in range(v.lanes) for k in (j, v.lanes + j)]
    for half, (p, mask) in enumerate(v.halves(at(y, yo), n)):
        v.store_masked(v.shuffle(*pair, places[half * v.lanes : (half + 1) * v.lanes]), p, mask)


def _nine(v, b, at, w, wo, x, place, pitch, second, third, c, target, columns, stride=1):
    """c[target + r·columns] = Σ_ij w[3i + j] · x[place + (stride·r + i)·pitch + (0, second, third)[j]], for r < HIGH.

    `simd.wide_tile` for filters of 3×3 and a column of windows. What is loaded serves all that see it, up to three.
    """
    taps = [v.splat(b.load(at(w, wo, k))) for k in range(9)]
    x, c, totals = at(x, place), at(c, target), [v.zero] * HIGH
    for row in range(stride * (HIGH - 1) + 3):
        see_it = [r for r in range(HIGH) if 0 <= row - stride * r < 3]
        for j, column in enumerate((0, second, third)):
            seen = v.load(at(x, b.mul(pitch, I64(row)), column))
            for r in see_it:
                totals[r] = v.multiply_add(taps[3 * (row - stride * r) + j], seen, totals[r])
        if row == stride * see_it[0] + 2:
            v.store(totals[see_it[0]], at(c, b.mul(columns, I64(see_it[0]))))


def _nine_strided(v, b, at, w, wo, x, place, pitch, second, third, c, target, columns):
    """`nine` with a stride of 2."""
    _nine(v, b, at, w, wo, x, place, pitch, second, third, c, target, columns, 2)


def _nine_dots(v, b, at, y, yo, width, n, x, place, pitch, second, third, rows, c, co, stride=1):
    """c[co + 3i + j] += Σ y[yo + r·width + k] · x[place + (stride·r + i)·pitch + (0, second, third)[j] + k], k < n.

    All products of a column of `rows` vectors, n ≤ lanes. A row of x meets up to three of y, which wait in registers.
    """
    y, x, mask, nothing = at(y, yo), at(x, place), v.mask(n), v.mask(I64(0))
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

    v.add_sums(loop(b, b.add(rows, I64(waiting)), [v.zero] * (9 + waiting), body)[:9], at(c, co))


def _nine_dots_strided(v, b, at, y, yo, width, n, x, place, pitch, second, third, rows, c, co):
    """`nine_dots` with a stride of 2."""
    _nine_dots(v, b, at, y, yo, width, n, x, place, pitch, second, third, rows, c, co, 2)


move, deal, weave, nine, nine_strided = map(micro_kernel, (_move, _deal, _weave, _nine, _nine_strided))
nine_dots, nine_dots_strided = map(micro_kernel, (_nine_dots, _nine_dots_strided))


@register_jitable
def spread(x, first, rows, dealt, buffer, shift):
    """An image, which begins at first, to its places in the buffer, shifted."""
    lanes, (width, planes, before, plane) = BYTES // x.itemsize, dealt
    for r in range(rows.size):
        source, target = first + r * width, shift + rows[r]
        if planes == 1:
            for j in range(0, width, lanes):
                move(x, source + j, min(lanes, width - j), buffer, target + before + j)
        elif planes == 2:
            even = target + before % 2 * plane + before // 2
            odd = target + (before + 1) % 2 * plane + (before + 1) // 2
            for j in range(0, width, 2 * lanes):
                deal(x, source + j, min(2 * lanes, width - j), buffer, even + j // 2, odd + j // 2)
        else:
            for j in range(width):
                buffer[target + (before + j) % planes * plane + (before + j) // planes] = x[source + j]


@register_jitable
def gather(sums, bias, gathered, y, first, size):
    """An image, which begins at first, from the planes of its rows, plus bias."""
    lanes, (width, planes, before, plane) = BYTES // y.itemsize, gathered
    for r in range(size // width):
        source, target = r * planes * plane, first + r * width
        if planes == 2:
            even, odd = source + before % 2 * plane, source + (before + 1) % 2 * plane
            for j in range(0, width, 2 * lanes):
                weave(sums, even + j // 2, odd + j // 2, bias, min(2 * lanes, width - j), y, target + j)
        else:
            for j in range(width):
                y[target + j] = sums[source + (before + j) % planes * plane + j // planes] + bias


@jit
def correlate(
    start, stop, x, y, w, bias, groups, size, rows, dealt, gathered, segments, places, targets, offsets, nines
):  # fmt: skip
    """Each channel of y from all channels of x that are in its group: t is a group of an image.

    size: of a channel in the buffer; nines: if the windows are for `nine`, else zeros, from a row of the buffer to the
    next, where the second and the third tap look, the stride.
    """
    _, C, X = x.shape
    _, O, Y = y.shape
    flat_x, flat_y, lanes = x.reshape(x.size), y.reshape(y.size), BYTES // x.itemsize
    seen, filters, K, columns = C // groups, O // groups, offsets.size, gathered[0]
    pitch, second, third, stride = nines
    buffer = zeros(seen * size + lanes, x)
    sums = zeros(Y // columns * gathered[1] * gathered[3] + 2 * lanes, x)  # and there is room for what sticks out
    for t in range(start, stop):
        for c in range(seen):
            spread(flat_x, (t * seen + c) * X, rows, dealt, buffer, c * size)
        for o in range(t * filters, (t + 1) * filters):
            f = o % O
            for r in range(0, Y // columns if pitch else 0, HIGH):
                r = min(r, Y // columns - HIGH)
                for q in range((columns - 1) // lanes * lanes, -1, -lanes):  # the last one may stick out: it is first
                    place, target = r * stride * pitch + q, r * columns + q
                    if stride == 1:
                        nine(w, f * K, buffer, place, pitch, second, third, sums, target, columns)
                    else:
                        nine_strided(w, f * K, buffer, place, pitch, second, third, sums, target, columns)
            for s in range(0 if pitch else len(segments)):
                k, n = segments[s, 2], segments[s, 3]
                for p in range(segments[s, 0], segments[s, 1], WIDE if n else 1):
                    if n:
                        wide_tile(w, f * K + k, buffer, 0, places, p, offsets, k, n, sums, targets)
                    else:  # no tap looks at these pixels
                        sums[targets[p] : targets[p] + lanes] = 0
            if gathered[1] == 1 and gathered[3] == columns:
                out, extra = flat_y[o * Y : (o + 1) * Y], bias[f]
                for q in range(Y):
                    out[q] = sums[q] + extra
            else:
                gather(sums, bias[f], gathered, flat_y, o * Y, Y)


@jit
def grad_weight(start, stop, x, dy, dw, groups, size, rows, dealt, places, dy_rows, dy_dealt, vectors, offsets, nines):
    """dw from x, one channel in a group, and dy: t is a group. offsets: filled up to whole blocks of dots."""
    N, _, X = x.shape
    _, O, Y = dy.shape
    flat_x, flat_dy, lanes = x.reshape(x.size), dy.reshape(dy.size), BYTES // x.itemsize
    filters, K, width = O // groups, dw.size // O, dy_dealt[0]
    pitch, second, third, stride = nines
    block, blocks = -(-WIDE_DOTS // lanes) * lanes, offsets.size // WIDE_DOTS
    totals = zeros(filters * blocks * block, x)
    seen, back = zeros(size + 2 * pitch + lanes, x), zeros(0 if pitch else vectors * lanes, x)
    for t in range(start, stop):
        totals[:] = 0
        for n in range(N):
            spread(flat_x, (n * groups + t) * X, rows, dealt, seen, 0)
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
                    spread(flat_dy, first, dy_rows, dy_dealt, back, 0)
                    for k in range(blocks):
                        at = to + k * block
                        wide_dots(back, 0, seen, 0, places, 0, offsets, k * WIDE_DOTS, vectors, totals, at)
        for f in range(filters):
            for k in range(K):
                at = k if pitch else k // WIDE_DOTS * block + k % WIDE_DOTS
                dw[(t * filters + f) * K + k] = totals[f * blocks * block + at]
