"""The fully connected layer for one input and for two, as forward passes and their pull-backs."""

from functools import lru_cache
from math import prod

import numpy as np

from .. import checks
from ..kernels import linear as kernels
from ..kernels import simd
from ..kernels.division import ceil_div
from ..kernels.running.buffers import empty
from ..kernels.running.jit import parallel_for
from ..kernels.simd import HEIGHT, WIDTH
from ..operation import differentiable
from .convolution.packing import SHARES

FEW = 4  # rows, for which it does not pay to pack the weights

__all__ = ["bilinear", "bilinear_vjp", "linear", "linear_vjp"]


def linear_vjp(x, weight, bias=None, *, needs=(True, True, True)):
    r"""Every output sees every input: :math:`y = x W^\top + b`.

    Parameters
    ----------
    x : ndarray, shape (…, I)
    weight : ndarray, shape (O, I), or (I,) for one output
    bias : ndarray, shape (O,), or () for one output, optional
    needs : tuple of bool
        Which gradients the pull-back computes; the others are None.

    Returns
    -------
    ndarray, shape (…, O), or (…)

    Raises
    ------
    TypeError, ValueError
        If dtypes differ or shapes do not fit.

    Example
    -------
    >>> linear(np.array([[1.0, 2.0]]), np.array([[1.0, 2.0]]))
    array([[5.]])
    """
    _floats("linear", x=x, w=weight, b=bias)
    if weight.ndim == 1 and np.ndim(bias) == 0:  # bias may be None
        return _one_output(x, weight, bias, needs)
    if weight.ndim != 2:
        raise ValueError(f"linear: w must have the two axes (O, I), not shape {weight.shape}.")
    if x.ndim == 0 or x.shape[-1] != weight.shape[1]:
        raise ValueError(
            f"linear: the last axis of x, shape {x.shape}, must have the I={weight.shape[1]} entries that w of shape "
            f"{weight.shape} expects. Pass in_features={x.shape[-1] if x.ndim else 1} to Linear, or flatten x first."
        )
    _check_bias("linear", weight, bias)
    # No BLAS: its threads and ours would wait for each other, and its sums differ from machine to machine.
    x2 = np.ascontiguousarray(x).reshape(prod(x.shape[:-1]), x.shape[-1])  # (N, I)
    w = np.ascontiguousarray(weight)
    y, size, biased, rows = _product(x2, w.T, bias), x.shape, bias is not None, len(x2)
    x2, w = x2 if needs[1] else None, w if needs[0] else None  # each is needed for the other's gradient only

    def vjp(dy):
        dx = dw = db = None
        dy = np.ascontiguousarray(dy).reshape(rows, dy.shape[-1])
        if needs[0]:
            dx = _product(dy, w).reshape(size)
        if needs[1]:
            dw = _product(dy.T, x2)
        if biased and needs[2]:
            db = dy.sum(0)
        return dx, dw, db

    return y.reshape(*size[:-1], len(weight)), vjp


