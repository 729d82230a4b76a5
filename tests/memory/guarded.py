"""Arrays whose neighbours must not be touched: the page behind each (or before it) may be neither read nor written.

Who reads past the end of one is ended by the system, also where the reading is done by instructions that no checker
sees. Used in processes of their own: ``python -m tests.memory.operations SEED``.
"""

import ctypes
import mmap
import weakref

import numpy as np

PAGE = mmap.PAGESIZE
_libc = ctypes.CDLL(None)
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
READ_WRITE, NOTHING = 3, 0  # of PROT_…
PRIVATE, ANONYMOUS = mmap.MAP_PRIVATE, mmap.MAP_ANONYMOUS


def empty(shape, dtype, before=False):
    """A new array that ends at a guard page, or begins behind one; its bytes are 0xff (NaN, −1) at first."""
    dtype = np.dtype(dtype)
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    pages = -(-size // PAGE) + 2
    if pages > 1 << 16:
        raise MemoryError(f"{size} bytes are too many for a test")
    start = _libc.mmap(None, pages * PAGE, READ_WRITE, PRIVATE | ANONYMOUS, -1, 0)
    if start in (None, ctypes.c_void_p(-1).value):
        raise MemoryError("no more maps are to be had")
    _libc.mprotect(start, PAGE, NOTHING)
    _libc.mprotect(start + (pages - 1) * PAGE, PAGE, NOTHING)
    at = start + PAGE if before else start + (pages - 1) * PAGE - size
    memory = (ctypes.c_ubyte * max(size, 1)).from_address(at if size else start + PAGE)
    weakref.finalize(memory, _libc.munmap, start, pages * PAGE).atexit = False
    ctypes.memset(memory, 0xFF, size)
    return np.frombuffer(memory, dtype, size // dtype.itemsize).reshape(shape)


def guard(array, before=False):
    """A guarded copy of an array."""
    copy = empty(array.shape, array.dtype, before)
    copy[...] = array
    return copy


def put_on_guard():
    """Let minicnn compute into guarded arrays too."""
    import sys

    from minicnn.kernels.running import buffers

    original = buffers.empty
    for module in [*sys.modules.values()]:
        if getattr(module, "empty", None) is original:
            module.empty = empty
