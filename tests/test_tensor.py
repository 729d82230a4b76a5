import gc
import threading
import weakref

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F


def test_a_tensor_used_twice_gets_both_gradients():
    x = mc.Tensor([3.0], requires_grad=True)
    (x * x + x).backward()
    assert_array_equal(x.grad, [7])


def test_an_inner_result_used_twice_gets_both_gradients_before_it_passes_them_on():
    calls = []

    def watched_vjp(x):
        return 2 * x, lambda dy: (calls.append(dy.copy()), 2 * dy)[1:]

    x = mc.Tensor([1.0], requires_grad=True)
    y = mc.differentiable(watched_vjp)(x)
    (y * 3 + F.relu(y) * 5).backward()
    assert_array_equal(calls, [[8]])
    assert_array_equal(x.grad, [16])


def test_backward_adds_to_grad():
    x = mc.Tensor([1.0], requires_grad=True)
    for _ in range(3):
        (x * 2).backward()
    assert_array_equal(x.grad, [6])


def test_the_same_graph_twice():
    x = mc.Tensor([1.0], requires_grad=True)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert_array_equal(x.grad, [4])
    with pytest.raises(RuntimeError) as raised:
        y.backward()
    assert str(raised.value) == (
        "backward: this graph was used before, and what it remembered is freed. Compute the loss again, "
        "or call the first backward with retain_graph=True."
    )


def test_gradients_are_not_shared():
    x, y = (mc.Tensor(np.ones(2), requires_grad=True) for _ in range(2))
    dz = np.ones(2)
    (x + y).backward(dz)
    x.grad += 1
    assert_array_equal(y.grad, [1, 1])
    assert_array_equal(dz, [1, 1])


@pytest.mark.parametrize("depth", [5_000, 20_000])
def test_deep_graphs(depth):
    x = y = mc.Tensor([1.0], requires_grad=True)
    for _ in range(depth):
        y = y + 0.0
    y.backward()
    assert_array_equal(x.grad, [1])


def test_a_deep_graph_is_freed_without_backward_or_garbage_collector():
    gc.disable()
    try:
        x = y = mc.Tensor(np.ones(1000), requires_grad=True)
        seen = []
        for _ in range(5_000):
            y = y * 1.0
            seen.append(weakref.ref(y.data))
        del y
        assert not any(ref() is not None for ref in seen)
        y = x * 1.0
        node, loss = weakref.ref(y.data), y.sum()
        del y
        loss.backward()
        assert node() is None
    finally:
        gc.enable()


def test_retained_gradients_are_those_of_pytorch():
    """Complete (y is used twice), added up over two backwards, also of the result itself; a leaf has its own anyway."""
    x = mc.Tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    z = (y * y + y).sum()
    for t in (x, y, z):
        t.retain_grad()
    z.backward(retain_graph=True)
    assert_array_equal(y.grad, [7, 13])
    z.backward()
    assert_array_equal(y.grad, [14, 26])
    assert_array_equal(x.grad, [42, 78])
    assert z.grad == 2


def test_a_retained_gradient_keeps_no_graph_alive():
    gc.disable()
    try:
        x = mc.Tensor([1.0], requires_grad=True)
        y = x * 2.0
        y.retain_grad()
        alive = weakref.ref(y)
        loss = y * 3.0
        del y
        assert alive() is None
        loss.backward()  # nobody is left who could read it
        assert_array_equal(x.grad, [6])
    finally:
        gc.enable()


def test_freezing():
    x, w = mc.Tensor([1.0], requires_grad=True), mc.Parameter([2.0])
    asked = []

    def times_vjp(x, w, *, needs=(True, True)):
        asked.append(needs)
        return x * w, lambda dy: (dy * w, dy * x)

    times = mc.differentiable(times_vjp, arrays=2)
    assert w.requires_grad_(False) is w
    times(x, w).backward()
    assert w.grad is None
    assert_array_equal(x.grad, [2])
    times(x, w.requires_grad_()).backward()
    assert_array_equal(w.grad, [1])
    assert asked == [(True, False), (True, True)]


def test_no_grad_records_nothing_and_only_in_its_own_thread():
    x = mc.Tensor([1.0], requires_grad=True)
    with mc.no_grad():
        assert not (x * 2).requires_grad
        seen = []
        other = threading.Thread(target=lambda: seen.append((x * 2).requires_grad))
        other.start()
        other.join()
        assert seen == [True]
    assert (x * 2).requires_grad


def test_no_grad_ends_with_an_error():
    def fail():
        with mc.no_grad():
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert (mc.Tensor([1.0], requires_grad=True) * 2).requires_grad


