"""Standardisation: numbers that share a mean and a variance minus that mean, divided by their standard deviation.

Shapes: x, y, residual, dy, dx (A, B, K, L), where b owns all of [:, b], and its mean and variance. weight and bias have
one number for each row of L pixels: number b·K + k, counted round and round. So batch norm is (N, C, 1, L), group norm
(1, N·G, C/G, L). Arrays that are not wanted have size 0.

Sums run in pieces of 1024: a piece in the dtype of x, which is fast, the pieces in float64, which loses nothing. So
that nothing cancels, x is taken minus one of its numbers, or minus the mean in its own dtype; `low` is what that lacks.

There are three phases: SUMS of each (a, b), what follows from them for each b (FINISH), and what becomes of x (APPLY).
With A > 1 each phase is a job: threads share a for the first and the last, as convolutions share images, so that each
finds in its cache what it left there; and some b are done before the next, so that it still is there for the last. With
A = 1 a single job does all of it, b by b. A `job` is (n, grain, phases, b start, b stop); index i of n is an a, or a b.
"""

import numpy as np

from .running.atomics import helper, inline
from .running.jit import FLAGS, jit
from .signs import let_through, remember

PIECE = 1024
SUMS, FINISH, APPLY = 1, 2, 4


@helper()
def minus(a, b):
    """a − b, done before any addition that follows: the flags of `jit` would let the compiler exchange them."""
    return a - b


@inline
def moment_sums(x, guess):
    """Σ (x − guess) and Σ (x − guess)²."""
    total = squares = np.float64(0)  # 0.0 would become float32 where nothing is compiled
    for first in range(0, x.size, PIECE):
        piece = x[first : first + PIECE]
        s = q = x.dtype.type(0)
        for i in range(piece.size):
            d = minus(piece[i], guess)
            s += d
            q += d * d
        total += s
        squares += q
    return total, squares


@helper(**FLAGS)
def finish_moments(x, b, sums, squares, mean, var):
    """Mean and variance from the sums of x − guess and of its square."""
    A, _, K, L = x.shape
    count = A * K * L
    mean[b] = var[b] = 0
    if count == 0:
        return
    off = np.float64(0)
    for a in range(A):
        off += sums[b, a]
        var[b] += squares[b, a]
    off /= count
    mean[b], var[b] = x[0, b, 0, 0] + off, max(var[b] / count - off * off, 0.0)
    if not off * off <= 16 * var[b] < np.inf:  # a bad guess, or an overflow: slowly, in float64
        total = square = np.float64(0)
        for a in range(A):
            for k in range(K):
                for i in range(L):
                    total += x[a, b, k, i]
        m = total / count
        for a in range(A):
            for k in range(K):
                for i in range(L):
                    square += (x[a, b, k, i] - m) ** 2
        mean[b], var[b] = m, square / count


@inline
def scale(x, m, p, q, y):
    for i in range(x.size):
        y[i] = minus(x[i], m) * p + q


@inline
def scale_along(x, m, p, q, weight, bias, y):
    for i in range(x.size):
        y[i] = (minus(x[i], m) * p + q) * weight[i]
    if bias.size:
        for i in range(x.size):
            y[i] += bias[i]


@inline
def scale_relu(x, m, p, q, y):
    zero = x.dtype.type(0)
    for i in range(x.size):
        v = minus(x[i], m) * p + q
        y[i] = zero if v <= zero else v


@inline
def scale_add_relu(x, m, p, q, residual, y):
    zero = x.dtype.type(0)
    for i in range(x.size):
        v = minus(x[i], m) * p + q + residual[i]
        y[i] = zero if v <= zero else v


@inline
def share(start, stop, A, job):
    """What (start, stop) means: first and last a and b, and how many b take turns."""
    _, _, phase, first, last = job
    if A > 1 and phase != FINISH:
        return start, stop, first, last, max(last - first, 1)
    return 0, A, first + start, first + stop, 1


