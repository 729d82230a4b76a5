"""Optimisers against PyTorch, step by step, and what they refuse."""

from pathlib import Path

import numpy as np
import pytest

import minicnn as mc
from minicnn import SGD, Adam, Linear, Parameter, Tensor

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "optim.npz")
CASES = [name for name in GOLDEN if "(" in name]


def test_golden_file_covers_all_optimisers_and_dtypes():
    assert len(CASES) == 68
    of_optim = {name for name in mc.training.__all__ if hasattr(getattr(mc, name), "add_param_group")}
    assert {case.partition("(")[0] for case in CASES} == of_optim


@pytest.mark.parametrize("case", CASES)
def test_equals_pytorch(case):
    expression, single = case.removesuffix(" float32"), case.endswith(" float32")
    dtype = np.float32 if single else np.float64
    rough = single or case.startswith("NAdam")  # in PyTorch, a factor of its steps is a float32
    p = Parameter(GOLDEN["start"].astype(dtype))
    array = p.data
    optimizer = eval(expression, vars(mc) | {"p": [p]})
    for gradient, expected in zip(GOLDEN["gradients"], GOLDEN[case], strict=True):
        p.grad = gradient.astype(dtype)
        optimizer.step()
        np.testing.assert_allclose(p.data, expected, rtol=1e-5 if rough else 1e-12, atol=1e-7 if rough else 1e-15)
        assert p.data is array  # in place: others that hold the array see the step
        assert array.dtype == dtype


