r"""Winograd's convolution with filters of 3×3: it multiplies 16 times where the direct sum multiplies 36 times.

**The trick, in one dimension.** Two neighbouring windows of a filter of three weights see four pixels d, and take six
multiplications: y₀ = d₀g₀ + d₁g₁ + d₂g₂ and y₁ = d₁g₀ + d₂g₁ + d₃g₂. Four are enough:

    m₀ = (d₀ − d₂) · g₀                         y₀ = m₀ + m₁ + m₂
    m₁ = (d₁ + d₂) · (g₀ + g₁ + g₂) / 2         y₁ = m₁ − m₂ − m₃
    m₂ = (d₂ − d₁) · (g₀ − g₁ + g₂) / 2
    m₃ = (d₁ − d₃) · g₂

(m₁ + m₂ = d₁g₁ + d₂(g₀ + g₂), and so on.) What is done to the filter is done once for all windows; what is done to the
pixels are additions, once for all filters; and sums over channels are taken of the products m, before they are added
to the y. As matrices, y = Aᵀ [(G g) ⊙ (Bᵀ d)] with

         1  0 −1  0              1   0   0
    Bᵀ = 0  1  1  0        G  =  ½   ½   ½         Aᵀ = 1  1  1  0
         0 −1  1  0              ½  −½   ½              0  1 −1 −1
         0  1  0 −1              0   0   1

**In two dimensions** the same is done along rows and columns: y = Aᵀ [Σ_c (G g Gᵀ) ⊙ (Bᵀ d B)] A makes 2×2 sums, a
*tile*, from 4×4 pixels. At each of the 16 places the sum over channels is a matrix product: one `simd.tile`. Here, too,
a pixel is a vector of images (see kernels/conv.py), so that the additions are additions of whole vectors.

**What can go wrong.** ∞ − ∞ is NaN, and a sum of large numbers overflows, where the direct sum would not. But what is
not finite stays so in every sum that it enters. So if all y are finite, all was well; else the caller starts again,
directly.

References: S. Winograd, Arithmetic Complexity of Computations, SIAM 1980; A. Lavin and S. Gray, Fast Algorithms for
Convolutional Neural Networks, arXiv:1509.09308.
"""

from llvmlite import ir

from ._jit import jit
from ._scratch import scratch
from .conv import pack
from .simd import BYTES, I64, ROWS, clear, micro_kernel, separate, tile


def _bt(b, d):
    """Bᵀ d, as instructions."""
    return [b.fsub(d[0], d[2]), b.fadd(d[1], d[2]), b.fsub(d[2], d[1]), b.fsub(d[1], d[3])]


def _at(b, m):
    """Aᵀ m, as instructions."""
    return [b.fadd(b.fadd(m[0], m[1]), m[2]), b.fsub(b.fsub(m[1], m[2]), m[3])]


def _g(b, g):
    """G g, as instructions, on single numbers."""
    half, ends = ir.Constant(g[0].type, 0.5), b.fadd(g[0], g[2])
    return [g[0], b.fmul(half, b.fadd(ends, g[1])), b.fmul(half, b.fsub(ends, g[1])), g[2]]


def _both_axes(b, transform, rows):
    """First all columns, then all rows; flat."""
    columns = [transform(b, column) for column in zip(*rows, strict=True)]
    return [vector for row in zip(*columns, strict=True) for vector in transform(b, row)]


def _transform_filter(v, b, at, w, wo, tap, u, uo, step):
    """u[uo + (4i + j)·step] = (G g Gᵀ)[i, j], numbers; g[i, j] = w[wo + (3i + j)·tap]."""
    w, u = at(w, wo), at(u, uo)
    g = [[b.load(at(w, b.mul(tap, I64(3 * i + j)))) for j in range(3)] for i in range(3)]
    for k, number in enumerate(_both_axes(b, _g, g)):
        b.store(number, at(u, b.mul(step, I64(k))))


def _transform_pixels(v, b, at, x, xo, row, pixel, y, yo, step):
    """y[yo + (4i + j)·step] = (Bᵀ d B)[i, j], vectors; d[i, j] = x[xo + i·row + j·pixel]."""
    x, y = at(x, xo), at(y, yo)
    d = [[v.load(at(x, b.mul(row, I64(i)), b.mul(pixel, I64(j)))) for j in range(4)] for i in range(4)]
    for k, vector in enumerate(_both_axes(b, _bt, d)):
        v.store(vector, at(y, b.mul(step, I64(k))))


