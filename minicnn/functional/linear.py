"""The fully connected layer for one input and for two, as forward passes and their pull-backs."""

from functools import lru_cache
from math import prod

import numpy as np

from ..kernels import linear as kernels
from ..kernels import simd
from ..kernels._buffers import empty
from ..kernels._jit import parallel_for
from ..tensor import differentiable
from . import _checks

__all__ = ["bilinear", "bilinear_vjp", "linear", "linear_vjp"]


def linear_vjp(x, weight, bias=None, *, needs=(True, True, True)):
    r"""Every output sees every input: :math:`y = x W^\top + b`.

    Parameters
    ----------
    x : ndarray, shape (…, I)
    weight : ndarray, shape (O, I), or (I,) for one output
    bias : ndarray, shape (O,), or () for one output, optional
    needs : tuple of bool
        Which gradients the pull-back shall compute; the others are None.

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
    y = _inner_products(x2, w, np.zeros(len(w), w.dtype) if bias is None else bias)

    def vjp(dy):
        dx = dw = db = None
        dy = np.ascontiguousarray(dy).reshape(y.shape)
        if needs[0]:
            dx = _sums_of_rows(dy, w).reshape(x.shape)
        if needs[1]:
            dw = _sums_of_rows(dy.T, x2)
        if bias is not None and needs[2]:
            db = dy.sum(0)
        return dx, dw, db

    return y.reshape(*x.shape[:-1], len(w)), vjp


def _inner_products(a, b, bias):
    """a · bᵀ + bias for a (M, K), b (N, K)."""
    (M, K), N = a.shape, len(b)
    y = empty((M, N), a.dtype)
    if simd.NAME == "plain":
        _launch(M, K, y, kernels.matmul_plain, a.reshape(-1), K, 1, np.ascontiguousarray(b.T), bias)
    else:
        a, b = _filled_up(a, simd.DOT_ROWS), _filled_up(b, 1)
        args = a.reshape(-1), b.reshape(-1), *_dot_tables(N, a.shape[1], a.dtype), bias
        _launch(len(a) // simd.DOT_ROWS, K, y, kernels.matmul_dots, *args)
    return y


def _sums_of_rows(a, b):
    """a · b for a (M, K), contiguous or the transpose of what is, and b (K, N)."""
    (M, K), N = a.shape, b.shape[1]
    y = empty((M, N), a.dtype)
    a = (a.reshape(-1), K, 1) if a.flags.c_contiguous else (a.T.reshape(-1), 1, M)
    if simd.NAME == "plain":
        _launch(M, K, y, kernels.matmul_plain, *a, b, np.zeros(N, b.dtype))
    elif K == 0:
        y[:] = 0
    else:
        b = b if b.itemsize * N >= simd.BYTES else _filled_up(b, 1)
        args = *a, b.reshape(-1), *_tile_tables(K, b.shape[1], b.dtype)
        _launch(-(-M // simd.ROWS), K, y, kernels.matmul_tiles, *args)
    return y


def _launch(pieces, K, y, kernel, *args):
    if y.size:
        parallel_for(kernel, pieces, *args, y, grain=1 + pieces * (1 << 18) // (y.size * max(1, K)))


@lru_cache(maxsize=512)
def _dot_tables(N, K, dtype):
    """places and offsets of kernels.matmul_dots."""
    lanes = simd.BYTES // dtype.itemsize
    return np.arange(0, K, lanes), np.minimum(np.arange(N + simd.DOT_COLUMNS), N - 1) * K


@lru_cache(maxsize=512)
def _tile_tables(K, N, dtype):
    """places, targets and offsets of kernels.matmul_tiles."""
    lanes = simd.BYTES // dtype.itemsize
    vectors = np.arange(-(-N // (simd.VECTORS * lanes)) * simd.VECTORS)
    return np.minimum(vectors * lanes, N - lanes), vectors % simd.VECTORS * lanes, np.arange(K) * N


def _filled_up(a, rows):
    """a, with zeros behind so that it has a whole multiple of `rows`, and of vectors in a row, and some at all."""
    lanes = simd.BYTES // a.itemsize
    shape = [-(-max(n, 1) // m) * m for n, m in zip(a.shape, (rows, lanes), strict=True)]
    if a.shape == tuple(shape):
        return a
    larger = np.zeros(shape, a.dtype)
    larger[: a.shape[0], : a.shape[1]] = a
    return larger


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

    def vjp(dy):
        rows = dy.reshape(N, O)
        dproducts = (rows @ weight.reshape(O, I * J)).reshape(N, I, J)
        da, db = np.einsum("nij,nj->ni", dproducts, b), np.einsum("nij,ni->nj", dproducts, a)
        dw = (rows.T @ products).reshape(weight.shape)
        return da.reshape(x1.shape), db.reshape(x2.shape), dw, rows.sum(0) if bias is not None else None

    return y.reshape(*x1.shape[:-1], O), vjp


def _floats(where, **arrays):
    for name, a in arrays.items():
        if a is not None or name != "b":
            _checks.floating(where, name, a)
    _checks.same_dtype(where, **arrays)


def _check_bias(where, weight, bias):
    O = len(weight)
    if bias is not None and bias.shape != (O,):
        raise ValueError(
            f"{where}: b must hold one number for each of the {O} outputs, so shape ({O},), not {bias.shape}."
        )


linear = differentiable(linear_vjp, arrays=3)
bilinear = differentiable(bilinear_vjp, arrays=4)