@jit
def standardize(
    start, stop, job, x, residual, weight, bias, eps, running_mean, running_var, momentum, given, along, relu,
    sums, squares, mean, var, factors, y, signs,
):  # fmt: skip
    """y = (x − mean) / √(var + eps) · weight + bias, then + residual and ReLU where wanted; also mean and var (B,).

    The running ones (B,), if there are any, are used if `given`, else they move towards mean and unbiased variance.
    With `along`, weight and bias (L,) go along the row instead. signs (A, B, K, …) remember what ReLU let through. To
    work with: sums, squares (B, A), factors (B, K, 2).
    """
    A, B, K, L = x.shape
    phase, (a0, a1, first, last, step) = job[2], share(start, stop, A, job)
    for b0 in range(first, last, step):
        b1 = min(b0 + step, last)
        if phase & SUMS and not given and x.size:
            for a in range(a0, a1):
                for b in range(b0, b1):
                    sums[b, a], squares[b, a] = moment_sums(x[a, b].reshape(K * L), x[0, b, 0, 0])
        if phase & FINISH:
            for b in range(b0, b1):
                if given:
                    mean[b], var[b] = running_mean[b], running_var[b]
                else:
                    finish_moments(x, b, sums, squares, mean, var)
                    if running_mean.size and x.size:
                        unbiased = var[b] * (A * K * L / (A * K * L - 1))
                        running_mean[b] = (1 - momentum) * running_mean[b] + momentum * mean[b]
                        running_var[b] = (1 - momentum) * running_var[b] + momentum * unbiased
                centre = x.dtype.type(mean[b])
                low = mean[b] - centre if np.isfinite(centre) else 0.0
                for k in range(K):
                    p, q = 1 / np.sqrt(var[b] + eps), 0.0
                    if weight.size and not along:
                        p *= weight[(b * K + k) % weight.size]
                    if bias.size and not along:
                        q += bias[(b * K + k) % bias.size]
                    factors[b, k, 0], factors[b, k, 1] = p, q - low * p
        if phase & APPLY:
            for a in range(a0, a1):
                for b in range(b0, b1):
                    m = x.dtype.type(mean[b])
                    for k in range(K):
                        p, q = factors[b, k]
                        if along:
                            scale_along(x[a, b, k], m, p, q, weight, bias, y[a, b, k])
                        elif residual.size:
                            scale_add_relu(x[a, b, k], m, p, q, residual[a, b, k], y[a, b, k])
                        elif relu:
                            scale_relu(x[a, b, k], m, p, q, y[a, b, k])
                        else:
                            scale(x[a, b, k], m, p, q, y[a, b, k])
                        if relu:
                            remember(y[a, b, k], signs[a, b, k])


@inline
def grad_sums(g, x, m):
    """Σ g and Σ g · (x − m)."""
    total = dot = np.float64(0)
    for first in range(0, x.size, PIECE):
        piece, seen = g[first : first + PIECE], x[first : first + PIECE]
        s = d = x.dtype.type(0)
        for i in range(piece.size):
            s += piece[i]
            d += piece[i] * minus(seen[i], m)
        total += s
        dot += d
    return total, dot


@inline
def times(g, p, dx):
    for i in range(g.size):
        dx[i] = g[i] * p


@inline
def combine(g, x, p, m, q, c, dx):
    """dx = g · p + (x − m) · q + c, in float64: the terms may cancel."""
    for i in range(g.size):
        dx[i] = g[i] * p + (x[i] - m) * q + c


