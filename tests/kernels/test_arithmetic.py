"""Sums, in threads or not; copies; and gradients that nobody else holds."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F
from minicnn.kernels.arithmetic import LARGE, add, copy

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (LARGE + 1,), (3, LARGE // 2)])
def test_add_is_numpys(shape, dtype):
    a, b = (np.asarray(RNG.normal(0, 9, shape)).astype(dtype) for _ in range(2))
    if a.size and a.dtype.kind == "f":
        a.flat[0], b.flat[-1] = np.nan, np.inf
    expected = a + b
    assert_array_equal(add(a, b), expected, strict=True)
    assert_array_equal(add(a.T, b.T), expected.T)


@pytest.mark.parametrize("a", [np.arange(6.0).reshape(2, 3).T, np.broadcast_to(1.0, (2, 3)), np.array(2.0)])
def test_copies_are_in_order_and_nobody_elses(a):
    b = copy(a)
    assert_array_equal(b, a, strict=True)
    assert b.flags.c_contiguous
    assert b.flags.writeable
    assert not np.shares_memory(a, b)


def test_add_broadcasts_and_mixes_dtypes_as_numpy():
    a, b = RNG.normal(size=(3, LARGE)), RNG.normal(size=(3, 1)).astype(np.float32)
    assert_array_equal(add(a, b), a + b)
    assert_array_equal(add(a, a.astype(np.float32)), a + a.astype(np.float32))


def test_what_a_pull_back_keeps_is_never_changed():
    saved, base, answer = (np.full(3, 5.0),), np.full((3, 2), 7.0), [np.full(3, 6.0)]
    for pull_back in (lambda dy: saved, lambda dy: (base.reshape(2, 3)[1],), lambda dy: answer):
        f = mc.differentiable(lambda x, pull_back=pull_back: (x.copy(), pull_back))
        x = mc.Tensor(np.ones(3), requires_grad=True)
        for _ in range(2):
            f(x).backward(np.ones(3))
            x.grad += 1
        y = x * 1.0
        (f(y) + f(y)).backward(np.ones(3))
    assert_array_equal(saved[0], 5)
    assert_array_equal(base, 7)
    assert_array_equal(answer[0], 6)


def test_an_earlier_gradient_that_somebody_holds_stays_as_it_was():
    x = mc.Tensor(np.ones(3), requires_grad=True)
    (x * 2.0).backward(np.ones(3))
    held, view = x.grad, x.grad[1:]
    (x * 3.0).backward(np.ones(3))
    assert_array_equal(held, [2, 2, 2])
    assert_array_equal(view, [2, 2])
    assert_array_equal(x.grad, [5, 5, 5])
    view = x.grad.reshape(3, 1)
    (x * 3.0).backward(np.ones(3))
    assert_array_equal(view, [[5], [5], [5]])


@pytest.mark.parametrize("shape", [(4,), (300, 500)])
def test_sums_of_many_gradients(shape):
    x = mc.Tensor(np.ones(shape, np.float32), requires_grad=True)
    y = x * 1.0
    total = y + y * 2.0 + F.relu(y) + y.reshape(-1).reshape(*shape) + y
    z = total + total
    dz = np.ones(shape, np.float32)
    for times in (1, 2):
        z.backward(dz, retain_graph=True)
        assert_array_equal(x.grad, np.full(shape, 12 * times))
        assert_array_equal(dz, 1)
    assert x.grad.dtype == np.float32
