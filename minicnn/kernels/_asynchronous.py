"""How kernels are put to work; and how Python runs ahead of them, so that the other processors need not wait for it.

From one kernel to the next Python takes 20 to 100 µs. So within a forward pass, and within `backward`, kernels are only
begun. Python goes on meanwhile, and helps before the next kernel begins: one is under way at most. The rules:

- Only operations that touch numbers nowhere but in kernels run ahead (`differentiable(…, ahead=True)`), or call
  `synchronize` before they do. What they hand on while it is being computed lies in memory in order. All others wait
  before they begin; on plain arrays nothing runs ahead.
- ``Tensor.data`` waits, and so does the end of each region.
- What a kernel works on lives until it is done (`_begun`), whatever Python forgets meanwhile.
- Who changes an array in place within a region must get hold of it there and then, by ``Tensor.data``: a kernel may
  still read it. And who hands a Tensor to another thread there must call `synchronize` before.
"""

import os
import threading
from contextlib import contextmanager
from threading import get_ident

import numpy as np

from . import _parallel

_begun = {}  # by thread, of the kernel under way: its pool, n, its arguments, and what to call then


class _State(threading.local):
    inside = int(_parallel.PUT_OFF)  # 1 in a region; for tests of who waits, everywhere
    ahead = 0  # 1 in an operation that may run ahead


_state = _State()


@contextmanager
def running_ahead():
    """A region in which operations of this thread may run ahead; or as a decorator of a function that is one."""
    before, _state.inside = _state.inside, 1
    try:
        yield
    except BaseException:
        _wait()  # in any case: an interrupt may have come before the kernel was noted
        raise
    finally:
        _state.inside = before
        synchronize()


def inside():
    """Whether this thread is in such a region."""
    return _state.inside


def call(ahead, f, *args, **options):
    """f(…), which may run `ahead` of its kernels, or waits for what is under way."""
    if not ahead:
        synchronize()
        return f(*args, **options)
    _state.ahead = _state.inside
    try:
        return f(*args, **options)
    finally:
        _state.ahead = 0


def parallel_for(kernel, n, *args, grain=1):
    """Call ``kernel(start, stop, *args)`` for pieces of ``range(n)``, of at least `grain` indices each, over threads.

    Index i of the range owns what the kernel writes for it. So no two threads write to the same place, and every
    sum is added up in the same order whatever the number of threads: results are equal bit for bit. Where the kernel's
    first argument is `job`, n is a table of jobs (n, grain, …), one after the other: see `jit`. Of these, only the last
    one may still be under way afterwards.
    """
    if _begun and (mine := _begun.get(get_ident())) and mine[-1]:
        synchronize()
    pool = _parallel._pool or _parallel._start()
    outcome = kernel.launch(pool, n, grain, _state.ahead, *args)
    if outcome == _parallel.IS_BEGUN:
        _begun[get_ident()] = pool, n, args, []
        if pool != _parallel._pool:  # it was replaced meanwhile
            synchronize()
    elif _begun:
        _begun.pop(get_ident(), None)
        if outcome == _parallel.FAILED_BEFORE:
            _parallel.finish(pool)


def when_done(f):
    """Call f() as soon as what is under way is done, and before the next kernel begins."""
    mine = _begun.get(get_ident())
    if mine:
        mine[-1].append(f)
    else:
        f()


def synchronize():
    """Wait until the kernel that is under way, if there is one, is done."""
    if _begun:
        _wait()


def _wait():
    me = get_ident()
    pool, *_, calls = _begun.get(me, (_parallel._pool, ()))  # _: the arguments, which must live on
    try:
        _parallel.finish(pool)
    finally:
        _begun.pop(me, None)
    ahead, _state.ahead = _state.ahead, 0
    for f in calls:
        f()
    _state.ahead = ahead


def contiguous(x):
    """x, or a copy of it whose numbers lie one after the other."""
    if not x.flags.c_contiguous:
        synchronize()
    return np.ascontiguousarray(x)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=synchronize, after_in_child=_begun.clear)
