"""What the tape refuses: gradients that cannot be right, and numbers that were changed in between."""

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

F32 = np.float32


def tensor(*shape, seed=0):
    return mc.Tensor(np.random.default_rng(seed).standard_normal(shape).astype(F32), requires_grad=True)


def operation(pull_back, arrays=1, f=lambda *xs: xs[0] * 1):
    def own_vjp(*xs):
        return f(*xs), lambda dy: pull_back(dy, *xs)

    return mc.differentiable(own_vjp, arrays=None)


# ---------------------------------------------------------------- an input's gradient has its shape


def test_a_forgotten_sum_over_a_broadcast_axis_is_named():
    def scale_vjp(x, s):
        return x * s, lambda dy: (dy * s, dy * x)

    x, s = mc.Tensor(np.arange(1, 7, dtype=F32).reshape(3, 2)), mc.Parameter([1.0])
    with pytest.raises(RuntimeError) as raised:
        mc.differentiable(scale_vjp, arrays=2)(x, s).sum().backward()
    assert str(raised.value) == (
        "backward: the pull-back of scale gives s, of shape (1,), a gradient of shape (3, 2). It was used several "
        "times: sum its gradient over the axes along which it was repeated."
    )
    assert s.grad is None


@pytest.mark.parametrize(
    ("pull_back", "shape", "error", "words"),
    [
        (lambda dy, x: dy, (1, 3), TypeError, "a tuple of 1 gradient, one for each array argument (None where there"),
        (lambda dy, x: dy, (3, 2), TypeError, "not an object of type ndarray. For one argument write (dx,)."),
        (lambda dy, x: (dy, dy), (3, 2), TypeError, "not 2 of them."),
        (lambda dy, x: (), (3, 2), TypeError, "not 0 of them."),
        (lambda dy, x: (dy[0],), (3, 2), RuntimeError, "a gradient of shape (2,). Return one of the same shape."),
        (lambda dy, x: (dy[None],), (3, 2), RuntimeError, "sum its gradient over the axes"),
        (lambda dy, x: (dy.astype(complex),), (3, 2), TypeError, "a gradient of complex128"),
        (lambda dy, x: (np.array(["a"] * 6).reshape(3, 2),), (3, 2), TypeError, "a gradient of <U1"),
    ],
)
def test_what_is_no_gradient_is_refused_in_words(pull_back, shape, error, words):
    x = tensor(*shape)
    with pytest.raises(error) as raised:
        operation(pull_back)(x * 1.0).sum().backward()
    assert words in str(raised.value)
    assert x.grad is None


@pytest.mark.parametrize("layer", [mc.Conv2d(3, 4, 3, padding=1), mc.MaxPool2d(2), mc.ReLU(), mc.BatchNorm2d(3)])
def test_a_gradient_of_another_shape_never_reaches_a_kernel(layer):
    x = tensor(2, 3, 16, 16)
    with pytest.raises(RuntimeError, match="Return one of the same shape"):
        operation(lambda dy, x: (dy[:, :, :1, :1],))(layer(x)).sum().backward()
    assert x.grad is None


def test_gradients_take_the_dtype_of_their_input():
    """Kernels would read float64 as float32."""
    x = tensor(2, 3, 8, 8)
    y = mc.Conv2d(3, 4, 3)(x)
    expected = np.zeros_like(x.data)
    y.sum().backward(retain_graph=True)
    expected, x.grad = x.grad, None
    operation(lambda dy, x: (dy.astype(np.float64),))(y).sum().backward()
    assert x.grad.dtype == F32
    assert_array_equal(x.grad, expected)
    x = tensor(3)
    operation(lambda dy, x: (np.ones(3, int),))(x).sum().backward()
    assert x.grad.dtype == F32


def test_a_pull_back_by_hand_checks_its_dy():
    y, vjp = F.conv2d_vjp(np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)))
    with pytest.raises(ValueError, match=r"conv2d: dy must have the shape \(1, 1, 2, 2\) of y and hold numbers, but"):
        vjp(np.ones((1, 1, 1, 1)))
    assert vjp(np.ones(y.shape, F32))[0].dtype == np.float64


