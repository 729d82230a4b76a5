"""Steps of optimisers, against NumPy written out, also for parameters of all layouts and sizes."""

import copy

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc

RNG = np.random.default_rng(0)


def sgd(p, g, state, t, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True):
    g = g + weight_decay * p
    state["b"] = g.copy() if t == 1 else momentum * state["b"] + g
    return p - lr * (g + momentum * state["b"] if nesterov else state["b"])


def adam(p, g, state, t, lr=0.01, weight_decay=0.1, decoupled=False):
    if decoupled:
        p = p * (1 - lr * weight_decay)
    else:
        g = g + weight_decay * p
    state["m"] = 0.9 * state.get("m", 0) + (1 - 0.9) * g
    state["v"] = 0.999 * state.get("v", 0) + (1 - 0.999) * g * g
    return p - lr * (state["m"] / (1 - 0.9**t)) / (np.sqrt(state["v"] / (1 - 0.999**t)) + 1e-8)


RULES = [
    (lambda p: mc.SGD([p], 0.1, 0.9, weight_decay=0.01, nesterov=True), sgd),
    (lambda p: mc.SGD([p], 0.1, 0.9, weight_decay=0.01), lambda *a: sgd(*a, nesterov=False)),
    (lambda p: mc.SGD([p], 0.1), lambda *a: sgd(*a, momentum=0, weight_decay=0)),
    (lambda p: mc.SGD([p], 0.1, maximize=True), lambda p, g, *a: sgd(p, -g, *a, momentum=0, weight_decay=0)),
    (lambda p: mc.Adam([p], 0.01, weight_decay=0.1), adam),
    (lambda p: mc.AdamW([p], 0.01, weight_decay=0.1), lambda *a: adam(*a, decoupled=True)),
]
LAYOUTS = [
    lambda a: a,
    lambda a: a.T,
    lambda a: a[::-1, ::2],
    lambda a: np.asfortranarray(a),
    lambda a: a[0, 0, ...],
    lambda a: a[:0],
    lambda a: np.tile(a, (3000, 1)),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layout", range(len(LAYOUTS)))
@pytest.mark.parametrize(("make", "rule"), RULES)
def test_steps(make, rule, layout, dtype):
    whole = RNG.normal(size=(8, 6)).astype(dtype)
    p = mc.Parameter(LAYOUTS[layout](whole))
    array, expected, state = p.data, p.data.astype(np.float64), {}
    optimizer = make(p)
    for t in range(1, 6):
        g = RNG.normal(size=p.shape).astype(dtype)
        p.grad, g_before = np.asarray(g), np.copy(g)
        optimizer.step()
        expected = rule(expected, g.astype(np.float64), state, t)
        assert p.data is array
        assert_array_equal(p.grad, g_before)
        assert_allclose(
            p.data, expected, rtol=2e-5 if dtype == np.float32 else 1e-12, atol=1e-6 if dtype == np.float32 else 1e-12
        )


@pytest.mark.parametrize(("make", "rule"), RULES[:4])
def test_sgd_gives_the_bits_of_numpy(make, rule):
    p, state = mc.Parameter(RNG.normal(size=1001).astype(np.float32)), {}
    optimizer = make(p)
    for t in range(1, 20):
        p.grad = RNG.normal(size=1001).astype(np.float32)
        expected = rule(p.data, p.grad, state, t)
        optimizer.step()
        assert_array_equal(p.data, expected)


@pytest.mark.parametrize(("make", "rule"), RULES)
def test_nan_and_infinity_stay_where_they_are(make, rule):
    p = mc.Parameter(np.ones(5, np.float32))
    p.grad = np.float32([1, np.nan, np.inf, -np.inf, 1])
    optimizer = make(p)
    optimizer.step()
    assert_array_equal(np.isfinite(p.data), [True, False, False, False, True])
    p.grad[:] = 1
    optimizer.step()
    assert_array_equal(np.isnan(p.data[[0, 1, 4]]), [False, True, False])


def test_what_has_no_decay_may_be_infinite():
    p = mc.Parameter(np.float32([np.inf, -np.inf]))
    for optimizer in (mc.SGD([p], 0.1), mc.SGD([p], 0.1, momentum=0.9), mc.Adam([p])):
        p.grad = np.ones(2, np.float32)
        optimizer.step()
        assert_array_equal(p.data, [np.inf, -np.inf])


@pytest.mark.parametrize(("make", "rule"), RULES)
def test_a_state_that_was_taken_stays_as_it_was(make, rule):
    p = mc.Parameter(np.ones((2, 3), np.float32))
    optimizer = make(p)
    p.grad = np.ones((2, 3), np.float32)
    optimizer.step()
    taken = optimizer.state_dict()
    before = copy.deepcopy(taken)
    optimizer.step()
    for key, value in before["state"][0].items():
        assert_array_equal(taken["state"][0][key], value)
    fortran = {key: np.asfortranarray(value) if np.ndim(value) else value for key, value in taken["state"][0].items()}
    for state in (taken["state"][0], fortran):
        other = mc.Parameter(np.ones((2, 3), np.float32))
        again = make(other)
        again.load_state_dict({**taken, "state": {0: state}})
        other.grad = np.arange(6, dtype=np.float32).reshape(2, 3)
        again.step()
        again.step()
        if state is not fortran:
            expected = other.data.copy()
    assert_array_equal(other.data, expected)


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 200_000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_norm_for_clipping(size, dtype):
    p = mc.Parameter(np.zeros((2, size), dtype))
    p.grad = RNG.normal(size=(size, 2)).astype(dtype).T
    norm = mc.clip_grad_norm_([p], 1e9)
    assert_allclose(norm, np.sqrt(np.square(p.grad, dtype=np.float64).sum()), rtol=1e-13)
    assert isinstance(norm, float)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_clipping_what_is_not_finite(value):
    p = mc.Parameter(np.zeros(3, np.float32))
    p.grad = np.float32([1, value, 2])
    assert_array_equal(mc.clip_grad_norm_([p], 1.0), value)
    assert_array_equal(p.grad, [np.nan] * 3 if np.isnan(value) else [0, np.nan, 0])
