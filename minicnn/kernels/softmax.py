"""Softmax, its logarithm and cross-entropy, row by row: x, y, dx (N, K). Index n owns what belongs to row n."""

import math

import llvmlite.ir as ir
import numpy as np
from numba.core import config
from numba.extending import intrinsic

from .exp import PLAIN, exp
from .normalization import PIECE
from .running.atomics import helper, inline
from .running.jit import FLAGS, jit


@intrinsic
def _maximum(_, a, b):
    def emit(target, builder, signature, args):
        kind = args[0].type
        function = builder.module.declare_intrinsic("llvm.maximum", [kind], ir.FunctionType(kind, [kind, kind]))
        return builder.call(function, args)

    return a(a, a), emit


# The larger number; NaN wins. Unlike max, a loop of it is compiled for many numbers at once.
larger = np.maximum if config.DISABLE_JIT else _maximum
log = np.log if config.DISABLE_JIT else math.log  # that of plain Python raises an error for 0


@inline
def subtract_largest(row, out):
    """out = row − its largest number, which is returned."""
    top = row.dtype.type(-np.inf)
    for k in range(row.size):
        top = larger(top, row[k])
    for k in range(row.size):
        out[k] = row[k] - top
    return top


@helper(**FLAGS)
def exp_of(row):
    """Each number becomes its exp; return their sum: of pieces in their dtype, which is fast, and these in float64."""
    total = np.float64(0)
    for first in range(0, row.size, PIECE):
        piece, part = row[first : first + PIECE], row.dtype.type(0)
        for k in range(piece.size):
            piece[k] = exp(piece[k])
            part += piece[k]
        total += part
    return row.dtype.type(total)


@helper(**PLAIN)
def _log_p(x, top, log_total):
    """In this order, else the digits of a large x would be lost; the flags of the kernels allow any."""
    return (x - top) - log_total


@jit
def softmax(start, stop, x, y):
    """y = exp(x − max) / Σ exp(x − max); NaN in all the row if the largest is ±∞."""
    for n in range(start, stop):
        out = y[n]
        subtract_largest(x[n], out)
        total = exp_of(out)
        for k in range(out.size):
            out[k] /= total


@jit
def softmax_back(start, stop, dy, y, dx):
    """dy_k/dx_l = y_k (δ_kl − y_l), so dx = y · (dy − Σ_k dy_k y_k)."""
    for n in range(start, stop):
        g, p, out = dy[n], y[n], dx[n]
        dot = out.dtype.type(0)
        for k in range(out.size):
            dot += g[k] * p[k]
        for k in range(out.size):
            out[k] = p[k] * (g[k] - dot)


@jit
def log_softmax(start, stop, x, y):
    """y = (x − max) − log Σ exp(x − max)."""
    for n in range(start, stop):
        row, out = x[n], y[n]
        top = subtract_largest(row, out)
        log_total = out.dtype.type(log(exp_of(out)))
        for k in range(out.size):
            out[k] = _log_p(row[k], top, log_total)


@jit
def log_softmax_back(start, stop, dy, y, dx):
    """dy_k/dx_l = δ_kl − softmax_l."""
    for n in range(start, stop):
        g, log_p, out = dy[n], y[n], dx[n]
        total = out.dtype.type(0)
        for k in range(out.size):
            total += g[k]
        for k in range(out.size):
            out[k] = g[k] - exp(log_p[k]) * total


@jit
def cross_entropy(start, stop, block, x, target, ignore, weight, p, rows, sums):
    """loss[n] = −factor[n] · log softmax(x[n])[target[n]]; softmax is p[n] / total[n], for the pull-back.

    factor[n] is the weight of the class, or 1 if there are no weights, 0 if it is to be ignored, NaN if it is none.
    Factor, total and loss are the `rows` (3, N). Index t owns a `block`: sums[t] are the sums of losses and factors.
    """
    N, K = x.shape
    p, factor, total, loss = p.reshape(N * K), rows[0], rows[1], rows[2]
    some = max(1, 1024 // max(1, K))  # rows whose exp are computed in one loop: it does 8 or 16 numbers at once
    sums[start:stop] = 0
    for first in range(start * block, min(N, stop * block), some):
        last = min(first + some, N, stop * block)
        for n in range(first, last):
            row, out, t = x[n], p[n * K : (n + 1) * K], target[n]
            subtract_largest(row, out)
            loss[n] = 0
            if t == ignore:
                factor[n] = 0
            elif 0 <= t < K:
                factor[n] = weight[t] if weight.size else 1
                loss[n] = out[t]
            else:
                factor[n] = np.nan
        sum_of_row = exp_of(p[first * K : last * K])
        for n in range(first, last):
            if some > 1:
                out, sum_of_row = p[n * K : (n + 1) * K], loss.dtype.type(0)
                for k in range(K):
                    sum_of_row += out[k]
            total[n] = sum_of_row
            if target[n] != ignore:
                loss[n] = -factor[n] * (loss[n] - loss.dtype.type(log(sum_of_row)))
            sums[n // block, 0] += loss[n]
            sums[n // block, 1] += factor[n]


@jit
def cross_entropy_back(start, stop, dy, target, ignore, p, rows, dx):
    """dx[n] = d · (softmax − 1 at the target) with d = factor[n] · dy[n]; dy may be one number for all."""
    zero, one, factor, total = dx.dtype.type(0), dx.dtype.type(1), rows[0], rows[1]
    for n in range(start, stop):
        row, out, t = p[n], dx[n], target[n]
        d = zero if t == ignore else factor[n] * dy[n % dy.size]
        scale = d / total[n]
        for k in range(out.size):
            out[k] = scale * row[k]
        if t != ignore:
            out[t] = d * (row[t] / total[n] - one)
