"""Python runs ahead of kernels, and nobody sees it. Where it matters, a kernel does not even begin before it must."""

import contextlib
import copy
import gc
import os
import pickle
import threading
import weakref

import numpy as np
import pytest
from numba.core import config
from numpy.testing import assert_array_equal

import minicnn as mc
from minicnn.kernels import _asynchronous, _parallel
from minicnn.kernels._asynchronous import call, running_ahead, synchronize, when_done
from minicnn.kernels._jit import jit, parallel_for
from minicnn.tensor import differentiable

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="without Numba there is no pool")


@jit
def double(start, stop, x, y):
    for i in range(start, stop):
        y[i] = 2 * x[i]


@jit
def add_one(start, stop, x):
    for i in range(start, stop):
        x[i] += 1


@jit
def fail(start, stop, x):
    if x.size:
        raise ValueError("it has size")


@jit
def in_two(start, stop, job, x, y):
    for i in range(start, stop):
        y[i] = job[2] * x[i] + y[i]


def double_vjp(x):
    y = np.zeros_like(x)
    parallel_for(double, x.size, x, y)

    def vjp(dy):
        dx = np.zeros_like(dy)
        parallel_for(double, dy.size, dy, dx)
        return (dx,)

    return y, vjp


begin = differentiable(double_vjp, ahead=True)
at_once = differentiable(double_vjp)


def test_who_asks_for_the_data_waits(late):
    with running_ahead():
        y = begin(mc.Tensor(np.ones(100)))
        assert_array_equal(y._data, 0)  # not begun yet
        assert y.shape == (100,)
        assert_array_equal(y._data, 0)
        assert_array_equal(y.data, 2)


def test_the_next_kernel_and_the_end_of_the_region_wait(late):
    with running_ahead():
        y = begin(mc.Tensor(np.ones(100)))
        z = begin(y)
        assert_array_equal(y._data, 2)
        assert_array_equal(z._data, 0)
    assert_array_equal(z._data, 4)


def test_other_operations_wait(late):
    with running_ahead():
        y = begin(mc.Tensor(np.ones(100)))
        z = y * 1.5
        assert_array_equal(z._data, 3)
        y = begin(y)
        assert_array_equal(at_once(y)._data, 8)


def test_nothing_runs_ahead_outside_of_a_region_or_on_arrays(late):
    if not _parallel.PUT_OFF:
        assert_array_equal(begin(mc.Tensor(np.ones(100)))._data, 2)
    with running_ahead():
        assert_array_equal(begin(np.ones(100)), 2)
        y = np.zeros(100)
        parallel_for(double, 100, np.ones(100), y)
        assert_array_equal(y, 2)


def test_an_interrupted_region_waits_too(late):
    ys = []

    @running_ahead()
    def interrupted():
        ys.append(begin(mc.Tensor(np.ones(100))))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert_array_equal(ys[0]._data, 2)


@pytest.mark.parametrize("retain", [False, True])
def test_gradients_are_there_after_backward(late, retain):
    x, w = (mc.Tensor(np.arange(100.0), requires_grad=True) for _ in range(2))
    y = begin(x)
    if retain:
        y.retain_grad()
    (begin(y) * begin(w)).sum().backward()
    assert_array_equal(x.grad, 8 * np.arange(100.0))
    assert_array_equal(w.grad, 8 * np.arange(100.0))
    if retain:
        assert_array_equal(y.grad, 4 * np.arange(100.0))
    begin(x).sum().backward()  # adds to it
    assert_array_equal(x.grad, 8 * np.arange(100.0) + 2)


def test_gradients_are_there_after_a_backward_within_a_forward(late):
    x = mc.Tensor(np.ones(1 << 18), requires_grad=True)
    with running_ahead():
        for times in (1, 2, 3):  # from the second on it is a kernel that adds
            begin(x).sum().backward()
            assert_array_equal(x.grad, 2 * times)


@pytest.mark.parametrize("way", [copy.deepcopy, copy.copy, lambda y: pickle.loads(pickle.dumps(y))])
def test_copies_wait_too(late, way):
    with running_ahead():
        assert_array_equal(way(begin(mc.Tensor(np.ones(100)))).data, 2)


def test_what_a_kernel_works_on_lives_until_it_is_done(late):
    x, y = np.ones(100), np.zeros(100)
    dead = [weakref.ref(a) for a in (x, y)]
    with running_ahead():
        call(True, parallel_for, double, 100, x, y)
        del x, y
        gc.collect()
        assert [ref() is not None for ref in dead] == [True, True]
        synchronize()
        assert [ref() for ref in dead] == [None, None]


