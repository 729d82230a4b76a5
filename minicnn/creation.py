"""New Tensors of zeros, of ones, of numbers in a row, of chance: PyTorch's functions that make them.

All take ``dtype=`` (NumPy's; float32 if left out), ``requires_grad=`` and ``device="cpu"``; those of chance ``rng=``.
"""

import numpy as np

from . import calls, porting
from .chance import generator
from .checks import number, whole
from .tensor import Tensor

__all__ = [
    "arange", "as_tensor", "empty", "empty_like", "eye", "from_numpy", "full", "full_like", "is_tensor", "linspace",
    "ones", "ones_like", "rand", "rand_like", "randint", "randn", "randn_like", "randperm", "tensor", "zeros",
    "zeros_like",
]  # fmt: skip


def _made(where, array, dtype, requires_grad, device):
    dtype = porting.target_dtype(where, dtype=dtype, device=device)
    return Tensor(np.asarray(array, dtype), requires_grad)


def _shape(where, size):
    size = size[0] if len(size) == 1 and np.ndim(size[0]) else size
    for n in size:
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 0:
            raise TypeError(f"{where}: sizes must be whole numbers of at least 0, not {n!r}.")
    return tuple(map(int, size))


def tensor(data, dtype=None, device=None, requires_grad=False):
    """A Tensor with a copy of the data; Python's floats become float32.

    Example
    -------
    >>> tensor([[1.0, 2.0]], requires_grad=True)
    Tensor([[1., 2.]], requires_grad=True)
    """
    return _made("tensor", np.array(Tensor(data).data), dtype, requires_grad, device)


def as_tensor(data, dtype=None, device=None):
    """A Tensor on the data, without a copy where they are an array of that dtype already."""
    return _made("as_tensor", Tensor(data).data, dtype, False, device)


def from_numpy(array):
    """A Tensor on a NumPy array: no copy."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: must be a NumPy array, not {type(array).__name__}. Use mc.tensor(…).")
    return Tensor(array)


def is_tensor(x):
    """Whether x is a Tensor."""
    return isinstance(x, Tensor)


def zeros(*size, dtype=np.float32, requires_grad=False, device=None):
    """A Tensor of zeros, of the sizes given one by one or as a tuple.

    Example
    -------
    >>> zeros(2, 3).shape, zeros((2, 3), dtype=np.int64).dtype
    ((2, 3), dtype('int64'))
    """
    return _made("zeros", np.zeros(_shape("zeros", size)), dtype, requires_grad, device)


def ones(*size, dtype=np.float32, requires_grad=False, device=None):
    """A Tensor of ones: see `zeros`."""
    return _made("ones", np.ones(_shape("ones", size)), dtype, requires_grad, device)


def empty(*size, dtype=np.float32, requires_grad=False, device=None):
    """A Tensor whose numbers are not set yet (they are 0 here, so that nothing depends on chance): see `zeros`."""
    return _made("empty", np.zeros(_shape("empty", size)), dtype, requires_grad, device)


def full(size, fill_value, dtype=None, requires_grad=False, device=None):
    """A Tensor of one number: ``full((2, 3), 0.5)``."""
    array = np.full(_shape("full", (size,)), Tensor(fill_value).item(), Tensor(fill_value).dtype)
    return _made("full", array, dtype, requires_grad, device)


def arange(start, end=None, step=1, dtype=None, requires_grad=False, device=None):
    """Numbers from `start` (0 if only one is given) up to `end`, which is not among them, by `step`.

    Example
    -------
    >>> arange(4), arange(1, 2, 0.5)
    (Tensor([0, 1, 2, 3]), Tensor([1. , 1.5]))
    """
    for name, value in (("start", start), ("end", 0 if end is None else end), ("step", step)):
        number("arange", name, value)
    array = np.arange(start, step=step) if end is None else np.arange(start, end, step)
    array = array.astype(np.float32) if array.dtype.kind == "f" else array
    return _made("arange", array, dtype, requires_grad, device)


def linspace(start, end, steps, dtype=np.float32, requires_grad=False, device=None):
    """So many numbers at equal distances, from `start` to `end`, which is among them."""
    ends = number("linspace", "start", start), number("linspace", "end", end)
    return _made("linspace", np.linspace(*ends, whole("linspace", "steps", steps, 0)), dtype, requires_grad, device)


def eye(n, m=None, dtype=np.float32, requires_grad=False, device=None):
    """The matrix with ones on its diagonal, and zeros elsewhere."""
    return _made(
        "eye",
        np.eye(whole("eye", "n", n, 0), m if m is None else whole("eye", "m", m, 0)),
        dtype,
        requires_grad,
        device,
    )


def rand(*size, rng=None, dtype=np.float32, requires_grad=False, device=None):
    """Numbers from 0 to 1, all equally likely.

    Example
    -------
    >>> rand(2, 3, rng=np.random.default_rng(0)).data.round(2)
    array([[0.64, 0.27, 0.04],
           [0.02, 0.81, 0.91]], dtype=float32)
    """
    drawn = generator("rand", rng).random(_shape("rand", size))
    return _made("rand", drawn, dtype, requires_grad, device)


def randn(*size, rng=None, dtype=np.float32, requires_grad=False, device=None):
    """Normally distributed numbers with mean 0 and standard deviation 1."""
    return _made("randn", generator("randn", rng).standard_normal(_shape("randn", size)), dtype, requires_grad, device)


def randint(low, high=None, size=None, rng=None, dtype=np.int64, device=None):
    """Whole numbers from `low` (0 if it is left out) up to `high`, which is not among them.

    Example
    -------
    >>> randint(10, (3,), rng=np.random.default_rng(0))
    Tensor([8, 6, 5])
    """
    if size is None:
        low, high, size = 0, low, high
    low, high = (whole("randint", name, n, -(2**63)) for name, n in (("low", low), ("high", high)))
    if not low < high:
        raise ValueError(f"randint: high must be greater than low, not {high} and {low}.")
    drawn = generator("randint", rng).integers(low, high, _shape("randint", (size,)))
    return _made("randint", drawn, dtype, False, device)


def randperm(n, rng=None, dtype=np.int64, device=None):
    """The numbers from 0 to n − 1 in a random order."""
    return _made("randperm", generator("randperm", rng).permutation(whole("randperm", "n", n, 0)), dtype, False, device)


def _like(f):
    def like(x, *args, dtype=None, **options):
        return f(np.shape(x), *args, dtype=Tensor(x).dtype if dtype is None else dtype, **options)

    like.__name__ = like.__qualname__ = f"{f.__name__}_like"
    like.__doc__ = f"`{f.__name__}` of the shape and dtype of x."
    return like


zeros_like, ones_like, empty_like, full_like, rand_like, randn_like = map(
    _like, (zeros, ones, empty, full, rand, randn)
)
calls.explain(globals())
