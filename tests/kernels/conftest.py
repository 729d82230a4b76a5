"""A pool that puts off what is begun: for tests of who waits for it."""

import pytest

import minicnn as mc
from minicnn.kernels import _parallel


@pytest.fixture
def two_threads():
    before = mc.get_num_threads()
    mc.set_num_threads(2)
    yield
    mc.set_num_threads(before)


@pytest.fixture
def late(two_threads):
    """What is begun does not run before somebody waits for it; ``late(False)``: it does again, as usual."""

    def late(late=True):
        pool, memory = _parallel._pool or _parallel._start(), _parallel._kept[-1]
        memory[(pool - memory.ctypes.data + _parallel.LATE) // 8] = late

    late()
    yield late
    late(_parallel.PUT_OFF)