# ---------------------------------------------------------------- .data and .grad


def test_grad_has_the_shape_and_dtype_of_data():
    p = mc.Parameter(np.zeros((2, 3), F32))
    for wrong in (np.ones(3, F32), np.ones((3, 2), F32), 1.0):
        with pytest.raises(ValueError, match=r"\.grad must have the shape \(2, 3\) of \.data, not"):
            p.grad = wrong
    with pytest.raises(TypeError, match="regular array of numbers"):
        p.grad = "downhill"
    p.grad = np.ones((2, 3))
    assert p.grad.dtype == F32
    p.grad = mc.Tensor([[1, 2, 3], [4, 5, 6]])
    assert_array_equal(p.grad, [[1, 2, 3], [4, 5, 6]])
    p.grad = None


def test_data_are_always_numbers():
    p = mc.Parameter([1.0, 2.0])
    p.data = [3.0, 4.0]
    assert p.data.dtype == F32
    for wrong in ("cat", [[1.0], [2.0, 3.0]], None):
        with pytest.raises(TypeError):
            p.data = wrong
    with pytest.raises(TypeError, match="only floating point data can require a gradient"):
        p.data = np.array([1, 2])
    assert_array_equal(p.data, [3, 4])


def test_a_gradient_from_before_the_data_were_replaced():
    p = mc.Parameter([1.0, 2.0])
    (p * 2.0).sum().backward()
    p.data = np.ones(3, F32)
    with pytest.raises(RuntimeError, match=r"shape \(3,\) has a \.grad of shape \(2,\), from before its data"):
        (p * 2.0).sum().backward()
    p.grad = None
    y = (p * 2.0).sum()
    p.data = np.ones(2, F32)
    with pytest.raises(RuntimeError, match="the pull-back of mul gives x, of shape"):
        y.backward()


# ---------------------------------------------------------------- changed in between


def changed(name, what):
    return (
        f"backward: {name} needs {what} as it was, but it was changed in place since (by an optimiser's step, "
        "load_state_dict or +=), so its gradient would be wrong. Call backward before the change, or compute the loss "
        "again after it."
    )


def test_a_step_between_forward_and_backward():
    """As in a GAN whose second loss is computed before the first one's step."""
    G, D = mc.Linear(2, 3), mc.Linear(3, 1)
    optimizer = mc.SGD(D.parameters(), lr=0.1)
    fake = G(tensor(4, 2))
    loss_d, loss_g = D(fake.detach()).sum(), D(fake).sum()
    loss_d.backward()
    optimizer.step()
    with pytest.raises(RuntimeError) as raised:
        loss_g.backward()
    assert str(raised.value) == changed("linear", "weight")
    G.zero_grad()
    D(fake).sum().backward()  # as the message says
    assert_allclose(G.bias.grad, 4 * D.weight.data[0], rtol=1e-6)


def change_data(x):
    x.data += 1


def change_through_a_view(x):
    view = x.reshape(-1)
    view.data += 1


def change_another_view_later(x):
    x[0].data += 1
    x[-1].data *= 1


def change_through_detached(x):
    y = x.detach()
    y.data -= 1


def change_in_place(x):
    with mc.no_grad():
        x += 1


def load(x):
    module = mc.Module()
    module.x = x
    module.load_state_dict({"x": np.zeros(x.shape)})


def step(x):
    x.grad = np.ones(x.shape, F32)
    mc.Adam([x], lr=0.1).step()
    x.grad = None


def initialise(x):
    mc.init.uniform_(x, rng=np.random.default_rng(0))


