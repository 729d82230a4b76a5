"""Where results are kept: memory that is used again as soon as its array dies.

A large new array costs as much as the arithmetic on it: the system hands its memory out page by page, each at the first
touch, and takes it back at the end. Here it stays. An array from `empty` has a small `_Block` as its base; the block
dies with the array and all its views, and lays the memory back on the shelf for its size. What lies there is bounded:

- Before new memory is asked for, old is let go until all of it is at most twice what was in use at the same time.
- What lay untouched for thousands of arrays is let go, as after a large network made way for a small one.
"""

import itertools
import os
import threading
from math import prod

import numpy as np

SMALL = 1 << 16  # bytes; below, the allocator of C keeps its memory too
WINDOW = 4096  # arrays from one sweep to the next


class _Shelf:
    """Memory of one size: the pieces (memory, offset) that lie free, the one used last on top."""

    __slots__ = ("free", "made", "untouched")

    def __init__(self):
        self.free, self.made, self.untouched = [], 0, 0  # `untouched`: so many at the bottom lay there since the sweep


class _Memory(np.ndarray):
    """Of arrays in a row of bases NumPy keeps only the last, but not across types: so a `_Block` stays between."""


class _Block(np.ndarray):
    """What an array owns its memory through. Needs no lock and no global name: it may die anywhere, also at exit."""

    __slots__ = ("memory", "free")

    def __del__(self):
        self.free.append(self.memory)


_shelves, _clock, _lock, _most = {}, itertools.count(1), threading.RLock(), 0
if hasattr(os, "register_at_fork"):  # no child may begin with a lock that nobody will release
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def empty(shape, dtype):
    """An array whose contents are not set yet, at an address that 64 divides if it is large.

    Example
    -------
    >>> a = empty((100, 1000), np.float32)
    >>> a.shape, a.flags.c_contiguous, a.flags.writeable
    ((100, 1000), True, True)
    """
    dtype = np.dtype(dtype)
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    size = prod(shape) * dtype.itemsize
    if size < SMALL:
        return np.empty(shape, dtype)
    if next(_clock) % WINDOW == 0:
        _sweep()
    shelf = _shelves.get(size) or _shelves.setdefault(size, _Shelf())
    free = shelf.free
    try:
        memory = free.pop()
    except IndexError:
        memory = _new(shelf, size)
    if len(free) < shelf.untouched:
        shelf.untouched = len(free)
    block = _Block(shape, dtype, *memory)
    block.memory, block.free = memory, free
    return block.view(np.ndarray)


def _new(shelf, size):
    """Memory from the system, after so much old was let go that all of it is at most twice the most in use at once."""
    global _most
    with _lock:
        shelf.made += 1
        shelves = list(_shelves.items())
        held = sum(size * shelf.made for size, shelf in shelves)
        _most = max(_most, held - sum(size * len(shelf.free) for size, shelf in shelves))
        for size_of_other, other in shelves:
            while held > 2 * _most and _let_go(other):
                held -= size_of_other
    memory = np.empty(size + 64, np.uint8).view(_Memory)
    return memory, -memory.ctypes.data % 64


def _let_go(shelf):
    """Give the piece that lay longest back to the system, if there is one."""
    try:
        del shelf.free[0]
    except IndexError:
        return False
    shelf.made -= 1
    return True


def _sweep():
    """Let go of what was not touched since the last sweep."""
    global _most
    with _lock:
        for size, shelf in list(_shelves.items()):
            for _ in range(shelf.untouched):
                _let_go(shelf)
            shelf.untouched = len(shelf.free)
            if not shelf.made:
                del _shelves[size]
        _most = 0
