"""What the normalisations share. They differ only in which numbers have a mean and a variance in common.

So each writes x as (A, B, K, L), where those of one b do: batch norm as (N, C, 1, L), group norm as
(1, N · groups, C / groups, L), layer norm as (1, samples, 1, L).
"""

from functools import lru_cache
from math import prod

import numpy as np

from .. import checks
from ..kernels import normalization as kernels
from ..kernels.division import ceil_div
from ..kernels.running.buffers import empty
from ..kernels.running.jit import parallel_for
from ..kernels.running.parallel import get_num_threads
from ..kernels.signs import WORD
from .broadcasting import quiet

WORTH_A_PIECE = 1 << 14  # so many pixels are
KEPT = 5 << 18  # bytes that a thread may find in its second-level cache when it needs them again


def standardize(
    x, shape, eps, weight=None, bias=None, statistics=None, momentum=None, relu=False, residual=None
):  # fmt: skip
    """x, seen as (A, B, K, L) = shape, standardised over A, K and L, times weight, plus bias, for each of B · K rows.

    Then plus `residual` and through ReLU, where these are wanted. weight and bias are used round and round. If there
    are `statistics`, running mean and variance (B,), they are used, or move a share `momentum` if there is one.

    Returns y, the pull-back to (dx, dw, db, dresidual), and mean and variance (B,).
    """
    A, B, K, L = shape
    if K * L == 1 < A:  # the numbers of one b lie far apart: exchange rows and columns
        turned = None if residual is None else residual.reshape(A, B).T
        options = eps, weight, bias, statistics, momentum, relu, turned
        y, vjp, *moments = standardize(x.reshape(A, B).T, (1, B, 1, A), *options)

        size, added = x.shape, residual is not None

        def turned_vjp(dy):
            dx, dw, db, dr = vjp(dy.reshape(A, B).T)
            return _turn(dx, size), dw, db, _turn(dr, size) if added else None

        return _turn(y, x.shape), turned_vjp, *moments
    given, (nothing, none) = statistics is not None and momentum is None, _nothing(x.dtype)
    w, b = (none if a is None else np.ascontiguousarray(a) for a in (weight, bias))
    x4, more = _contiguous(x, shape), nothing if residual is None else _contiguous(residual, shape)
    running = (none, none) if statistics is None else [a if a.flags.carray else a.copy() for a in statistics]
    y, factors = empty(shape, x.dtype), np.empty((B, K, 2), x.dtype)
    sums, (mean, var) = np.empty((2, B, A)), np.empty((2, B))
    signs = empty((A, B, K, ceil_div(L, WORD) if relu else 0), np.uint32)
    jobs = _jobs(shape, L * x.itemsize * (1 if residual is None else 2), get_num_threads())
    settings = w, b, eps, *running, momentum or 0.0, given, False, relu
    parallel_for(kernels.standardize, jobs, x4, more, *settings, *sums, mean, var, factors, y, signs)
    for a, moved in zip(statistics or (), running, strict=False):
        if moved is not a and not given:
            a[...] = moved

    size, dtype, of_weight, of_bias, added = x.shape, x.dtype, _length(weight), _length(bias), residual is not None

    def vjp(dy):
        dx, dr = empty(shape, dtype), empty(shape, dtype) if added else nothing
        dw, db = np.empty((2, B, K))
        to_work_with = *np.empty((2, B, K, A)), np.empty((B, K)), np.empty((B, 2))
        arrays = _contiguous(dy, shape), x4, signs, w, eps, given, mean, var, dx, dr
        jobs = _jobs(shape, L * dtype.itemsize * 2, get_num_threads())
        parallel_for(kernels.standardize_grad, jobs, *arrays, *to_work_with, dw, db)
        dw, db = _of_one(of_weight, dw, dtype), _of_one(of_bias, db, dtype)
        return dx.reshape(size), dw, db, dr.reshape(size) if added else None

    return y.reshape(x.shape), vjp, mean, var


@lru_cache
def _nothing(dtype):
    """Where an array is not wanted: one with four axes, one with one."""
    return np.empty((0, 0, 0, 0), dtype), np.empty(0, dtype)


def _length(weight):
    return None if weight is None else weight.size