def _transform_products(v, b, at, x, xo, step, y, yo, targets, t, check):
    """y[yo + targets[t + 2i + j]] = (Aᵀ m A)[i, j], vectors; m[i, j] = x[xo + (4i + j)·step].

    A lane of y[check], which is 0, becomes NaN if something in it is not finite.
    """
    x, sums, check = at(x, xo), at(y, yo), at(y, check)
    m = [[v.load(at(x, b.mul(step, I64(4 * i + j)))) for j in range(4)] for i in range(4)]
    checked = v.load(check)
    for k, vector in enumerate(_both_axes(b, _at, m)):
        v.store(vector, at(sums, b.load(at(targets, t, k))))
        checked = v.multiply_add(vector, v.zero, checked)
    v.store(checked, check)


transform_filter, transform_pixels = map(micro_kernel, (_transform_filter, _transform_pixels))
transform_products = micro_kernel(_transform_products)


@jit
def transform_filters(start, stop, w, back, out):
    """out[b, :, c, i] = G g Gᵀ for the filter g from channel c to channel o = b·ROWS + i; w (O, C, 9).

    `back`, for grad_input: from channels of y to those of x, turned by 180°. The last block ends in copies of a filter.
    """
    C, n = w.shape[1], out.shape[2]
    last, tap = (C - 1, -1) if back else (len(w) - 1, 1)
    for o in range(start * ROWS, stop * ROWS):
        at, f = (o // ROWS * 16 * n) * ROWS + o % ROWS, min(o, last)
        for c in range(n):
            first = (c * C + f) * 9 + 8 if back else (f * C + c) * 9
            transform_filter(w, first, tap, out, at + c * ROWS, n * ROWS)


@jit
def correlate(
    start, stop, x, y, filters, bias, checks, parts, size, row, bands, inside, outside, places, targets, seen, products
):
    """`correlate` of kernels/conv.py, with transformed filters (blocks, 16, C, ROWS) and tiles instead of windows.

    places: of each tile's first pixel; targets: of its four sums; seen: of the transformed pixels, 16 × VECTORS, and
    products: of the products with them. checks[t] becomes 0, or NaN if something in piece t was not finite.
    """
    N, C, _ = x.shape
    _, O, P = y.shape
    lanes, blocks, pixel = BYTES // x.itemsize, len(filters), seen[1]
    tiles = seen.size // 16  # VECTORS, but unknown to the compiler, which would repeat the loops' bodies for nothing
    m_row, y_row = (seen.size + 1) * lanes, targets[-1] + lanes
    v = ROWS * m_row  # in the work space: products, transformed pixels, sums, and a vector that checks them
    sums = v + seen.size * pixel
    check = sums + -(-blocks // parts) * ROWS * y_row
    buffer, work = scratch(size + lanes, x), scratch(check + lanes * lanes, x)  # `separate` looks further
    clear(work, check)
    packed = -1
    for t in range(start, stop):
        piece, part = t // parts, t % parts
        vector, band = piece // len(bands), piece % len(bands)
        first, images = vector * lanes, min(lanes, N - vector * lanes)
        b_start, b_stop = part * blocks // parts, (part + 1) * blocks // parts
        if packed != piece:
            pack(x, first, images, bands[band], inside, outside, lanes, 0, buffer)
            packed = piece
        for p in range(0, bands[band, 7], tiles):
            for j in range(tiles):
                for c in range(0, C * lanes, lanes):
                    transform_pixels(buffer, places[p + j] + c, row, pixel, work, v + seen[j] + c, seen[tiles])
            for b in range(b_start, b_stop):
                u = b * 16 * C * ROWS
                for k in range(0, seen.size, tiles):
                    tile(filters, u, work, v, seen, k, products, 0, C, work, products, m_row)
                    u += C * ROWS
                at = sums + (b - b_start) * ROWS * y_row
                for m in range(0, v, m_row):
                    for j in range(tiles):
                        transform_products(work, m + j * lanes, tiles * lanes, work, at, targets, 4 * (p + j), check)
                    at += y_row
        checks[t] = 0
        for i in range(check, check + lanes):
            checks[t] += work[i]
            work[i] = 0
        q, count = bands[band, 5], bands[band, 6] - bands[band, 5]
        for o in range(b_start * ROWS, min(O, b_stop * ROWS)):
            at, target = sums + (o - b_start * ROWS) * y_row, (first * O + o) * P + q
            for j in range(0, count, lanes):
                separate(work, at + j * lanes, bias[o], min(lanes, count - j), y, target + j, O * P, images)
