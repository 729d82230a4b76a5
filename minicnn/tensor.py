"""Tensor: an array, its gradient, and whether it is trained. What it was computed from, the tape remembers (tape.py).

Arithmetic and all other methods that compute something are put on it by functional/_methods.py.
"""

import weakref

import numpy as np

from .hooks import NONE, HookHandle

DTYPES = {np.dtype(c) for c in "?bBhHiIlLqQfd"}  # bool, ints, float32 and float64; not half, long or complex


class Version:
    """How often the numbers of an array were changed in place; all Tensors that see the array share one.

    So `backward` knows whether what an operation kept is still what it was. It counts what happens through Tensors:
    ``x.data += 1``, a step of an optimiser, `load_state_dict`. What NumPy changes behind their back cannot be counted.
    """

    __slots__ = ("changes", "changed")

    def __init__(self):
        self.changes, self.changed = 0, None  # changed: the memory that was

    def __reduce__(self):  # for copy and pickle: a new array was never changed
        return Version, ()


class Size(int):
    """How many numbers there are, NumPy's ``x.size``. Called, it is PyTorch's: ``x.size()``, ``x.size(0)``."""

    def __new__(cls, data):
        size = super().__new__(cls, data.size)
        size.shape = data.shape
        return size

    def __call__(self, dim=None):
        return self.shape if dim is None else self.shape[dim]


class Tensor:
    """An array that remembers how it was made, so that `backward` can find gradients.

    Parameters
    ----------
    data : array_like
        A NumPy array is used as it is, without a copy. Python floats become float32, as in PyTorch.
    requires_grad : bool
        Whether `backward` fills ``.grad``, an ndarray of the shape of ``.data`` (None until then).

    Raises
    ------
    TypeError
        If the data are no numbers, or require a gradient without being floating point.

    Example
    -------
    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> (((w * Tensor([1.0, 2.0])).sum() - 6.0) ** 2).backward()
    >>> w.grad
    array([-2., -4.], dtype=float32)
    """

    __slots__ = ("_data", "_grad", "_node", "_version", "hooks", "requires_grad", "__weakref__")
    __array_ufunc__ = None  # so that `ndarray + Tensor` asks the Tensor

    def __init__(self, data, requires_grad=False, *more):
        if more or type(requires_grad) not in (bool, np.bool_):
            sizes = ", ".join(map(str, (data, requires_grad, *more)))
            rule = f"Tensor: requires_grad must be True or False, not {requires_grad!r}."
            raise TypeError(f"{rule} For sizes ({sizes}) use mc.zeros({sizes}) or mc.empty({sizes}).")
        self._data = data if type(data) is np.ndarray and data.dtype in DTYPES else _array_of(data)
        self._version = data._version if isinstance(data, Tensor) else Version()
        self._grad, self._node, self.hooks, self.requires_grad = None, None, NONE, False
        if requires_grad:
            self.requires_grad_()

    @property
    def data(self):
        """The array. Another one may be put in its place; what was computed from the old one is not affected."""
        return self._data

    @data.setter
    def data(self, data):
        if data is self._data:  # as at the end of `x.data += 1`
            return increment_version(self)
        data = _array_of(data)
        if self.requires_grad and data.dtype.kind != "f":
            self._refuse_gradient(data.dtype)
        self._data, self._version = data, Version()

    @property
    def grad(self):
        """The gradient that `backward` found: an ndarray of the shape and dtype of ``.data``, or None."""
        return self._grad

    @grad.setter
    def grad(self, grad):
        if grad is not None:
            grad = _array_of(grad)
            if grad.shape != self.shape:
                rule = f"Tensor: .grad must have the shape {self.shape} of .data, not {grad.shape}."
                raise ValueError(f"{rule} Reshape it, or sum over the axes along which the data were repeated.")
            grad = grad.astype(self.dtype, copy=False)
        self._grad = grad

    shape = property(lambda self: self._data.shape)
    ndim = property(lambda self: self._data.ndim)
    size = property(lambda self: Size(self._data))
    dtype = property(lambda self: self._data.dtype)
    is_leaf = property(lambda self: self._node is None)

    def item(self):
        """The one number of a Tensor of size 1, as a Python number."""
        if self.size != 1:
            raise ValueError(f"Tensor: shape {self.shape} is not one number. Reduce it first, by .sum() or .amax().")
        return self._data.item()

    def numpy(self):
        """The array itself: no copy, no history."""
        return self._data

    def detach(self):
        """A Tensor on the same array that requires no gradient."""
        return Tensor(self)

    def requires_grad_(self, requires_grad=True):
        """Set from now on whether `backward` fills ``.grad``. Returns the Tensor itself."""
        if requires_grad and self.dtype.kind != "f":
            self._refuse_gradient(self.dtype)
        if not requires_grad and not self.is_leaf:
            raise RuntimeError("requires_grad_: this Tensor was computed, only leaves can be frozen. Use .detach().")
        self.requires_grad = bool(requires_grad)
        return self

    def retain_grad(self):
        """Fill ``.grad`` of this Tensor too, although it was computed from others: to see a gradient on its way.

        Example
        -------
        >>> x = Tensor([1.0, 2.0], requires_grad=True)
        >>> y = x * 3.0
        >>> y.retain_grad()
        >>> (y * y).sum().backward()
        >>> y.grad
        array([ 6., 12.], dtype=float32)
        """
        self._must_require_grad("retain_grad")
        if not self.is_leaf:
            me = weakref.ref(self)  # weak: the arrow from result to node must stay the only one
            HookHandle(self._node, "hooks", lambda gradient: _keep(me(), gradient))

    def register_hook(self, hook):
        """Call ``hook(gradient)``, an array, when the gradient of this Tensor is known: to see it, or to change it.

        What the hook returns, if not None, goes on in its place. You get a handle: ``handle.remove()`` takes it off.

        Example
        -------
        >>> x = Tensor([1.0, 2.0], requires_grad=True)
        >>> y = x * 3.0
        >>> handle = y.register_hook(lambda gradient: gradient.clip(-3, 3))
        >>> (y * y).sum().backward()
        >>> x.grad
        array([9., 9.], dtype=float32)
        """
        self._must_require_grad("register_hook")
        return HookHandle(self._node or self, "hooks", hook)

    def backward(self, gradient=None, retain_graph=False):
        """Add the gradient of this Tensor to ``.grad`` of every leaf it was computed from.

        Parameters
        ----------
        gradient : array_like of this Tensor's shape, optional
            dL/d(this Tensor). May be left out for a single number: it is then 1.
        retain_graph : bool
            Keep the pull-backs, so that `backward` can be called once more on the same graph.

        Raises
        ------
        RuntimeError
            If no gradient is required, if `gradient` is missing or misshaped, if the graph was used up before, or if
            what an operation kept was changed since.
        """
        from .tape import accumulate, walk_back

        self._must_require_grad("backward")
        if gradient is None:
            if self.size != 1:
                rule = f"backward: the gradient may be left out only for a single number, not for shape {self.shape}."
                raise RuntimeError(f"{rule} Reduce with .sum() or .mean(), or pass gradient=.")
            gradient = np.ones(self.shape, self.dtype)
        gradient = np.asarray(gradient, self.dtype)
        if gradient.shape != self.shape:
            rule = f"backward: gradient of shape {gradient.shape} does not fit a Tensor of shape {self.shape}."
            raise RuntimeError(f"{rule} Pass one number for each entry.")
        if self.is_leaf:
            accumulate(self, gradient)
        else:
            walk_back(self._node, gradient, retain_graph)

    def _must_require_grad(self, where):
        if not self.requires_grad:
            rule = f"{where}: this Tensor does not require a gradient."
            raise RuntimeError(f"{rule} Compute it from a Tensor with requires_grad=True, outside no_grad().")

    @staticmethod
    def _refuse_gradient(dtype):
        rule = f"Tensor: only floating point data can require a gradient, not {dtype}."
        raise TypeError(f"{rule} Pass data.astype(np.float32).")

    def __repr__(self):
        text = np.array2string(self._data, separator=", ", prefix="Tensor(")
        return f"Tensor({text}{', requires_grad=True' if self.requires_grad else ''})"

    def __array__(self, dtype=None, copy=None):
        return np.array(self._data, dtype=dtype, copy=copy)


