"""What may stand where in a tree of Modules, what is found in it, conversions, and hooks on the way back."""

import copy
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from safetensors.numpy import save_file

import minicnn as mc
import minicnn.functional as F

F32 = np.float32


class Net(mc.Module):
    def __init__(self):
        rng = np.random.default_rng(0)
        self.conv, self.norm = mc.Conv2d(3, 4, 3, rng=rng), mc.BatchNorm2d(4)
        self.head = mc.Sequential(mc.Flatten(), mc.Linear(16, 2, rng=rng))

    def forward(self, x):
        return self.head(self.norm(self.conv(x)))


# ---------------------------------------------------------------- what may stand where


@pytest.mark.parametrize("value", [np.ones((2, 3), F32), mc.Tensor(np.ones((2, 3), F32)), 3, "w", mc.ReLU(), [1.0]])
def test_a_parameters_name_holds_a_parameter(value):
    layer = mc.Linear(3, 2)
    before = layer.state_dict().keys()
    with pytest.raises(TypeError, match="weight is a Parameter, and only a Parameter or None can take its place, not"):
        layer.weight = value
    assert layer.state_dict().keys() == before
    layer.weight = mc.Parameter(np.ones((2, 3), F32))
    layer.bias = None
    assert list(layer.state_dict()) == ["weight"]


@pytest.mark.parametrize("value", [3, np.ones(2), lambda x: x, mc.Tensor([1.0])])
def test_a_modules_name_holds_a_module(value):
    net = Net()
    with pytest.raises(TypeError, match="conv is a Module, and only a Module or None can take its place, not"):
        net.conv = value
    net.conv = mc.Identity()
    net.norm = None
    assert [name for name, _ in net.named_children()] == ["conv", "head"]


def test_a_tree_that_holds_itself_is_refused_at_once():
    class Child(mc.Module):
        def __init__(self, parent):
            self.parent = parent

    class Parent(mc.Module):
        def __init__(self):
            self.child = Child(self)

    with pytest.raises(ValueError) as raised:
        Parent()
    assert str(raised.value) == (
        "Parent: child.parent would be the Module itself, but a Module holds only what is below it. Pass what is "
        "needed from above to forward."
    )
    net = mc.Sequential(mc.Sequential(mc.ReLU()))
    with pytest.raises(ValueError, match=r"Sequential: 1 would be the Module itself"):
        net.append(net)
    with pytest.raises(ValueError, match=r"Sequential: again\.0 would be the Module itself"):
        net[0].again = net
    assert len(list(net.modules())) == 3


@pytest.mark.parametrize("hold", [list, tuple, lambda layers: dict(enumerate(layers))])
def test_modules_in_a_plain_list_are_warned_of(hold):
    class Stack(mc.Module):
        def __init__(self):
            self.layers = hold([mc.Linear(2, 2)])
            self.inner = mc.Sequential()

    with pytest.warns(
        UserWarning, match="Stack: layers is a plain .*, so that the Parameters in it are neither trained"
    ):
        assert list(Stack().parameters()) == []
    net = mc.Sequential(Stack())
    with pytest.warns(UserWarning, match=r"Sequential: 0\.layers is a plain"):
        net.parameters()


def test_a_list_of_what_is_found_anyway_is_fine():
    net = Net()
    net.in_order = [net.conv, net.norm, net.conv.weight]
    net.sizes = [1, 2]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(list(net.parameters())) == 6


def test_tied_weights_load_from_a_file_that_keeps_one_name(tmp_path):
    """As `safetensors.torch.save_model` writes it."""

    def tied():
        net = mc.Sequential(mc.Linear(3, 3), mc.Tanh(), mc.Linear(3, 3))
        net[2].weight = net[0].weight
        return net

    one, other = tied(), tied()
    state = {name: a for name, a in one.state_dict().items() if name != "2.weight"}
    save_file(state, tmp_path / "tied.safetensors")
    mc.load_weights(other, tmp_path / "tied.safetensors")
    assert_array_equal(other[2].weight.data, one[0].weight.data)
    assert other[2].weight is other[0].weight
    del state["0.weight"]
    with pytest.raises(ValueError, match=r"missing: 0\.weight, 2\.weight"):
        other.load_state_dict(state)