@jit
def standardize_grad(
    start, stop, job, dy, x, signs, weight, eps, given, mean, var, dx, dr, sums, dots, factors, terms, dw, db
):  # fmt: skip
    """The pull-back, with dw and db (B, K) for each row. If ReLU came last, signs say where; dr is the residual's.

    To work with: sums, dots (B, K, A), factors (B, K), terms (B, 2).
    """
    A, B, K, L = x.shape
    phase, (a0, a1, first, last, step) = job[2], share(start, stop, A, job)
    kept = np.empty(L, x.dtype)
    # What ReLU let through of dy is in dr, or in `kept`, row by row.
    g, in_kept = dr if dr.size else dy, signs.size > 0 and dr.size == 0
    for b0 in range(first, last, step):
        b1 = min(b0 + step, last)
        if phase & SUMS:
            for a in range(a0, a1):
                for b in range(b0, b1):
                    m = x.dtype.type(mean[b])
                    for k in range(K):
                        if dr.size:
                            let_through(dy[a, b, k], signs[a, b, k], dr[a, b, k])
                        if in_kept:
                            let_through(dy[a, b, k], signs[a, b, k], kept)
                            sums[b, k, a], dots[b, k, a] = grad_sums(kept, x[a, b, k], m)
                        else:
                            sums[b, k, a], dots[b, k, a] = grad_sums(g[a, b, k], x[a, b, k], m)
        if phase & FINISH:
            for b in range(b0, b1):
                m = x.dtype.type(mean[b])
                r, low = 1 / np.sqrt(var[b] + eps), mean[b] - m if np.isfinite(m) else 0.0
                sum_dy = sum_dyz = np.float64(0)
                for k in range(K):
                    total = dot = np.float64(0)
                    for a in range(A):
                        total += sums[b, k, a]
                        dot += dots[b, k, a]
                    db[b, k], dw[b, k] = total, (dot - low * total) * r  # Σ dy · z, with z = (x − mean) · r
                    w = weight[(b * K + k) % weight.size] if weight.size else 1.0
                    factors[b, k] = w * r
                    sum_dy += w * db[b, k]
                    sum_dyz += w * dw[b, k]
                # mean and r move with x: dx = r · (w · dy − mean(w · dy) − z · mean(w · dy · z))
                of_all = -r / (A * K * L)
                terms[b, 0], terms[b, 1] = of_all * r * sum_dyz, of_all * sum_dy
        if phase & APPLY:
            for a in range(a0, a1):
                for b in range(b0, b1):
                    m, q, c = mean[b], terms[b, 0], terms[b, 1]
                    for k in range(K):
                        p = factors[b, k]
                        if in_kept:
                            let_through(dy[a, b, k], signs[a, b, k], kept)
                            if given:
                                times(kept, p, dx[a, b, k])
                            else:
                                combine(kept, x[a, b, k], p, m, q, c, dx[a, b, k])
                        elif given:
                            times(g[a, b, k], p, dx[a, b, k])
                        else:
                            combine(g[a, b, k], x[a, b, k], p, m, q, c, dx[a, b, k])


@jit
def rows_grad(start, stop, dy, x, weight, eps, mean, var, dx, dw, db):
    """The pull-back with a weight along the row: x, dy, dx (rows, L). Block t owns so many rows; dw, db (blocks, L)."""
    rows, L = x.shape
    blocks, weighted = len(dw), np.empty(L, x.dtype)
    for t in range(start, stop):
        dw[t] = 0
        db[t] = 0
        for b in range(rows * t // blocks, rows * (t + 1) // blocks):
            m = x.dtype.type(mean[b])
            r, low = 1 / np.sqrt(var[b] + eps), mean[b] - m if np.isfinite(m) else 0.0
            for i in range(L):
                weighted[i] = dy[b, i] * weight[i]
            total, dot = grad_sums(weighted, x[b], m)
            add_products(dy[b], x[b], m, x.dtype.type(r), x.dtype.type(-low * r), dw[t], db[t])
            dot -= low * total
            combine(weighted, x[b], r, mean[b], -r * r * r * dot / L, -r * total / L, dx[b])


@inline
def add_products(g, x, m, p, q, dw, db):
    """dw += g · z with z = (x − m) · p + q, and db += g."""
    for i in range(g.size):
        dw[i] += g[i] * (minus(x[i], m) * p + q)
        db[i] += g[i]
