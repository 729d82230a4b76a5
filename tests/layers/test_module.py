import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc


def small_net(seed=0):
    rng = np.random.default_rng(seed)
    return mc.Sequential(mc.Linear(2, 3, rng=rng), mc.ReLU(), mc.Sequential(mc.Dropout(0.5), mc.Linear(3, 1, rng=rng)))


def test_names_and_order_are_pytorchs():
    net = small_net()
    keys = ["0.weight", "0.bias", "2.1.weight", "2.1.bias"]
    assert list(net.state_dict()) == keys
    assert [name for name, _ in net.named_parameters()] == keys
    assert [name for name, _ in net.named_modules()] == ["", "0", "1", "2", "2.0", "2.1"]
    assert len(list(net.parameters())) == 4
    assert [type(m).__name__ for m in net.children()] == ["Linear", "ReLU", "Sequential"]


def test_a_shared_module_is_trained_once_and_saved_under_both_names():
    shared = mc.Linear(2, 2)
    net = mc.ModuleList([shared, mc.ReLU()])
    net.tied = shared.weight
    assert len(list(net.parameters())) == 2
    assert set(net.state_dict()) == {"0.weight", "0.bias", "tied"}


def test_train_and_eval_reach_every_module():
    net = small_net()
    assert all(m.training for m in net.modules())
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert all(m.training for m in net.train().modules())


def test_all_faults_of_a_state_are_named_at_once_and_nothing_is_loaded():
    net = small_net()
    before = {key: value.copy() for key, value in net.state_dict().items()}
    state = {"0.weight": np.zeros((2, 3)), "0.bias": np.zeros(3), "9.bias": np.zeros(1)}
    with pytest.raises(ValueError) as raised:
        net.load_state_dict(state)
    assert str(raised.value) == (
        "load_state_dict: these weights are not for this Sequential. missing: 2.1.weight, 2.1.bias; "
        "unexpected: 9.bias; of another shape: 0.weight (model (3, 2), given (2, 3)). Nothing was loaded."
    )
    for key, value in net.state_dict().items():
        assert_array_equal(value, before[key])
    with pytest.raises(ValueError, match="of another shape: 0.weight"):
        net.load_state_dict(state, strict=False)
    del state["0.weight"]
    net.load_state_dict(state, strict=False)
    assert_array_equal(net[0].bias.data, np.zeros(3))


def test_the_counter_of_batch_norm_may_be_missing():
    """As in PyTorch, for a plain dict: networks that were trained before 2018 have none."""
    net = mc.Sequential(mc.BatchNorm2d(2))
    net[0].num_batches_tracked[...] = 7
    state = {key: value + 1 for key, value in net.state_dict().items() if key != "0.num_batches_tracked"}
    assert net.load_state_dict(state) == ([], [])
    assert net[0].num_batches_tracked == 7
    assert net[0].running_mean.tolist() == [1, 1]


def test_zero_grad_and_apply():
    net, seen = small_net(), []
    net(mc.Tensor(np.ones((1, 2), np.float32))).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen == ["Linear", "ReLU", "Dropout", "Linear", "Sequential", "Sequential"]


def test_forward_must_be_written():
    with pytest.raises(NotImplementedError) as raised:
        mc.Module()(1)
    assert str(raised.value) == "Module: forward is not written. Define forward(self, x)."


def test_modules_and_parameters_by_name():
    net = small_net()
    assert net.get_submodule("") is net
    assert net.get_submodule("2.1") is net[2][1]
    assert net.get_parameter("2.1.bias") is net[2][1].bias
    for call, text in [
        (lambda: net.get_submodule("2.7.x"), "get_submodule: there is no '7' of '2.7.x'; beside it are 0, 1."),
        (lambda: net.get_submodule("1.x"), "get_submodule: there is no 'x' of '1.x'; beside it are none."),
        (lambda: net.get_parameter("0.w"), "get_parameter: there is no '0.w'; beside it are weight, bias."),
        (lambda: net.get_parameter("1.w"), "get_parameter: there is no '1.w'; beside it are none."),
    ]:
        with pytest.raises(AttributeError) as raised:
            call()
        assert str(raised.value) == text


def test_a_frozen_layer_keeps_its_weights_and_passes_the_gradient_on():
    net = small_net()
    assert net[2].requires_grad_(False) is net[2]
    before = {key: value.copy() for key, value in net.state_dict().items()}
    optimizer = mc.SGD(net.parameters(), lr=0.1, weight_decay=0.1)
    net(np.ones((4, 2), np.float32)).sum().backward()
    assert [p.grad is None for p in net.parameters()] == [False, False, True, True]
    optimizer.step()
    changed = [not np.array_equal(before[key], value) for key, value in net.state_dict().items()]
    assert changed == [True, True, False, False]
    assert all(p.requires_grad for p in net.requires_grad_().parameters())


def test_hooks_see_and_may_change_what_passes():
    layer, x = mc.Linear(2, 3, dtype=np.float64), np.ones((1, 2))
    y, calls = layer(x).data, []
    first = layer.register_forward_hook(lambda module, inputs, y: calls.append((module, inputs, y)))
    assert_array_equal(layer(x).data, y)
    assert calls[0][:2] == (layer, (x,))
    assert_array_equal(calls[0][2].data, y)
    second = layer.register_forward_hook(lambda module, inputs, y: y * 2)
    third = layer.register_forward_hook(lambda module, inputs, y: y + 1)  # in the order in which they were registered
    assert_array_equal(layer(x).data, 2 * y + 1)
    assert len(calls) == 2
    first.remove()
    first.remove()
    second.remove()
    assert_array_equal(layer(x).data, y + 1)
    third.remove()
    with layer.register_forward_pre_hook(lambda module, inputs: inputs[0] * 0):
        assert_array_equal(layer(x).data[0], layer.bias.data)
    with layer.register_forward_pre_hook(lambda module, inputs: (inputs[0] * 0,)):
        assert_array_equal(layer(x).data[0], layer.bias.data)
    assert_array_equal(layer(x).data, y)
    assert len(calls) == 2
    assert not mc.Linear(2, 3)._forward_hooks  # one Module's hooks are not another's


