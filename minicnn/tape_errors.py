"""What can go wrong on the way back, in words; and whether a pull-back kept an array that was changed since."""

from functools import partial
from inspect import signature
from types import CellType, FunctionType, ModuleType

import numpy as np


def used_before():
    """The graph is gone."""
    rule = "backward: this graph was used before, and what it remembered is freed."
    return RuntimeError(f"{rule} Compute the loss again, or call the first backward with retain_graph=True.")


def changed_in_between(node, i):
    """Argument i of an operation (-1: its result) is not what it was."""
    name = node.operation.__name__
    what = "its own result" if i < 0 else _argument(node, i)
    return RuntimeError(
        f"backward: {name} needs {what} as it was, but it was changed in place since (by an optimiser's step, "
        "load_state_dict or +=), so its gradient would be wrong. Call backward before the change, or compute the loss "
        "again after it."
    )


def not_one_gradient_each(node, dxs):
    """A pull-back must return a tuple."""
    given = f"{len(dxs)} of them" if isinstance(dxs, (tuple, list)) else f"an object of type {type(dxs).__name__}"
    n = len(node.parents)
    return TypeError(
        f"backward: the pull-back of {node.operation.__name__} must return a tuple of {n} gradient{'s' * (n > 1)}, one "
        f"for each array argument (None where there is none), not {given}. For one argument write (dx,)."
    )


def gradient_of_another_shape(node, i, dx):
    """The gradient of argument i cannot be right."""
    name, parent = node.operation.__name__, node.parents[i]
    if dx.dtype.kind not in "fiub":
        return TypeError(f"backward: the pull-back of {name} gives {_argument(node, i)} a gradient of {dx.dtype}.")
    hint = "Return one of the same shape."
    if dx.ndim >= len(parent.shape):  # could the argument have been repeated to that shape?
        from_last = zip(dx.shape[::-1], parent.shape[::-1], strict=False)
        if all(a == b or b == 1 for a, b in from_last):
            hint = "It was used several times: sum its gradient over the axes along which it was repeated."
    return RuntimeError(
        f"backward: the pull-back of {name} gives {_argument(node, i)}, of shape {parent.shape}, a gradient of shape "
        f"{dx.shape}. {hint}"
    )


def hook_of_another_shape(node, gradient):
    """A hook must return a gradient of the same Tensor, or None."""
    return RuntimeError(
        f"backward: a hook of a Tensor of shape {node.shape} returned a gradient of shape {gradient.shape}. Return one "
        "of the same shape, or None."
    )


def grad_of_old_data(tensor):
    """The data were replaced."""
    return RuntimeError(
        f"backward: a Tensor of shape {tensor.shape} has a .grad of shape {tensor._grad.shape}, from before its data "
        "were replaced. Set .grad to None then."
    )


def _argument(node, i):
    names = [*signature(node.operation).parameters.values()]
    if i < len(names) and names[i].kind is names[i].POSITIONAL_OR_KEYWORD:
        return names[i].name
    return f"argument {i}"


def kept(vjp, version):
    """Whether a pull-back holds the array that was changed, or another view of it. Copies do no harm."""
    return _holds(vjp, version.changed, set())


def _holds(thing, array, seen):
    if id(thing) in seen:
        return False
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        return np.may_share_memory(thing, array)
    if isinstance(thing, partial):
        inside = [thing.func, *thing.args, *thing.keywords.values()]
    elif isinstance(thing, dict):
        inside = thing.values()
    elif isinstance(thing, (tuple, list)):
        inside = thing
    elif isinstance(thing, FunctionType):
        inside = [*(thing.__closure__ or ()), *(thing.__defaults__ or ())]
    elif isinstance(thing, CellType):
        inside = [thing.cell_contents] if thing != CellType() else []  # it may be empty
    elif isinstance(thing, (type, ModuleType)):
        inside = []
    else:  # a Tensor, a bound method, an object that can be called
        names = [*getattr(thing, "__dict__", ()), *getattr(type(thing), "__slots__", ()), "__self__", "__func__"]
        inside = [getattr(thing, name, None) for name in names]
    return any(_holds(part, array, seen) for part in inside)
