"""The three products of a convolution, on arrays (N, C, pixels): which kernel computes them, and with which tables.

A vector holds 16 numbers, and three kernels differ in which: neighbouring pixels (kernels/rows.py, where rows are long
enough), the same pixel of many images (kernels/conv.py; few images are cut into strips first), or channels, for dw
(kernels/channels.py). All compute whole vectors and whole tiles, whether so many numbers are there or not; where more
than three quarters would be for nothing, and where there are no vectors, kernels/conv_plain.py takes over. Filters of
3×3 that take steps of 1 over many channels go to kernels/winograd.py, those that see a single channel to
kernels/depthwise.py.
"""

from math import prod

import numpy as np

from ..kernels import channels, simd, winograd
from ..kernels import conv as engine
from ..kernels import conv_plain as plain
from ..kernels import rows as rows_of_pixels
from ..kernels._buffers import empty
from ..kernels._jit import parallel_for
from . import _channels, _depthwise, _rows, _strips, _tables, _winograd
from ._broadcast import quiet
from ._windows import crop, flat, pad, tables


def forward(x, w, bias, g):
    """y (N, O, pixels) from x (N, C, pixels) and w (O, C/groups, taps), both contiguous; g: a _tables.Geometry."""
    y = empty((len(x), len(w), prod(g.out)), x.dtype)
    if not _correlate("forward", x, w, bias, y, g, len(w) // g.groups):
        y[:] = 0 if bias is None else bias[:, None]
        parallel_for(plain.conv_forward, y.shape[0] * y.shape[1], _padded(x, g), w, *_places(g), y)
    return y


@quiet
def grad_input(dy, w, g):
    """dx (N, C, pixels) from dy (N, O, pixels)."""
    C = w.shape[1] * g.groups
    if not np.isfinite(w).all():  # 0 · inf is NaN: what meets this weight must be what was an output, and nothing else
        return _exact_grad_input(dy, w, g)
    dx = empty((len(dy), C, prod(g.size)), dy.dtype)
    if _correlate("grad_input", dy, w, None, dx, g, C // g.groups):
        return dx
    offsets, at = _places(g)
    dxp = np.zeros((len(dy), C, prod(g.padded)), dy.dtype)
    parallel_for(plain.conv_grad_input, len(dx) * C, w, _spread(dy, at), offsets, dxp)
    return _unpadded(dxp, g)


@quiet
def grad_weight(x, dy, w, g):
    """dw (O, C/groups, taps), like w."""
    dw, strips = np.empty_like(w), _strips.forward(g, len(x), x.itemsize)
    if _depthwise.pays(g, x, w):
        _depthwise.grad_weight(x, dy, dw, g)
    elif _channels.pays(w, strips.filled) and x.size:
        t = _channels.grad_weight(g, *x.shape[:2], len(w), x.dtype)
        totals = empty(t.totals, x.dtype)
        parallel_for(channels.grad_weight, t.pieces, x, dy, totals.reshape(len(totals), -1), *t.tables)
        parallel_for(channels.add_tiles, len(dw), totals, g.groups, dw, grain=1 + 4096 * len(dw) // dw.size)
    elif _pays(x, strips.count, len(w) // g.groups, simd.DOT_ROWS):
        h, seen, back = strips.geometry, x, dy
        if strips.count > 1:
            seen, back = _strips.cut(x, strips), _strips.cut(dy, strips._replace(source=h.out, step=h.out[0], first=0))
        t = _tables.grad_weight(h, *seen.shape[:2], len(w), x.dtype)
        totals = empty(t.totals, x.dtype)
        parallel_for(engine.grad_weight, t.pieces, seen, back, totals.reshape(len(totals), -1), *t.tables)
        K = dw.size // len(dw)
        parallel_for(engine.add_pieces, len(dw), totals, g.groups, dw.reshape(len(dw), K), grain=1 + 4096 // K)
    else:
        offsets, at = _places(g)
        dw[:] = 0
        parallel_for(plain.conv_grad_weight, dw.shape[0] * dw.shape[1], _padded(x, g), _spread(dy, at), offsets, dw)
    return dw if np.isfinite(dw).all() else _exact_grad_weight(x, dy, w, g)  # as above: 0 · inf of x


def grad_bias(dy):
    """db (O,)."""
    db = np.empty(dy.shape[1], dy.dtype)
    parallel_for(engine.grad_bias, db.size, dy, db, grain=1 + (1 << 16) // max(1, dy.size // max(1, db.size)))
    return db


def _pays(x, strips, rows, tile_rows=None):
    """Whether a quarter of the work is for something, with so many strips of x, and rows in tiles of `tile_rows`."""
    tile_rows, images = tile_rows or _tables.shape_of_tile(rows)[0], len(x) * strips
    lanes = simd.BYTES // x.itemsize
    used = images * rows / (-(-images // lanes) * lanes * -(-rows // tile_rows) * tile_rows) if x.size else 0
    return simd.NAME != "plain" and used >= 0.25


def _correlate(product, x, w, bias, y, g, rows):
    """Fill y by the tables for `product`, with so many channels of y in a group; for "grad_input" these are dx and dy.

    Returns whether that pays.
    """
    strips, sizes = getattr(_strips, product)(g, len(x), x.itemsize), (len(x), w.shape[1] * g.groups, len(w))
    if not x.size:
        return False
    if _depthwise.pays(g, x, w):
        if not _depthwise.correlate(product, x, w, bias, y, g):
            _launch(rows_of_pixels, _rows, product, x, w, bias, y, g)
    elif _rows.pays(product, g, *sizes, strips.filled, x.dtype):
        _launch(rows_of_pixels, _rows, product, x, w, bias, y, g)
    elif not _pays(x, strips.count, rows):
        return False
    elif strips.count == 1:
        _correlate_images(product, x, w, bias, y, g)
    else:
        parts = empty((len(x) * strips.count, y.shape[1], prod(strips.target)), y.dtype)
        _correlate_images(product, _strips.cut(x, strips), w, bias, parts, strips.geometry)
        _strips.join(parts, strips, y)
    return True


def _correlate_images(product, x, w, bias, y, g):
    if g.kernel == (3, 3, 1):
        t = getattr(_winograd, product)(g, len(x), w.shape[1] * g.groups, len(w), x.dtype)
        if t and _correlate_by_winograd(t, x, w, bias, y, product == "grad_input"):
            return
    _launch(engine, _tables, product, x, w, bias, y, g)


def _launch(kernels, tables, product, x, w, bias, y, g):
    t = getattr(tables, product)(g, len(x), w.shape[1] * g.groups, len(w), x.dtype)
    filters = empty(t.filters, w.dtype)
    grain = 1 + (1 << 14) * t.blocks // t.filters
    parallel_for(engine.gather, t.blocks, w.reshape(-1), *t.order, filters, grain=grain)
    parallel_for(kernels.correlate, t.pieces, x, y, filters, t.no_bias if bias is None else bias, *t.tables)


def _correlate_by_winograd(t, x, w, bias, y, back):
    """Whether all went well; not so where something is not finite, or was not finite on the way."""
    filters, checks = empty(t.filters, w.dtype), np.empty(t.pieces, w.dtype)
    bias = t.no_bias if bias is None else bias
    parallel_for(winograd.transform_filters, len(filters), w, back, filters, grain=4)
    parallel_for(winograd.correlate, t.pieces, x, y, filters, bias, checks, *t.tables)
    return not checks.any()  # NaN is true


# For the plain loops: x padded, the tables of kernels/conv_plain.py, and dy with zeros where a stride left none.


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


def _exact_grad_input(dy, w, g):
    C = w.shape[1] * g.groups
    offsets, at = _places(g)
    dxp = np.zeros((len(dy), C, prod(g.padded)), dy.dtype)
    dy, w = _in_groups(dy, w, g)
    for k, offset in enumerate(offsets):
        dxp[:, :, at + offset] += np.einsum("ngoq,goc->ngcq", dy, w[..., k]).reshape(len(dy), C, at.size)
    return _unpadded(dxp, g)


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
