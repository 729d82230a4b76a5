"""The three products of a convolution, on arrays (N, C, pixels): which kernel computes them, and with which tables.

A vector holds 16 numbers, and three kernels differ in which: neighbouring pixels (kernels' rows.py, where rows are long
enough), the same pixel of many images (kernels' images.py; few images are cut into strips first), or channels, for dw
(kernels' channels.py). All compute whole vectors and whole tiles, whether so many numbers are there or not; where more
than three quarters would be for nothing, and where there are no vectors, kernels' plain.py takes over. Filters of
3×3 that take steps of 1 over several channels go to kernels' winograd.py or winograd_rows.py, those that see a single
channel to kernels' depthwise.py; and where there are hardly any windows, the weights are all that takes time.
"""

from functools import lru_cache, partial
from math import prod

import numpy as np

from ...kernels import simd
from ...kernels.convolution import channels, columns, plain, rows
from ...kernels.convolution import images as engine
from ...kernels.running.buffers import empty
from ...kernels.running.jit import parallel_for
from .._broadcast import quiet
from .._windows import crop, flat, pad, tables
from . import channels as channel_tables
from . import depthwise as depthwise_tables
from . import images as image_tables
from . import rows as row_tables
from . import strips as strip_tables
from . import winograd as winograd_tables
from . import winograd_rows as winograd_row_tables

COLUMNS, MANY = 16, 1 << 16  # windows of all images at most, weights at least: for which im2col pays


def forward(x, w, bias, g):
    """y (N, O, pixels) from x (N, C, pixels) and w (O, C/groups, taps), both contiguous; g: a image_tables.Geometry."""
    y = empty((len(x), len(w), prod(g.out)), x.dtype)
    way("forward", g, len(x), w.shape[1] * g.groups, len(w), x.dtype)(x, w, bias, y)
    return y


def grad_input(dy, w, g):
    """dx (N, C, pixels) from dy (N, O, pixels)."""
    C = w.shape[1] * g.groups
    dx = empty((len(dy), C, prod(g.size)), dy.dtype)
    way("grad_input", g, len(dy), C, len(w), dy.dtype)(dy, w, None, dx)
    return dx


def grad_weight(x, dy, w, g):
    """dw (O, C/groups, taps), like w."""
    dw = np.empty_like(w)
    way_to_dw(g, len(x), w.shape[1] * g.groups, len(w), x.dtype)(x, dy, dw)
    return dw


