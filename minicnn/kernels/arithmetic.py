"""The sum of two arrays, with threads where they are large; of gradients, without needless copies."""

import sys

import numpy as np

from ._asynchronous import call, synchronize
from ._buffers import _Block, empty
from ._jit import jit, parallel_for

LARGE = 1 << 17  # numbers; for fewer, NumPy is done before threads have begun
_some = [object()]
ONE = sys.getrefcount(_some[0])  # what is counted for an object to which one other refers


@jit
def add_kernel(start, stop, a, b, y):
    """y = a + b; index i owns y[i]."""
    a, b, y = a[start:stop], b[start:stop], y[start:stop]
    for i in range(y.size):
        y[i] = a[i] + b[i]


def add(a, b, out=None):
    """a + b, into the array `out` if it is given (it may be a itself).

    Example
    -------
    >>> add(np.array([1.0, 2.0]), np.array([10.0, 20.0]))
    array([11., 22.])
    """
    if a.size < LARGE or a.shape != b.shape or a.dtype != b.dtype or a.dtype.kind != "f":
        synchronize()
        return np.add(a, b, out=out)
    y = empty(a.shape, a.dtype) if out is None else out
    parallel_for(add_kernel, a.size, *(np.ascontiguousarray(x).reshape(-1) for x in (a, b)), y.reshape(-1), grain=LARGE)
    return y


def add_gradients(references, a, b):
    """a + b, in a itself where nobody sees it; pass ``sys.getrefcount(place)`` of a. No scalar of 0-d arrays."""
    in_place = isinstance(a, np.ndarray) and a.shape == b.shape and a.dtype == b.dtype and _is_ours(references, a)
    return np.asarray(call(True, add, a, b, a if in_place else None))


def keep_gradient(references, a, dtype):
    """a itself if nobody else holds it, or else a copy; pass ``sys.getrefcount(place)`` of a."""
    if a.dtype == dtype and _is_ours(references, a):
        return a
    synchronize()
    return np.array(a, dtype)


def _is_ours(references, a):
    """Whether a is referred to from one place only. If it is a reshaped array, that too must have no other views."""
    if references != ONE or not (a.flags.c_contiguous and a.flags.writeable):
        return False
    return _owns(a) or (_owns(a.base) and a.base.size == a.size and sys.getrefcount(a.base) == ONE)


def _owns(a):
    return isinstance(a, np.ndarray) and (a.flags.owndata or isinstance(a.base, _Block))
