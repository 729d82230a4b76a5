"""More ways to add up: products, and the log of sums of exp, over axes; running sums and products along one."""

import numpy as np

from .. import checks
from ..operation import differentiable
from .broadcasting import array, floats, quiet

__all__ = [
    "cumprod", "cumprod_vjp", "cumsum", "cumsum_vjp", "logsumexp", "logsumexp_vjp", "prod", "prod_vjp",
]  # fmt: skip


def cumsum_vjp(x, dim):
    """The sums of x up to each place along axis `dim`. Ints and bools add up as int64.

    Example
    -------
    >>> cumsum(np.array([1.0, 2.0, 3.0]), 0)
    array([1., 3., 6.])
    """
    shape, axis = array("cumsum", x).shape, checks.axis("cumsum", x, dim)
    y = np.cumsum(_with_an_axis(x), axis, _dtype(x)).reshape(shape)

    def vjp(dy):  # each x is in the sums from its own place on
        return (np.flip(np.cumsum(np.flip(_with_an_axis(dy), axis), axis), axis).reshape(shape),)

    return y, vjp


@quiet
def cumprod_vjp(x, dim):
    """The products of x up to each place along axis `dim`. Ints and bools are multiplied as int64.

    Example
    -------
    >>> cumprod(np.array([1.0, 2.0, 3.0, 0.0]), 0)
    array([1., 2., 6., 0.])
    """
    shape, axis = array("cumprod", x).shape, checks.axis("cumprod", x, dim)
    y = np.cumprod(_with_an_axis(x), axis, _dtype(x)).reshape(shape)

    @quiet
    def vjp(dy):
        lines, rest = (np.moveaxis(_with_an_axis(a), axis, 0) for a in (x, np.array(dy)))
        for k in range(len(lines) - 2, -1, -1):  # what follows x_k: dy_k + x_{k+1} (dy_{k+1} + x_{k+2} (…))
            rest[k] += lines[k + 1] * rest[k + 1]
        return (np.moveaxis(_before(lines) * rest, 0, axis).reshape(shape),)

    return y, vjp


@quiet
def prod_vjp(x, dim=None, keepdim=False):
    """The product of all numbers, or of those along axis `dim`. Ints and bools are multiplied as int64.

    Example
    -------
    >>> prod(np.array([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    array([3., 8.])
    """
    shape, _ = array("prod", x).shape, checks.flag("prod", "keepdim", keepdim)
    lines = np.reshape(x, -1) if dim is None else _with_an_axis(x)
    axis = 0 if dim is None else checks.axis("prod", x, dim)
    y = np.prod(x, axis if dim is not None and shape else None, _dtype(x), keepdims=keepdim)

    @quiet
    def vjp(dy):  # each x has the product of the others as its slope: of those before it, and those after
        ordered = np.moveaxis(lines, axis, 0)
        others = _before(ordered) * _before(ordered[::-1])[::-1]
        dy = np.reshape(dy, () if dim is None else others.shape[1:])
        return (np.moveaxis(dy * others, 0, axis).reshape(shape),)

    return y, vjp


@quiet
def logsumexp_vjp(x, dim, keepdim=False):
    r"""A smooth maximum over `dim`, an axis or several: :math:`\log \sum_k e^{x_k}`, without overflow.

    Example
    -------
    >>> logsumexp(np.array([1000.0, 1000.0, 0.0]), 0)
    np.float64(1000.6931471805599)
    """
    x = floats("logsumexp", x)
    checks.flag("logsumexp", "keepdim", keepdim)
    axes = checks.axes("logsumexp", x, dim)
    top = np.max(x, axes, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)  # ∞ − ∞ would be NaN
    whole = np.log(np.sum(np.exp(x - top), axes, keepdims=True)) + top
    # the slope of each x is its softmax
    vjp = quiet(lambda dy: (np.reshape(dy, whole.shape) * np.exp(x - whole),))
    return whole if keepdim else np.squeeze(whole, axes)[()], vjp


def _before(x):
    """The product of all entries before each one, along the first axis."""
    return np.cumprod(np.concatenate([np.ones_like(x[:1]), x[:-1]]), 0)


def _with_an_axis(x):
    """x; a single number with one axis, as in PyTorch."""
    return x if np.ndim(x) else np.reshape(x, 1)


def _dtype(x):
    return x.dtype if x.dtype.kind == "f" else np.int64


cumsum, cumprod, prod, logsumexp = map(differentiable, (cumsum_vjp, cumprod_vjp, prod_vjp, logsumexp_vjp))
