"""How kernels are compiled, and how one is put to work on many threads: the only place that says so."""

import gc
import inspect
from functools import partial

import llvmlite.ir as ir
import numba
import numpy as np
from numba import types
from numba.core import cgutils, config
from numba.core.callconv import excinfo_ptr_t
from numba.core.compiler import Flags, compile_internal
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from .atomics import I32, I64, PIECE
from .cache import KernelCache
from .parallel import RUN, parallel_for

__all__ = ["FLAGS", "jit", "parallel_for"]

# Not "nnan" and "ninf": with them np.isnan is False and NaNs vanish, and a diverged training would look healthy.
FLAGS = dict(fastmath={"contract", "reassoc", "nsz", "arcp"}, error_model="numpy", nogil=True)


def jit(kernel, wide=False):
    """Compile a kernel with the flags above when it is first called; keep the result on disk where that is possible.

    A kernel of (start, stop, *args) also gets a compiled `launch(pool, n, grain, *args)`, for `parallel_for`. If its
    first argument is `job`, n is a table of jobs to do one after the other: each row (n, grain, …) is handed to it.
    What computes much for each number is faster in the processor's `wide` vectors, if LLVM holds back with them.
    """
    compiled = numba.njit(**FLAGS)(kernel)
    compiled.wide = wide
    if config.DISABLE_JIT:
        compiled.launch = partial(_launch_plain, kernel)
        return compiled
    compiled._cache = KernelCache(kernel, "kernel")

    def first(*args):
        compiled.launch = make_launch(kernel, compiled)
        collects = gc.isenabled()
        gc.disable()  # or it would look through all that the compiler makes, again and again
        try:
            compiled.launch(*args)
        finally:
            if collects:
                gc.enable()

    compiled.launch = first
    return compiled


def _launch_plain(kernel, pool, n, grain, *args):
    if np.ndim(n):
        for job in n:
            kernel(0, job[0], job, *args)
    else:
        kernel(0, n, *args)


def make_launch(kernel, compiled):
    names = [*inspect.signature(kernel).parameters][2:]
    scope = dict(kernel=compiled, share=_share, __name__=__name__)
    if names[:1] == ["job"]:
        args = "".join(f"{name}, " for name in names[1:])
        body = f"for job in n_:\n  share(kernel, pool_, job[0], job[1], (job, {args}))"
    else:
        args = "".join(f"{name}, " for name in names)
        body = f"share(kernel, pool_, n_, grain_, ({args}))"
    exec(f"def launch(pool_, n_, grain_, {args}):\n {body}", scope)
    launch = numba.njit(nogil=True, no_cfunc_wrapper=True)(scope["launch"])
    launch._cache = KernelCache(kernel, "launch")
    return launch


def _uncounted(target, b, kind, value):
    """An array without a counter of references: launch holds one, and threads that count would wait for each other."""
    if isinstance(kind, types.BaseTuple):
        items = zip(kind.types, cgutils.unpack_tuple(b, value), strict=True)
        return target.make_tuple(b, kind, [_uncounted(target, b, *item) for item in items])
    if not isinstance(kind, types.Array):
        return value
    array = make_array(kind)(target, b, value)
    array.meminfo = cgutils.get_null_value(array.meminfo.type)
    return array._getvalue()


@intrinsic
def _share(_, kernel, pool, n, grain, args):
    """Put the arguments where the other threads find them, and run kernel(start, stop, *args) on the pool.

    The kernel is compiled into the same library as this call of it: once, and kept in one file.
    """
    arg_types = tuple(args)

    def emit(target, b, signature, values):
        dispatcher, library, module = kernel.dispatcher, target.active_code_library, b.module
        flags = Flags()
        dispatcher.targetdescr.options.parse_as_flags(flags, dispatcher.targetoptions)
        flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.forceinline = True
        types_ = (types.int64, types.int64, *arg_types)
        result = compile_internal(target.typing_context, target, library, dispatcher.py_func, types_, None, flags, {})
        library._final_module.get_function(result.fndesc.llvm_func_name).linkage = "linkonce_odr"  # gone once inlined

        # The job's arguments, and what became of it: a status, and where the exception is described.
        _, pool, n, grain, arguments = values
        arguments = [*cgutils.unpack_tuple(b, arguments), I32(0), excinfo_ptr_t(None)]
        job = cgutils.alloca_once(b, ir.LiteralStructType([a.type for a in arguments]))
        for i, argument in enumerate(arguments):
            b.store(argument, cgutils.gep_inbounds(b, job, 0, i))

        piece = ir.Function(module, PIECE, module.get_unique_name("piece"))
        piece.linkage = "internal"
        if dispatcher.wide:
            set.add(piece.attributes, '"prefer-vector-width"="512"')  # llvmlite's own `add` does not know it
        p = ir.IRBuilder(piece.append_basic_block())
        mine = p.bitcast(piece.args[0], job.type)
        loaded = [
            _uncounted(target, p, kind, p.load(cgutils.gep_inbounds(p, mine, 0, i))) for i, kind in enumerate(arg_types)
        ]
        function = target.declare_function(module, result.fndesc)
        status, _ = target.call_conv.call_function(
            p, function, result.signature.return_type, types_, [*piece.args[1:], *loaded]
        )
        with cgutils.if_unlikely(p, status.is_error):
            p.store(status.code, cgutils.gep_inbounds(p, mine, 0, len(arg_types)))
            p.store(status.excinfoptr, cgutils.gep_inbounds(p, mine, 0, len(arg_types) + 1))
        p.ret_void()

        run = b.load(b.inttoptr(b.add(pool, I64(RUN)), ir.FunctionType(I64, [I64] * 5).as_pointer().as_pointer()))
        b.call(run, [pool, b.ptrtoint(piece, I64), b.ptrtoint(job, I64), n, grain])
        code, excinfo = (b.load(cgutils.gep_inbounds(b, job, 0, len(arg_types) + i)) for i in range(2))
        status = target.call_conv._get_return_status(b, code, excinfo)
        with cgutils.if_unlikely(b, status.is_error):
            target.call_conv.return_status_propagate(b, status)
        return target.get_dummy_value()

    return types.void(kernel, types.int64, types.int64, types.int64, args), emit
