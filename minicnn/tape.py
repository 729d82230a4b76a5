"""The tape: remember each operation's pull-back on the way forward, call them in reverse on the way back.

An operation is written once, as a pure function on arrays, ``X_vjp(arrays…) -> (y, vjp)``; `differentiable` turns it
into one that takes Tensors too. A result that needs a gradient holds a `Node`: the pull-back, and where the inputs
came from. Arrows only point from results to inputs, so there are no cycles: drop the loss, and the graph is gone.
"""

import heapq
import itertools
from functools import wraps
from inspect import signature

import numpy as np

from . import tape_errors as errors
from .calls import by_place, explained
from .grad_mode import state
from .hooks import NONE
from .kernels.arithmetic import add, copy
from .tensor import Tensor, is_view

_clock = itertools.count()


class Node:
    """One recorded operation. `parents` holds, for each array argument, its Node, its leaf Tensor, or None."""

    __slots__ = ("time", "operation", "vjp", "parents", "versions", "shape", "dtype", "hooks")

    def __init__(self, operation, vjp, parents, tensors, y):
        self.time, self.operation, self.vjp, self.parents = next(_clock), operation, vjp, parents
        self.versions = [(i, t._version, t._version.changes) for i, t in tensors]  # of what it may keep
        self.shape, self.dtype, self.hooks = y.shape, y.dtype, NONE  # called with the gradient; may give another one


@np.errstate(all="ignore")  # PyTorch gives inf and NaN without a warning
def walk_back(node, gradient, retain_graph):
    """Call the pull-backs, latest operation first.

    A result is made after its inputs. So when a node is the latest one left, every operation that used its result is
    done, and its gradient is complete. The heap finds the latest without recursion, however deep the graph.
    """
    gradients, heap = {node: gradient}, [(-node.time, node)]
    while heap:
        _, node = heapq.heappop(heap)
        dy = hooked(node, gradients.pop(node))
        for parent, dx in pulled_back(node, dy):
            if parent in gradients:  # used twice: the gradients add
                gradients[parent] = add(gradients[parent], dx)
            else:
                gradients[parent] = dx
                if isinstance(parent, Node):
                    heapq.heappush(heap, (-parent.time, parent))
        if not retain_graph:
            node.vjp, node.parents = None, ()
    for leaf, dx in gradients.items():  # only these are left; last, so that an error on the way changes none of them
        accumulate(leaf, hooked(leaf, dx))


def hooked(node, gradient):
    """What the hooks of a Node or a leaf make of its gradient."""
    for hook in node.hooks.values():
        changed = hook(gradient)
        if changed is not None:
            gradient = np.asarray(changed, node.dtype)
            if gradient.shape != node.shape:
                raise errors.hook_of_another_shape(node, gradient)
    return gradient


def pulled_back(node, dy):
    """Pairs of a parent and its gradient, after a look whether it can be right: an input's gradient has its shape."""
    if node.vjp is None:
        raise errors.used_before()
    for i, version, changes in node.versions:
        if version.changes != changes and errors.kept(node.vjp, version):
            raise errors.changed_in_between(node, i)
    dxs = node.vjp(dy)
    if not isinstance(dxs, (tuple, list)) or len(dxs) != len(node.parents):
        raise errors.not_one_gradient_each(node, dxs)
    pairs = []
    for i, (parent, dx) in enumerate(zip(node.parents, dxs, strict=True)):
        if parent is None or dx is None:
            continue
        dx = np.asarray(dx)
        if dx.shape != parent.shape or dx.dtype.kind not in "fiub":
            raise errors.gradient_of_another_shape(node, i, dx)
        pairs.append((parent, dx.astype(parent.dtype, copy=False)))
    return pairs


def accumulate(tensor, gradient):
    """Add to ``tensor.grad``; what is kept there is nobody else's."""
    if tensor._grad is not None and tensor._grad.shape != tensor.shape:
        raise errors.grad_of_old_data(tensor)
    tensor._grad = copy(gradient) if tensor._grad is None else add(tensor._grad, gradient)


def called(f, f_vjp, args, options):
    """f_vjp(…); if its arguments are wrong, the error speaks of f."""
    try:
        return f_vjp(*args, **options)
    except TypeError as error:
        raise explained(f.__name__, f_vjp, args, options, error) from None


def differentiable(f_vjp, arrays=1):
    """Make an operation for arrays and Tensors from ``f_vjp(arrays…, options…) -> (y, vjp)``.

    Parameters
    ----------
    f_vjp : callable
        Pure, on NumPy arrays. ``vjp(dy)`` returns a tuple with one gradient for each array argument, None where it
        has none. If it has an option ``needs``, it is told there which of them are wanted (a tuple of bool). If y is
        a tuple, only its first item has a gradient.
    arrays : int, tuple of str, or None
        Which arguments are arrays: so many at the front, those of these names, or (None) all positional ones.

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
    if not callable(f_vjp):
        raise TypeError(f"differentiable: pass a function that returns y and its pull-back, not {f_vjp!r}.")
    parameters = list(signature(f_vjp).parameters)
    names = arrays if isinstance(arrays, tuple) else parameters[: arrays or 0]
    places, told = {parameters.index(name): i for i, name in enumerate(names)}, "needs" in parameters

    @wraps(f_vjp)
    @np.errstate(all="ignore")  # PyTorch gives inf and NaN without a warning
    def f(*args, **options):
        if options and not options.keys().isdisjoint(names):  # an array passed by name: move it to its place
            args, options = by_place(f, args, options)
        tensors = [(i, x) for i, x in enumerate(args) if isinstance(x, Tensor)]
        if not tensors:
            return called(f, f_vjp, args, options)[0]
        data, parents, recorded = [*args], [None] * (len(args) if arrays is None else len(places)), False
        for i, x in tensors:
            data[i] = x._data
            place = i if arrays is None else places.get(i)
            if x.requires_grad and state.recording and place is not None:
                parents[place], recorded = x._node or x, True
        if told:
            options["needs"] = tuple([parent is not None for parent in parents])
        y, vjp = called(f, f_vjp, data, options)
        out, *others = map(Tensor, y if type(y) is tuple else (y,))
        for _, x in tensors:
            if is_view(out._data, x._data):
                out._version = x._version
        if recorded:
            out.requires_grad, out._node = True, Node(f, vjp, parents, [*tensors, (-1, out)], out)
        if state.watch:
            state.watch(f, args, options, out)
        return (out, *others) if others else out

    f.explains = True  # see `called`
    f.__name__ = f.__qualname__ = f_vjp.__name__.removesuffix("_vjp")
    return f
