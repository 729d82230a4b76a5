"""Names of PyTorch: those that are there do as they do there; those that are not say what to do instead."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F
from minicnn import porting
from minicnn.functional._methods import METHODS

F32 = np.float32


def grad_of(f, *values):
    xs = [mc.Tensor(np.array(v, F32), requires_grad=True) for v in values]
    f(*xs).sum().backward()
    return [x.grad for x in xs]


# ---------------------------------------------------------------- Tensor


def test_size_is_a_number_and_a_method():
    x = mc.zeros(2, 3, 4)
    assert (x.size, x.size(), x.size(0), x.size(-1)) == (24, (2, 3, 4), 2, 4)
    assert x.view(x.size(0), -1).shape == (2, 12)
    assert (x.numel(), x.nelement(), x.dim(), x.ndimension()) == (24, 24, 3, 3)
    assert type(x.numel()) is int


def test_formats():
    loss = mc.Tensor(2.0)
    assert f"{loss:.3f}" == "2.000"
    assert f"{loss}" == "Tensor(2.)"
    assert f"{mc.Tensor([1.0, 2.0])}" == "Tensor([1., 2.])"
    assert "%.1f" % loss == "2.0"  # noqa: UP031
    with pytest.raises(ValueError, match=r"Tensor: shape \(2,\) is not one number"):
        f"{mc.Tensor([1.0, 2.0]):.3f}"
    assert round(mc.Tensor([1.234, 2.345]), 1).tolist() == pytest.approx([1.2, 2.3])
    assert [1, 2, 3][mc.Tensor(np.array(1))] == 2
    with pytest.raises(TypeError, match="an index must be one whole number, not float32"):
        [1, 2, 3][mc.Tensor(1.0)]


def test_clones_and_casts_pass_gradients():
    assert_array_equal(grad_of(lambda x: x.clone() * 3, [1, 2])[0], [3, 3])
    x = mc.Tensor(np.ones(2, F32), requires_grad=True)
    y = x.double()
    assert y.dtype == float
    (y * np.array([1.0, 1e-9])).sum().backward()
    assert x.grad.dtype == F32
    assert_allclose(x.grad, [1, 1e-9])
    assert x.to(np.float32) is x
    assert x.type_as(y).dtype == x.to(y).dtype == x.type(np.float64).dtype == float
    assert [t.dtype for t in (x.long(), x.int(), x.bool(), x.short())] == [np.int64, np.int32, bool, np.int16]
    clone = x.clone()
    clone.data += 1
    assert_array_equal(x.data, 1)


def test_views_and_comparisons():
    x, y = mc.Tensor([[3.0, 1.0], [2.0, 2.0]]), mc.Tensor([3.0, 3.0])
    assert x.view_as(mc.zeros(4)).shape == (4,)
    assert x.t().tolist() == x.T.tolist() == [[3, 2], [1, 2]]
    assert x.eq(y).tolist() == (x == y).tolist() == [[True, False], [False, False]]
    assert x.lt(y).any().item() is True
    assert x.gt(0).all().item() is True
    assert x.ge(2).all(dim=1).tolist() == [False, True]
    assert x.equal(mc.Tensor([[3.0, 1.0], [2.0, 2.0]]))
    assert not x.equal(y)
    assert x.allclose(x + 1e-9)
    assert x.isnan().any().item() is False
    assert (x.device, x.is_cuda) == ("cpu", False)


def test_changes_in_place_where_nothing_is_recorded():
    x = mc.zeros(2, 2)
    assert x.add_(3).mul_(2).sub_(1).div_(5) is x
    assert_array_equal(x.data, 1)
    assert_array_equal(x.fill_(7).data, 7)
    assert_array_equal(x.copy_(mc.Tensor([1.0, 2.0])).clamp_(max=1.5).data, [[1, 1.5], [1, 1.5]])
    x[0] = 9
    x[x < 1.2] = 0
    assert_array_equal(x.data, [[9, 9], [0, 1.5]])
    assert_allclose(x.normal_(1, 2, rng=np.random.default_rng(0)).data[0, 0], 1 + 2 * 0.12573022, rtol=1e-5)
    assert x.uniform_(2, 3, rng=np.random.default_rng(0)).data.min() >= 2
    w = mc.Parameter([1.0])
    for change in (lambda: w.add_(1), lambda: w.zero_(), lambda: w.copy_(w)):
        with pytest.raises(RuntimeError, match="cannot be changed in place while operations are recorded"):
            change()
    with pytest.raises(RuntimeError, match=r"x\[i\] = y is not recorded"):
        w[0] = 3.0
    with mc.no_grad():
        w.sub_(0.25)
    assert w.item() == 0.75
    y = x * 2
    z = (w * y).sum()
    y.add_(1)
    with pytest.raises(RuntimeError, match="mul needs y as it was"):
        z.backward()


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_the_functions(name):
    assert getattr(mc.Tensor, name) is getattr(F, name)


# ---------------------------------------------------------------- creation and chance


def test_new_tensors():
    assert mc.zeros(2, 3).dtype == mc.ones((2,)).dtype == mc.eye(2).dtype == mc.arange(1.0).dtype == F32
    assert mc.arange(3).dtype == mc.tensor([1]).dtype == mc.randint(3, (2,)).dtype == mc.full((2,), 3).dtype == np.int64
    assert mc.linspace(0, 1, 5).tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert mc.full((2, 2), 0.5).tolist() == [[0.5, 0.5], [0.5, 0.5]]
    x = mc.Tensor(np.ones((2, 3)))
    assert mc.zeros_like(x).dtype == mc.rand_like(x).dtype == float
    assert mc.full_like(x, 3).shape == mc.randn_like(x, dtype=F32).shape == (2, 3)
    assert sorted(mc.randperm(5).tolist()) == [0, 1, 2, 3, 4]
    assert mc.zeros(1, requires_grad=True).requires_grad
    array = np.ones(2)
    assert mc.from_numpy(array).data is array
    assert mc.as_tensor(array).data is array
    assert mc.tensor(array).data is not array
    assert mc.is_tensor(x)
    for wrong in (lambda: mc.zeros(-1), lambda: mc.ones(2.0), lambda: mc.randn("a")):
        with pytest.raises(TypeError, match="sizes must be whole numbers of at least 0"):
            wrong()
    with pytest.raises(RuntimeError, match="minicnn computes on the CPU only"):
        mc.zeros(2, device="cuda")


def test_one_seed_for_what_gets_no_rng():
    def draw():
        mc.manual_seed(3)
        loader = mc.data.DataLoader([(i, i) for i in range(9)], 9, shuffle=True)
        order = next(iter(loader))[0].tolist()
        x = mc.ones(100)
        return mc.Linear(2, 2).weight.tolist(), mc.rand(2).tolist(), F.dropout(x).tolist(), order

    assert draw() == draw()
    mc.manual_seed(4)
    other = mc.Linear(2, 2).weight.tolist()
    mc.manual_seed(3)
    assert other != mc.Linear(2, 2).weight.tolist()
    before = np.random.default_rng(0).random(3)
    rng = np.random.default_rng(0)
    mc.manual_seed(0)  # leaves the generators of others alone
    assert_array_equal(rng.random(3), before)
    for wrong in (-1, 0.5, "a", True, None):
        with pytest.raises(TypeError, match="manual_seed: seed must be a whole number of at least 0"):
            mc.manual_seed(wrong)


# ---------------------------------------------------------------- loaders


class Squares(mc.data.Dataset):
    def __len__(self):
        return 5

    def __getitem__(self, i):
        assert type(i) is int
        return np.full((1, 2), i, F32), i * i


@pytest.mark.parametrize("data", [Squares(), [Squares()[i] for i in range(5)], tuple(Squares()[i] for i in range(5))])
def test_samples_one_by_one_are_stacked(data):
    loader = mc.data.DataLoader(data, 2, num_workers=4, pin_memory=True, persistent_workers=True)
    images, labels = zip(*loader, strict=True)
    assert [x.shape for x in images] == [(2, 1, 2), (2, 1, 2), (1, 1, 2)]
    assert [y.tolist() for y in labels] == [[0, 1], [4, 9], [16]]
    assert isinstance(images[0], mc.Tensor)
    assert images[0].dtype == F32
    assert labels[0].dtype == np.int64


def test_batches_of_tensors_and_of_other_things():
    x, y = mc.randn(4, 2), mc.tensor([0, 1, 1, 0])
    ((a, b),) = mc.data.DataLoader(mc.data.TensorDataset(x, y), 4)
    assert_array_equal(a.data, x.data)
    assert isinstance(b, mc.Tensor)
    samples = [{"x": mc.ones(2), "name": "one", "pair": (1, 2.5)}, {"x": mc.zeros(2), "name": "two", "pair": (3, 4.5)}]
    (batch,) = mc.data.DataLoader(samples, 2)
    assert batch["x"].tolist() == [[1, 1], [0, 0]]
    assert batch["name"] == ["one", "two"]
    assert [part.tolist() for part in batch["pair"]] == [[1, 3], [2.5, 4.5]]
    (batch,) = mc.data.DataLoader([1, 2, 3], 3, collate_fn=sum)
    assert batch == 6
    with pytest.raises(ValueError, match=r"numbers or arrays of one shape, but they have \[\(1,\), \(2,\)\]"):
        next(iter(mc.data.DataLoader([np.ones(1), np.ones(2)], 2)))
    with pytest.raises(TypeError, match=r"a data set needs len\(dataset\) and dataset\[i\], but generator has"):
        mc.data.DataLoader(i for i in range(3))
    with pytest.raises(ValueError, match="TensorDataset: all must have one length"):
        mc.data.TensorDataset(mc.ones(2), mc.ones(3))


def test_fit_takes_such_loaders():
    rng = np.random.default_rng(0)
    pairs = [(rng.standard_normal(2).astype(F32), i % 2) for i in range(6)]
    model, loader = mc.Linear(2, 2, rng=rng), mc.data.DataLoader(pairs, 3)
    history = mc.fit(model, loader, optimizer=mc.SGD(model.parameters()), epochs=1, progress=False)
    assert 0 <= history.train_accuracy[0] <= 1


# ---------------------------------------------------------------- what is not there


@pytest.mark.parametrize(
    ("get", "words"),
    [
        (lambda: mc.save, r"mc\.save is not in minicnn\. Use mc\.save_weights\(model, path\)"),
        (lambda: mc.compile, "Kernels are compiled by themselves. Leave it out."),
        (lambda: mc.zeros(1).cuda(), r"Tensor\.cuda is not in minicnn\. minicnn computes on the CPU only"),
        (lambda: mc.ReLU().half(), r"ReLU\.half is not in minicnn\. There are float32 and float64 here"),
        (lambda: mc.cuda.amp, r"mc\.cuda\.amp: minicnn computes on the CPU only"),
        (lambda: mc.sparse_coo_tensor, r"mc\.sparse_coo_tensor is PyTorch's, and not in minicnn"),
        (lambda: mc.complex64, "There are no complex Tensors here"),
        (lambda: mc.LazyConv2d, r"Use Conv2d\(in_channels, out_channels, …\)"),
        (lambda: mc.zeros(1).lerp, r"Tensor\.lerp is PyTorch's, and not in minicnn"),
        (lambda: F.ctc_loss, r"F\.ctc_loss is PyTorch's, and not in minicnn"),
        (lambda: mc.zeros(1).retains_grad, r"Use \.retain_grad\(\)"),
        (lambda: mc.nothing_of_the_kind, "mc has no attribute 'nothing_of_the_kind'"),
        (lambda: mc.ReLU().nothing, "ReLU has no attribute 'nothing'"),
    ],
)
def test_a_missing_name_says_what_to_do(get, words):
    with pytest.raises(AttributeError, match=words):
        get()


def test_every_word_is_about_a_name_that_is_missing_and_names_what_is_there():
    for name, words in porting.WORDS.items():
        assert name in porting.torch_names() or name in ("einops", "_parameters", "_modules", "_buffers"), name
        for other in re.findall(r"(?:mc|F)\.(\w+)", words):
            assert hasattr(mc, other) or hasattr(F, other) or hasattr(mc.data, other), f"{name}: {other} is not there"


def test_hasattr_and_dtypes():
    assert not hasattr(mc.ReLU(), "weight")
    assert not hasattr(mc.zeros(1), "lerp")
    assert (mc.float32, mc.long, mc.bool) == (np.float32, np.int64, np.bool_)
    assert mc.nn.Linear is mc.optim.lr_scheduler.Linear is mc.Linear
    assert mc.relu is F.relu
    assert mc.device("cpu") == "cpu"
    assert not mc.cuda.is_available()
