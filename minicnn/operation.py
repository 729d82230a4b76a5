"""An operation for arrays and Tensors, from a pure function on arrays: ``X_vjp(arrays…) -> (y, vjp)``."""

from functools import wraps
from inspect import signature

import numpy as np

from .calls import by_place, explained
from .grad_mode import state
from .tape import Node
from .tensor import Tensor, is_view


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
