"""Pooling over windows of an image that is padded already. Index t = n·C + c owns one image plane of every array."""

from ._jit import jit


@jit
def max_pool_forward(start, stop, x, kernel, stride, dilation, y, index):
    """y (N, C, OH, OW) = largest x of each window; index = where in the padded H×W plane, the first one if several."""
    _, C, OH, OW = y.shape
    W = x.shape[3]
    for t in range(start, stop):
        n, c = divmod(t, C)
        for oh in range(OH):
            for ow in range(OW):
                h, w = oh * stride[0], ow * stride[1]
                best, where = x[n, c, h, w], h * W + w
                for i in range(kernel[0]):
                    for j in range(kernel[1]):
                        ih, iw = h + i * dilation[0], w + j * dilation[1]
                        v = x[n, c, ih, iw]
                        if v > best or v != v:  # NaN wins, so that it is seen
                            best, where = v, ih * W + iw
                y[n, c, oh, ow], index[n, c, oh, ow] = best, where


@jit
def max_pool_grad(start, stop, dy, index, dx):
    """dx (N, C, H·W) += each dy at the place of its window's winner."""
    _, C, OH, OW = dy.shape
    for t in range(start, stop):
        n, c = divmod(t, C)
        for oh in range(OH):
            for ow in range(OW):
                dx[n, c, index[n, c, oh, ow]] += dy[n, c, oh, ow]


@jit
def avg_pool_forward(start, stop, x, kernel, stride, divisor, y):
    """y (N, C, OH, OW) = sum of each window, divided by divisor (OH, OW)."""
    _, C, OH, OW = y.shape
    for t in range(start, stop):
        n, c = divmod(t, C)
        for oh in range(OH):
            for ow in range(OW):
                total = y.dtype.type(0)
                for i in range(kernel[0]):
                    for j in range(kernel[1]):
                        total += x[n, c, oh * stride[0] + i, ow * stride[1] + j]
                y[n, c, oh, ow] = total / divisor[oh, ow]


@jit
def avg_pool_grad(start, stop, dy, kernel, stride, divisor, dx):
    """dx (N, C, H, W) += each dy, shared equally among the pixels of its window."""
    _, C, OH, OW = dy.shape
    for t in range(start, stop):
        n, c = divmod(t, C)
        for oh in range(OH):
            for ow in range(OW):
                share = dy[n, c, oh, ow] / divisor[oh, ow]
                for i in range(kernel[0]):
                    for j in range(kernel[1]):
                        dx[n, c, oh * stride[0] + i, ow * stride[1] + j] += share
