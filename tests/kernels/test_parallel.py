"""The pool does every piece once, whoever calls it from wherever, and never hangs: each subprocess has a time limit."""

import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from numba.core import config
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F
from minicnn.kernels.running import parallel
from minicnn.kernels.running.jit import jit, parallel_for
from tests.limits import HANGS

pytestmark = pytest.mark.patient
COMPILED = pytest.mark.skipif(config.DISABLE_JIT, reason="without Numba there is no pool")
STEP = """
import multiprocessing, os, threading, time
import numpy as np
import minicnn as mc
from minicnn.kernels.running.jit import jit, parallel_for

@jit
def count(start, stop, done):
    for i in range(start, stop):
        done[i] += 1

def step():
    done = np.zeros(1000, int)
    parallel_for(count, 1000, done)
    assert (done == 1).all()

def forever():
    while True:
        step()

def steps():
    for _ in range(300):
        step()

mc.set_num_threads(3)
step()
"""


@pytest.fixture(params=[1, 2, 3, 8])
def threads(request):
    before = mc.get_num_threads()
    mc.set_num_threads(request.param)
    yield request.param
    mc.set_num_threads(before)


@jit
def count(start, stop, done):
    for i in range(start, stop):
        done[i] += 1


@jit
def total(start, stop, x, times, out):
    for i in range(start, stop):
        for _ in range(times):
            out[i] += x[i]


@jit
def fail_at(start, stop, bad, done):
    for i in range(start, stop):
        if i == bad:
            raise ValueError("this index is bad")
        done[i] += 1


@jit
def nothing(start, stop):
    pass


@pytest.mark.parametrize("grain", [1, 3, 7, 1000])
@pytest.mark.parametrize("n", [0, 1, 2, 7, 97, 1000])
def test_every_index_is_done_once(threads, n, grain):
    done = np.zeros(n + 1, int)
    for times in range(1, 20):
        parallel_for(count, n, done, grain=grain)
        assert_array_equal(done, times * (np.arange(n + 1) < n))


def test_many_launches_of_random_sizes():
    """Oversubscribed, and resized while it runs."""
    rng = np.random.default_rng(0)
    before = mc.get_num_threads()
    x, out = rng.standard_normal(512), np.zeros(512)
    expected = np.zeros(512)
    for i in range(3000):
        if i % 100 == 0:
            mc.set_num_threads(int(rng.integers(1, 9)))
        n, grain = (int(v) for v in rng.integers(1, (512, 9)))
        parallel_for(total, n, x, 1 + i % 3, out, grain=grain)
        for _ in range(1 + i % 3):
            expected[:n] += x[:n]
        if i % 100 == 0:
            assert_array_equal(out, expected)
    assert_array_equal(out, expected)
    mc.set_num_threads(before)


@pytest.mark.parametrize("callers", [2, 8])
def test_python_threads_may_compute_at_once(threads, callers):
    wrong = []

    def caller(seed):
        x, out = np.full(300, float(seed)), np.zeros(300)
        for k in range(1, 300):
            parallel_for(total, 300, x, 5, out)
            if (out != 5 * k * seed).any():
                wrong.append(seed)

    running = [threading.Thread(target=caller, args=(seed,)) for seed in range(callers)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)
        assert not thread.is_alive()
    assert wrong == []


