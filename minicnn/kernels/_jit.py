"""The only place that says how kernels are compiled, cached and spread over threads."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numba
from numba.core import config

# Not "nnan" and "ninf": with them np.isnan is False and NaNs vanish, and a diverged training would look healthy.
FLAGS = dict(fastmath={"contract", "reassoc", "nsz", "arcp"}, error_model="numpy", nogil=True)


@cache
def cache_dir():
    """The folder where compiled kernels are kept, or None where none can be written: then each process compiles anew.

    It is named after the source of all kernels, so that no stale one can ever run.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    cache_home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(cache_home) / "minicnn" / "kernels" / digest.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return str(folder) if os.access(folder, os.W_OK) else None


def jit(kernel):
    """Compile a kernel with the flags above when it is first called; keep the result on disk where that is possible."""
    before, config.CACHE_DIR = config.CACHE_DIR, cache_dir()
    try:
        return numba.njit(cache=cache_dir() is not None, **FLAGS)(kernel)
    finally:
        config.CACHE_DIR = before


@cache
def _threads():
    n = config.NUMBA_NUM_THREADS
    return n, ThreadPoolExecutor(n, "minicnn") if n > 1 else None


def parallel_for(kernel, n, *args, grain=1):
    """Call ``kernel(start, stop, *args)`` for pieces of ``range(n)``, of at least `grain` indices each, over threads.

    Index i of the range owns what the kernel writes for it. So no two threads write to the same place, and every
    sum is added up in the same order whatever the number of threads: results are equal bit for bit.
    """
    threads, pool = _threads()
    if pool is None or n < 2 * grain:
        kernel(0, n, *args)
        return
    cuts = [n * t // threads for t in range(threads + 1)]
    pieces = [pool.submit(kernel, a, b, *args) for a, b in zip(cuts[1:-1], cuts[2:], strict=True)]
    kernel(cuts[0], cuts[1], *args)
    for piece in pieces:
        piece.result()


if hasattr(os, "register_at_fork"):  # a forked child has no threads: let it start its own
    os.register_at_fork(after_in_child=_threads.cache_clear)
