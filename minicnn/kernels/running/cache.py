"""Compiled kernels on disk: compile once, load in about a millisecond ever after."""

import contextlib
import hashlib
import inspect
import os
import pickle
import platform
import shutil
import time
import uuid
from functools import cache
from pathlib import Path

import llvmlite
import numba
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.runtime import rtsys
from numba.core.serialize import dumps

from .helper_process import compile_in_helper

KERNELS = Path(__file__).resolve().parents[1]


@cache
def cache_dir():
    """The folder where compiled kernels are kept, or None where none can be written: then each process compiles anew.

    It is named after all that decides what is compiled, so that no stale kernel can ever run: the source of all
    kernels, the compiler's versions and its options. (For which processor is part of each file's name.)
    """
    digest = hashlib.sha256(repr((numba.__version__, llvmlite.__version__, platform.python_version())).encode())
    for name, value in sorted(os.environ.items()):
        if name.startswith(("NUMBA_", "MINICNN_SIMD", "MINICNN_POISON")) and name != "NUMBA_NUM_THREADS":
            digest.update(f"{name}={value}\n".encode())
    for file in sorted(KERNELS.rglob("*.py")):
        digest.update(file.read_bytes())
    cache_home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(cache_home) / "minicnn" / "kernels" / digest.hexdigest()[:16]
    try:
        new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
    except OSError:
        return None
    if new:
        _clear_away(folder.parent)
    return folder if os.access(folder, os.W_OK) else None


def _clear_away(folders):
    """Delete what was compiled from other sources and not used for a month."""
    with contextlib.suppress(OSError):  # another process may be at it too
        for folder in folders.iterdir():
            if folder.stat().st_mtime < time.time() - 30 * 24 * 3600:
                shutil.rmtree(folder, ignore_errors=True)


def _identity(value):
    """What tells one kernel of this package from another: for a closure, also what it closes over."""
    value = inspect.unwrap(value) if callable(value) else value
    if not inspect.isfunction(value):
        return repr(value)
    return value.__module__, value.__qualname__, [_identity(cell.cell_contents) for cell in value.__closure__ or ()]


class KernelCache(NullCache):
    """Keeps each compiled signature in a file of its own.

    Numba's own cache has an index of a kernel's signatures, and two processes that write it at once may leave one
    signature's name on the other's machine code. Here nothing is shared: a file is written aside, then moved.
    """

    def __init__(self, kernel, role):
        self._key = role, _identity(kernel)
        inside = KERNELS in Path(inspect.getfile(kernel)).resolve().parents  # cache_dir() knows of no other source
        self._folder = cache_dir() if inside else None
        self._name = f"{kernel.__module__.rpartition('.')[2]}.{kernel.__name__}.{role}"

    def _file(self, signature, codegen):
        digest = hashlib.sha256(repr((self._key, signature, codegen.magic_tuple())).encode()).hexdigest()
        return self._folder / f"{self._name}.{digest[:16]}"

    def load_overload(self, signature, target):
        if self._folder:
            with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError):  # absent or damaged: compile
                code = pickle.loads(self._file(signature, target.codegen()).read_bytes())
                rtsys.initialize(target)  # all that it needs; Numba would load the whole compiler here, for 0.3 s
                return CompileResult._rebuild(target, *code)
            compile_in_helper(self._folder)

    def save_overload(self, signature, result):
        if self._folder and not result.library.has_dynamic_globals:
            file = self._file(signature, result.codegen)
            aside = file.with_suffix(f".{uuid.uuid4().hex}")
            with contextlib.suppress(OSError):  # a full or vanished disk only costs time
                try:
                    aside.write_bytes(dumps(result._reduce()))
                    aside.replace(file)
                finally:
                    aside.unlink(missing_ok=True)
