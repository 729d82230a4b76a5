"""What the losses share: checks of x and target, and the reduction to one number."""

import numpy as np

from .. import checks


def pair(where, x, target):
    """x and target must be floating point arrays of one dtype and one shape."""
    alike(where, x=x, target=target)


def alike(where, **arrays):
    """All must be floating point arrays of one dtype and one shape."""
    for name, a in arrays.items():
        checks.floating(where, name, a)
    checks.same_dtype(where, **arrays)
    shapes = [a.shape for a in arrays.values()]
    if len(set(shapes)) > 1:
        raise ValueError(f"{where}: {' and '.join(arrays)} must have one shape, not {' and '.join(map(str, shapes))}.")


def signs(where, x, target, shape, needed):
    """Targets of 1 and −1, of that shape, in the dtype of x; they have no gradient."""
    constant(where, "target", needed)
    target = np.asarray(target)
    if target.shape != shape:
        raise ValueError(f"{where}: for x of shape {x.shape}, target must have shape {shape}, not {target.shape}.")
    if target.dtype.kind not in "fiu" or not (np.abs(target) == 1).all():
        raise ValueError(f"{where}: target must hold 1 and -1 only. If it holds 0 and 1, pass 2 * target - 1.")
    return target.astype(x.dtype)


def constant(where, name, needed):
    """Refuse to differentiate with respect to an array that has no gradient."""
    if needed:
        raise RuntimeError(f"{where}: {name} has no gradient, as in PyTorch. Pass {name}.detach().")


def reduce(where, each, reduction, count=None):
    """The reduced losses, and the factor that their gradient carries. Without a count, the mean is over all of them."""
    checks.one_of(where, "reduction", reduction, "mean", "sum", "none")
    if reduction == "mean":
        count = each.dtype.type(each.size if count is None else count)
        return each.sum() / count, 1 / count
    return each.sum() if reduction == "sum" else each, each.dtype.type(1)