def test_parameter_lists():
    class Bases(mc.Module):
        def __init__(self):
            self.bases = mc.ParameterList([np.ones((2, 2), F32), mc.Parameter(np.zeros(2, F32))])

        def forward(self, x):
            return x @ self.bases[0] + self.bases[1]

    net = Bases()
    assert list(net.state_dict()) == ["bases.0", "bases.1"]
    net(mc.Tensor(np.ones((3, 2), F32))).sum().backward()
    assert_array_equal(net.bases[0].grad, 3)
    net.bases.append([1.0])
    net.bases[2] = [2.0]
    assert [p.shape for p in net.bases] == [(2, 2), (2,), (1,)]
    assert repr(net.bases).splitlines()[1] == "  (0): Parameter of shape (2, 2)"
    with pytest.raises(TypeError, match="ParameterList: values must be a list of Parameters, not int"):
        mc.ParameterList(3)


def test_registering_by_name():
    net = mc.Module()
    net.register_parameter("scale", mc.Parameter([1.0]))
    net.register_parameter("later", None)
    assert list(net.state_dict()) == ["scale"]
    with pytest.raises(TypeError, match="register_parameter: shift must be a Parameter or None, not ndarray"):
        net.register_parameter("shift", np.ones(2))


# ---------------------------------------------------------------- conversions


def test_to_float64_and_back():
    net, x = Net(), np.random.default_rng(1).standard_normal((5, 3, 4, 4))
    expected = net(x.astype(F32)).data
    net(x.astype(F32)).sum().backward()
    weight, grad = net.conv.weight, net.conv.weight.grad
    assert net.double() is net
    assert net.conv.weight is weight  # an optimiser would still find it
    assert {a.dtype for a in net.state_dict().values()} == {np.dtype(float), np.dtype(np.int64)}
    assert_allclose(net.conv.weight.grad, grad)
    assert net.conv.weight.grad.dtype == float
    assert_allclose(net(x).data, expected, rtol=1e-3, atol=1e-5)
    net.to("cpu").to(mc.device("cpu")).to(np.float32).cpu()
    assert net(x.astype(F32)).dtype == F32
    assert net.norm.running_mean.dtype == F32
    net.to(mc.Tensor(np.ones(1)))
    assert net.conv.weight.dtype == float


def test_what_is_no_place_to_be_is_refused():
    for target in ("cuda", "cuda:0", "mps"):
        with pytest.raises(RuntimeError, match='minicnn computes on the CPU only. Leave it out, or say "cpu".'):
            mc.ReLU().to(target)
    with pytest.raises(TypeError, match="Linear.to: the dtype must be float32 or float64, not int64"):
        mc.Linear(2, 3).to(np.int64)
    with pytest.raises(TypeError, match="Linear.to: 'half-ish' is no dtype. Pass np.float32"):
        mc.Linear(2, 3).to(dtype="half-ish")


def test_a_prefix_of_the_keys():
    assert list(mc.Linear(2, 3).state_dict(prefix="head.")) == ["head.weight", "head.bias"]


def test_gradients_may_be_set_to_zero_instead_of_forgotten():
    net = mc.Linear(2, 3)
    net(mc.Tensor(np.ones((1, 2), F32))).sum().backward()
    net.zero_grad(set_to_none=False)
    assert_array_equal(net.weight.grad, np.zeros((3, 2)))
    net.zero_grad()
    assert net.weight.grad is None


# ---------------------------------------------------------------- hooks on the way back