@quiet
def _of_one(n, d, dtype):
    """The gradient of a weight of n numbers from those of its rows: if it was used for several, it gets all of them."""
    if n is None or n == d.size:
        return None if n is None else d.reshape(-1).astype(dtype)
    return d.reshape(d.size // max(n, 1), n).sum(0).astype(dtype)


@lru_cache(maxsize=512)
def _jobs(shape, row_bytes, threads):
    """What is to be done one after the other, when so many bytes are read in a row: see kernels/normalization.py."""
    A, B, K, L = shape
    everything = kernels.SUMS | kernels.FINISH | kernels.APPLY
    if A < 2:
        return np.array([[B, WORTH_A_PIECE // max(K * L, 1) + 1, everything, 0, B]])
    if A * B * K * L < 4 * WORTH_A_PIECE:
        return np.array([[A, A, everything, 0, B]])
    some = max(1, min(B, KEPT * threads // (A * K * row_bytes)))  # channels of which the last job finds all in a cache
    jobs = []
    for b in range(0, B, some):
        own = b, min(b + some, B)
        grain = WORTH_A_PIECE // (some * K * L) + 1
        jobs += [[A, grain, kernels.SUMS, *own], [own[1] - b, B, kernels.FINISH, *own], [A, grain, kernels.APPLY, *own]]
    return np.array(jobs)


@quiet
def standardize_rows(x, rows, L, eps, weight, bias):
    """x, seen as (rows, L), standardised row by row, then times weight plus bias, which go along the row.

    Returns y and the pull-back to (dx, dw, db).
    """
    if weight is None and bias is None:
        y, vjp, *_ = standardize(x, (1, rows, 1, L), eps)
        return y, lambda dy: vjp(dy)[:3]
    shape, grain = (1, rows, 1, L), WORTH_A_PIECE // max(L, 1) + 1
    x4, (nothing, none) = _contiguous(x, shape), _nothing(x.dtype)
    w = np.ones(L, x.dtype) if weight is None else np.ascontiguousarray(weight).reshape(L)
    b = none if bias is None else np.ascontiguousarray(bias).reshape(L)
    y, (mean, var) = empty(shape, x.dtype), empty((2, rows), float)
    to_work_with = *empty((2, rows, 1), float), mean, var, empty((rows, 1, 2), x.dtype)
    signs = np.empty((0, 0, 0, 0), np.uint32)
    jobs = _jobs(shape, L * x.itemsize, get_num_threads())
    settings = w, b, eps, none, none, 0.0, False, True, False
    parallel_for(kernels.standardize, jobs, x4, nothing, *settings, *to_work_with, y, signs)
    size, dtype, of_weight, of_bias = x.shape, x.dtype, np.shape(weight), np.shape(bias)
    wanted = weight is not None, bias is not None

    @quiet
    def vjp(dy):
        blocks = min(rows, 64)  # whatever the number of threads, so that sums have the same bits
        dx, (dw, db) = empty((rows, L), dtype), np.empty((2, blocks, L), dtype)
        arrays = _contiguous(dy, (rows, L)), x4.reshape(rows, L), w, eps, mean, var, dx, dw, db
        parallel_for(kernels.rows_grad, blocks, *arrays, grain=grain * blocks // max(rows, 1) + 1)
        dw, db = (
            d.sum(0, np.float64).astype(dtype).reshape(shape) if want else None
            for want, d, shape in zip(wanted, (dw, db), (of_weight, of_bias), strict=True)
        )
        return dx.reshape(size), dw, db

    return y.reshape(x.shape), vjp


def _contiguous(x, shape):
    return np.ascontiguousarray(x).reshape(shape)


def _turn(a, shape):
    return np.ascontiguousarray(a.T).reshape(shape)


def by_group(x, G, weight, bias, eps):
    """Each of G groups of channels of each sample of x (N, C, …) standardised, then each channel scaled."""
    N, C, *size = x.shape
    y, vjp, mean, var = standardize(x, (1, N * G, C // max(G, 1), prod(size)), eps, weight, bias)
    return y, lambda dy: vjp(dy)[:3], mean, var


@quiet
def move(statistics, mean, var, momentum):
    """The running statistics a share `momentum` nearer to mean and var, in place."""
    for running, new in zip(statistics, (mean, var), strict=True):
        running[...] = (1 - momentum) * running + momentum * new


def check_channels(where, x, running_mean, running_var, weight, bias, training, least_axes):
    """Check all arrays. Returns C, and the pair of running statistics or None."""
    checks.floating(where, "x", x)
    if x.ndim < least_axes:
        shape = "(N, C, …)" if least_axes == 2 else "(N, C, L), (N, C, H, W) or (N, C, D, H, W)"
        raise ValueError(f"{where}: x must have shape {shape}, not {x.shape}. Use x[np.newaxis] for one sample.")
    C = x.shape[1]
    if not training and (running_mean is None or running_var is None):
        raise ValueError(
            f"{where}: running_mean and running_var must be given where those of the input are not used. Call train() "
            "first, or keep running statistics with track_running_stats=True."
        )
    if (running_mean is None) != (running_var is None):
        raise ValueError(f"{where}: running_mean and running_var must either both be None or neither. Pass both.")
    arrays = dict(running_mean=running_mean, running_var=running_var, weight=weight, bias=bias)
    repair = f"Pass num_{'channels' if where == 'group_norm' else 'features'}={C} to the layer."
    check_shapes(where, x, (C,), repair, **arrays)
    if training and running_mean is not None and not (running_mean.flags.writeable and running_var.flags.writeable):
        raise ValueError(
            f"{where}: running_mean and running_var change while training, but are read-only. Pass copies."
        )
    return C, None if running_mean is None else (running_mean, running_var)


def check_shapes(where, x, shape, repair, **arrays):
    """All arrays must have that shape, and x's dtype."""
    for name, a in arrays.items():
        if a is None or (type(a) is np.ndarray and a.dtype == x.dtype and a.shape == shape):
            continue
        checks.floating(where, name, a)
        if a.shape != shape:
            raise ValueError(
                f"{where}: for x of shape {x.shape}, {name} must have shape {shape}, not {a.shape}. {repair}"
            )
        checks.same_dtype(where, x=x, **arrays)
