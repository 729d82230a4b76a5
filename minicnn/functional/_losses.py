"""What the losses share: checks of x and target, and the reduction to one number."""

from . import _checks


def pair(where, x, target):
    """x and target must be floating point arrays of one dtype and one shape."""
    for name, a in (("x", x), ("target", target)):
        _checks.floating(where, name, a)
    _checks.same_dtype(where, x=x, target=target)
    if x.shape != target.shape:
        raise ValueError(f"{where}: x and target must have one shape, not {x.shape} and {target.shape}.")


def constant(where, name, needed):
    """Refuse to differentiate with respect to an array that has no gradient."""
    if needed:
        raise RuntimeError(f"{where}: {name} has no gradient, as in PyTorch. Pass {name}.detach().")


def reduce(where, each, reduction, count=None):
    """The reduced losses, and the factor that their gradient carries. Without a count, the mean is over all of them."""
    _checks.one_of(where, "reduction", reduction, "mean", "sum", "none")
    if reduction == "mean":
        count = each.dtype.type(each.size if count is None else count)
        return each.sum() / count, 1 / count
    return each.sum() if reduction == "sum" else each, each.dtype.type(1)