def test_gradients_on_their_way_may_be_seen_and_changed():
    x = mc.Tensor([1.0, 2.0], requires_grad=True)
    seen = []
    y = x * 3
    first = y.register_hook(seen.append)
    y.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g + 1)
    (y * y + y).sum().backward()  # y is used twice: the hook sees the sum
    assert_array_equal(seen[0], [7, 13])
    assert_array_equal(x.grad, [211, 391])
    first.remove()
    first.remove()
    with pytest.raises(RuntimeError, match="graph was used before"):
        y.sum().backward()
    y = x * 3
    with y.register_hook(lambda g: np.ones(5)), pytest.raises(RuntimeError, match="a hook of a Tensor of shape"):
        y.sum().backward()


def test_an_error_on_the_way_back_changes_no_gradient():
    w, x = mc.Parameter([1.0]), mc.Tensor([2.0], requires_grad=True)
    broken = mc.differentiable(lambda x: (x * 1, lambda dy: (dy[None],)))
    with pytest.raises(RuntimeError):
        (broken(x) * w).backward()
    assert w.grad is None


def test_module_hooks_see_the_gradients_of_this_module_only():
    layer, seen = mc.Linear(2, 2, bias=False), []
    layer.weight.data[...] = 2 * np.eye(2)
    layer.register_full_backward_hook(lambda module, dx, dy: seen.append((module, dx[0].copy(), dy[0].copy())))
    x = mc.Tensor(np.ones((1, 2), F32), requires_grad=True)
    y = x * 1.0
    (layer(y) * 5 + y * 100).sum().backward()  # y is used elsewhere too
    assert seen[0][0] is layer
    assert_array_equal(seen[0][1], [[10, 10]])
    assert_array_equal(seen[0][2], [[5, 5]])
    assert_array_equal(x.grad, [[110, 110]])


def test_module_hooks_without_gradient_of_the_input_and_twice():
    layer, calls = mc.Linear(2, 2), []
    handle = layer.register_full_backward_hook(lambda module, dx, dy: calls.append((dx, dy[0].shape)))
    loss = layer(mc.Tensor(np.ones((1, 2), F32))).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    assert [dx for dx, _ in calls] == [(None,), (None,)]
    handle.remove()
    layer(mc.Tensor(np.ones((1, 2), F32))).sum().backward()
    assert len(calls) == 2


def test_module_hooks_may_change_what_goes_back():
    layer = mc.Sequential(mc.Linear(2, 2))
    layer.register_full_backward_hook(lambda module, dx, dy: (dx[0] * 0,))
    x = mc.Tensor(np.ones((1, 2), F32), requires_grad=True)
    layer(x).sum().backward()
    assert_array_equal(x.grad, 0)

    class Two(mc.Module):
        def forward(self, a, b):
            return a * b

    two = Two()
    two.register_full_backward_hook(lambda module, dx, dy: (dx[0], dx[1]))
    with pytest.raises(RuntimeError, match="Two: a backward hook can change the gradient of a Module with one input"):
        two(x, x * 1.0).sum().backward()


def test_grad_cam_is_written_as_usual():
    """Maps and their gradients, by hooks: the weights of the maps are the means of the gradients."""
    net, kept = Net(), {}
    net.eval()
    net.norm.register_forward_hook(lambda m, i, o: kept.update(maps=o.data))
    net.norm.register_full_backward_hook(lambda m, i, o: kept.update(gradients=o[0]))
    x = mc.Tensor(np.random.default_rng(0).standard_normal((1, 3, 4, 4)).astype(F32), requires_grad=True)
    net(x)[0, 1].backward()
    weights = kept["gradients"].mean((2, 3))
    assert_allclose(weights[0], net.head[1].weight.data[1].reshape(4, 4).mean(1), rtol=1e-5)
    assert F.relu(mc.Tensor((weights[:, :, None, None] * kept["maps"]).sum(1))).shape == (1, 2, 2)


def test_copies_have_their_own_hooks_and_weights():
    net = Net()
    other = copy.deepcopy(net)
    other.conv.weight.data += 1
    assert not np.array_equal(net.conv.weight.data, other.conv.weight.data)
    other.register_full_backward_hook(lambda *a: None)
    assert not net._backward_hooks
