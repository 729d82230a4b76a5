r"""The three convolutions: forward, and the gradients with respect to input and weight.

All three run over the same products. One tap (i, j) of the filter ties output pixel (oh, ow) to input pixel
(ih, iw) = (oh·sh + i·dh, ow·sw + j·dw), with stride s and dilation d:

    forward        y[n, o, oh, ow]  += w[o, c, i, j] · x[n, c, ih, iw]
    grad_input    dx[n, c, ih, iw]  += w[o, c, i, j] · dy[n, o, oh, ow]
    grad_weight   dw[o, c, i, j]    += dy[n, o, oh, ow] · x[n, c, ih, iw]

Each has a derivative 1 with respect to what stands right of its product, so each gradient is the same loop with
two letters exchanged. What differs is who owns the place that is written: that index is split over the threads.
`x` is padded already (so no loop asks where the border is), and the results are added to what the caller put there.
"""

from ._jit import jit


@jit
def conv_forward(start, stop, x, w, stride, dilation, y):
    """y (N, O, OH, OW) += cross-correlation of x (N, C, H, W) with w (O, C/groups, KH, KW)."""
    _, O, OH, OW = y.shape
    _, CG, KH, KW = w.shape
    per_group = O // (x.shape[1] // CG)
    for t in range(start, stop):  # t = n·O + o owns y[n, o]
        n, o = divmod(t, O)
        c0 = o // per_group * CG  # first input channel of o's group
        for oh in range(OH):
            out = y[n, o, oh]
            for c in range(CG):
                for i in range(KH):
                    row = x[n, c0 + c, oh * stride[0] + i * dilation[0]]
                    for j in range(KW):
                        tap, shifted = w[o, c, i, j], row[j * dilation[1] :]
                        for ow in range(OW):
                            out[ow] += tap * shifted[ow * stride[1]]


@jit
def conv_grad_input(start, stop, w, dy, stride, dilation, dx):
    """dx (N, C, H, W) += every dy, sent back along the taps that it came from."""
    _, O, OH, OW = dy.shape
    _, CG, KH, KW = w.shape
    C = dx.shape[1]
    per_group = O // (C // CG)
    for t in range(start, stop):  # t = n·C + c owns dx[n, c]
        n, c = divmod(t, C)
        o0 = c // CG * per_group  # first output channel of c's group
        for oh in range(OH):
            for o in range(o0, o0 + per_group):
                dout = dy[n, o, oh]
                for i in range(KH):
                    row = dx[n, c, oh * stride[0] + i * dilation[0]]
                    for j in range(KW):
                        tap, shifted = w[o, c % CG, i, j], row[j * dilation[1] :]
                        for ow in range(OW):
                            shifted[ow * stride[1]] += tap * dout[ow]


@jit
def conv_grad_weight(start, stop, x, dy, stride, dilation, dw):
    """dw (O, C/groups, KH, KW) += for each tap, the inner product of dy with the input that the tap saw."""
    N, O, OH, OW = dy.shape
    _, CG, KH, KW = dw.shape
    per_group = O // (x.shape[1] // CG)
    for t in range(start, stop):  # t = o·CG + c owns dw[o, c]
        o, c = divmod(t, CG)
        c0 = o // per_group * CG
        for n in range(N):
            for oh in range(OH):
                dout = dy[n, o, oh]
                for i in range(KH):
                    row = x[n, c0 + c, oh * stride[0] + i * dilation[0]]
                    for j in range(KW):
                        shifted, total = row[j * dilation[1] :], dw.dtype.type(0)
                        for ow in range(OW):
                            total += dout[ow] * shifted[ow * stride[1]]
                        dw[o, c, i, j] += total
