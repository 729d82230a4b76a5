"""Arithmetic, sums and shapes: NumPy's operations with pull-backs. At the end they become methods of Tensor."""

import numpy as np

from ..tensor import Tensor, differentiable

__all__ = [
    "add", "add_vjp", "div", "div_vjp", "exp", "exp_vjp", "flatten", "flatten_vjp", "log", "log_vjp",
    "matmul", "matmul_vjp", "mean", "mean_vjp", "mul", "mul_vjp", "neg", "neg_vjp", "permute", "permute_vjp",
    "pow", "pow_vjp", "reshape", "reshape_vjp", "sub", "sub_vjp", "sum", "sum_vjp",
]  # fmt: skip


def _unbroadcast(dy, x):
    """Sum dy over the axes along which x was repeated: a number used many times gets all the gradients."""
    if not isinstance(x, np.ndarray):
        return None  # a plain number
    shape = x.shape
    dy = dy.sum(tuple(range(dy.ndim - len(shape))))
    return dy.sum(tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True).reshape(shape)


def add_vjp(x, y):
    """x + y, with broadcasting.

    Example
    -------
    >>> add(np.array([1.0, 2.0]), 10)
    array([11., 12.])
    """
    return np.add(x, y), lambda dz: (_unbroadcast(dz, x), _unbroadcast(dz, y))


def sub_vjp(x, y):
    """x − y, with broadcasting.

    Example
    -------
    >>> sub(np.array([1.0, 2.0]), 10)
    array([-9., -8.])
    """
    return np.subtract(x, y), lambda dz: (_unbroadcast(dz, x), _unbroadcast(-dz, y))


def mul_vjp(x, y):
    """x · y, with broadcasting.

    Example
    -------
    >>> mul(np.array([1.0, 2.0]), 10)
    array([10., 20.])
    """
    return np.multiply(x, y), lambda dz: (_unbroadcast(dz * y, x), _unbroadcast(dz * x, y))


def div_vjp(x, y):
    """x / y, with broadcasting.

    Example
    -------
    >>> div(np.array([1.0, 2.0]), 10)
    array([0.1, 0.2])
    """
    z = np.divide(x, y)
    return z, lambda dz: (_unbroadcast(dz / y, x), _unbroadcast(-dz * z / y, y))


def pow_vjp(x, y):
    """x to the power y, with broadcasting.

    Example
    -------
    >>> pow(np.array([1.0, 2.0]), 3)
    array([1., 8.])
    """
    z = np.power(x, y)

    def vjp(dz):
        y_minus_1 = np.where(np.equal(y, 0), 0, np.subtract(y, 1)).astype(z.dtype)
        dx = dz * y * np.power(x, y_minus_1)  # x⁰ has derivative 0 everywhere, also at 0
        positive = np.greater(x, 0)
        dy = np.where(positive, dz * z * np.log(np.where(positive, x, 1)), 0).astype(z.dtype)
        return _unbroadcast(dx, x), _unbroadcast(dy, y)

    return z, vjp


def neg_vjp(x):
    """−x.

    Example
    -------
    >>> neg(np.array([1.0, -2.0]))
    array([-1.,  2.])
    """
    return -x, lambda dy: (-dy,)


def exp_vjp(x):
    """e to the power x.

    Example
    -------
    >>> exp(np.array([0.0, -np.inf]))
    array([1., 0.])
    """
    y = np.exp(x)
    return y, lambda dy: (dy * y,)


def log_vjp(x):
    """The natural logarithm of x.

    Example
    -------
    >>> log(np.array([1.0, 0.5]))
    array([ 0.        , -0.69314718])
    """
    return np.log(x), lambda dy: (dy / x,)


def matmul_vjp(x, y):
    """The matrix product x @ y of (…, N, K) and (…, K, M), with broadcasting of the leading axes; vectors as in NumPy.

    Example
    -------
    >>> matmul(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    array([[11.]])
    """

    def vjp(dz):
        a = x if np.ndim(x) > 1 else x[np.newaxis, :]
        b = y if np.ndim(y) > 1 else y[:, np.newaxis]
        dz = np.reshape(dz, np.broadcast_shapes(a.shape[:-2], b.shape[:-2]) + (a.shape[-2], b.shape[-1]))
        da, db = dz @ b.swapaxes(-1, -2), a.swapaxes(-1, -2) @ dz
        return _unbroadcast(da, a).reshape(np.shape(x)), _unbroadcast(db, b).reshape(np.shape(y))

    return np.matmul(x, y), vjp


