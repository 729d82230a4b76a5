"""The most that this machine can do: multiply-adds in vector registers and nothing else, to compare with."""

import numpy as np

from .running.jit import jit
from .simd import BYTES, ROWS, VECTORS, loop, micro_kernel

SUMS = ROWS * VECTORS  # as many as a tile keeps; they do not depend on each other, so that none waits for another


def _multiply_adds(v, b, at, x, xo, n):
    """n times s = s · a + a for SUMS vectors s: in s_j each number begins as x[xo + j], and a is x[xo].

    The sum of all goes behind those numbers, so that no compiler can leave anything out.
    """
    numbers = [v.splat(b.load(at(x, xo, j))) for j in range(SUMS)]
    a = numbers[0]
    sums = loop(b, n, numbers, lambda k, sums: [v.call("fmuladd", v.type, s, a, a) for s in sums])
    for s in sums[1:]:
        sums[0] = b.fadd(sums[0], s)
    v.store(sums[0], at(x, xo, SUMS))


multiply_adds = micro_kernel(_multiply_adds)


@jit
def peak(start, stop, x, times):
    """Multiply and add, for each index so many `times` SUMS vectors; x: see `numbers`."""
    flat, row = x.reshape(x.size), x.shape[1]
    for i in range(start, stop):
        multiply_adds(flat, i * row, times)


def numbers(rows, dtype=np.float32):
    """What `peak` needs, a row for each index: with 0.5, every sum tends to 1."""
    return np.full((rows, SUMS + BYTES), 0.5, dtype)


def operations(x, times):
    """How many `peak` does: a multiplication and an addition are two."""
    return 2 * len(x) * times * SUMS * (BYTES // x.itemsize)
