"""Gradients where something is not finite: each window on its own, by the convolution of chapter 9.

The fast ways multiply zeros of the padding, too, and 0 · inf is NaN: it would spread to pixels that never met it.
"""

import numpy as np

from .. import reference
from ..broadcasting import quiet

TOGETHER = 1 << 22  # numbers that windows see, at a time


@quiet
def exact_grad_input(dy, w, g):
    """dx (N, C, pixels), as `ways.grad_input`."""
    C, (offsets, places) = w.shape[1] * g.groups, g.offsets_and_places()
    dx = np.zeros((len(dy), C, np.prod(g.padded)), dy.dtype)
    for some, seeing, seen in _shares(len(dy), w, g):
        windows = np.zeros((len(dy[some]) * places.size, w.shape[1], offsets.size, 1), dy.dtype)
        dwindows, *_ = _by_window(windows, dy[some, seeing], w[seeing])
        dwindows = dwindows.reshape(-1, places.size, w.shape[1], offsets.size).transpose(0, 2, 1, 3)
        mine = dx[some, seen]  # a view
        for k, offset in enumerate(offsets):
            mine[:, :, places + offset] += dwindows[..., k]
    return g.crop(dx)


@quiet
def exact_grad_weight(x, dy, w, g):
    """dw (O, C/groups, taps), as `ways.grad_weight`."""
    xp, dw, (offsets, places) = g.pad(x), np.zeros_like(w), g.offsets_and_places()
    for some, seeing, seen in _shares(len(x), w, g):
        windows = xp[some, seen][:, :, places[:, None] + offsets].transpose(0, 2, 1, 3)  # (n, windows, channels, taps)
        dw[seeing] += _by_window(windows.reshape(-1, *w.shape[1:], 1), dy[some, seeing], w[seeing])[1][..., 0]
    return dw


def _by_window(windows, dy, w):
    """The gradients of a convolution of images (channels, taps, 1) that are one window each."""
    _, vjp = reference.conv2d_vjp(windows, w[..., None], np.zeros(len(w), w.dtype))
    return vjp(dy.transpose(0, 2, 1).reshape(len(windows), len(w), 1, 1))


def _shares(N, w, g):
    """Slices of some images, of the filters of a group, and of the channels that they see."""
    per_group, seen = len(w) // g.groups, w.shape[1]
    together = max(1, TOGETHER // (np.prod(g.out) * w[0].size))
    for n in range(0, N, together):
        for k in range(g.groups):
            yield slice(n, n + together), slice(k * per_group, (k + 1) * per_group), slice(k * seen, (k + 1) * seen)
