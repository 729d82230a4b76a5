"""A pool of threads that starts on a kernel within microseconds, and waits for nobody.

A job is a compiled function, its arguments and a number of pieces. Any thread that is awake may take pieces:

1. One caller at a time owns the pool (BUSY); whoever finds it owned, or nested in its own kernel, works alone.
2. The owner writes the job, then in one word (TICKET) which pieces are free: first · 2³² + last. It takes from the
   front, workers from the back, by compare-and-swap: thus neighbours stay on one core from kernel to kernel.
   Who succeeds holds a piece of the job that is in the pool *now*, and only then reads the job. So a thread that
   slept through ten jobs between reading and swapping does no harm: if the word is the same again, so is its meaning.
3. Who is done with a piece adds one to DONE. The owner writes the next job, or returns, only when all are done. It
   never waits for a piece that nobody took: it takes it itself. So a worker that sleeps or is gone costs only time.
4. A worker that found nothing for a while says so (ASLEEP), looks at TICKET once more, and sleeps on a lock of its
   own. The owner writes TICKET, then looks at ASLEEP. Whichever of the two came first, the other sees it: no wake-up
   is lost. Only who swaps ASLEEP back to 0 may, and then must, release the lock: each sleep has exactly one release.

All accesses are sequentially consistent: 2 and 3 need only release (write) and acquire (read), so that a job and its
results are seen by who sees the ticket or the count, but 4 needs a write not to be overtaken by a later read.
"""

import atexit
import contextlib
import ctypes
import operator
import os
import threading
from functools import cache

import numba
import numpy as np
from numba import types
from numba.core import config
from numba.core.compiler_lock import global_compiler_lock

from .atomics import acquire_lock, add, call, helper, let_others_run, load, pause, release_lock, store, swap
from .cache import KernelCache

# Where things are in the pool, in bytes. What different threads write lies far apart, lest they fight for cache lines.
TICKET, DONE, BUSY, FUNCTION, ARGUMENTS, LENGTH, PIECES, THREADS, STOP, RUN = *range(0, 384, 128), *range(384, 440, 8)
FIRST_WORKER, PER_WORKER, LOCK = 512, 128, 8  # of each worker: ASLEEP and, 8 bytes on, its lock
PIECES_PER_THREAD = 4  # so that who is held up does less
PAUSES, SPINS, YIELDS = 32, 400, 2000  # after work a worker looks 0.2 ms for more, then lets others run, then sleeps
FIRST, LAST = 1 << 32, (1 << 32) - 1  # the halves of a ticket
FRONT, BACK = np.int64(0), np.int64(1)  # as Python's ints they would be compiled in: twice


# ---------------------------------------------------------------- what the threads do; no Python runs in here


