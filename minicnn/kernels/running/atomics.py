"""What Numba lacks: words of memory that several threads change, calls of a function by its address, locks; helpers."""

import platform
import sys

import llvmlite.ir as ir
import numba
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

I32, I64 = ir.IntType(32), ir.IntType(64)
PIECE = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, I64, I64])  # function(arguments, start, stop)
EXTERNAL = types.ExternalFunction
acquire_lock = EXTERNAL("PyThread_acquire_lock", types.int32(types.int64, types.int32))  # needs no interpreter lock
release_lock = EXTERNAL("PyThread_release_lock", types.void(types.int64))
let_others_run = EXTERNAL("SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32())


def helper(**flags):
    """Decorates what only kernels call: its ways from Python and C would take as long to compile as itself."""
    return numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **flags)


inline = numba.njit(inline="always")  # for what is done to one row: a call costs as much as 64 pixels


def _at(builder, address):
    return builder.inttoptr(address, I64.as_pointer())


@intrinsic
def load(_, address):
    return types.int64(types.int64), lambda _, b, __, a: b.load_atomic(_at(b, a[0]), "seq_cst", 8)


@intrinsic
def store(_, address, value):
    def emit(target, b, signature, a):
        b.store_atomic(a[1], _at(b, a[0]), "seq_cst", 8)
        return target.get_dummy_value()

    return types.void(types.int64, types.int64), emit


@intrinsic
def add(_, address, value):
    return types.int64(types.int64, types.int64), lambda _, b, __, a: b.atomic_rmw("add", _at(b, a[0]), a[1], "seq_cst")


@intrinsic
def swap(_, address, old, new):
    """Write `new` if `old` is there; whether it was."""

    def emit(target, b, signature, a):
        return b.extract_value(b.cmpxchg(_at(b, a[0]), a[1], a[2], "seq_cst", "seq_cst"), 1)

    return types.boolean(types.int64, types.int64, types.int64), emit


@intrinsic
def pause(_):
    """Tell the processor that this is a waiting loop."""
    machine = platform.machine().lower()

    def emit(target, b, signature, a):
        if machine in ("x86_64", "amd64"):
            b.call(b.module.declare_intrinsic("llvm.x86.sse2.pause", (), ir.FunctionType(ir.VoidType(), [])), [])
        elif machine in ("arm64", "aarch64"):
            hint = ir.FunctionType(ir.VoidType(), [I32])
            b.call(b.module.declare_intrinsic("llvm.aarch64.hint", (), hint), [I32(1)])
        return target.get_dummy_value()

    return types.void(), emit


@intrinsic
def call(_, function, arguments, start, stop):
    def emit(target, b, signature, a):
        b.call(b.inttoptr(a[0], PIECE.as_pointer()), [b.inttoptr(a[1], PIECE.args[0]), *a[2:]])
        return target.get_dummy_value()

    return types.void(*[types.int64] * 4), emit
