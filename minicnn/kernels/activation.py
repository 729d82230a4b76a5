"""Activations and their pull-backs, number by number, in one pass. Index i owns y[i], or dx[i].

Each kernel begins with its piece of each array: loops from 0 are compiled for many numbers at once. Settings come as
numbers of the arrays' dtype.
"""

from functools import partial

from .exp import SQRT_1_2PI, exp, expm1, log1p, normal_cdf
from .running import jit as running

jit = partial(running.jit, wide=True)


@jit
def relu(start, stop, x, y):
    """y = max(0, x); NaN stays."""
    x, y = x[start:stop], y[start:stop]
    zero = y.dtype.type(0)
    for i in range(y.size):
        y[i] = zero if x[i] <= zero else x[i]


@jit
def relu_back(start, stop, dy, y, dx):
    """dx = dy where y is not 0."""
    dy, y, dx = dy[start:stop], y[start:stop], dx[start:stop]
    zero = dx.dtype.type(0)
    for i in range(dx.size):
        dx[i] = zero if y[i] <= zero else dy[i]


@jit
def leaky_relu(start, stop, a, x, slope, y):
    """y = a where x > 0, slope · a elsewhere: with a = x the activation, with a = dy its pull-back."""
    a, x, y = a[start:stop], x[start:stop], y[start:stop]
    zero = y.dtype.type(0)
    for i in range(y.size):
        y[i] = a[i] if x[i] > zero else slope * a[i]


@jit
def tanh(start, stop, x, scale, y):
    """y = tanh(scale · x)."""
    x, y = x[start:stop], y[start:stop]
    two, zero = y.dtype.type(2), y.dtype.type(0)
    for i in range(y.size):
        m = expm1(-two * abs(scale * x[i]))
        t = -m / (two + m)
        y[i] = -t if scale * x[i] < zero else t


@jit
def tanh_back(start, stop, dy, y, scale, dx):
    """tanh' = 1 − tanh²."""
    dy, y, dx = dy[start:stop], y[start:stop], dx[start:stop]
    one = y.dtype.type(1)
    for i in range(dx.size):
        dx[i] = dy[i] * (scale * (one - y[i] * y[i]))


@jit
def sigmoid(start, stop, x, y):
    """y = 1 / (1 + exp(−x))."""
    x, y = x[start:stop], y[start:stop]
    one = y.dtype.type(1)
    for i in range(y.size):
        y[i] = one / (one + exp(-x[i]))


@jit
def sigmoid_back(start, stop, dy, y, dx):
    """σ' = σ (1 − σ)."""
    dy, y, dx = dy[start:stop], y[start:stop], dx[start:stop]
    one = y.dtype.type(1)
    for i in range(dx.size):
        dx[i] = dy[i] * (y[i] * (one - y[i]))


@jit
def swish(start, stop, x, a, b, y):
    """y = x σ(a x + b x³): with a = 1 and b = 0 it is silu, with others nearly gelu."""
    x, y = x[start:stop], y[start:stop]
    one, high = y.dtype.type(1), y.dtype.type(1000)
    for i in range(y.size):
        z = min(max(x[i], -high), high)  # σ is 0 or 1 there, and no power overflows
        y[i] = x[i] * (one / (one + exp(-z * (a + b * (z * z)))))


@jit
def swish_back(start, stop, dy, x, a, b, dx):
    """The slope of x σ(u) is σ + x σ (1 − σ) u'."""
    dy, x, dx = dy[start:stop], x[start:stop], dx[start:stop]
    one, three, high = dx.dtype.type(1), dx.dtype.type(3), dx.dtype.type(1000)
    for i in range(dx.size):
        z = min(max(x[i], -high), high)
        s = one / (one + exp(-z * (a + b * (z * z))))
        dx[i] = dy[i] * (s + z * (s * (one - s)) * (a + three * b * (z * z)))


@jit
def gelu(start, stop, x, y):
    """y = x Φ(x)."""
    x, y = x[start:stop], y[start:stop]
    high = y.dtype.type(100)
    for i in range(y.size):
        y[i] = x[i] * normal_cdf(min(max(x[i], -high), high))  # no square overflows


@jit
def gelu_back(start, stop, dy, x, dx):
    """The slope of x Φ(x) is Φ + x Φ', with Φ' = exp(−x²/2) / √(2π)."""
    dy, x, dx = dy[start:stop], x[start:stop], dx[start:stop]
    c, half, high = dx.dtype.type(SQRT_1_2PI), dx.dtype.type(0.5), dx.dtype.type(100)
    for i in range(dx.size):
        z = min(max(x[i], -high), high)
        dx[i] = dy[i] * (normal_cdf(z) + z * (c * exp(-half * z * z)))


@jit
def elu(start, stop, x, alpha, scale, y):
    """y = scale · x where x is positive, scale · alpha · (exp(x) − 1) elsewhere."""
    x, y = x[start:stop], y[start:stop]
    zero = y.dtype.type(0)
    for i in range(y.size):
        below = expm1(zero if x[i] > zero else x[i])
        y[i] = scale * (x[i] if x[i] > zero else alpha * below)


@jit
def elu_back(start, stop, dy, x, alpha, scale, dx):
    """The slope is scale, or scale · alpha · exp(x)."""
    dy, x, dx = dy[start:stop], x[start:stop], dx[start:stop]
    zero, one = dx.dtype.type(0), dx.dtype.type(1)
    for i in range(dx.size):
        below = exp(zero if x[i] > zero else x[i])
        dx[i] = dy[i] * (scale * (one if x[i] > zero else alpha * below))


@jit
def softplus(start, stop, x, beta, threshold, y):
    """y = log(1 + exp(β x)) / β = (max(β x, 0) + log(1 + exp(−|β x|))) / β; x itself where β x > threshold."""
    x, y = x[start:stop], y[start:stop]
    zero = y.dtype.type(0)
    for i in range(y.size):
        bx = beta * x[i]
        curved = (max(bx, zero) + log1p(exp(-abs(bx)))) / beta
        y[i] = x[i] if bx > threshold else curved


@jit
def softplus_back(start, stop, dy, x, beta, threshold, dx):
    """The slope is σ(β x), or 1."""
    dy, x, dx = dy[start:stop], x[start:stop], dx[start:stop]
    one = dx.dtype.type(1)
    for i in range(dx.size):
        bx = beta * x[i]
        dx[i] = dy[i] * (one if bx > threshold else one / (one + exp(-bx)))


@jit
def dropout(start, stop, x, dice, p, scale, keep, y):
    """y = scale · x where the dice show at least p, which `keep` holds for the pull-back; 0 · x elsewhere."""
    x, dice, keep, y = x[start:stop], dice[start:stop], keep[start:stop], y[start:stop]
    zero = y.dtype.type(0)
    for i in range(y.size):
        keep[i] = dice[i] >= p
        y[i] = x[i] * (scale if dice[i] >= p else zero)


@jit
def dropout_back(start, stop, dy, keep, scale, dx):
    """dx = scale · dy where x was kept."""
    dy, keep, dx = dy[start:stop], keep[start:stop], dx[start:stop]
    zero = dx.dtype.type(0)
    for i in range(dx.size):
        dx[i] = dy[i] * (scale if keep[i] else zero)
