"""Operations as methods and operators of Tensor, under PyTorch's names."""

import numpy as np

from .. import porting
from ..chance import generator
from ..grad_mode import state
from ..operation import differentiable
from ..tensor import Tensor, increment_version
from . import arithmetic, indexing, rearrange, shape
from .arithmetic import add, div, mul, neg, pow, sub
from .broadcasting import quiet, together
from .products import matmul

# Methods that are functions of functional/ with the Tensor as their first argument: put on it there.
METHODS = [
    "abs", "add", "amax", "amin", "argmax", "argmin", "broadcast_to", "ceil", "celu", "chunk", "clamp", "clip",
    "cos", "cumprod", "cumsum", "div", "elu", "exp", "expm1", "flatten", "floor", "gather", "gelu", "hardshrink",
    "log", "log10", "log1p", "log2", "log_softmax", "logsumexp", "masked_fill", "matmul", "max", "maximum", "mean",
    "min", "minimum", "mul", "neg", "norm", "pow", "prod", "reciprocal", "relu", "roll", "round", "rsqrt", "selu",
    "sigmoid", "sign", "silu", "sin", "softmax", "sort", "split", "sqrt", "square", "squeeze", "std", "sub", "sum",
    "tanh", "topk", "transpose", "tril", "triu", "unflatten", "unsqueeze", "var",
]  # fmt: skip


def _operator(f, swap=False):
    """`f` as an operator of Tensor; `swap` for the reflected one, as in ``1 - t``."""

    def operator(self, other):
        if isinstance(other, np.generic):
            other = other.item()  # a NumPy number counts as a Python number: it changes no dtype
        if not isinstance(other, (Tensor, np.ndarray, int, float)):
            return NotImplemented
        return f(other, self) if swap else f(self, other)

    return operator


def _in_place(f):
    """``x += y`` is ``x = x + y``: a new Tensor. But a leaf that is trained must stay the leaf that it is."""
    new = _operator(f)

    def operator(self, other):
        if not (self.is_leaf and self.requires_grad):
            return new(self, other)
        y = new(self, other)
        return y if y is NotImplemented else _put(self, y)

    return operator


def _put(self, y):
    """Put numbers in the place of those of a Tensor, which is returned."""
    if self.requires_grad and state.recording:
        raise RuntimeError(
            "Tensor: a leaf that requires a gradient cannot be changed in place while operations are recorded. "
            "Write x = x + y, or update it inside no_grad()."
        )
    y = y.data if isinstance(y, Tensor) else np.asarray(y)
    if np.broadcast_shapes(y.shape, self.shape) != self.shape:
        raise ValueError(f"Tensor: shape {self.shape} has no room in place for a result of shape {y.shape}.")
    self.data[...] = y
    increment_version(self)
    return self


def _without_gradient(ufunc):
    """A comparison, or an operation on masks: Tensor in, Tensor of bools or ints out."""

    name = ufunc.__name__

    @quiet
    def f(*operands):
        arrays = together(name, *(x.data if isinstance(x, Tensor) else x for x in operands))
        if arrays[0].dtype.kind == "f" and name in ("bitwise_and", "bitwise_or", "bitwise_xor", "invert"):
            raise TypeError(f"{name}: only for bools and ints, not {arrays[0].dtype}. Compare first, as in x > 0.")
        return Tensor(ufunc(*arrays))

    return f


# ---------------------------------------------------------------- operators

for _name, _f in dict(add=add, sub=sub, mul=mul, truediv=div, pow=pow, matmul=matmul).items():
    setattr(Tensor, f"__{_name}__", _operator(_f))
    setattr(Tensor, f"__r{_name}__", _operator(_f, swap=True))
    if _f is not matmul:
        setattr(Tensor, f"__i{_name}__", _in_place(_f))
for _name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"):
    _short = {"equal": "eq", "less": "lt", "greater": "gt"}.get(_name, _name[0] + "e")
    setattr(Tensor, f"__{_short}__", _operator(_without_gradient(getattr(np, _name))))
    setattr(Tensor, _short, _without_gradient(getattr(np, _name)))
for _name in ("and", "or", "xor"):
    _f = _without_gradient(getattr(np, f"bitwise_{_name}"))
    setattr(Tensor, f"__{_name}__", _operator(_f))
    setattr(Tensor, f"__r{_name}__", _operator(_f, swap=True))
Tensor.__invert__ = _without_gradient(np.invert)
Tensor.__hash__ = object.__hash__  # == compares numbers; as a key, a Tensor is itself
Tensor.__len__ = lambda self: len(self.data)
Tensor.__bool__ = lambda self: bool(self.item())
Tensor.__int__ = lambda self: int(self.item())
Tensor.__float__ = lambda self: float(self.item())
Tensor.__neg__ = neg
Tensor.__abs__ = arithmetic.abs
Tensor.__getitem__ = indexing.getitem


def _index(self):
    if self.dtype.kind not in "iub" or self.size != 1:
        raise TypeError(
            f"Tensor: an index must be one whole number, not {self.dtype} of shape {self.shape}. Use int(…)."
        )
    return int(self.item())


def _format(self, form):
    return format(self.item(), form) if form else str(self)


def _iter(self):
    if self.ndim == 0:
        raise TypeError("Tensor: a single number has no items to go through. Use .item().")
    return (self[i] for i in range(len(self)))


