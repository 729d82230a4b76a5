"""Every network: the parameters of its paper, PyTorch's answers and gradients, training, files."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F
from tests.models.every_model import MODELS, ask, without_chance

GOLDEN = Path(__file__).parents[1] / "golden" / "models"
THOROUGH = [name for name, one in MODELS.items() if one.thorough]


def rows(names, small=np.inf):
    """Names as parameters of a test: slow are those that say so, and those of more than `small` parameters."""
    slow = {name for name in names if MODELS[name].slow or MODELS[name].parameters > small}
    return [pytest.param(name, marks=[pytest.mark.slow] * (name in slow)) for name in names]


def build(name, seed=0, **more):
    return MODELS[name].build(name, mc.models, rng=np.random.default_rng(seed), **more)


def images(name, n=None):
    size, *shape = MODELS[name].images
    return np.random.default_rng(1).standard_normal((n or size, *shape), np.float32)


def check(name, net, rtol, thorough=False):
    """Sums and projections differ from PyTorch's by less than `rtol` of the sum of absolute values."""
    expected = np.load(GOLDEN / f"{name}.npz")
    answers = ask(mc, net, MODELS[name], thorough)
    assert answers.keys() == (expected.keys() if thorough else {"keys", "shapes", "scores"})
    for key, answer in answers.items():
        if key in ("keys", "shapes"):
            assert answer.tolist() == expected[key].tolist()
        else:
            sizes = expected[key][:, 1:2] if answer.ndim else expected[key]
            assert (np.abs(answer - expected[key]) <= rtol * sizes + 1e-12).all(), f"{key} differ from PyTorch's"


@pytest.mark.parametrize("name", rows(MODELS))
def test_parameters_and_scores_are_pytorchs(name):
    net = build(name)
    assert sum(p.size for p in net.parameters()) == MODELS[name].parameters
    check(name, net, 1e-4)


@pytest.mark.parametrize("name", rows(THOROUGH))
def test_in_float64_every_gradient_is_pytorchs(name):
    check(name, build(name).to(np.float64), 1e-9, thorough=True)


@pytest.mark.parametrize("name", rows(THOROUGH, small=1_000_000))
def test_learns_eight_samples_by_heart(name):
    x, labels = images(name, 8), np.arange(8)
    net = without_chance(build(name))
    optimizer = mc.Adam(net.parameters(), lr=MODELS[name].lr)
    losses = [np.inf]
    while losses[-1] > 0.01 and len(losses) <= 100:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.01


@pytest.mark.parametrize("name", rows(THOROUGH))
def test_weights_survive_a_file(name, tmp_path):
    net, other, x = build(name), build(name, seed=1), images(name)
    net(x)  # moves the statistics of batch norm
    assert (net.eval()(x).data != other.eval()(x).data).any()
    mc.save_weights(net, tmp_path / "weights.safetensors")
    mc.load_weights(other, tmp_path / "weights.safetensors")
    assert_array_equal(net(x).data, other(x).data)


@pytest.mark.parametrize("name", rows(THOROUGH))
def test_in_evaluation_an_image_is_seen_alone_and_nothing_changes(name):
    net, x = build(name), images(name)
    before = {key: a.copy() for key, a in net.state_dict().items()}
    scores = net.eval()(x)
    assert scores.dtype == np.float32
    assert_allclose(net(x[:1]).data, scores.data[:1], rtol=1e-4, atol=1e-5)
    assert_array_equal(net(x).data, scores.data)
    for key, a in net.state_dict().items():
        assert_array_equal(a, before[key])
    differs = any(type(layer).__name__.startswith(("BatchNorm", "Dropout")) for layer in net.modules())
    assert np.array_equal(net.train()(x).data, scores.data) is not differs


@pytest.mark.parametrize("name", rows(THOROUGH))
def test_all_chance_comes_from_rng_and_the_classes_can_be_chosen(name):
    drawn = []
    for _ in range(2):
        mc.manual_seed(0)
        net = build(name, num_classes=3)
        assert net(images(name)).shape == (MODELS[name].images[0], 3)
        drawn.append(mc.rand(3).tolist())
        mc.manual_seed(0)
        drawn.append(mc.rand(3).tolist())
    assert drawn[0] == drawn[1] == drawn[2]


def test_every_network_has_a_row_and_every_paper_a_thorough_one():
    """A class that the functions of its paper call needs none."""
    made = {one.make or name for name, one in MODELS.items()}
    for paper in iter_modules(mc.models.__path__):
        names = import_module(f"minicnn.models.{paper.name}").__all__
        assert {name for name in names if name.islower()} <= made
        assert any(one.thorough for name, one in MODELS.items() if (one.make or name) in names), paper.name
    assert {path.stem for path in GOLDEN.glob("*.npz")} == set(MODELS), "run tools/make_golden.py models"
