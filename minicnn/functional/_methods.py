"""Operations as methods and operators of Tensor, under PyTorch's names."""

import numpy as np

from ..grad_mode import state
from ..tensor import Tensor, increment_version
from . import arithmetic, reduction, shape
from ._broadcast import quiet, together
from .arithmetic import add, div, mul, neg, pow, sub
from .indexing import chunk, getitem, split
from .products import matmul


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
        if state.recording:
            raise RuntimeError(
                "Tensor: a leaf that requires a gradient cannot be changed in place while operations are recorded. "
                "Write x = x + y, or update it inside no_grad()."
            )
        y = new(self, other)
        if y is not NotImplemented:
            if y.shape != self.shape:
                raise ValueError(f"Tensor: shape {self.shape} has no room in place for a result of shape {y.shape}.")
            self.data[...] = y.data
            increment_version(self)
            y = self
        return y

    return operator


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


for _name, _f in dict(add=add, sub=sub, mul=mul, truediv=div, pow=pow, matmul=matmul).items():
    setattr(Tensor, f"__{_name}__", _operator(_f))
    setattr(Tensor, f"__r{_name}__", _operator(_f, swap=True))
    if _f is not matmul:
        setattr(Tensor, f"__i{_name}__", _in_place(_f))
for _name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"):
    _short = {"equal": "eq", "less": "lt", "greater": "gt"}.get(_name, _name[0] + "e")
    setattr(Tensor, f"__{_short}__", _operator(_without_gradient(getattr(np, _name))))
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
Tensor.__getitem__ = getitem


def _iter(self):
    if self.ndim == 0:
        raise TypeError("Tensor: a single number has no items to go through. Use .item().")
    return (self[i] for i in range(len(self)))


Tensor.__iter__ = _iter

for _module, _names in [
    (arithmetic, "abs add clamp clip div exp log maximum minimum mul neg pow sqrt sub"),
    (reduction, "amax amin argmax argmin max mean min std sum var"),
    (shape, "flatten squeeze transpose unflatten unsqueeze"),
]:
    for _name in _names.split():
        setattr(Tensor, _name, getattr(_module, _name))
Tensor.matmul, Tensor.split, Tensor.chunk = matmul, split, chunk
Tensor.where = lambda self, condition, other: arithmetic.where(condition, self, other)
Tensor.reshape = Tensor.view = lambda self, *sizes: shape.reshape(self, _one_or_many(sizes))
Tensor.permute = lambda self, *dims: shape.permute(self, _one_or_many(dims))


def _one_or_many(sizes):
    return sizes[0] if len(sizes) == 1 and np.ndim(sizes[0]) else sizes


def _t(self):
    """The matrix with its two axes exchanged."""
    if self.ndim != 2:
        raise ValueError(f"Tensor.T: only matrices are transposed, not shape {self.shape}. Use .permute(…).")
    return shape.transpose(self, 0, 1)


Tensor.T = property(_t)
