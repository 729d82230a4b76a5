"""A run on disk: killed at any moment, it goes on as if nothing had happened."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minicnn as mc
from tests.training import killed

ROOT = Path(__file__).parents[2]
KILLED = -signal.SIGKILL if hasattr(signal, "SIGKILL") else 9


@pytest.mark.patient
def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bits(tmp_path):
    deaths = ["batch 3", "half written", "batch 7", "before the move", "after the move", ""]
    for death in deaths:
        done = subprocess.run([sys.executable, "-m", "tests.training.killed", tmp_path, death], cwd=ROOT)
        assert done.returncode == (KILLED if death else 0), death
    (tmp_path / "undisturbed").mkdir()
    expected = killed.run(tmp_path / "undisturbed" / "run.safetensors")
    with np.load(tmp_path / "numbers.npz") as numbers:
        assert numbers.keys() == expected.keys()
        for key, value in expected.items():
            np.testing.assert_array_equal(numbers[key], value, err_msg=key)


def parts(make=mc.SGD, schedule=lambda optimizer: mc.CosineAnnealingLR(optimizer, 6), **more):
    model = mc.Sequential(mc.Conv2d(1, 2, 3), mc.ReLU(), mc.Flatten(), mc.Linear(18, 3))
    model.scale = mc.Parameter(np.array(1.0, np.float32))  # no axes
    optimizer = make(model.parameters())
    return dict(model=model, optimizer=optimizer, schedule=schedule and schedule(optimizer)) | more


def train(batches, *, model, optimizer, schedule):
    for x in batches:
        optimizer.zero_grad()
        ((model(x) * model.scale) ** 2).sum().backward()
        optimizer.step()
        schedule.step(float(x[0, 0, 0, 0])) if schedule.needs_metric else schedule.step()


@pytest.mark.parametrize(
    "make",
    [
        lambda p: mc.SGD(p, lr=0.01, momentum=0.9),
        lambda p: mc.Adam([{"params": p, "betas": (0.8, 0.9)}], lr=0.01, amsgrad=True),
        lambda p: mc.RMSprop(p, momentum=0.9, centered=True),
        mc.Adagrad,
        mc.Adadelta,
        mc.Adamax,
        mc.NAdam,
    ],
)
@pytest.mark.parametrize(
    "schedule",
    [
        lambda o: mc.CosineAnnealingLR(o, 6),
        lambda o: mc.ReduceLROnPlateau(o, patience=0),
        lambda o: mc.SequentialLR(o, [mc.LinearLR(o), mc.MultiStepLR(o, [2])], [2]),
    ],
    ids=["cosine", "plateau", "sequence"],
)
def test_optimiser_and_schedule_go_on_bit_for_bit(tmp_path, make, schedule):
    batches = np.random.default_rng(0).standard_normal((6, 2, 1, 5, 5)).astype(np.float32)
    one, other = parts(make, schedule), parts(make, schedule)
    train(batches[:3], **one)
    mc.save_checkpoint(tmp_path / "run", **one)
    mc.load_checkpoint(tmp_path / "run", **other)
    assert other["optimizer"].state_dict()["param_groups"] == one["optimizer"].state_dict()["param_groups"]
    train(batches[3:], **one)
    train(batches[3:], **other)
    np.testing.assert_equal(other["model"].state_dict(), one["model"].state_dict())
    assert other["optimizer"].lr == one["optimizer"].lr


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_every_kind_of_generator_goes_on(tmp_path, kind):
    rngs = [np.random.Generator(kind(seed)) for seed in (0, 1)]
    rngs[0].normal(size=3)
    mc.save_checkpoint(tmp_path / "run", **parts(), rng=rngs[0])
    mc.load_checkpoint(tmp_path / "run", **parts(), rng=[rngs[1]])
    assert rngs[0].normal(size=9).tolist() == rngs[1].normal(size=9).tolist()


def test_a_function_as_schedule_needs_the_history_only(tmp_path):
    history, other = mc.History([1.0], [float("nan")], lr=[0.1], metrics={"f1": [0.5]}), mc.History()
    mc.save_checkpoint(tmp_path / "run", **parts(schedule=lambda optimizer: abs, history=history))
    mc.load_checkpoint(tmp_path / "run", **parts(schedule=None, history=other))
    assert repr(other) == repr(history)
    np.testing.assert_equal(vars(other), vars(history))


def test_checkpoints_of_something_else_are_refused_in_words(tmp_path):
    path, text, weights = tmp_path / "run", tmp_path / "text", tmp_path / "weights"
    mc.save_checkpoint(path, **parts())
    mc.save_weights(parts()["model"], weights)
    text.write_text("hello, this is no such file")
    dropping = parts()
    dropping["model"].drop = mc.Dropout(0.5, rng=np.random.default_rng(0))
    repair = "Pass to load_checkpoint what was passed to save_checkpoint."
    for file, other, message in [
        (path, parts(mc.Adam), f"{path} was saved with SGD as optimizer, but here it is Adam. {repair}"),
        (path, parts(schedule=lambda optimizer: mc.StepLR(optimizer, 1)),
         f"{path} was saved with CosineAnnealingLR as schedule, but here it is StepLR. {repair}"),
        (path, parts(history=mc.History()),
         f"{path} was saved with nothing as history, but here it is History. {repair}"),
        (path, dropping, f"{path} was saved with nothing as model.drop.rng, but here it is PCG64. {repair}"),
        (path, parts(rng=np.random.Generator(np.random.MT19937())),
         f"{path} was saved with nothing as rng[0], but here it is MT19937. {repair}"),
        (text, parts(), f"{text} is no checkpoint, or damaged. Pass a file of save_checkpoint."),
        (weights, parts(), f"{weights} is no checkpoint, or damaged. Pass a file of save_checkpoint."),
    ]:  # fmt: skip
        with pytest.raises(ValueError) as raised:
            mc.load_checkpoint(file, **other)
        assert str(raised.value) == f"load_checkpoint: {message}"
    with pytest.raises(FileNotFoundError):
        mc.load_checkpoint(tmp_path / "nothing", **parts())
    with pytest.raises(TypeError, match=r"^save_checkpoint: rng must be a numpy.random.Generator, not 3\."):
        mc.save_checkpoint(path, **parts(rng=[3]))
