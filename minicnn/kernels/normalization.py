"""Mean and variance of channels, and what follows from them. Index c owns one channel of every array.

Shapes: x, y, dx, dy (N, C, L) · all others (C,), in float64: sums of many float32 lose no digits, and large numbers
whose variance is small keep it.
"""

import numpy as np

from ._jit import jit


@jit
def moments(start, stop, x, mean, var):
    """Mean of each channel, and its variance (divided by the count) in a second pass, so that nothing cancels."""
    N, _, L = x.shape
    count = max(N * L, 1)
    for c in range(start, stop):
        total = np.float64(0)
        for n in range(N):
            row = x[n, c]
            for i in range(L):
                total += row[i]
        m = total / count
        total = np.float64(0)
        for n in range(N):
            row = x[n, c]
            for i in range(L):
                total += (row[i] - m) ** 2
        mean[c], var[c] = m, total / count


@jit
def scale_and_shift(start, stop, x, mean, scale, shift, y):
    """y = (x − mean) · scale + shift."""
    for c in range(start, stop):
        m, a, b = mean[c], scale[c], shift[c]
        for n in range(len(x)):
            row, out = x[n, c], y[n, c]
            for i in range(row.size):
                out[i] = (row[i] - m) * a + b


@jit
def grad_sums(start, stop, dy, x, mean, total, dot):
    """total = Σ dy and dot = Σ dy · (x − mean) of each channel."""
    for c in range(start, stop):
        m, s, d = mean[c], np.float64(0), np.float64(0)
        for n in range(len(x)):
            row, g = x[n, c], dy[n, c]
            for i in range(row.size):
                s += g[i]
                d += g[i] * (row[i] - m)
        total[c], dot[c] = s, d


@jit
def grad_input(start, stop, dy, x, mean, of_dy, of_x, shift, dx):
    """dx = dy · of_dy + (x − mean) · of_x + shift."""
    for c in range(start, stop):
        m, p, q, r = mean[c], of_dy[c], of_x[c], shift[c]
        for n in range(len(x)):
            row, g, out = x[n, c], dy[n, c], dx[n, c]
            for i in range(row.size):
                out[i] = g[i] * p + (row[i] - m) * q + r
