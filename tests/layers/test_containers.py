"""Containers: the names under which they keep what they hold are PyTorch's."""

import re
from collections import OrderedDict

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F


def relu_tanh_sigmoid():
    return [mc.ReLU(), mc.Tanh(), mc.Sigmoid()]


def described(container):
    return {name: type(module).__name__ for name, module in container._held(mc.Module)}


@pytest.mark.parametrize("make", [mc.ModuleList, lambda modules: mc.Sequential(*modules)])
def test_lists(make):
    net = make(relu_tanh_sigmoid())
    assert len(net) == 3
    assert [type(m).__name__ for m in net] == ["ReLU", "Tanh", "Sigmoid"]
    assert net[-1] is list(net)[2]
    assert net.append(mc.Flatten()) is net
    assert net.extend([mc.Flatten()]) is net
    assert net.insert(1, mc.Softmax()) is net
    assert net.insert(6, mc.Flatten(2)) is net
    assert net.insert(-7, mc.Flatten(3)) is net
    expected = ["Flatten", "ReLU", "Softmax", "Tanh", "Sigmoid", "Flatten", "Flatten", "Flatten"]
    assert described(net) == dict(zip("01234567", expected, strict=True))
    del net[-3:]
    del net[0]
    net[1] = mc.Linear(2, 3)
    assert described(net) == {"0": "ReLU", "1": "Linear", "2": "Tanh", "3": "Sigmoid"}
    assert type(net[:2]) is type(net)
    assert len(net[:2]) == 2
    assert list(net.state_dict()) == ["1.weight", "1.bias"]


def test_a_slice_keeps_names_in_a_sequential_and_counts_anew_in_a_list():
    assert described(mc.ModuleList(relu_tanh_sigmoid())[1:]) == {"0": "Tanh", "1": "Sigmoid"}
    tail = mc.Sequential(*relu_tanh_sigmoid())[1:]
    assert described(tail) == {"1": "Tanh", "2": "Sigmoid"}
    assert described(tail.append(mc.ReLU())) == {"1": "Tanh", "2": "Sigmoid", "3": "ReLU"}


def test_sequential_with_names():
    net = mc.Sequential(OrderedDict(fc=mc.Linear(2, 3), act=mc.ReLU()))
    assert list(net.state_dict()) == ["fc.weight", "fc.bias"]
    assert net.act is net[1]
    net[1] = mc.Tanh()
    assert described(net) == {"fc": "Linear", "act": "Tanh"}
    x = np.ones((1, 2), np.float32)
    assert_array_equal(net(x).data, F.tanh(net.fc(x).data))
    assert described(net[1:]) == {"act": "Tanh"}
    assert_array_equal(mc.Sequential()(x), x)


def test_dicts():
    net = mc.ModuleDict({"a": mc.ReLU(), "b": mc.Linear(2, 3)})
    net["c"] = net["a"]
    net.update([("d", mc.Tanh())])
    net.update(mc.ModuleDict({"a": mc.Sigmoid()}))
    assert list(net) == list(net.keys()) == ["a", "b", "c", "d"]
    assert [type(m).__name__ for m in net.values()] == ["Sigmoid", "Linear", "ReLU", "Tanh"]
    assert dict(net.items())["b"] is net["b"] is net.b
    assert "b" in net
    assert "forward" not in net
    assert list(net.state_dict()) == ["b.weight", "b.bias"]
    b = net["b"]
    assert net.pop("b") is b
    del net["a"]
    assert list(net) == ["c", "d"]
    assert len(net) == 2
    net.clear()
    assert len(net) == 0


def test_residual():
    rng, x = np.random.default_rng(0), np.ones((2, 3), np.float32)
    body, shortcut = mc.Linear(3, 3, rng=rng), mc.Linear(3, 3, bias=False, rng=rng)
    assert_array_equal(mc.Residual(body)(x).data, body(x).data + x)
    block = mc.Residual(body, shortcut)
    assert_array_equal(block(x).data, body(x).data + shortcut(x).data)
    assert list(block.state_dict()) == ["body.weight", "body.bias", "shortcut.weight"]
    assert [name for name, _ in mc.Residual(body).named_children()] == ["body"]
    block(x).sum().backward()
    assert shortcut.weight.grad is not None


