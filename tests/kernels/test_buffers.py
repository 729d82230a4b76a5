"""Memory is used again, but no living array ever shares it, and what is not needed goes back to the system."""

import copy
import os
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from minicnn.kernels.running import buffers
from minicnn.kernels.running.buffers import SMALL, empty
from tests.limits import HANGS


@pytest.fixture(autouse=True)
def nothing_held(monkeypatch):
    monkeypatch.setattr(buffers, "_shelves", {})
    monkeypatch.setattr(buffers, "_most", 0)


def address(a):
    return a.__array_interface__["data"][0]


def held():
    return sum(size * shelf.made for size, shelf in buffers._shelves.items())


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint8, np.bool_, "<f8"])
@pytest.mark.parametrize("shape", [(), 3, (0, 5), (2, 3), SMALL, (SMALL, 3), [4, SMALL]])
def test_an_ordinary_array(shape, dtype):
    a, expected = empty(shape, dtype), np.empty(shape, dtype)
    assert (type(a), a.shape, a.dtype, a.strides) == (np.ndarray, expected.shape, expected.dtype, expected.strides)
    assert a.flags.writeable
    assert a.flags.aligned
    assert a.nbytes < SMALL or address(a) % 64 == 0
    a.fill(1)
    for twin in (pickle.loads(pickle.dumps(a)), copy.copy(a), copy.deepcopy(a)):
        assert_array_equal(twin, a)
        assert not np.shares_memory(twin, a)


def test_memory_is_used_again_when_the_array_and_all_its_views_are_dead():
    a = empty((2, SMALL), np.float32)
    where = address(a)
    view = a[1:].reshape(-1)[3:]
    del a
    other = empty((2, SMALL), np.float32)
    assert not np.shares_memory(view, other)
    del view
    again = empty(2 * SMALL * 4, np.uint8)  # another shape and dtype, but as many bytes
    assert address(again) == where


def test_living_arrays_never_share():
    rng, alive = np.random.default_rng(0), []
    for i in range(3000):
        a = empty(int(rng.integers(1, 4)) * SMALL, np.uint8)
        a[:] = i % 251
        alive.append((a, i % 251))
        if len(alive) > 20:
            a, value = alive.pop(rng.integers(len(alive)))
            assert (a == value).all()


def test_at_most_twice_of_what_was_in_use_at_once_is_held():
    for n in range(100, 200):
        a = empty(n * SMALL, np.uint8)
        assert held() <= 2 * n * SMALL
        del a


def test_what_is_not_needed_for_long_goes_back(monkeypatch):
    monkeypatch.setattr(buffers, "WINDOW", 10)
    del [empty(1000 * SMALL, np.uint8) for _ in range(3)][:]
    assert held() == 3000 * SMALL
    for _ in range(30):
        empty(SMALL, np.uint8)
    assert held() == SMALL
    assert len(buffers._shelves) == 1


def test_a_steady_loop_keeps_its_memory(monkeypatch):
    monkeypatch.setattr(buffers, "WINDOW", 10)
    places = set()
    for _ in range(50):
        step = [empty(n * SMALL, np.uint8) for n in (1, 2, 2, 3)]
        places.add(tuple(sorted(map(address, step))))
        del step
    assert len(places) == 1


def test_many_threads():
    wrong = []

    def work(number):
        for i in range(2000):
            a, b = empty((1 + i % 3) * SMALL, np.uint8), empty(SMALL, np.uint8)
            a.fill(number)
            b.fill(number)
            if not ((a == number).all() and (b == number).all()):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert held() <= 4 * 4 * 3 * SMALL


def test_a_cycle_that_is_collected_inside_gives_its_memory_back():
    for _ in range(5):
        cycle = [empty(SMALL, np.uint8)]
        cycle.append(cycle)
        del cycle
        __import__("gc").collect()
    assert held() == SMALL


@pytest.mark.patient
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_fork_and_exit():
    code = """
import os, threading, warnings
warnings.simplefilter("ignore")  # newer Pythons warn of fork in a process with threads; here it is the point
import numpy as np
from minicnn.kernels.running.buffers import empty, SMALL
stop = threading.Event()
def work():
    sizes = 0
    while not stop.is_set():
        sizes += 1
        empty((1 + sizes % 50) * SMALL, np.uint8)
thread = threading.Thread(target=work)
thread.start()
a = empty(SMALL, np.uint8)
a.fill(7)
for _ in range(20):
    child = os.fork()
    if not child:
        del a
        for n in range(1, 60):
            empty(n * SMALL, np.uint8).fill(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert (a == 7).all()
stop.set()
thread.join()
kept = [empty(SMALL, np.uint8)]
kept.append(kept)  # dies at exit only
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=HANGS)
    assert (done.returncode, done.stderr) == (0, "")