CHANGES = [
    change_data, change_through_a_view, change_another_view_later, change_through_detached, change_in_place, load, step,
    initialise,
]  # fmt: skip
USES = {
    "mul": (lambda x, y: x * y, "x"),
    "conv2d": (lambda x, y: F.conv2d(y.reshape(1, 1, 4, 4), x.reshape(1, 1, 4, 4)), "weight"),
    "matmul": (lambda x, y: x @ y, "x"),
    "linear": (lambda x, y: F.linear(y, x), "weight"),
    "gelu": (lambda x, y: F.gelu(x), "x"),
    "batch_norm": (lambda x, y: F.batch_norm(x.reshape(1, 4, 2, 2), None, None, training=True), "x"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", USES)
def test_every_change_is_seen(name, change):
    use, what = USES[name]
    x, y = mc.Parameter(np.eye(4, dtype=F32)), tensor(4, 4)
    z = use(x, y).sum()
    change(x)
    with pytest.raises(RuntimeError) as raised:
        z.backward()
    assert str(raised.value) == changed(name, what)


def test_a_result_that_was_kept():
    for f in (F.sigmoid, F.tanh, F.exp):
        y = f(tensor(3))
        y.data *= 2
        with pytest.raises(RuntimeError) as raised:
            y.sum().backward()
        assert str(raised.value) == changed(f.__name__, "its own result")


def test_an_input_without_gradient_counts_too():
    x, w = mc.Tensor(np.ones((2, 3), F32)), mc.Parameter(np.ones((4, 3), F32))
    y = F.linear(x, w)
    x.data += 1
    with pytest.raises(RuntimeError) as raised:
        y.sum().backward()
    assert str(raised.value) == changed("linear", "x")


@pytest.mark.parametrize(
    "use",
    [
        lambda x: x + 1.0, lambda x: x - x, lambda x: x.sum(), lambda x: x.mean(0), lambda x: x.reshape(-1),
        lambda x: x * 3.0, lambda x: x / 3.0, lambda x: F.cat([x, x]), lambda x: x[1:], lambda x: F.pad(x, (1, 1)),
        lambda x: F.avg_pool2d(x.reshape(1, 1, 4, 4), 2), lambda x: F.max_pool2d(x.reshape(1, 1, 4, 4), 2),
        lambda x: F.linear(mc.Tensor(np.ones((1, 4), F32)), x),
        lambda x: F.where(np.eye(4) > 0, x, 0.0),
    ],
)  # fmt: skip
def test_what_needs_no_numbers_may_be_changed(use):
    """As in PyTorch: only what an operation keeps counts."""
    x = mc.Parameter(np.eye(4, dtype=F32))
    use(x).sum().backward()
    expected, x.grad = x.grad, None
    y = use(x).sum()
    x.data += 1
    y.backward()
    assert_array_equal(x.grad, expected)


def test_other_data_in_its_place_change_nothing():
    """`x.data = other` leaves the old numbers alone: the gradient is theirs."""
    x = mc.Parameter([3.0])
    y = x * x
    x.data = np.array([100.0], F32)
    x.data += 1
    y.backward()
    assert x.grad == 6


def test_what_was_changed_before_or_after_is_fine():
    p = mc.Parameter([2.0])
    optimizer = mc.SGD([p], lr=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        (p * p).sum().backward()
        optimizer.step()
    assert p.item() == 0
    y = p * p
    y.backward(retain_graph=True)
    optimizer.step()  # lr · 0
    with pytest.raises(RuntimeError, match="mul needs x as it was"):
        y.backward()


def test_transposed_weights():
    """Of a transposed view an operation may keep a contiguous copy: then the gradient is that of the old numbers."""
    x, w = tensor(1, 2), mc.Parameter(np.arange(6, dtype=F32).reshape(3, 2))
    y, expected = F.linear(x, w.T.T).sum(), w.data.sum(0)
    w.data += 10
    with pytest.raises(RuntimeError, match="linear needs weight as it was"):
        y.backward()
    w = mc.Parameter(np.arange(6, dtype=F32).reshape(2, 3))
    y, expected = F.linear(x, w.T).sum(), w.data.sum(1)
    w.data += 10
    y.backward()
    assert_array_equal(x.grad, [expected])


def test_copies_begin_anew():
    p = mc.Parameter([1.0, 2.0])
    p.data += 1
    for other in (copy.deepcopy(p), pickle.loads(pickle.dumps(p))):
        assert_array_equal(other.data, p.data)
        y = (p * p).sum()
        other.data += 1
        y.backward()  # the copy is another Tensor