def _set(self, index, value):
    """x[index] = value, where nothing is recorded."""
    if self.requires_grad:
        raise RuntimeError(
            "Tensor: x[i] = y is not recorded. Use F.where(mask, y, x), or x.data[i] = y before it is used."
        )
    index = tuple(i.data if isinstance(i, Tensor) else i for i in (index if isinstance(index, tuple) else (index,)))
    self.data[index] = value.data if isinstance(value, Tensor) else value
    increment_version(self)


Tensor.__index__, Tensor.__format__, Tensor.__iter__, Tensor.__setitem__ = _index, _format, _iter, _set
Tensor.__round__ = lambda self, digits=0: Tensor(np.round(self.data, digits))


# ---------------------------------------------------------------- methods that are no functions

Tensor.where = lambda self, condition, other: arithmetic.where(condition, self, other)
Tensor.reshape = Tensor.view = lambda self, *sizes: shape.reshape(self, _one_or_many(sizes))
Tensor.permute = lambda self, *dims: shape.permute(self, _one_or_many(dims))
Tensor.expand = lambda self, *sizes: rearrange.expand(self, _one_or_many(sizes))
Tensor.repeat = lambda self, *sizes: rearrange.repeat(self, _one_or_many(sizes))
Tensor.flip = lambda self, *dims: rearrange.flip(self, _one_or_many(dims))
Tensor.view_as = Tensor.reshape_as = lambda self, other: shape.reshape(self, other.shape)
Tensor.mm = Tensor.bmm = matmul
Tensor.multiply, Tensor.subtract, Tensor.divide, Tensor.negative = mul, sub, div, neg


def _one_or_many(sizes):
    if len(sizes) == 1 and isinstance(sizes[0], type) or sizes and isinstance(sizes[0], np.dtype):
        raise TypeError("Tensor.view: the numbers are not read as another dtype here. Use .to(dtype).")
    return sizes[0] if len(sizes) == 1 and np.ndim(sizes[0]) else sizes


def _t(self):
    """The matrix with its two axes exchanged."""
    if self.ndim != 2:
        raise ValueError(f"Tensor.T: only matrices are transposed, not shape {self.shape}. Use .permute(…).")
    return shape.transpose(self, 0, 1)


Tensor.T, Tensor.t = property(_t), _t


def _cast_vjp(x, dtype):
    before = x.dtype
    return x.astype(dtype), lambda dy: (dy.astype(before),)


_cast = differentiable(_cast_vjp)


def _to(self, *args, **options):
    """In another dtype: ``x.to(np.float64)``; gradients are converted back. ``x.to("cpu")`` is x itself."""
    dtype = porting.target_dtype("Tensor.to", *args, **options)
    return self if dtype is None or dtype == self.dtype else _cast(self, dtype)


Tensor.to = Tensor.type = _to
Tensor.type_as = lambda self, other: _to(self, other.dtype)
Tensor.cpu = Tensor.contiguous = lambda self: self
for _name in ("float", "double", "long", "int", "short", "bool"):
    setattr(Tensor, _name, lambda self, dtype=porting.DTYPES[_name]: _to(self, dtype))
Tensor.clone = lambda self: _clone(self)
_clone = differentiable(lambda x: (x.copy(), lambda dy: (dy,)))
Tensor.device, Tensor.is_cuda = (property(lambda self, value=v: value) for v in (porting.device("cpu"), False))
Tensor.dim = Tensor.ndimension = lambda self: self.ndim
Tensor.numel = Tensor.nelement = lambda self: int(self.size)
Tensor.tolist = lambda self: self.data.tolist()
Tensor.all = lambda self, dim=None, keepdim=False: Tensor(np.all(self.data, dim, keepdims=keepdim))
Tensor.any = lambda self, dim=None, keepdim=False: Tensor(np.any(self.data, dim, keepdims=keepdim))
Tensor.isnan, Tensor.isinf, Tensor.isfinite = (
    (lambda self, f=f: Tensor(f(self.data))) for f in (np.isnan, np.isinf, np.isfinite)
)
Tensor.equal = lambda self, other: bool(np.array_equal(self.data, Tensor(other).data))
Tensor.allclose = lambda self, other, rtol=1e-5, atol=1e-8: bool(np.allclose(self.data, Tensor(other).data, rtol, atol))
Tensor.nonzero = lambda self: Tensor(np.argwhere(self.data))
Tensor.unique = lambda self: Tensor(np.unique(self.data))

# ---------------------------------------------------------------- in place, where nothing is recorded

for _name, _f in dict(add=add, sub=sub, mul=mul, div=div, pow=pow, clamp=arithmetic.clamp).items():
    setattr(Tensor, f"{_name}_", lambda self, *args, f=_f, **options: _put(self, f(self.detach(), *args, **options)))
Tensor.zero_ = lambda self: _put(self, 0)
Tensor.fill_ = lambda self, value: _put(self, Tensor(value))
Tensor.copy_ = lambda self, other: _put(self, Tensor(other))


def _normal_(self, mean=0.0, std=1.0, *, rng=None):
    return _put(self, generator("Tensor.normal_", rng).normal(mean, std, self.shape))


def _uniform_(self, low=0.0, high=1.0, *, rng=None):
    return _put(self, generator("Tensor.uniform_", rng).uniform(low, high, self.shape))


Tensor.normal_, Tensor.uniform_ = _normal_, _uniform_


def put_on(functions):
    """Make the functions that METHODS names methods of Tensor; any other name is answered in words."""
    for name in METHODS:
        setattr(Tensor, name, functions[name])
    Tensor.__getattr__ = lambda self, name: _missing(self, name)


def _missing(self, name):
    raise porting.missing("Tensor", name, self)