def test_a_hook_may_take_itself_off():
    layer, calls = mc.ReLU(), []

    def once(module, inputs, y):
        calls.append(y)
        handle.remove()

    handle = layer.register_forward_hook(once)
    for _ in range(3):
        layer(np.ones(1))
    assert len(calls) == 1


def test_activations_and_their_gradients():
    net, seen = mc.models.LeNet5(rng=np.random.default_rng(0)), {}

    def look(module, inputs, y):
        y.retain_grad()
        seen[module] = y

    for layer in net.children():
        layer.register_forward_hook(look)
    x = np.random.default_rng(0).random((2, 1, 32, 32), np.float32)
    net(x).sum().backward()
    assert [y.shape for y in seen.values()] == [(2, 6, 28, 28), (2, 16, 10, 10), (2, 120), (2, 84), (2, 10)]
    for layer, y in seen.items():
        assert_allclose(layer.bias.grad, y.grad.sum((0, *range(2, y.ndim))), rtol=1e-3, atol=1e-5)


class Mixed(mc.Module):
    """Parameters, buffers and children, set in a mixed order; the keys are as PyTorch gives them for this class."""

    KEYS = ["a", "b", "early", "counts", "first.weight", "first.bias", "again.weight", "again.bias"]

    def __init__(self):
        self.first = mc.Linear(1, 1)
        self.register_buffer("early", np.zeros(2, np.float32))
        self.a = mc.Parameter([1.0])
        self.register_buffer("scratch", np.zeros(1), persistent=False)
        self.register_buffer("absent", None)
        self.again = self.first
        self.register_buffer("counts", np.array(0))
        self.b = mc.Parameter([2.0])


def test_buffers_are_state_that_is_not_trained():
    m = mc.Sequential(Mixed())
    assert list(m.state_dict()) == ["0." + key for key in Mixed.KEYS]
    assert [name for name, _ in m.named_parameters()] == ["0.a", "0.b", "0.first.weight", "0.first.bias"]
    assert [name for name, _ in m.named_buffers()] == ["0.early", "0.scratch", "0.counts"]
    assert len(list(m.buffers())) == 3
    assert list(m.buffers(recurse=False)) == list(m.parameters(recurse=False)) == []
    assert [name for name, _ in m[0].named_buffers("net")] == ["net.early", "net.scratch", "net.counts"]
    assert len(list(mc.Linear(1, 1).buffers())) == 0  # one Module's buffers are not another's


def test_a_buffer_stays_one_whatever_is_assigned():
    m, other = Mixed(), Mixed()
    before = m.early
    m.early[...] = 3
    m.counts = m.counts + 1  # a NumPy scalar
    m.absent = np.ones(1)
    state = m.state_dict()
    assert list(state) == Mixed.KEYS[:3] + ["absent"] + Mixed.KEYS[3:]
    assert state["early"] is before
    del m.absent
    kept = other.early, other.counts
    other.load_state_dict(m.state_dict())
    assert kept[0] is other.early
    assert kept[1] is other.counts
    assert_array_equal(other.early, [3, 3])
    assert_array_equal(other.counts, np.array(1), strict=True)
    m.early = np.zeros(3, np.float32)
    assert m.state_dict()["early"].shape == (3,)
    m.register_buffer("scratch", mc.Tensor([5.0]))  # once more, and from now on persistent
    assert m.state_dict()["scratch"] is m.scratch
    m.register_buffer("scratch", None)
    m.early = None
    assert other.load_state_dict(m.state_dict(), strict=False) == (["early"], [])
    with pytest.raises(ValueError, match=r"unexpected: early. Nothing was loaded"):
        m.load_state_dict(other.state_dict())


def test_a_module_used_twice_is_run_twice_and_listed_once():
    relu = mc.ReLU()
    net = mc.Sequential(mc.Linear(2, 2), relu, mc.Linear(2, 2), relu)
    assert len(net) == len(list(net)) == 4
    assert len(list(net.children())) == 3
    assert repr(net).count("ReLU") == 2


def test_copies_share_nothing():
    m = Mixed()
    for twin in (copy.deepcopy(m), pickle.loads(pickle.dumps(m))):
        twin.early += 1
        twin.a.data += 1
        assert_array_equal(m.early, [0, 0])
        assert m.a.item() == 1
        assert twin.again is twin.first
        assert isinstance(twin.a, mc.Parameter)
        assert twin.a.requires_grad
        assert list(twin.state_dict()) == Mixed.KEYS


@pytest.mark.parametrize(
    ("name", "array", "error", "text"),
    [
        ("", np.zeros(1), ValueError, "register_buffer: name must be a word without a dot, not ''."),
        ("a.b", np.zeros(1), ValueError, "register_buffer: name must be a word without a dot, not 'a.b'."),
        ("a", np.zeros(1), ValueError, "register_buffer: Mixed has an attribute 'a'. Choose another name."),
        ("forward", None, ValueError, "register_buffer: Mixed has an attribute 'forward'. Choose another name."),
        ("c", [1.0], TypeError, "register_buffer: c must be an array or None, not list. Pass np.array(…)."),
    ],
)
def test_buffers_that_are_refused(name, array, error, text):
    with pytest.raises(error) as raised:
        Mixed().register_buffer(name, array)
    assert str(raised.value) == text
