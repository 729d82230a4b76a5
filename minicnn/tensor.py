"""The tape: remember each operation's pull-back on the way forward, call them in reverse on the way back.

An operation is written once, as a pure function on arrays, ``X_vjp(arrays…) -> (y, vjp)``; `differentiable` turns it
into one that takes Tensors too. A result that needs a gradient holds a `_Node`: the pull-back, and where the inputs
came from. Arrows only point from results to inputs, so there are no cycles: drop the loss, and the graph is gone.
"""

import heapq
import itertools
import sys
import threading
import weakref
from contextlib import contextmanager
from functools import partial, wraps
from inspect import signature

import numpy as np

from .kernels._asynchronous import call, running_ahead, synchronize
from .kernels.arithmetic import add_gradients, keep_gradient

_clock = itertools.count()
DTYPES = {np.dtype(c) for c in "?bBhHiIlLqQfd"}  # bool, ints, float32 and float64; not half, long or complex


class _State(threading.local):
    recording = True
    watch = None  # if set, called as watch(operation, args, options, output): this is how `summary` sees a network


_state = _State()


class _Node:
    """One recorded operation. `parents` holds, for each array argument, its _Node, its leaf Tensor, or None."""

    __slots__ = ("time", "vjp", "parents", "result")  # result: weakly, the Tensor that keeps its gradient

    def __init__(self, vjp, parents):
        self.time, self.vjp, self.parents, self.result = next(_clock), vjp, parents, None


class Tensor:
    """An array that remembers how it was made, so that `backward` can find gradients.

    Parameters
    ----------
    data : array_like
        A NumPy array is used as it is, without a copy. Python floats become float32, as in PyTorch.
    requires_grad : bool
        Whether `backward` shall fill ``.grad``, an ndarray of the shape of ``.data`` (None until then).

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

    __slots__ = ("_data", "grad", "requires_grad", "_node", "__weakref__")
    __array_ufunc__ = None  # so that `ndarray + Tensor` asks the Tensor

    def __init__(self, data, requires_grad=False):
        self._data = data if type(data) is np.ndarray else _array_of(data)
        if self._data.dtype not in DTYPES:
            rule = f"Tensor: data must be one regular array of numbers, not dtype {self.dtype}."
            raise TypeError(f"{rule} Convert it to an array of floats first.")
        self.grad, self._node, self.requires_grad = None, None, False
        if requires_grad:
            self.requires_grad_()

    # Whoever asks for the array waits until it is computed: see kernels/_asynchronous.py.
    data = property(lambda self: synchronize() or self._data, lambda self, data: setattr(self, "_data", data))
    shape = property(lambda self: self._data.shape)
    ndim = property(lambda self: self._data.ndim)
    size = property(lambda self: self._data.size)
    dtype = property(lambda self: self._data.dtype)
    is_leaf = property(lambda self: self._node is None)

    def item(self):
        """The one number of a Tensor of size 1, as a Python number."""
        if self.size != 1:
            raise ValueError(f"Tensor: shape {self.shape} is not one number. Reduce it first, by .sum() or .amax().")
        return self.data.item()

    def numpy(self):
        """The array itself: no copy, no history."""
        return self.data

    def detach(self):
        """A Tensor on the same array that requires no gradient."""
        return Tensor(self.data)

    def requires_grad_(self, requires_grad=True):
        """Set from now on whether `backward` shall fill ``.grad``. Returns the Tensor itself."""
        if requires_grad and self.dtype.kind != "f":
            rule = f"Tensor: only floating point data can require a gradient, not {self.dtype}."
            raise TypeError(f"{rule} Pass data.astype(np.float32).")
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
            self._node.result = weakref.ref(self)  # weak: the arrow from result to node must stay the only one

    def __repr__(self):
        text = np.array2string(self.data, separator=", ", prefix="Tensor(")
        return f"Tensor({text}{', requires_grad=True' if self.requires_grad else ''})"

    def __array__(self, dtype=None, copy=None):
        return np.array(self.data, dtype=dtype, copy=copy)

    def __getstate__(self):  # for copy and pickle
        synchronize()
        return super().__getstate__()

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
            If no gradient is required, if `gradient` is missing or misshaped, or if the graph was used up before.
        """
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
            return self._add_to_grad([gradient], 0)
        _walk_back(self._node, gradient, retain_graph)

    def _must_require_grad(self, where):
        if not self.requires_grad:
            rule = f"{where}: this Tensor does not require a gradient."
            raise RuntimeError(f"{rule} Compute it from a Tensor with requires_grad=True, outside no_grad().")

    def _add_to_grad(self, dxs, i):
        if self.grad is None:
            self.grad = keep_gradient(sys.getrefcount(dxs[i]), dxs[i], self.dtype)
        else:
            self.grad = add_gradients(sys.getrefcount(self.grad), self.grad, dxs[i])