def _keep(tensor, gradient):
    """Add to ``.grad`` of a Tensor that was computed, if it is still there."""
    if tensor is not None:
        from .tape import accumulate

        accumulate(tensor, gradient)


def increment_version(tensor):
    """Say that the numbers of a Tensor were changed in place, as by ``tensor.data[...] = new``.

    A `backward` that would need the old ones then says so, instead of computing a wrong gradient.

    Example
    -------
    >>> x = mc.Tensor([3.0], requires_grad=True)
    >>> y = x * x
    >>> x.data[...] = 5.0
    >>> increment_version(x)
    >>> y.backward()
    Traceback (most recent call last):
    RuntimeError: backward: mul needs x as it was, but it was changed in place since ...
    """
    memory = tensor._data
    while isinstance(memory.base, np.ndarray):
        memory = memory.base
    tensor._version.changes, tensor._version.changed = tensor._version.changes + 1, memory


def is_view(y, x):
    """Whether array y is array x, or looks at the same memory, as far as their bases tell."""
    return y is x or (y.base is not None and (y.base is x or y.base is x.base))


def _array_of(data):
    """An array of numbers: Python floats become float32, and lists of unequal lengths objects, which are refused."""
    if isinstance(data, (Tensor, np.ndarray, np.generic)):
        data = data._data if isinstance(data, Tensor) else np.asarray(data)
    else:
        try:
            data = np.asarray(data)
        except ValueError:
            data = np.empty(0, object)
        data = data.astype(np.float32) if data.dtype == np.float64 else data
    if data.dtype not in DTYPES:
        rule = f"Tensor: data must be one regular array of numbers, not dtype {data.dtype}."
        raise TypeError(f"{rule} Convert it to an array of floats first.")
    return data
