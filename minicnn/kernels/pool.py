"""Pooling over windows of a padded image, seen as one row of pixels (see conv.py for `offsets` and `at`).

Index t = n·C + c owns one image of every array. Shapes: x, dx (N, C, pixels) · y, dy, index (N, C, outputs).
"""

from ._jit import jit


@jit
def max_pool_forward(start, stop, x, offsets, at, y, index):
    """y = the largest x of each window; index = its place in the row of pixels, the first one if several are equal."""
    C = y.shape[1]
    for t in range(start, stop):
        n, c = divmod(t, C)
        for q in range(at.size):
            place = at[q]
            best = x[n, c, place]
            for offset in offsets:
                v = x[n, c, at[q] + offset]
                if v > best or v != v:  # NaN wins, so that it is seen
                    best, place = v, at[q] + offset
            y[n, c, q], index[n, c, q] = best, place


@jit
def max_pool_grad(start, stop, dy, index, dx):
    """dx += each dy at the place of its window's winner."""
    _, C, outputs = dy.shape
    for t in range(start, stop):
        n, c = divmod(t, C)
        for q in range(outputs):
            dx[n, c, index[n, c, q]] += dy[n, c, q]


@jit
def avg_pool_forward(start, stop, x, offsets, at, divisor, y):
    """y = the sum of each window, divided by divisor (outputs,)."""
    C = y.shape[1]
    for t in range(start, stop):
        n, c = divmod(t, C)
        for q in range(at.size):
            total = y.dtype.type(0)
            for offset in offsets:
                total += x[n, c, at[q] + offset]
            y[n, c, q] = total / divisor[q]


@jit
def avg_pool_grad(start, stop, dy, offsets, at, divisor, dx):
    """dx += each dy, shared equally among the pixels of its window."""
    C = dy.shape[1]
    for t in range(start, stop):
        n, c = divmod(t, C)
        for q in range(at.size):
            share = dy[n, c, q] / divisor[q]
            for offset in offsets:
                dx[n, c, at[q] + offset] += share