def _array_of(data):
    """An array of Python numbers: floats become float32, and lists of unequal lengths objects, which are refused."""
    if isinstance(data, (Tensor, np.ndarray, np.generic)):
        return data.data if isinstance(data, Tensor) else np.asarray(data)
    try:
        data = np.asarray(data)
    except ValueError:
        data = np.empty(0, object)
    return data.astype(np.float32) if data.dtype == np.float64 else data


@running_ahead()
@np.errstate(all="ignore")  # PyTorch gives inf and NaN without a warning
def _walk_back(node, gradient, retain_graph):
    """Call the pull-backs, latest operation first.

    A result is made after its inputs. So when a node is the latest one left, every operation that used its result is
    done, and its gradient is complete. The heap finds the latest without recursion, however deep the graph.
    """
    gradients, heap = {node: gradient}, [(-node.time, node)]
    while heap:
        _, node = heapq.heappop(heap)
        if node.vjp is None:
            rule = "backward: this graph was used before, and what it remembered is freed."
            raise RuntimeError(f"{rule} Compute the loss again, or call the first backward with retain_graph=True.")
        dy = gradients.pop(node)
        if node.result is not None and (result := node.result()) is not None:
            result._add_to_grad([dy], 0)
        dxs = list(node.vjp(dy))  # a list of our own, so that what nobody else holds can be kept without a copy
        for i, parent in zip(range(len(dxs)), node.parents, strict=True):
            if parent is None or dxs[i] is None:
                pass
            elif isinstance(parent, Tensor):
                parent._add_to_grad(dxs, i)
            elif parent in gradients:  # used twice: the gradients add
                gradients[parent] = add_gradients(sys.getrefcount(gradients[parent]), gradients[parent], dxs[i])
            else:
                gradients[parent] = dxs[i]
                heapq.heappush(heap, (-parent.time, parent))
        if not retain_graph:
            node.vjp, node.parents = None, ()


@contextmanager
def no_grad():
    """Record nothing inside the ``with`` block (of this thread): for evaluation, and for updates by hand.

    Example
    -------
    >>> with no_grad():
    ...     (Tensor([3.0], requires_grad=True) * 2.0).requires_grad
    False
    """
    before, _state.recording = _state.recording, False
    try:
        yield
    finally:
        _state.recording = before


def differentiable(f_vjp, arrays=1, ahead=False):
    """Make an operation for arrays and Tensors from ``f_vjp(arrays…, options…) -> (y, vjp)``.

    Parameters
    ----------
    f_vjp : callable
        Pure, on NumPy arrays. ``vjp(dy)`` returns a tuple with one gradient for each array argument, None where it
        has none. If it has an option ``needs``, it is told there which of them are wanted (a tuple of bool). If y is
        a tuple, only its first item has a gradient.
    arrays : int, tuple of str, or None
        Which arguments are arrays: so many at the front, those of these names, or (None) all positional ones.
    ahead : bool
        Whether Python may go on while a kernel of it still runs: see kernels/_asynchronous.py for what this demands.

    Returns
    -------
    callable
        Arrays in, array out. With a Tensor among the inputs: a Tensor out, recorded on the tape.

    Example
    -------
    >>> def cube_vjp(x):
    ...     return x**3, lambda dy: (3 * x**2 * dy,)
    >>> cube = differentiable(cube_vjp)
    >>> cube(np.array([2.0]))
    array([8.])
    >>> x = Tensor([2.0], requires_grad=True)
    >>> cube(x).backward()
    >>> x.grad
    array([12.], dtype=float32)
    """
    parameters = list(signature(f_vjp).parameters)
    names = arrays if isinstance(arrays, tuple) else parameters[: arrays or 0]
    places, told = {parameters.index(name): i for i, name in enumerate(names)}, "needs" in parameters

    @wraps(f_vjp)
    @np.errstate(all="ignore")  # PyTorch gives inf and NaN without a warning
    def f(*args, **options):
        if options and not options.keys().isdisjoint(names):  # an array passed by name: move it to its place
            bound = signature(f_vjp).bind(*args, **options)
            bound.apply_defaults()
            args, options = bound.args, bound.kwargs
        data, parents, taped, recorded = [*args], [None] * (len(args) if arrays is None else len(places)), False, False
        for i, x in enumerate(args):
            if isinstance(x, Tensor):
                data[i], taped = x._data, True
                place = i if arrays is None else places.get(i)
                if x.requires_grad and _state.recording and place is not None:
                    parents[place], recorded = x._node or x, True
        if not taped:
            return f_vjp(*args, **options)[0]
        if told:
            options["needs"] = tuple([parent is not None for parent in parents])
        y, vjp = call(ahead, f_vjp, *data, **options)
        out, *others = map(Tensor, y if type(y) is tuple else (y,))
        if recorded:
            out.requires_grad, out._node = True, _Node(partial(call, ahead, vjp), parents)
        if _state.watch:
            _state.watch(f, args, options, out)
        return (out, *others) if others else out

    f.__name__ = f.__qualname__ = f_vjp.__name__.removesuffix("_vjp")
    return f
