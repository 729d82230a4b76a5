"""The fully connected layer: y = x wᵀ and its two gradients. All inner loops run along rows, which lie together.

Shapes: x, dx (N, I) · w, dw (O, I) · y, dy (N, O).
"""

from ._jit import jit


@jit
def linear_forward(start, stop, x, w, y):
    """y[n, o] += the inner product of x[n] with w[o]; o owns y[:, o]."""
    for o in range(start, stop):
        for n in range(x.shape[0]):
            total = y.dtype.type(0)
            for i in range(x.shape[1]):
                total += x[n, i] * w[o, i]
            y[n, o] += total


@jit
def linear_grad_input(start, stop, w, dy, dx):
    """dx[n] += the rows of w, each times its dy[n, o]; n owns dx[n]."""
    for n in range(start, stop):
        for o in range(w.shape[0]):
            for i in range(w.shape[1]):
                dx[n, i] += dy[n, o] * w[o, i]


@jit
def linear_grad_weight(start, stop, x, dy, dw):
    """dw[o] += the rows of x, each times its dy[n, o]; o owns dw[o]."""
    for o in range(start, stop):
        for n in range(x.shape[0]):
            for i in range(x.shape[1]):
                dw[o, i] += dy[n, o] * x[n, i]
