"""Where ReLU let a number through: one bit for each, so that the way back need not read all numbers again."""

import llvmlite.ir as ir
import numpy as np
from numba import types
from numba.core import config
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from .running.atomics import I32, inline

WORD = 32


def _place(target, b, kind, array, i):
    """A pointer to array[i] and the WORD - 1 numbers behind it, as one vector."""
    vector = ir.VectorType(target.get_data_type(kind.dtype), WORD)
    return b.bitcast(b.gep(make_array(kind)(target, b, array).data, [i]), vector.as_pointer())


@intrinsic
def _positive(_, y, i):
    """WORD bits, the lowest one first: whether y[i], y[i + 1], … are > 0, or NaN."""

    def emit(target, b, signature, args):
        numbers = b.load(_place(target, b, signature.args[0], *args), align=4)
        return b.bitcast(b.fcmp_unordered(">", numbers, ir.Constant(numbers.type, None)), I32)

    return types.uint32(y, types.int64), emit


@intrinsic
def _keep(_, bits, g, kept, i):
    """kept[i], kept[i + 1], … = those of g whose bit is 1, else 0."""

    def emit(target, b, signature, args):
        bits, g, kept, i = args
        numbers = b.load(_place(target, b, signature.args[1], g, i), align=4)
        chosen = b.bitcast(bits, ir.VectorType(ir.IntType(1), WORD))
        numbers = b.select(chosen, numbers, ir.Constant(numbers.type, None))
        b.store(numbers, _place(target, b, signature.args[2], kept, i), align=4)
        return target.get_dummy_value()

    return types.void(types.uint32, g, kept, types.int64), emit


VECTORS = not config.DISABLE_JIT


@inline
def remember(y, signs):
    """A bit of `signs` for each number of the row y: whether ReLU let it through (so also NaN)."""
    whole = y.size // WORD if VECTORS else 0
    for word in range(whole):
        signs[word] = _positive(y, WORD * word)
    signs[whole:] = 0
    for i in range(WORD * whole, y.size):
        signs[i // WORD] |= np.uint32(not y[i] <= 0) << np.uint32(i % WORD)


@inline
def let_through(g, signs, kept):
    """kept = g where ReLU let a number through, else 0."""
    whole = g.size // WORD if VECTORS else 0
    for word in range(whole):
        _keep(signs[word], g, kept, WORD * word)
    for i in range(WORD * whole, g.size):
        kept[i] = g[i] if signs[i // WORD] >> np.uint32(i % WORD) & np.uint32(1) else 0