def test_leaves_and_detached():
    x = mc.Tensor([1.0, 2.0], requires_grad=True)
    x.backward(np.array([3.0, 4.0]))
    assert_array_equal(x.grad, [3, 4])
    assert x.is_leaf
    assert not (x * 2).is_leaf
    assert not x.detach().requires_grad
    assert x.detach().data is x.data
    assert x.numpy() is x.data
    (x.detach() * x).sum().backward()
    assert_array_equal(x.grad, [4, 6])


def test_data_types():
    assert mc.Tensor([1.0, 2]).dtype == np.float32
    assert mc.Tensor(np.array([1.0])).dtype == np.float64
    assert mc.Tensor([1, 2]).dtype.kind == "i"
    assert mc.Tensor(mc.Tensor([1.0])).shape == (1,)
    array = np.zeros(3)
    assert mc.Tensor(array).data is array
    t = mc.Tensor([[1.5]])
    assert (t.item(), float(t), bool(t), len(t), t.ndim, t.size) == (1.5, 1.5, True, 1, 2, 1)
    assert_array_equal(np.asarray(t), [[1.5]])
    assert repr(t) == "Tensor([[1.5]])"
    x = mc.Tensor(np.ones(2, np.float32), requires_grad=True)
    (x * np.ones(2)).sum().backward()  # float64 meets float32
    assert x.grad.dtype == np.float32


def test_arrays_by_name_and_options_by_position():
    x, w, b = np.ones((1, 1, 4, 4)), np.ones((2, 1, 3, 3)), np.ones(2)
    expected = F.conv2d(x, w, b, 1, 1)
    t = mc.Tensor(w, requires_grad=True)
    for y in (F.conv2d(x, t, b, 1, 1), F.conv2d(x, weight=t, bias=b, padding=1), F.conv2d(x, t, padding=1, bias=b)):
        assert_array_equal(y.data, expected)
        y.sum().backward()
    with pytest.raises(TypeError, match="missing"):
        F.conv2d(mc.Tensor(x))


def test_any_number_of_arrays():
    def total_vjp(*arrays):
        return sum(arrays), lambda dy: (dy,) * len(arrays)

    x, y = (mc.Tensor([1.0], requires_grad=True) for _ in range(2))
    mc.differentiable(total_vjp, arrays=None)(x, y, x).backward()
    assert_array_equal([x.grad, y.grad], [[2], [1]])


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (
            lambda: mc.Tensor([1.0]).backward(), RuntimeError,
            "backward: this Tensor does not require a gradient. Compute it from a Tensor with requires_grad=True, "
            "outside no_grad().",
        ),
        (
            lambda: mc.Tensor([1.0, 2.0], requires_grad=True).backward(), RuntimeError,
            "backward: the gradient may be left out only for a single number, not for shape (2,). "
            "Reduce with .sum() or .mean(), or pass gradient=.",
        ),
        (
            lambda: mc.Tensor([1.0, 2.0], requires_grad=True).backward([1.0]), RuntimeError,
            "backward: gradient of shape (1,) does not fit a Tensor of shape (2,). Pass one number for each entry.",
        ),
        (
            lambda: mc.Tensor(np.arange(2, dtype=np.int64), requires_grad=True), TypeError,
            "Tensor: only floating point data can require a gradient, not int64. Pass data.astype(np.float32).",
        ),
        (
            lambda: mc.Tensor([1, 2]).requires_grad_(), TypeError,
            "Tensor: only floating point data can require a gradient, not int64. Pass data.astype(np.float32).",
        ),
        (
            lambda: (mc.Tensor([1.0], requires_grad=True) * 2).requires_grad_(False), RuntimeError,
            "requires_grad_: this Tensor was computed, only leaves can be frozen. Use .detach().",
        ),
        (
            lambda: mc.Tensor([1.0]).retain_grad(), RuntimeError,
            "retain_grad: this Tensor does not require a gradient. Compute it from a Tensor with "
            "requires_grad=True, outside no_grad().",
        ),
        (
            lambda: mc.Tensor([[1.0, 2.0], [3.0]]), TypeError,
            "Tensor: data must be one regular array of numbers, not dtype object. "
            "Convert it to an array of floats first.",
        ),
        (
            lambda: mc.Tensor("cat"), TypeError,
            "Tensor: data must be one regular array of numbers, not dtype <U3. Convert it to an array of floats first.",
        ),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message


def test_gradients_of_single_numbers_stay_arrays():
    w = mc.Parameter(np.float32(2))
    for _ in range(2):
        (w * 3).backward()
    assert isinstance(w.grad, np.ndarray)
    assert w.grad == 6
    mc.clip_grad_value_([w], 1.0)
    assert w.grad == 1


def test_int():
    assert int(mc.Tensor([3.7])) == 3