def sum_vjp(x, dim=None, keepdim=False):
    """The sum over axis (or axes) `dim`; over all if None.

    Example
    -------
    >>> sum(np.array([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    array([4., 6.])
    """
    y = np.sum(x, dim, keepdims=keepdim)
    return y, lambda dy: (np.broadcast_to(_with_axes(dy, x, dim, keepdim), x.shape),)


def mean_vjp(x, dim=None, keepdim=False):
    """The mean over axis (or axes) `dim`; over all if None.

    Example
    -------
    >>> mean(np.array([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    array([2., 3.])
    """
    y = np.mean(x, dim, keepdims=keepdim)
    share = x.dtype.type(np.size(y) / x.size if x.size else np.nan)
    return y, lambda dy: (np.broadcast_to(_with_axes(dy * share, x, dim, keepdim), x.shape),)


def _with_axes(dy, x, dim, keepdim):
    """dy with the axes of size 1 back that a reduction of x removed."""
    if keepdim or dim is None:
        return np.reshape(dy, (1,) * x.ndim) if dim is None else dy
    return np.expand_dims(dy, dim)


def reshape_vjp(x, shape):
    """The same numbers in the same order, in another shape (one size may be −1).

    Example
    -------
    >>> reshape(np.arange(6.0), (2, -1))
    array([[0., 1., 2.],
           [3., 4., 5.]])
    """
    return np.reshape(x, shape), lambda dy: (np.reshape(dy, x.shape),)


def flatten_vjp(x, start_dim=1, end_dim=-1):
    """Axes start_dim to end_dim joined into one: images (N, C, H, W) become vectors (N, C·H·W).

    Example
    -------
    >>> flatten(np.zeros((5, 2, 3, 4))).shape
    (5, 24)
    """
    start, end = start_dim % max(x.ndim, 1), end_dim % max(x.ndim, 1)
    if start > end or not -x.ndim <= start_dim < x.ndim or not -x.ndim <= end_dim < x.ndim:
        raise ValueError(
            f"flatten: start_dim={start_dim} must not come after end_dim={end_dim}, and both must be axes of x, whose "
            f"shape is {x.shape}."
        )
    joined = int(np.prod(x.shape[start : end + 1]))
    return reshape_vjp(x, x.shape[:start] + (joined,) + x.shape[end + 1 :])


def permute_vjp(x, dims=None):
    """The axes in another order; reversed if None.

    Example
    -------
    >>> permute(np.zeros((5, 2, 3)), (0, 2, 1)).shape
    (5, 3, 2)
    """
    order = None if dims is None else np.argsort([d % x.ndim for d in dims])
    return np.transpose(x, dims), lambda dy: (np.transpose(dy, order),)


add = differentiable(add_vjp, arrays=2)
sub = differentiable(sub_vjp, arrays=2)
mul = differentiable(mul_vjp, arrays=2)
div = differentiable(div_vjp, arrays=2)
pow = differentiable(pow_vjp, arrays=2)
neg = differentiable(neg_vjp)
exp = differentiable(exp_vjp)
log = differentiable(log_vjp)
matmul = differentiable(matmul_vjp, arrays=2)
sum = differentiable(sum_vjp)
mean = differentiable(mean_vjp)
reshape = differentiable(reshape_vjp)
flatten = differentiable(flatten_vjp)
permute = differentiable(permute_vjp)


def _operator(f, swap=False):
    """`f` as an operator of Tensor; `swap` for the reflected one, as in ``1 - t``."""

    def operator(self, other):
        if isinstance(other, np.generic):
            other = other.item()  # a NumPy number counts as a Python number: it changes no dtype
        if not isinstance(other, (Tensor, np.ndarray, int, float)):
            return NotImplemented
        return f(other, self) if swap else f(self, other)

    return operator


for _name, _f in dict(add=add, sub=sub, mul=mul, truediv=div, pow=pow, matmul=matmul).items():
    setattr(Tensor, f"__{_name}__", _operator(_f))
    setattr(Tensor, f"__r{_name}__", _operator(_f, swap=True))
Tensor.__neg__ = neg
Tensor.sum, Tensor.mean, Tensor.exp, Tensor.log, Tensor.flatten = sum, mean, exp, log, flatten
Tensor.reshape = lambda self, *shape: reshape(self, shape[0] if np.ndim(shape[0]) else shape)
Tensor.permute = lambda self, *dims: permute(self, dims[0] if np.ndim(dims[0]) else dims)
Tensor.T = property(lambda self: permute(self), doc="The axes in reversed order.")