@helper(error_model="numpy")
def _take(pool, end):
    """Do free pieces of the job, from the front or the back of the row, until there is none; return how many."""
    taken = 0
    while True:
        ticket = load(pool + TICKET)
        first, last = ticket >> 32, ticket & LAST
        if first == last:
            return taken
        piece = last - 1 if end else first
        if swap(pool + TICKET, ticket, ticket - 1 if end else ticket + FIRST):
            n, pieces = load(pool + LENGTH), load(pool + PIECES)
            call(load(pool + FUNCTION), load(pool + ARGUMENTS), n * piece // pieces, n * (piece + 1) // pieces)
            taken += 1
            if end:
                add(pool + DONE, 1)


@helper(error_model="numpy")
def _wake(pool, workers):
    for worker in range(pool + FIRST_WORKER, pool + FIRST_WORKER + workers * PER_WORKER, PER_WORKER):
        if load(worker) and swap(worker, 1, 0):
            release_lock(load(worker + LOCK))


def _run(pool, function, arguments, n, grain):
    """Do a job with all who are awake. Without a function: send the workers home."""
    threads = load(pool + THREADS)
    if function == 0:
        store(pool + STOP, 1)
        _wake(pool, threads - 1)
        return 0
    pieces, most = n // grain, PIECES_PER_THREAD * threads
    pieces = pieces if pieces < most else most
    if threads == 1 or pieces < 2 or not swap(pool + BUSY, 0, 1):
        call(function, arguments, 0, n)
        return 0
    store(pool + FUNCTION, function)
    store(pool + ARGUMENTS, arguments)
    store(pool + LENGTH, n)
    store(pool + PIECES, pieces)
    store(pool + DONE, 0)
    store(pool + TICKET, pieces)
    _wake(pool, (pieces if pieces < threads else threads) - 1)
    others = pieces - _take(pool, FRONT)
    waited = 0
    while load(pool + DONE) < others:
        pause()
        waited += 1
        if waited > 10 * PAUSES:  # it was interrupted: let it finish
            let_others_run()
    store(pool + BUSY, 0)
    return 0


def _work(pool, number):
    """What a worker does all its life."""
    worker = pool + FIRST_WORKER + number * PER_WORKER
    idle = SPINS
    while not load(pool + STOP):
        idle = 0 if _take(pool, BACK) else idle + 1
        if idle <= SPINS + YIELDS:
            for _ in range(PAUSES):
                pause()
            if idle > SPINS:
                let_others_run()
        else:
            store(worker, 1)
            ticket = load(pool + TICKET)
            needed = ticket >> 32 != ticket & LAST or load(pool + STOP)
            if not (needed and swap(worker, 1, 0)):  # if somebody else swapped, the lock is open: pass through it
                acquire_lock(load(worker + LOCK), 1)
            idle = SPINS  # it may be on the caller's processor: let it run
    return 0


# ---------------------------------------------------------------- from Python to the pool


def parallel_for(kernel, n, *args, grain=1):
    """Call ``kernel(start, stop, *args)`` for pieces of ``range(n)``, of at least `grain` indices each, over threads.

    Index i of the range owns what the kernel writes for it. So no two threads write to the same place, and every
    sum is added up in the same order whatever the number of threads: results are equal bit for bit. Where the kernel's
    first argument is `job`, n is a table of jobs (n, grain, …), one after the other: see `jit`.
    """
    kernel.launch(_pool or start(), n, grain, *args)


_pool = 0  # its address, or 0: not started yet
_threads = config.NUMBA_NUM_THREADS
_workers = []
_kept = []  # pools are tiny and never freed: a thread may still look at one that was replaced


@global_compiler_lock
def start():
    """Make a pool of get_num_threads() - 1 workers, and return its address."""
    global _pool
    if _pool or config.DISABLE_JIT:
        return _pool
    threads = _threads  # it may change meanwhile
    (_, run), (work, _) = _compile(_run, 5), _compile(_work, 2)
    _workers[:] = [worker for worker in _workers if worker.is_alive()]
    words = np.zeros((FIRST_WORKER + threads * PER_WORKER) // 8 + 16, np.int64)
    pool = -(-words.ctypes.data // 128) * 128
    _kept.append(words)
    words = words[(pool - words.ctypes.data) // 8 :]
    words[THREADS // 8], words[RUN // 8] = threads, run
    for number in range(threads - 1):
        words[(FIRST_WORKER + number * PER_WORKER + LOCK) // 8] = _closed_lock()
        worker = threading.Thread(target=work, args=(pool, number), name=f"minicnn-{number + 1}", daemon=True)
        with contextlib.suppress(RuntimeError):  # no more threads are to be had: do with fewer
            worker.start()
            _workers.append(worker)
    _pool = pool
    return pool


@cache
def _compile(function, arguments):
    """Return it compiled, and the address of the machine code."""
    compiled = numba.njit(nogil=True, error_model="numpy")(function)
    compiled._cache = KernelCache(function, "pool")
    compiled.compile((types.int64,) * arguments)
    (result,) = compiled.overloads.values()
    return compiled, result.library.get_pointer_to_function(result.fndesc.llvm_cfunc_wrapper_name)


def _closed_lock():
    """The address of a lock of Python's, which there is on every system, held so that who wants it sleeps."""
    allocate, acquire = ctypes.pythonapi.PyThread_allocate_lock, ctypes.pythonapi.PyThread_acquire_lock
    allocate.argtypes, allocate.restype = [], ctypes.c_void_p
    acquire.argtypes = [ctypes.c_void_p, ctypes.c_int]
    lock = allocate()
    acquire(lock, 1)
    return lock


@global_compiler_lock
def _stop():
    """Send the workers home; jobs that run end as well without them, and the next one starts a new pool."""
    global _pool
    pool, _pool = _pool, 0
    if pool:
        _compile(_run, 5)[0](pool, 0, 0, 0, 0)


@atexit.register
def _stop_and_wait():
    """Let no worker run in compiled code that the interpreter is about to release, and start no new ones."""
    global _threads
    _threads = 1
    _stop()
    for worker in _workers:
        worker.join(timeout=1)


def _forget():
    """In a forked child: no worker came along."""
    global _pool
    _pool = 0
    _workers.clear()
    global_compiler_lock.release()


if hasattr(os, "register_at_fork"):  # not while another thread compiles: the child would wait for its end for ever
    take, give = global_compiler_lock.acquire, global_compiler_lock.release
    os.register_at_fork(before=take, after_in_parent=give, after_in_child=_forget)


def set_num_threads(n):
    """Set the number of threads that compute, for all of this process; results are the same bits for any number.

    At first it is the number of processors, or what the environment variable NUMBA_NUM_THREADS says.

    Parameters
    ----------
    n : int
        From 1 to 1024. More threads than processors make nothing faster.

    Raises
    ------
    TypeError, ValueError
        If `n` is no int, or out of range.

    Examples
    --------
    >>> before = mc.get_num_threads()
    >>> mc.set_num_threads(1)
    >>> mc.get_num_threads()
    1
    >>> mc.set_num_threads(before)
    """
    global _threads
    try:
        threads = operator.index(n)
    except TypeError:
        threads = None
    if threads is None or isinstance(n, bool):
        raise TypeError(f"set_num_threads: n must be an int, not {n!r}.")
    if not 1 <= threads <= 1024:
        raise ValueError(f"set_num_threads: n must be from 1 to 1024, not {n!r}. Pass the number of processors.")
    _threads = threads
    _stop()


def get_num_threads():
    """Return the number of threads that compute: see `set_num_threads`."""
    return _threads
