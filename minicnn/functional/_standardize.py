"""What the normalisations share. They differ only in which numbers have a mean and a variance in common.

So each writes x as (N, C, L), where those of a channel c do: batch norm as it is, layer norm as (1, samples, L), group
norm as (1, N · groups, L).
"""

import numpy as np

from ..kernels import normalization as kernels
from ..kernels._jit import parallel_for
from . import _checks
from ._broadcast import quiet
from ._windows import flat


@quiet
def standardize(x, eps, weight=None, bias=None, statistics=None):
    """Each channel of x (N, C, L) minus its mean, divided by its deviation, times weight, plus bias.

    Returns y, the pull-back to (dx, dw, db), and mean and variance (C,), which are `statistics` if these are given.
    """
    N, C, L = x.shape
    if statistics is None:
        mean, var = np.empty((2, C))
        parallel_for(kernels.moments, C, x, mean, var)
    else:
        mean, var = (a.astype(np.float64) for a in statistics)
    r = 1 / np.sqrt(var + eps)
    scale = r if weight is None else r * weight
    shift = np.zeros(C) if bias is None else bias.astype(np.float64)
    y = np.empty_like(x)
    parallel_for(kernels.scale_and_shift, C, x, mean, scale, shift, y)

    @quiet
    def vjp(dy):
        db, dot = np.empty((2, C))
        parallel_for(kernels.grad_sums, C, dy, x, mean, db, dot)
        dw = dot * r  # Σ dy · z, with z = (x − μ) r
        if statistics is None:
            # μ and r move with x: dx = scale · (dy − mean(dy) − z · mean(dy · z))
            share = -scale / max(N * L, 1)
            dx = np.empty_like(x)
            parallel_for(kernels.grad_input, C, dy, x, mean, scale, share * r * dw, share * db, dx)
        else:
            dx = dy * scale.astype(x.dtype)[:, np.newaxis]
        return dx, dw.astype(x.dtype), db.astype(x.dtype)

    return y, vjp, mean, var


def by_group(x, G, weight, bias, eps):
    """Each of G groups of channels of each sample of x (N, C, …) standardised, then each channel scaled."""
    N, C = x.shape[:2]
    x3 = flat(x)
    groups = (1, N * G, C // G * x3.shape[2])
    normal, vjp, mean, var = standardize(x3.reshape(groups), eps)
    y, affine_vjp = affine(normal.reshape(x3.shape), weight, bias, (0, 2))

    def back(dy):
        dnormal, dw, db = affine_vjp(flat(dy))
        return vjp(dnormal.reshape(groups))[0].reshape(x.shape), dw, db

    return y.reshape(x.shape), back, mean, var


def affine(z, weight, bias, axes):
    """z · weight + bias, which are the same along `axes`; and the pull-back to z, weight and bias."""
    w, b = (None if a is None else np.expand_dims(a, axes) for a in (weight, bias))
    y = z if w is None else z * w
    if b is not None:
        y = np.add(y, b, out=None if y is z else y)  # z is kept for the pull-back

    def vjp(dy):
        dw = None if w is None else (dy * z).sum(axes, np.float64).astype(z.dtype)
        db = None if b is None else dy.sum(axes, np.float64).astype(z.dtype)
        return dy if w is None else dy * w, dw, db

    return y, vjp


@quiet
def move(statistics, mean, var, momentum):
    """The running statistics a share `momentum` nearer to mean and var, in place."""
    for running, new in zip(statistics, (mean, var), strict=True):
        running[...] = (1 - momentum) * running + momentum * new


def check_channels(where, x, running_mean, running_var, weight, bias, training, least_axes):
    """Check all arrays. Returns C, and the pair of running statistics or None."""
    _checks.floating(where, "x", x)
    if x.ndim < least_axes:
        shape = "(N, C, …)" if least_axes == 2 else "(N, C, L), (N, C, H, W) or (N, C, D, H, W)"
        raise ValueError(f"{where}: x must have shape {shape}, not {x.shape}. Use x[np.newaxis] for one sample.")
    C = x.shape[1]
    if not training and (running_mean is None or running_var is None):
        raise ValueError(
            f"{where}: running_mean and running_var must be given where those of the input are not used. Call train() "
            "first, or keep running statistics with track_running_stats=True."
        )
    if (running_mean is None) != (running_var is None):
        raise ValueError(f"{where}: running_mean and running_var must either both be None or neither. Pass both.")
    arrays = dict(running_mean=running_mean, running_var=running_var, weight=weight, bias=bias)
    repair = f"Pass num_{'channels' if where == 'group_norm' else 'features'}={C} to the layer."
    check_shapes(where, x, (C,), repair, **arrays)
    if training and running_mean is not None and not (running_mean.flags.writeable and running_var.flags.writeable):
        raise ValueError(
            f"{where}: running_mean and running_var change while training, but are read-only. Pass copies."
        )
    return C, None if running_mean is None else (running_mean, running_var)


def check_shapes(where, x, shape, repair, **arrays):
    """All arrays must have that shape, and x's dtype."""
    for name, a in arrays.items():
        if a is not None:
            _checks.floating(where, name, a)
            if a.shape != shape:
                raise ValueError(
                    f"{where}: for x of shape {x.shape}, {name} must have shape {shape}, not {a.shape}. {repair}"
                )
    _checks.same_dtype(where, x=x, **arrays)
