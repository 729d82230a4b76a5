r"""The three products as plain loops: for what would leave the vectors of images.py empty, and where there are none.

The trick is to see a padded image as one long row of pixels. Then filter tap k always looks a constant number of
places, `offsets[k]`, ahead of the window's first pixel, wherever the window stands:

    image 4×4, read row by row      filter 2×2          window at p sees
     0  1  2  3                      tap 0  tap 1        p + 0   p + 1
     4  5  6  7                      tap 2  tap 3        p + 4   p + 5
     8  9 10 11
    12 13 14 15                      offsets = 0, 1, 4, 5

so a tap's work is one long loop over p, without rows, borders or strides. It also computes a few values that nobody
wants (the window at p = 3 wraps round the edge). `places[q]` says at which p output pixel q stands, and only those are
kept; a stride is nothing but a sparser `places`. More dimensions or a dilation are only other tables.

    forward        acc[p]             += w[k] · x[p + offsets[k]]        y[q] = acc[places[q]]
    grad_input     dx[p + offsets[k]] += w[k] · dacc[p]                  dacc[places[q]] = dy[q], all others 0
    grad_weight    dw[k]              += dacc[p] · x[p + offsets[k]]

All three are the same products. Who owns the place that is written differs, and that index is split over the threads.
Shapes: x, dx (N, C, pixels) · w, dw (O, C/groups, taps) · dacc (N, O, places[-1] + 1) · y, dy (N, O, outputs).
"""

import numpy as np

from ..running.jit import jit


@jit
def forward(start, stop, x, w, offsets, places, y):
    """y += cross-correlation of x with w."""
    _, O, outputs = y.shape
    _, CG, taps = w.shape
    per_group = O // (x.shape[1] // CG)
    acc = np.empty(places[-1] + 1, y.dtype)
    for t in range(start, stop):  # t = n·O + o owns y[n, o]
        n, o = divmod(t, O)
        first = o // per_group * CG  # the first channel that o's group sees
        acc[:] = 0
        for c in range(CG):
            for k in range(taps):
                tap, seen = w[o, c, k], x[n, first + c, offsets[k] : offsets[k] + acc.size]
                for p in range(acc.size):
                    acc[p] += tap * seen[p]
        for q in range(outputs):
            y[n, o, q] += acc[places[q]]


@jit
def spread(start, stop, dy, places, dacc):
    """dacc[places[q]] = dy[q]: with a stride, dy with zeros in between."""
    _, O, outputs = dy.shape
    for t in range(start, stop):  # t = n·O + o owns dacc[n, o]
        n, o = divmod(t, O)
        for q in range(outputs):
            dacc[n, o, places[q]] = dy[n, o, q]


@jit
def grad_input(start, stop, w, dacc, offsets, dx):
    """dx += every dacc, sent back along the taps it came through."""
    _, O, span = dacc.shape
    _, CG, taps = w.shape
    C = dx.shape[1]
    per_group = O // (C // CG)
    for t in range(start, stop):  # t = n·C + c owns dx[n, c]
        n, c = divmod(t, C)
        first = c // CG * per_group  # the first filter of c's group
        for o in range(first, first + per_group):
            for k in range(taps):
                tap, back = w[o, c % CG, k], dx[n, c, offsets[k] : offsets[k] + span]
                for p in range(span):
                    back[p] += tap * dacc[n, o, p]


@jit
def grad_weight(start, stop, x, dacc, offsets, dw):
    """dw += for each tap, the inner product of dacc with what the tap saw."""
    N, O, span = dacc.shape
    _, CG, taps = dw.shape
    per_group = O // (x.shape[1] // CG)
    for t in range(start, stop):  # t = o·CG + c owns dw[o, c]
        o, c = divmod(t, CG)
        first = o // per_group * CG
        for n in range(N):
            for k in range(taps):
                seen, total = x[n, first + c, offsets[k] : offsets[k] + span], dw.dtype.type(0)
                for p in range(span):
                    total += dacc[n, o, p] * seen[p]
                dw[o, c, k] += total


@jit
def grad_bias(start, stop, dy, db):
    """db[o] = the sum of channel o of dy; o owns it. Rows are added in float64."""
    for o in range(start, stop):
        total = np.float64(0)
        for n in range(len(dy)):
            row, part = dy[n, o], dy.dtype.type(0)
            for p in range(row.size):
                part += row[p]
            total += part
        db[o] = total