def _product(a, b, bias=None):
    """a · b + bias for a (M, K) and b (K, N), each contiguous or the transpose of what is."""
    (M, K), N = a.shape, b.shape[1]
    y, bias = empty((M, N), a.dtype), np.zeros(N, a.dtype) if bias is None else bias
    if 0 in (M, K, N):
        y[:] = bias
    elif M <= FEW and b.T.flags.c_contiguous and a.flags.c_contiguous:
        parallel_for(kernels.few_rows, N, a, b.T, bias, y, grain=1 + (1 << 15) // (K * M))
    elif simd.NAME == "plain":
        grain = 1 + (1 << 18) // (N * K)
        parallel_for(kernels.matmul_plain, M, *_flat(a), np.ascontiguousarray(b), bias, y, grain=grain)
    else:
        pieces, grain, parts, K_up, fours, places = _tables(M, K, N, a.dtype)
        parallel_for(kernels.matmul, pieces, parts, K, K_up, *_flat(a), *_flat(b), bias, fours, places, y, grain=grain)
    return y


def _flat(a):
    """a as one row, how far its rows are apart there, and its columns."""
    return (a.reshape(-1), a.shape[1], 1) if a.flags.c_contiguous else (a.T.reshape(-1), 1, a.shape[0])


@lru_cache(maxsize=512)
def _tables(M, K, N, dtype):
    """For kernels.matmul: how many pieces, how many are worth a thread; parts, K in whole fours, fours and places."""
    lanes = simd.BYTES // dtype.itemsize
    blocks, rows = ceil_div(N, kernels.BLOCKS * WIDTH * lanes), ceil_div(M, HEIGHT)
    # Each part packs b again: that takes as long as to multiply half a row.
    parts = min(ceil_div(rows, 3), ceil_div(SHARES, blocks))
    pieces = blocks * parts
    fours = np.arange(0, min(K, kernels.DEPTH), 4)
    fours = fours // lanes * HEIGHT * lanes + fours % lanes
    places = np.concatenate([np.arange(lanes) * WIDTH * lanes, np.arange(HEIGHT + lanes) * lanes])
    return pieces, 1 + (1 << 17) * pieces // (M * N * K), parts, ceil_div(K, 4) * 4, fours, places


def _one_output(x, weight, bias, needs):
    y, vjp = linear_vjp(x, weight[np.newaxis], None if bias is None else bias[np.newaxis], needs=needs)

    def without_o(dy):
        dx, *others = vjp(np.asarray(dy)[..., np.newaxis])
        return (dx, *(None if d is None else d[0] for d in others))

    return y[..., 0], without_o


def bilinear_vjp(x1, x2, weight, bias=None):
    r"""Every output sees every product of an entry of x1 and one of x2: :math:`y_o = x_1^\top W_o x_2 + b_o`.

    Parameters
    ----------
    x1 : ndarray, shape (…, I)
    x2 : ndarray, shape (…, J)
        The axes before the last are those of x1.
    weight : ndarray, shape (O, I, J)
    bias : ndarray, shape (O,), optional

    Returns
    -------
    ndarray, shape (…, O)

    Raises
    ------
    TypeError, ValueError
        If dtypes differ or shapes do not fit.

    Example
    -------
    >>> bilinear(np.array([[1.0, 2.0]]), np.array([[3.0]]), np.array([[[1.0], [10.0]]]))
    array([[63.]])
    """
    _floats("bilinear", x1=x1, x2=x2, w=weight, b=bias)
    if weight.ndim != 3:
        raise ValueError(f"bilinear: w must have the three axes (O, I, J), not shape {weight.shape}.")
    O, I, J = weight.shape
    if x1.shape[-1:] != (I,) or x2.shape[-1:] != (J,) or x1.shape[:-1] != x2.shape[:-1]:
        raise ValueError(
            f"bilinear: w of shape {weight.shape} needs x1 of shape (…, {I}) and x2 of shape (…, {J}), the same …, "
            f"not {x1.shape} and {x2.shape}."
        )
    _check_bias("bilinear", weight, bias)
    N = prod(x1.shape[:-1])
    a, b = x1.reshape(N, I), x2.reshape(N, J)
    products = np.einsum("ni,nj->nij", a, b).reshape(N, I * J)
    y = products @ weight.reshape(O, I * J).T
    if bias is not None:
        y += bias
    of_1, of_2, biased = x1.shape, x2.shape, bias is not None

    def vjp(dy):
        rows = dy.reshape(N, O)
        dproducts = (rows @ weight.reshape(O, I * J)).reshape(N, I, J)
        da, db = np.einsum("nij,nj->ni", dproducts, b), np.einsum("nij,ni->nj", dproducts, a)
        dw = (rows.T @ products).reshape(weight.shape)
        return da.reshape(of_1), db.reshape(of_2), dw, rows.sum(0) if biased else None

    return y.reshape(*x1.shape[:-1], O), vjp


def _floats(where, **arrays):
    for name, a in arrays.items():
        if a is not None or name != "b":
            checks.floating(where, name, a)
    checks.same_dtype(where, **arrays)


def _check_bias(where, weight, bias):
    O = len(weight)
    if bias is not None and bias.shape != (O,):
        raise ValueError(
            f"{where}: b must hold one number for each of the {O} outputs, so shape ({O},), not {bias.shape}."
        )


linear = differentiable(linear_vjp, arrays=3)
bilinear = differentiable(bilinear_vjp, arrays=4)