def test_only_the_last_job_of_several_is_left(late):
    x, y = np.ones(100), np.zeros(100)
    with running_ahead():
        call(True, parallel_for, in_two, np.array([[100, 1, 5], [100, 1, 30]]), x, y)
        assert_array_equal(y, 5)
    assert_array_equal(y, 35)


def test_what_is_to_be_called_when_done_is_called_once_and_before_the_next_kernel(late):
    y, z, seen = np.zeros(100), np.zeros(100), []

    def then():
        seen.append(y.sum())
        parallel_for(add_one, 100, y)

    with running_ahead():
        call(True, parallel_for, double, 100, np.ones(100), y)
        when_done(then)
        assert seen == []
        call(True, parallel_for, double, 100, y, z)
        assert seen == [200]
        assert_array_equal(y, 3)
    assert_array_equal(z, 6)
    when_done(then)
    assert seen == [200, 300]  # nothing is under way: at once


def test_another_thread_may_go_on_with_it(late):
    found = []
    with running_ahead():
        y = begin(mc.Tensor(np.ones(100)))
        other = threading.Thread(target=lambda: found.append(y.data.copy()))
        other.start()
        other.join(60)
        z = np.zeros(100)
        call(True, parallel_for, double, 100, y._data, z)
        other = threading.Thread(target=lambda: parallel_for(add_one, 100, z))
        other.start()
        other.join(60)
    assert_array_equal(found[0], 2)
    assert_array_equal(z, 5)


def test_a_pool_that_is_replaced_finishes_what_was_begun(late):
    with running_ahead():
        y = begin(mc.Tensor(np.ones(100)))
        mc.set_num_threads(3)
        assert_array_equal(y._data, 2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_finds_what_was_begun_done(late):
    with running_ahead():
        y = begin(mc.Tensor(np.ones(100)))
        child = os.fork()
        if child == 0:
            os._exit(int(y._data.sum() != 200 or begin(y).data.sum() != 400))
        assert os.waitpid(child, 0)[1] == 0


def test_a_kernel_that_fails_is_reported_at_the_end_and_the_pool_works_on(late):
    y = np.zeros(100)

    def failing_before_one_that_is_done_at_once():
        call(True, parallel_for, fail, 100, np.ones(100))
        parallel_for(add_one, 1, np.zeros(1))

    @running_ahead()
    def failing():
        call(True, parallel_for, fail, 100, np.ones(100))
        call(True, parallel_for, add_one, 100, y)

    with pytest.raises(MemoryError, match="a kernel"):
        failing()
    assert_array_equal(y, 1)
    with pytest.raises(MemoryError, match="a kernel"), running_ahead():
        call(True, parallel_for, fail, 100, np.ones(100))
    assert not _asynchronous._begun
    with pytest.raises(MemoryError, match="a kernel"), running_ahead():
        failing_before_one_that_is_done_at_once()
    with pytest.raises(ValueError, match="it has size"):
        parallel_for(fail, 100, np.ones(100))
    with running_ahead():
        call(True, parallel_for, add_one, 100, y)
    assert_array_equal(y, 2)


def test_hooks_see_what_was_computed(late):
    net, seen = mc.Sequential(mc.BatchNorm2d(2), mc.ReLU(), mc.Conv2d(2, 3, 3)), []
    for layer in net:
        layer.register_forward_hook(lambda layer, inputs, y: seen.append((inputs[0].data.copy(), y.data.copy())))
    x = mc.Tensor(np.random.default_rng(0).standard_normal((4, 2, 6, 6)).astype(np.float32))
    net(x)
    for layer, (before, after) in zip(net, seen[:], strict=True):
        assert_array_equal(layer(mc.Tensor(before)).data, after)


def test_many_small_kernels_begun_while_the_pool_changes(two_threads):
    rng, stop = np.random.default_rng(0), threading.Event()
    x, expected = np.zeros(512), np.zeros(512)

    def change():
        while not stop.is_set():
            for n in (2, 3, 8, 1):
                mc.set_num_threads(n)

    changer = threading.Thread(target=change)
    changer.start()
    with contextlib.ExitStack() as stack:
        stack.callback(changer.join, 60)
        stack.callback(stop.set)
        stack.enter_context(running_ahead())
        for i in range(3000):
            n, grain = (int(v) for v in rng.integers(1, (512, 9)))
            call(True, parallel_for, add_one, n, x, grain=grain)
            expected[:n] += 1
            if i % 100 == 0:
                synchronize()
                assert_array_equal(x, expected)
    assert_array_equal(x, expected)
