"""Arrays inside kernels, to work with. np.zeros and np.empty take ten times as long to compile."""

import os

import llvmlite.ir as ir
from numba import types
from numba.core.cgutils import memset
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

POISONED = bool(os.environ.get("MINICNN_POISON"))  # for tests: what nobody has written is NaN


def _array(n, like, byte):
    """What makes an array of n numbers as in `like`, from where a cache line begins; `byte` in all of it, or None."""
    kind = types.Array(like.dtype, 1, "C")

    def generate(context, b, sig, values):
        itemsize = ir.IntType(64)(like.dtype.bitwidth // 8)
        size = b.mul(values[0], itemsize)
        meminfo = context.nrt.meminfo_alloc_aligned(b, size, 64)
        data = context.nrt.meminfo_data(b, meminfo)
        if byte is not None:
            memset(b, data, size, byte)
        array = make_array(kind)(context, b)
        populate_array(array, b.bitcast(data, array.data.type), [values[0]], [itemsize], itemsize, meminfo)
        return array._getvalue()

    return kind(types.int64, like), generate


@intrinsic
def zeros(_, n, like):
    """n zeros."""
    return _array(n, like, 0)


@intrinsic
def scratch(_, n, like):
    """n numbers that nobody has set: to write zeros to all of a large buffer takes as long as a tenth of the work."""
    return _array(n, like, 255 if POISONED else None)