def grad_bias(dy):
    """db (O,)."""
    db = np.empty(dy.shape[1], dy.dtype)
    parallel_for(engine.grad_bias, db.size, dy, db, grain=1 + (1 << 16) // max(1, dy.size // max(1, db.size)))
    return db


@lru_cache(maxsize=1024)
def way(product, g, N, C, O, dtype):
    """The fastest way to y, for calls of (x, w, bias, y), or for "grad_input" of (dy, w, None, dx)."""
    direct = _direct(product, g, N, C, O, dtype)
    if product == "grad_input":
        direct = partial(_if_finite, g, direct)
    if simd.NAME == "plain":
        return direct
    tables = winograd_row_tables.choose(product, g, N, C, O, dtype) or winograd_tables.choose(
        product, g, N, C, O, dtype
    )
    return partial(_by_winograd, tables, direct) if tables else direct


def _direct(product, g, N, C, O, dtype):
    sizes, strips = (g, N, C, O, dtype), getattr(strip_tables, product)(g, N, dtype.itemsize)
    filters = (O if product == "forward" else C) // g.groups
    if simd.NAME == "plain" or 0 in (N, C, O):
        return partial(_plain, product, g)
    if depthwise_tables.pays(*sizes):
        nines = depthwise_tables.nines(product, g, O, dtype)
        return (
            partial(depthwise_tables.correlate, g.groups, nines)
            if nines
            else _by_tiles(rows, row_tables, product, sizes)
        )
    if product == "forward" and _columns_pay(*sizes):
        return partial(_by_columns, g)
    if row_tables.pays(product, g, strips.filled, dtype):
        return _by_tiles(rows, row_tables, product, sizes)
    if not _pays(N * strips.count, filters, image_tables.shape_of_tile(filters)[0], dtype):
        return partial(_plain, product, g)
    images = _by_tiles(engine, image_tables, product, (strips.geometry, N * strips.count, *sizes[2:]))
    return images if strips.count == 1 else partial(_by_strips, strips, images)


def _if_finite(g, direct, dy, w, bias, dx):
    direct(dy, w, bias, dx)
    if not np.isfinite(w).all():  # 0 · inf is NaN: what meets this weight must be what was an output, nothing else
        dx[:] = _exact_grad_input(dy, w, g)


@lru_cache(maxsize=1024)
def way_to_dw(g, N, C, O, dtype):
    """The fastest way to dw, for calls of (x, dy, dw)."""
    if simd.NAME != "plain":
        tables = winograd_tables.choose("grad_weight", g, N, C, O, dtype)
        tables = tables or winograd_row_tables.choose("grad_weight", g, N, C, O, dtype)
        if tables:
            return partial(_grad_weight_by_winograd, tables, g)
    return partial(_unless_finite, g, _direct_to_dw(g, N, C, O, dtype))


def _unless_finite(g, direct, x, dy, dw):
    direct(x, dy, dw)
    if not np.isfinite(dw).all():  # as above: 0 · inf of x
        dw[:] = _exact_grad_weight(x, dy, dw, g)


def _direct_to_dw(g, N, C, O, dtype):
    sizes, strips = (g, N, C, O, dtype), strip_tables.forward(g, N, dtype.itemsize)
    if simd.NAME == "plain" or 0 in (N, C, O):
        return partial(_plain_grad_weight, g)
    if depthwise_tables.pays(*sizes):
        return partial(depthwise_tables.grad_weight, g)
    if channel_tables.pays(C // g.groups, strips.filled, dtype):
        whole = strip_tables.Strips(1, g)
        return partial(_sum_up, g.groups, whole, channels, channels.add_tiles, channel_tables.grad_weight(*sizes))
    if not _pays(N * strips.count, O // g.groups, simd.DOT_ROWS, dtype):
        return partial(_plain_grad_weight, g)
    tables = image_tables.grad_weight(strips.geometry, N * strips.count, *sizes[2:])
    return partial(_sum_up, g.groups, strips, engine, engine.add_pieces, tables)


def _pays(images, filters, tile_rows, dtype):
    """Whether a quarter of the work is for something: vectors of so many images, tiles of so many of the filters."""
    lanes = simd.BYTES // dtype.itemsize
    return images * filters >= 0.25 * -(-images // lanes) * lanes * -(-filters // tile_rows) * tile_rows


def _by_tiles(kernels, tables, product, sizes):
    return partial(_correlate, kernels.correlate, getattr(tables, product)(*sizes))


def _correlate(kernel, t, x, w, bias, y):
    filters = empty(t.filters, w.dtype)
    grain = 1 + (1 << 14) * t.blocks // t.filters
    parallel_for(engine.gather, t.blocks, w.reshape(-1), *t.order, filters, grain=grain)
    parallel_for(kernel, t.pieces, x, y, filters, t.no_bias if bias is None else bias, *t.tables)


def _columns_pay(g, N, C, O, dtype):
    """Whether there are a few windows that see much, in whole vectors."""
    K, lanes = C * prod(g.kernel), simd.BYTES // dtype.itemsize
    return N * prod(g.out) <= COLUMNS and O * K >= MANY and g.groups == 1 and K % lanes == 0 and O >= simd.DOT_ROWS


def _by_columns(g, x, w, bias, y):
    offsets, at = _places(g)
    (N, O, P), K = y.shape, w[0].size
    seen, lanes = empty((N * P, K), x.dtype), simd.BYTES // x.itemsize
    rows = np.minimum(np.arange(-(-N * P // simd.DOT_COLUMNS) * simd.DOT_COLUMNS), N * P - 1) * K
    bias = np.zeros(O, x.dtype) if bias is None else bias
    parallel_for(columns.see, N * P, _padded(x, g), offsets, at, seen, grain=1 + (1 << 12) // K)
    arguments = seen, w.reshape(-1), np.arange(0, K, lanes), rows, bias, y
    parallel_for(columns.inner_products, -(-O // simd.DOT_ROWS), *arguments)


def _by_strips(strips, images, x, w, bias, y):
    parts = empty((len(x) * strips.count, y.shape[1], prod(strips.target)), y.dtype)
    images(strip_tables.cut(x, strips), w, bias, parts)
    strip_tables.join(parts, strips, y)


def _by_winograd(t, direct, x, w, bias, y):
    if any(by_winograd(t, x, w, bias, y).tolist()):
        direct(x, w, bias, y)


def by_winograd(t, x, w, bias, y):
    """Fill y. What is returned will be 0, but NaN where something is not finite, or was not finite on the way."""
    filters, checks = empty(t.filters, w.dtype), np.empty(t.checks, w.dtype)
    bias = t.no_bias if bias is None else bias
    parallel_for(t.convolve, t.jobs, x, w.reshape(-1), y, filters, bias, checks, *t.order, *t.tables)
    return checks


def _grad_weight_by_winograd(t, g, x, dy, dw):
    totals, checks = empty(t.totals, x.dtype), np.empty(len(dw), x.dtype)
    parallel_for(t.kernels.grad_weight, t.pieces, x, dy, totals.reshape(len(totals), -1), *t.tables)
    parallel_for(t.kernels.sum_up, len(dw), totals, dw, checks, grain=1 + 2048 * len(dw) // dw.size)
    if any(checks.tolist()):
        dw[:] = _exact_grad_weight(x, dy, dw, g)


def _sum_up(groups, strips, kernels, add, t, x, dy, dw):
    if strips.count > 1:
        out = strips.geometry.out
        x, dy = strip_tables.cut(x, strips), strip_tables.cut(dy, strips._replace(source=out, step=out[0], first=0))
    totals = empty(t.totals, x.dtype)
    parallel_for(kernels.grad_weight, t.pieces, x, dy, totals.reshape(len(totals), -1), *t.tables)
    parallel_for(add, len(dw), totals, groups, dw, grain=1 + 4096 * len(dw) // dw.size)


# For the plain loops: x padded, the tables of kernels' plain.py, and dy with zeros where a stride left none.


def _plain(product, g, x, w, bias, y):
    offsets, at = _places(g)
    if product == "forward":
        y[:] = 0 if bias is None else bias[:, None]
        parallel_for(plain.conv_forward, y.shape[0] * y.shape[1], _padded(x, g), w, offsets, at, y)
    else:
        padded = np.zeros((*y.shape[:2], prod(g.padded)), y.dtype)
        parallel_for(plain.conv_grad_input, y.shape[0] * y.shape[1], w, _spread(x, at), offsets, padded)
        y[:] = _unpadded(padded, g)


def _plain_grad_weight(g, x, dy, dw):
    offsets, at = _places(g)
    dw[:] = 0
    parallel_for(plain.conv_grad_weight, dw.shape[0] * dw.shape[1], _padded(x, g), _spread(dy, at), offsets, dw)


def _places(g):
    """The offset of each tap, and where each window stands."""
    return tables(g.padded, g.kernel, g.out, g.stride, g.dilation)


def _sides(g):
    return tuple((b, total - b - n) for total, b, n in zip(g.padded, g.before, g.size, strict=True))


def _padded(x, g):
    return flat(pad(x.reshape(*x.shape[:2], *g.size), _sides(g)))


def _unpadded(xp, g):
    return flat(crop(xp.reshape(*xp.shape[:2], *g.padded), _sides(g)))


def _spread(dy, at):
    dacc = np.zeros((*dy.shape[:2], at[-1] + 1), dy.dtype)
    parallel_for(plain.conv_spread, dy.shape[0] * dy.shape[1], dy, at, dacc)
    return dacc


@quiet
def _exact_grad_input(dy, w, g):
    C = w.shape[1] * g.groups
    offsets, at = _places(g)
    dxp = np.zeros((len(dy), C, prod(g.padded)), dy.dtype)
    dy, w = _in_groups(dy, w, g)
    for k, offset in enumerate(offsets):
        dxp[:, :, at + offset] += np.einsum("ngoq,goc->ngcq", dy, w[..., k]).reshape(len(dy), C, at.size)
    return _unpadded(dxp, g)


@quiet
def _exact_grad_weight(x, dy, w, g):
    xp, (offsets, at) = _padded(x, g), _places(g)
    dw = np.empty_like(w)
    dy, by_group = _in_groups(dy, dw, g)
    for k, offset in enumerate(offsets):
        seen = xp[:, :, at + offset].reshape(len(x), g.groups, w.shape[1], at.size)
        by_group[..., k] = np.einsum("ngoq,ngcq->goc", dy, seen)
    return dw


def _in_groups(dy, w, g):
    """dy (N, groups, O/groups, pixels) and a view of w (groups, O/groups, C/groups, taps)."""
    per_group = len(w) // g.groups
    return dy.reshape(len(dy), g.groups, per_group, dy.shape[2]), w.reshape(g.groups, per_group, *w.shape[1:])