def test_training_in_two_threads_gives_the_bits_of_one():
    def train(results, seed):
        rng = np.random.default_rng(seed)
        model = mc.Sequential(mc.Conv2d(1, 4, 3, rng=rng), mc.ReLU(), mc.Flatten(), mc.Linear(144, 3, rng=rng))
        optimizer = mc.SGD(model.parameters(), lr=0.1)
        x, target = rng.standard_normal((16, 1, 8, 8)).astype(np.float32), rng.integers(3, size=16)
        for _ in range(20):
            loss = F.cross_entropy(model(mc.Tensor(x)), target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        results[seed] = np.concatenate([p.data.ravel() for p in model.parameters()])

    alone, together = {}, {}
    for seed in range(2):
        train(alone, seed)
    running = [threading.Thread(target=train, args=(together, seed)) for seed in range(2)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)
    for seed in range(2):
        assert_array_equal(alone[seed], together[seed])


@pytest.mark.parametrize("bad", [0, 30, 99])
def test_an_error_in_any_piece_is_raised_after_all_others_are_done(threads, bad):
    done = np.zeros(100, int)
    with pytest.raises(ValueError, match="^this index is bad$"):
        parallel_for(fail_at, 100, bad, done)
    assert done[bad] == 0
    parallel_for(fail_at, 100, -1, done)  # and the pool works on
    assert done.min() >= 1
    parallel_for(nothing, 100)


def words():
    """The pool's memory, as an array of its words."""
    memory = parallel._kept[-1]
    return memory[(parallel._pool - memory.ctypes.data) // 8 :]


@COMPILED
def test_workers_take_part():
    """Not in every job, if the machine has other things to do; but never in none."""
    before = mc.get_num_threads()
    mc.set_num_threads(2)
    x, out, end = np.ones(64), np.zeros(64), time.monotonic() + HANGS
    parallel_for(total, 64, x, 1, out)
    while words()[parallel.DONE // 8] == 0:
        assert time.monotonic() < end
        parallel_for(total, 64, x, 10000, out)
    mc.set_num_threads(before)


@COMPILED
def test_a_launch_within_a_launch_does_all_itself(threads):
    """As from a callback: the pool belongs to somebody, here to us."""
    done = np.zeros(100, int)
    parallel_for(count, 100, done)
    busy = parallel.BUSY // 8
    assert words()[busy] == 0
    words()[busy] = 1
    parallel_for(count, 100, done)
    assert words()[busy] == 1
    words()[busy] = 0
    assert_array_equal(done, 2)


def test_a_pool_that_is_replaced_finishes_its_job():
    before, stop = mc.get_num_threads(), threading.Event()
    done, launches = np.zeros(1000, int), 0

    def change():
        while not stop.is_set():
            for n in (1, 2, 4):
                mc.set_num_threads(n)

    changer = threading.Thread(target=change)
    changer.start()
    for launches in range(1, 300):
        parallel_for(count, 1000, done)
        assert (done == launches).all()
    stop.set()
    changer.join(HANGS)
    mc.set_num_threads(before)


@pytest.mark.parametrize("n", [1, 4, np.int64(2)])
def test_number_of_threads(n):
    before = mc.get_num_threads()
    mc.set_num_threads(n)
    assert mc.get_num_threads() == n
    mc.set_num_threads(before)


@pytest.mark.parametrize(
    ("n", "error", "message"),
    [
        (0, ValueError, "set_num_threads: n must be from 1 to 1024, not 0. Pass the number of processors."),
        (-2, ValueError, "set_num_threads: n must be from 1 to 1024, not -2. Pass the number of processors."),
        (1025, ValueError, "set_num_threads: n must be from 1 to 1024, not 1025. Pass the number of processors."),
        (2.0, TypeError, "set_num_threads: n must be an int, not 2.0."),
        (True, TypeError, "set_num_threads: n must be an int, not True."),
        ("2", TypeError, "set_num_threads: n must be an int, not '2'."),
    ],
)
def test_bad_numbers_of_threads(n, error, message):
    before = mc.get_num_threads()
    with pytest.raises(error) as e:
        mc.set_num_threads(n)
    assert str(e.value) == message
    assert mc.get_num_threads() == before


def run(code, **environment):
    env = {**os.environ, "NUMBA_DISABLE_JIT": "0", **environment}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_the_environment_sets_the_number_of_threads():
    assert run("import minicnn as mc; print(mc.get_num_threads())", NUMBA_NUM_THREADS="3") == "3\n"


@pytest.mark.parametrize("then", ["", "time.sleep(0.3)", "raise SystemExit(0)", "mc.set_num_threads(2); step()"])
def test_exit_with_workers_spinning_or_asleep(then):
    run(STEP + then)


@pytest.mark.parametrize("after", [0, 0.05])
def test_exit_while_another_thread_computes(after):
    run(STEP + f"threading.Thread(target=forever, daemon=True).start(); time.sleep({after})")


def test_interrupt_while_computing():
    code = """
import _thread, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
try:
    threading.Timer(0.2, _thread.interrupt_main).start()
    forever()
except KeyboardInterrupt:
    step()
"""
    run(STEP + code)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_fork_while_the_pool_is_busy():
    code = """
import warnings
warnings.simplefilter("ignore")  # newer Pythons warn of fork in a process with threads; here it is the point
for _ in range(2):
    threading.Thread(target=forever, daemon=True).start()
children = [multiprocessing.get_context("fork").Process(target=steps) for _ in range(10)]
for child in children:
    child.start()
    steps()
for child in children:
    child.join()
    assert child.exitcode == 0
"""
    run(STEP + code, NUMBA_NUM_THREADS="2")


def test_without_numba_a_kernel_is_a_function():
    run(STEP + "assert threading.active_count() == 1", NUMBA_DISABLE_JIT="1")