def test_concat():
    rng, x = np.random.default_rng(0), mc.Tensor(np.ones((2, 3), np.float32), requires_grad=True)
    one, two = mc.Linear(3, 2, rng=rng), mc.Linear(3, 4, rng=rng)
    both = mc.Concat(one, two)
    y = both(x)
    assert_array_equal(y.data, np.concatenate([one(x).data, two(x).data], 1))
    y.sum().backward()
    assert_allclose(x.grad[0], one.weight.data.sum(0) + two.weight.data.sum(0), rtol=1e-6)
    assert list(both.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert both[1:](x).shape == (2, 4)
    assert mc.Concat(one, one, dim=0)(x).shape == (4, 2)
    assert mc.Concat(one, one, dim=0)[:1].dim == 0


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: mc.Sequential([mc.ReLU()]), TypeError, "Sequential: every item must be a Module, not list."),
        (lambda: mc.Sequential(dict(a=mc.ReLU())), TypeError, "Sequential: every item must be a Module, not dict."),
        (lambda: mc.ModuleList([mc.ReLU]), TypeError,
         "ModuleList: every item must be a Module, not the class ReLU: call it."),
        (lambda: mc.ModuleList(mc.ReLU()), TypeError, "ModuleList: modules must be a list of Modules, not ReLU."),
        (lambda: mc.ModuleDict(dict(a=None)), TypeError, "ModuleDict: every item must be a Module, not NoneType."),
        (lambda: mc.ModuleDict({1: mc.ReLU()}), ValueError, "ModuleDict: name must be a word without a dot, not 1."),
        (
            lambda: mc.ModuleDict({"a.b": mc.ReLU()}), ValueError,
            "ModuleDict: name must be a word without a dot, not 'a.b'.",
        ),
        (
            lambda: mc.ModuleDict({"items": mc.ReLU()}), ValueError,
            "ModuleDict: ModuleDict has an attribute 'items'. Choose another name.",
        ),
        (lambda: mc.ModuleDict()["a"], KeyError, "\"ModuleDict: there is no 'a', only nothing.\""),
        (lambda: mc.Sequential(mc.ReLU())[1], IndexError, "Sequential: index 1 is out of range for 1 modules."),
        (lambda: mc.Sequential(mc.ReLU()).insert(-2, mc.ReLU()), IndexError,
         "Sequential: index -2 is out of range for 1 modules."),
        (lambda: mc.Residual(None), TypeError, "Residual: body must be a Module, not NoneType."),
        (lambda: mc.Residual(mc.ReLU(), 1), TypeError, "Residual: shortcut must be a Module, not int."),
        (
            lambda: mc.Residual(mc.Linear(3, 2))(np.ones((1, 3), np.float32)), ValueError,
            "Residual: body gives shape (1, 2) and the shortcut (1, 3), which cannot be added. "
            "Pass a shortcut that makes them equal, as Conv2d(…, kernel_size=1, stride=…).",
        ),
    ],
)  # fmt: skip
def test_errors(call, error, text):
    with pytest.raises(error, match=f"^{re.escape(text)}$"):
        call()


@pytest.mark.parametrize("wrong", ["a", np.ones((2, 2), complex), None])
def test_weights_that_are_no_numbers(wrong):
    layer = mc.Linear(2, 2, bias=False)
    wrong = np.full((2, 2), wrong) if np.ndim(wrong) == 0 else wrong
    with pytest.raises(ValueError, match="not of numbers: weight. Nothing was loaded.$"):
        layer.load_state_dict({"weight": wrong})
    with pytest.raises(TypeError, match="^load_state_dict: state must be a dict of arrays, not int.$"):
        layer.load_state_dict(3)