OPTIMIZERS = [
    lambda params: SGD(params, lr=0.1),
    lambda params: SGD(params, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    lambda params: Adam(params, lr=0.1, weight_decay=0.1),
    lambda params: mc.AdamW(params, lr=0.1, amsgrad=True),
    lambda params: mc.RMSprop(params, lr=0.1, momentum=0.5, centered=True, eps=0.1),
    lambda params: mc.Adagrad(params, lr=0.5, lr_decay=0.001),
    lambda params: mc.Adadelta(params, lr=1, rho=0.8, eps=0.01),
    lambda params: mc.Adamax(params, lr=0.1),
    lambda params: mc.NAdam(params, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True),
]


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_parameters_without_gradient_are_left_alone(make):
    with_grad, without = Parameter([1.0]), Parameter([1.0])
    optimizer = make([without, with_grad])
    for _ in range(3):
        with_grad.grad = np.ones(1, np.float32)
        optimizer.step()
    assert without.data.tolist() == [1]
    # its first step, later, is like anybody's first step: state is kept for each parameter
    fresh = Parameter([1.0])
    without.grad = fresh.grad = np.ones(1, np.float32)
    with_grad.grad = None
    optimizer.step()
    make([fresh]).step()
    np.testing.assert_array_equal(without.data, fresh.data)


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_gradients_are_read_only_for_an_optimiser(make):
    p = Parameter([1.0, 2.0])
    optimizer = make([p])
    p.grad = np.array([0.5, -1], np.float32)
    p.grad.flags.writeable = False
    for _ in range(3):
        optimizer.step()
    assert p.grad.tolist() == [0.5, -1]


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_learning_rate_may_change(make):
    p = Parameter(np.ones(2, np.float32))
    optimizer = make([p])
    p.grad = np.ones(2, np.float32)
    optimizer.lr = 0
    optimizer.step()
    assert p.data.tolist() == [1, 1]
    optimizer.lr = 0.5
    optimizer.step()
    assert (p.data < 0.9).all()


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_learning_rate_from_numpy_does_not_upcast(make):
    """np.cos gives np.float64, which would turn float32 arrays into float64 and round differently."""
    start, gradient = np.random.default_rng(0).standard_normal((2, 1000)).astype(np.float32)
    results = []
    for lr in (0.1, np.float64(0.1)):
        p = Parameter(start.copy())
        p.grad = gradient
        optimizer = make([p])
        optimizer.lr = lr
        optimizer.step()
        results.append(p.data)
    np.testing.assert_array_equal(*results, strict=True)


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_minimises_a_bowl(make):
    p = Parameter(np.array([3.0, -2.0]))
    optimizer = make([p])
    for _ in range(300):
        optimizer.zero_grad()
        ((p - np.array([1.0, 1.0])) ** 2).sum().backward()
        optimizer.step()
    assert np.abs(p.data - 1).max() < 0.1  # weight decay pulls a little


def test_groups_have_settings_of_their_own():
    a, b, c = (Parameter([1.0]) for _ in range(3))
    optimizer = SGD([{"params": [a], "lr": 0.5}, {"params": b, "weight_decay": 1}], lr=0.1)
    optimizer.add_param_group({"params": [c], "lr": 0})
    for p in (a, b, c):
        p.grad = np.ones(1, np.float32)
    optimizer.step()
    np.testing.assert_allclose([a.item(), b.item(), c.item()], [0.5, 0.8, 1], rtol=1e-6)
    assert repr(optimizer) == "SGD(3 parameters, lr=0.5, 0.1, 0)"
    assert optimizer.lr == 0.5
    optimizer.lr = 0.25
    assert [group["lr"] for group in optimizer.param_groups] == [0.25] * 3
    optimizer.zero_grad()
    assert a.grad is b.grad is c.grad is None


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_a_run_resumes_bit_for_bit(make):
    gradients = np.random.default_rng(0).standard_normal((6, 2, 3)).astype(np.float32)

    def train(optimizer, gradients):
        for gradient in gradients:
            optimizer.params[0].grad = gradient
            optimizer.step()
        return optimizer

    whole = train(make([Parameter(np.ones((2, 3), np.float32))]), gradients)
    first = train(make([Parameter(np.ones((2, 3), np.float32))]), gradients[:3])
    first.lr = first.lr * 1.0
    second = make([Parameter(first.params[0].data.copy())])
    second.lr = 99
    second.load_state_dict(first.state_dict())
    train(first, gradients[3:4])  # does not reach the copies
    train(second, gradients[3:])
    np.testing.assert_array_equal(second.params[0].data, whole.params[0].data, strict=True)
    assert second.lr == whole.lr


def test_zero_grad():
    p = Parameter([1.0])
    p.grad = np.ones(1)
    SGD([p]).zero_grad()
    assert p.grad is None


def test_plain_tensors_may_be_optimised_too():
    """As in PyTorch: an image, for example, to see what a network likes."""
    image = Tensor([1.0], requires_grad=True)
    (image * 2.0).sum().backward()
    SGD([image], lr=0.25).step()
    assert image.data.tolist() == [0.5]


def test_repr():
    assert repr(Adam(Linear(30, 40).parameters(), lr=0.01)) == "Adam(1,240 parameters, lr=0.01)"


p, q = Parameter([1.0]), Parameter([1.0])


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: SGD([]), ValueError,
         "SGD: params is empty. Pass model.parameters(), and call it anew for each optimiser: "
         "it can be walked through only once."),
        (lambda: Adam(iter(())), ValueError,
         "Adam: params is empty. Pass model.parameters(), and call it anew for each optimiser: "
         "it can be walked through only once."),
        (lambda: SGD(p), TypeError,
         "SGD: params must be a list of Parameters, not Parameter. "
         "Pass model.parameters(), or [p] for a single one."),
        (lambda: Adam(Linear(1, 1)), TypeError,
         "Adam: params must be a list of Parameters, not Linear. "
         "Pass model.parameters(), or [p] for a single one."),
        (lambda: SGD([p, np.ones(2)]), TypeError,
         "SGD: params[1] is a ndarray, not a Parameter. Pass model.parameters()."),
        (lambda: SGD(Linear(1, 1).state_dict()), TypeError,
         "SGD: params[0] is a str, not a Parameter. Pass model.parameters()."),
        (lambda: SGD([p, q, p]), ValueError,
         "SGD: params[0] and params[2] are the same Parameter; each step would move it twice. Pass it once."),
        (lambda: SGD([p], lr=-1), ValueError, "SGD: lr must be ≥ 0, got -1."),
        (lambda: SGD([p], lr=float("nan")), ValueError, "SGD: lr must be ≥ 0, got nan."),
        (lambda: SGD([p], momentum=-0.9), ValueError, "SGD: momentum must be ≥ 0, got -0.9."),
        (lambda: Adam([p], weight_decay=-1), ValueError, "Adam: weight_decay must be ≥ 0, got -1."),
        (lambda: Adam([p], eps=-1), ValueError, "Adam: eps must be ≥ 0, got -1."),
        (lambda: Adam([p], betas=(0.9, 1)), ValueError, "Adam: betas must be ≥ 0 and < 1, got (0.9, 1)."),
        (lambda: SGD([p], nesterov=True), ValueError,
         "SGD: nesterov=True needs momentum > 0 and dampening = 0, got momentum=0 and dampening=0. "
         "Pass momentum=0.9, nesterov=True."),
        (lambda: SGD([p], momentum=0.9, dampening=0.1, nesterov=True), ValueError,
         "SGD: nesterov=True needs momentum > 0 and dampening = 0, got momentum=0.9 and dampening=0.1. "
         "Pass momentum=0.9, nesterov=True."),
        (lambda: SGD([p, q * 2]), ValueError, "SGD: params[1] is computed from other Tensors. Pass those instead."),
        (lambda: SGD([{"params": [p]}, {"params": [q, p]}]), ValueError,
         "SGD: params[1] is in another group too. Pass it in one of them."),
        (lambda: SGD([{"params": [p], "learning_rate": 1}]), ValueError,
         "SGD: there is no setting 'learning_rate', only lr, momentum, dampening, weight_decay, nesterov, maximize."),
        (lambda: SGD([{"lr": 1}]), TypeError, "SGD: a group must be a dict with \"params\", not {'lr': 1}."),
        (lambda: SGD([{"params": [p]}, q]), TypeError,
         "SGD: a group must be a dict with \"params\", not Parameter([1.], requires_grad=True)."),
        (lambda: Adam([{"params": p, "betas": (1, 0.9)}]), ValueError,
         "Adam: betas must be ≥ 0 and < 1, got (1, 0.9)."),
        (lambda: mc.AdamW([p], betas=(0.9,)), ValueError, "AdamW: betas must be ≥ 0 and < 1, got (0.9,)."),
        (lambda: mc.Adagrad([p], lr_decay=-1), ValueError, "Adagrad: lr_decay must be ≥ 0, got -1."),
        (lambda: mc.Adadelta([p], rho=1.5), ValueError, "Adadelta: rho must be from 0 to 1, got 1.5."),
        (lambda: mc.Adamax([p], betas=(0.9, 1)), ValueError, "Adamax: betas must be ≥ 0 and < 1, got (0.9, 1)."),
        (lambda: mc.NAdam([p], momentum_decay=-1), ValueError, "NAdam: momentum_decay must be ≥ 0, got -1."),
        (lambda: mc.RMSprop([p], alpha=-1), ValueError, "RMSprop: alpha must be ≥ 0, got -1."),
        (lambda: SGD([p]).load_state_dict(SGD([p, q]).state_dict()), ValueError,
         "SGD.load_state_dict: the state is of groups of [2] parameters, but here are groups of [1]. "
         "Make the optimiser as it was made then."),
        (lambda: SGD([p]).load_state_dict(SGD([p]).state_dict() | {"state": {0: {"b": np.ones(2)}}}), ValueError,
         "SGD.load_state_dict: b of parameter 0 has shape (2,), the parameter (1,). Nothing was loaded."),
    ],
)  # fmt: skip
def test_errors(call, kind, message):
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda p: mc.SGD([p], lr="0.1"), "SGD: lr must be a number, not '0.1'."),
        (lambda p: mc.SGD([p], momentum=None), "SGD: momentum must be a number, not None."),
        (lambda p: mc.Adam([p], betas=0.9), "Adam: betas must be a pair of numbers, not 0.9."),
        (lambda p: mc.Adam([p], betas=("a", 0.9)), "Adam: each of betas must be a number, not 'a'."),
        (lambda p: setattr(mc.SGD([p]), "lr", -1), "SGD: lr must be ≥ 0, got -1."),
    ],
)
def test_settings_are_numbers(f, message):
    with pytest.raises((TypeError, ValueError)) as raised:
        f(mc.Parameter([1.0]))
    assert str(raised.value) == message


def test_read_only_parameters():
    p = mc.Parameter(np.broadcast_to(np.float32(1), 3))
    with pytest.raises(ValueError) as raised:
        mc.SGD([p])
    assert str(raised.value) == "SGD: params[0] is read-only. Make it of a copy: Parameter(array.copy())."
