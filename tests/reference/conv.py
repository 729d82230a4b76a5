"""Convolution and pooling as plain Python loops: slow, and easy to see right."""

import itertools

import numpy as np


def windows(x, kernel, stride, padding, dilation, value):
    """For each output pixel: (oh, ow), and its window's pixels as a list of ((i, j), (ih, iw), x[..., ih, iw]).

    Pixels of the padding have the given value and place None.
    """
    H, W = x.shape[-2:]
    OH, OW = (
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip((H, W), kernel, stride, padding, dilation, strict=True)
    )
    for oh, ow in itertools.product(range(OH), range(OW)):
        window = []
        for i, j in itertools.product(range(kernel[0]), range(kernel[1])):
            ih, iw = oh * stride[0] + i * dilation[0] - padding[0], ow * stride[1] + j * dilation[1] - padding[1]
            inside = 0 <= ih < H and 0 <= iw < W
            window.append(((i, j), (ih, iw) if inside else None, x[..., ih, iw] if inside else value))
        yield (oh, ow), window


def conv2d(x, w, b, stride, padding, dilation, groups):
    N, (O, CG) = len(x), w.shape[:2]
    y = {}
    for n, o, c in itertools.product(range(N), range(O), range(CG)):
        image = x[n, o // (O // groups) * CG + c]
        for place, window in windows(image, w.shape[2:], stride, padding, dilation, 0.0):
            y[n, o, *place] = y.get((n, o, *place), b[o]) + sum(w[o, c, *tap] * value for tap, _, value in window)
    return to_array(y)


def max_pool2d(x, kernel, stride, padding, dilation):
    y = {}
    for n, c in np.ndindex(x.shape[:2]):
        for place, window in windows(x[n, c], kernel, stride, padding, dilation, -np.inf):
            y[n, c, *place] = max(value for _, _, value in window)
    return to_array(y)


def avg_pool2d(x, kernel, stride, padding, count_include_pad):
    y = {}
    for n, c in np.ndindex(x.shape[:2]):
        for place, window in windows(x[n, c], kernel, stride, padding, (1, 1), 0.0):
            counted = [value for _, inside, value in window if inside or count_include_pad]
            y[n, c, *place] = sum(counted) / len(counted)
    return to_array(y)


def to_array(entries):
    y = np.empty([1 + max(place[axis] for place in entries) for axis in range(4)])
    for place, value in entries.items():
        y[place] = value
    return y
