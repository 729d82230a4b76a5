"""The convolution that chapter 9 derives, word for word: what the fast ways must equal, and a reader can check.

The tests compare with it; and where a number is not finite, its sums are the ones that count (convolution/exact.py).
"""

import numpy as np

__all__ = []


def conv2d_vjp(x, w, b, stride=1, padding=0):
    """x (N, C, H, W), w (O, C, KH, KW) and b (O,) to y (N, O, OH, OW), and the way back."""
    (H, W), (KH, KW), s, P = x.shape[2:], w.shape[2:], stride, padding
    OH, OW = (H + 2 * P - KH) // s + 1, (W + 2 * P - KW) // s + 1
    taps = [(u, v) for u in range(KH) for v in range(KW)]
    xp = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P)))

    def met_by(a, u, v):  # the pixels that tap (u, v) meets: (N, C, OH, OW)
        return a[:, :, u : u + s * OH : s, v : v + s * OW : s]

    y = b[:, None, None]
    for u, v in taps:
        y = y + np.einsum("oc,ncij->noij", w[:, :, u, v], met_by(xp, u, v))

    def vjp(dy):
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        for u, v in taps:
            dw[:, :, u, v] = np.einsum("noij,ncij->oc", dy, met_by(xp, u, v))
            meets = met_by(dxp, u, v)  # a view: what we add to it lands in dxp
            meets += np.einsum("noij,oc->ncij", dy, w[:, :, u, v])
        return dxp[:, :, P : P + H, P : P + W], dw, dy.sum(axis=(0, 2, 3))

    return y, vjp
