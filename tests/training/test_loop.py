"""fit and evaluate: the same as writing the steps out, and what is said when something goes wrong."""

import io
import itertools
import math
import re

import numpy as np
import pytest

import minicnn as mc
import minicnn.functional as F
from minicnn.data import ArrayDataset, DataLoader


def clusters(n=60, seed=0):
    """Three classes of points in the plane, easy to tell apart."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    centres = np.array([[2, 0], [-2, 1], [0, -3]])
    return ArrayDataset((centres[labels] + 0.3 * rng.standard_normal((n, 2))).astype(np.float32), labels)


def network(seed=0):
    rng = np.random.default_rng(seed)
    return mc.Sequential(mc.Linear(2, 8, rng=rng), mc.ReLU(), mc.Linear(8, 3, rng=rng))


def loader(data=None, **options):
    options = {"batch_size": 16, "shuffle": True, "rng": np.random.default_rng(1)} | options
    return DataLoader(clusters() if data is None else data, **options)


def test_fit_is_the_steps_written_out():
    data = clusters()
    model, other = network(), network()
    history = mc.fit(model, loader(data), optimizer=mc.SGD(model.parameters(), lr=0.1), epochs=3, progress=False)
    batches, losses, rights = loader(data), [], []
    for _ in range(3):
        total = right = 0
        for images, labels in batches:
            other.zero_grad()
            scores = other(mc.Tensor(images))
            loss = F.cross_entropy(scores, labels)
            loss.backward()
            for p in other.parameters():
                p.data -= 0.1 * p.grad
            total += loss.item() * len(labels)
            right += (scores.data.argmax(1) == labels).sum()
        losses.append(total / 60)
        rights.append(right / 60)
    for p, q in zip(model.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(p.data, q.data)
    assert history.train_loss == losses
    assert history.train_accuracy == rights
    assert history.lr == [0.1] * 3
    assert history.val_loss == history.val_accuracy == []
    assert len(history) == 3


def test_fit_learns():
    model = network()
    history = mc.fit(
        model, loader(), optimizer=mc.Adam(model.parameters(), lr=0.05), epochs=10,
        validation=DataLoader(clusters(seed=5)), progress=False,
    )  # fmt: skip
    assert history.train_loss[-1] < history.train_loss[0] / 3
    assert history.val_accuracy[-1] == 1
    assert mc.evaluate(model, DataLoader(clusters(seed=5))) == (history.val_loss[-1], 1)


def test_evaluate_weighs_samples_not_batches():
    model, data = network(), clusters(50)
    expected = F.cross_entropy(model(data.images).data, data.labels)
    for batch_size in (50, 16, 7):
        loss, accuracy = mc.evaluate(model, DataLoader(data, batch_size))
        assert loss == pytest.approx(float(expected), rel=1e-5)
        assert accuracy == mc.accuracy(model(data.images), data.labels)


class Spy(mc.Module):
    """Notes in which mode it is called, and whether the result is on the tape."""

    def __init__(self):
        self.inner, self.calls = mc.Linear(2, 3), []

    def forward(self, x):
        y = self.inner(x)
        self.calls.append((self.training, self.inner.training, y.requires_grad))
        return y


def test_modes():
    model = Spy().eval()
    optimizer = mc.SGD(model.parameters())
    mc.fit(
        model, loader(batch_size=60), optimizer=optimizer, epochs=2, validation=loader(batch_size=60), progress=False
    )
    learning, measuring = (True, True, True), (False, False, False)
    assert model.calls == [learning, measuring, learning, measuring]
    assert model.training


@pytest.mark.parametrize("fails", [False, True])
def test_evaluate_restores_each_mode(fails):
    model = Spy()
    model.inner.eval()  # a layer that is frozen on purpose

    def loss(scores, labels):
        if fails:
            raise RuntimeError("stop")
        return F.cross_entropy(scores, labels)

    if fails:
        with pytest.raises(RuntimeError, match="stop"):
            mc.evaluate(model, loader(), loss=loss)
    else:
        mc.evaluate(model, loader(), loss=loss)
    assert (model.training, model.inner.training) == (True, False)
    assert all(p.grad is None for p in model.parameters())


def test_schedule_sets_the_learning_rate_of_each_epoch():
    model = network()
    optimizer = mc.SGD(model.parameters(), lr=99)
    history = mc.fit(
        model, loader(), optimizer=optimizer, epochs=3, schedule=lambda epoch: 0.1 * np.float64(0.5) ** epoch,
        progress=False,
    )  # fmt: skip
    assert history.lr == [0.1, 0.05, 0.025]
    assert optimizer.lr == 0.025
    assert {p.dtype for p in model.parameters()} == {np.dtype(np.float32)}


def test_regression_has_a_loss_but_no_accuracy(capsys):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 2)).astype(np.float32)
    data = ArrayDataset(x, x @ np.float32([[1], [-2]]))
    model = mc.Linear(2, 1, rng=rng)
    history = mc.fit(
        model, loader(data), optimizer=mc.SGD(model.parameters(), lr=0.1), epochs=20, loss=F.mse_loss,
        validation=DataLoader(data),
    )  # fmt: skip
    assert history.val_loss[-1] < 1e-3
    assert all(map(math.isnan, history.train_accuracy + history.val_accuracy))
    assert "accuracy" not in capsys.readouterr().out
    assert "accuracy" not in repr(history)


def l1(scores, labels):
    return float(np.abs(scores.data - np.eye(3)[labels]).mean())


def test_metrics_are_means_over_the_samples():
    data, model = clusters(50), network()
    history = mc.fit(
        model, loader(data, batch_size=50), optimizer=mc.SGD(model.parameters(), lr=1e-9), epochs=2,
        validation=DataLoader(data, 16), metrics={"l1": l1, "right": mc.accuracy}, progress=False,
    )  # fmt: skip
    expected = l1(model(mc.Tensor(data.images)), data.labels)
    for name in ("l1", "val_l1"):
        assert history.metrics[name] == pytest.approx([expected] * 2, rel=1e-5)
    assert history.metrics["right"] == history.train_accuracy
    assert f"  l1 {expected:.4f}  " in history.last()
    assert mc.evaluate(model, DataLoader(data, 7), metrics={"l1": l1})[2] == {"l1": pytest.approx(expected, rel=1e-5)}


# --- what is printed ---


def test_one_line_for_each_epoch(capfd):
    model = network()
    mc.fit(
        model, loader(), optimizer=mc.Adam(model.parameters(), lr=0.05), epochs=10, validation=DataLoader(clusters())
    )
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert len(lines) == 10
    number, percent = r"\d+\.\d{4}", r"[ 1][ \d]\d\.\d %"
    for epoch, line in enumerate(lines, start=1):
        pattern = rf"epoch {epoch:2}/10  loss {number}  accuracy {percent}  val loss {number}  val accuracy {percent}"
        pattern += r"  lr 0\.05      \d+\.\d s"
        assert re.fullmatch(pattern, line), line
    assert err == ""  # no bar: this is no terminal, and no epoch took a minute


def test_no_progress_is_silent(capfd):
    model = network()
    mc.fit(model, loader(), optimizer=mc.SGD(model.parameters()), epochs=2, progress=False)
    assert capfd.readouterr() == ("", "")


def test_a_terminal_gets_a_bar_that_vanishes(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    model = network()
    mc.fit(model, loader(), optimizer=mc.SGD(model.parameters()), epochs=2)
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert "epoch 1/2:   0%" in err
    assert "epoch 2/2:   0%" in err
    assert err.endswith("\r")  # wiped
    mc.fit(model, loader(), optimizer=mc.SGD(model.parameters()), epochs=2, progress=False)
    assert capsys.readouterr() == ("", "")


class NotebookStream(io.StringIO):
    """What print writes to in a notebook: no terminal, but a carriage return works."""

    __module__ = "ipykernel.iostream"


@pytest.mark.parametrize("stream", [NotebookStream, io.StringIO])
def test_a_long_epoch_gives_a_sign_of_life_in_notebooks_and_logs(stream, monkeypatch):
    out, err, clock = stream(), io.StringIO(), itertools.count(step=90)  # each look at it is 90 seconds later
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stderr", err)
    monkeypatch.setattr("tqdm.std.time", lambda: next(clock))
    model = network()
    mc.fit(model, loader(), optimizer=mc.SGD(model.parameters()), epochs=1)
    shown = (out if stream is NotebookStream else err).getvalue()
    assert re.search(r"epoch 1/1:  50%\|.*\| 2/4 \[\d\d:\d\d<", shown)
    assert out.getvalue().splitlines()[-1].lstrip("\r ").startswith("epoch 1/1  loss ")


# --- when something goes wrong ---


def test_loss_that_explodes():
    model = network()
    optimizer = mc.SGD(model.parameters(), lr=1e30)
    with pytest.raises(FloatingPointError) as error:
        mc.fit(model, loader(), optimizer=optimizer, epochs=5, progress=False)
    assert str(error.value) == (
        "fit: the loss became nan in epoch 1, batch 2, with lr=1e+30. "
        "Build the model anew and try lr=1e+29; if that does not help, scale the images to between 0 and 1."
    )


def test_images_that_are_not_finite():
    data = clusters()
    data.images[40] = np.nan
    model = network()
    optimizer = mc.SGD(model.parameters(), lr=0.1)
    with pytest.raises(FloatingPointError) as error:
        mc.fit(model, loader(data, shuffle=False), optimizer=optimizer, epochs=5, progress=False)
    assert str(error.value) == (
        "fit: the loss became nan in epoch 1, batch 3, with lr=0.1. "
        "The images of this batch hold NaN or inf: clean them first."
    )
    assert all(np.isfinite(p.data).all() for p in model.parameters())  # stopped before the step


def test_infinite_loss_in_a_later_epoch():
    model = network()
    losses = iter([1.0] * 4 + [math.inf])

    def loss(scores, labels):
        return F.cross_entropy(scores, labels) * next(losses)

    with pytest.raises(FloatingPointError, match=r"the loss became inf in epoch 2, batch 1, with lr=0\.001\. Build"):
        mc.fit(model, loader(), optimizer=mc.SGD(model.parameters()), epochs=5, loss=loss, progress=False)


def test_interrupt_keeps_what_was_completed(capsys):
    model = network()

    def schedule(epoch):
        if epoch == 2:
            raise KeyboardInterrupt
        return 0.1

    history = mc.fit(model, loader(), optimizer=mc.SGD(model.parameters()), epochs=5, schedule=schedule, progress=False)
    assert len(history) == len(history.lr) == 2
    assert capsys.readouterr().out == (
        "epoch 3/5  interrupted: the model keeps what it learned, the history all whole epochs\n"
    )


class Interrupting:
    """A validation loader that is interrupted the second time."""

    def __init__(self):
        self.times = 0

    def __iter__(self):
        self.times += 1
        if self.times == 2:
            raise KeyboardInterrupt
        return iter(loader())


def test_interrupt_while_validating(capsys):
    model = network()
    history = mc.fit(
        model, loader(), optimizer=mc.SGD(model.parameters()), epochs=5, validation=Interrupting(), progress=False
    )
    assert [len(values) for name, values in vars(history).items() if name != "metrics"] == [1] * 6
    assert model.training


@pytest.mark.parametrize(
    "batches", [loader(clusters(0)), loader(clusters(3), drop_last=True)], ids=["empty", "drop_last"]
)
def test_no_samples(batches):
    model = network()
    rest = (
        " gave no samples. Pass a DataLoader of a data set that is not empty; drop_last=True leaves out a batch "
        "that is not full, and a generator gives its batches only once."
    )
    with pytest.raises(ValueError) as error:
        mc.fit(model, batches, optimizer=mc.SGD(model.parameters()), epochs=1, progress=False)
    assert str(error.value) == "fit: train_loader" + rest
    with pytest.raises(ValueError) as error:
        mc.evaluate(model, batches)
    assert str(error.value) == "evaluate: the loader" + rest


def test_generator_that_is_used_up():
    model = network()
    once = iter(list(loader()))
    with pytest.raises(ValueError, match="a generator gives its batches only once"):
        mc.fit(model, once, optimizer=mc.SGD(model.parameters()), epochs=2, progress=False)
