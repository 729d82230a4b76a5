"""Which way a convolution goes, and why: what ways.py decides, in words."""

from functools import partial
from math import prod

import numpy as np

from ...calls import by_place
from ...tensor import Tensor
from ..conv import checked_geometry, conv1d, conv2d, conv3d
from . import ways
from .geometry import Job

__all__ = ["explain"]

SMALL = 64  # pixels of an image whose tables can be read
NAMES = {"forward": "y", "grad_input": "dx", "grad_weight": "dw"}


def explain(f, *args, **options):
    """Print which kernels compute a convolution and its gradients, and why not the others; of a small one the tables.

    Parameters
    ----------
    f : callable
        ``F.conv1d``, ``F.conv2d`` or ``F.conv3d``, or a layer that calls one.
    *args, **options
        What it would be called with.

    Raises
    ------
    ValueError
        If f is another operation.

    Example
    -------
    >>> x, w = np.zeros((64, 16, 32, 32), np.float32), np.zeros((16, 16, 3, 3), np.float32)
    >>> mc.explain(mc.functional.conv2d, x, w, padding=1)  # doctest: +ELLIPSIS
    conv2d: x (64, 16, 32, 32) and weight (16, 16, 3, 3) of float32 to y (64, 16, 32, 32)
    <BLANKLINE>
    y is computed by ...
    """
    convolutions = conv1d, conv2d, conv3d
    if hasattr(f, "weight") and hasattr(f, "dilation"):  # a layer
        args = *args, f.weight, f.bias, f.stride, f.padding, f.dilation, f.groups
        f = convolutions[f.nd - 1]
    if f not in convolutions:
        name = getattr(f, "__name__", repr(f))
        raise ValueError(f"explain: it knows F.conv1d, F.conv2d and F.conv3d, not {name}. Others go one way only.")
    nd = 1 + convolutions.index(f)
    (x, weight, bias, *settings), _ = by_place(f, args, options)
    x, weight, bias = (a.data if isinstance(a, Tensor) else a for a in (x, weight, bias))
    x = x[np.newaxis] if getattr(x, "ndim", 0) == nd + 1 else x
    g = checked_geometry(f.__name__, nd, x, weight, bias, *settings)
    shape = len(x), len(weight), *g.out[:nd]
    print(f"{f.__name__}: x {x.shape} and weight {weight.shape} of {x.dtype} to y {shape}")
    jobs = {product: Job(product, g, len(x), x.shape[1], len(weight), x.dtype) for product in NAMES}
    for product, job in jobs.items():
        _reasons(NAMES[product], job)
    if prod(g.size) <= SMALL and nd == 2:
        _places(g)
        _tables(jobs["forward"])


def _reasons(name, job):
    """The way that is taken, and of all others why not."""
    taken, others = None, []
    for way, plan in ways.considered(job):
        own = way.__name__.rpartition(".")[2]
        if not callable(plan):
            others.append(f"  not by {own}: {plan}")
        elif taken is None:
            taken = own
        else:
            others.append(f"  not by {own}: it could, but is asked later")
    print(f"\n{name} is computed by {taken}: see functional/convolution/{taken}.py")
    print("\n".join(others))


def _places(g):
    """Where the pixels of the padded image lie, what taps see, and where windows stand."""
    offsets, places = g.offsets_and_places()
    height, width = g.padded[:2]
    wide = len(str(height * width))
    print(f"\nthe image with its padding, {height} × {width}, pixel by pixel")
    for row in np.arange(height * width).reshape(height, width):
        print(" ", *(f"{pixel:{wide}}" for pixel in row))
    print(f"a tap looks so far ahead of its window: offsets = {offsets.tolist()}")
    print(f"windows stand at: places = {places.tolist()}")


def _tables(job):
    """What the kernel for y is called with."""
    call = ways.choose(job)
    while isinstance(call, partial):  # of strips, a partial of a partial
        call = call.args[-1]
    if not hasattr(getattr(call, "tables", None), "_asdict"):
        return
    print(f"\ntables of the kernel for y, in which a vector has {job.lanes} numbers")
    for name, value in call.tables._asdict().items():
        print(f"  {name:9} {np.array2string(np.asarray(value), threshold=40, prefix=' ' * 12)}")
