"""Windows in any number of dimensions as plain Python loops: slow, and easy to see right. No padding."""

import numpy as np


def taps(size, kernel, stride, dilation):
    """The output's size; and every pair of an output pixel and a tap, with the input pixel that it looks at."""
    axes = list(zip(size, kernel, stride, dilation, strict=True))
    out = tuple((n - d * (k - 1) - 1) // s + 1 for n, k, s, d in axes)
    triples = []
    for o in np.ndindex(*out):
        for k in np.ndindex(*kernel):
            seen = tuple(i * s + j * d for i, s, j, d in zip(o, stride, k, dilation, strict=True))
            triples.append((o, k, seen))
    return out, triples


def conv(x, w, dy, stride, dilation, groups):
    """y, dx and dw, from one sum over all products."""
    size, triples = taps(x.shape[2:], w.shape[2:], stride, dilation)
    y, dx, dw = np.zeros((len(x), len(w), *size)), np.zeros_like(x), np.zeros_like(w)
    for n, o, c in np.ndindex(len(x), *w.shape[:2]):
        channel = o // (len(w) // groups) * w.shape[1] + c
        for out, tap, seen in triples:
            y[n, o, *out] += w[o, c, *tap] * x[n, channel, *seen]
            dx[n, channel, *seen] += w[o, c, *tap] * dy[n, o, *out]
            dw[o, c, *tap] += dy[n, o, *out] * x[n, channel, *seen]
    return y, dx, dw


def pool(x, kernel, stride, dilation, dy):
    """Maximum with its gradient, mean with its gradient."""
    size, triples = taps(x.shape[2:], kernel, stride, dilation)
    largest, mean = np.full((*x.shape[:2], *size), -np.inf), np.zeros((*x.shape[:2], *size))
    dx_max, dx_mean = np.zeros_like(x), np.zeros_like(x)
    for n, c in np.ndindex(*x.shape[:2]):
        for out, _, seen in triples:
            largest[n, c, *out] = max(largest[n, c, *out], x[n, c, *seen])
            mean[n, c, *out] += x[n, c, *seen] / np.prod(kernel)
            dx_mean[n, c, *seen] += dy[n, c, *out] / np.prod(kernel)
        for out, _, seen in triples:  # the numbers are distinct: one winner
            if x[n, c, *seen] == largest[n, c, *out]:
                dx_max[n, c, *seen] += dy[n, c, *out]
    return largest, dx_max, mean, dx_mean
