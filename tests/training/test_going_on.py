"""fit in several calls, and what it may do after each epoch: stop, keep the best weights."""

import math
import re
from dataclasses import asdict

import numpy as np
import pytest

import minicnn as mc
from minicnn.data import ArrayDataset, DataLoader


def network(seed=0):
    return mc.Linear(2, 3, rng=np.random.default_rng(seed))


def loader(**options):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((60, 2)).astype(np.float32)
    data = ArrayDataset(x, (x > 0).sum(1))
    return DataLoader(data, **({"batch_size": 16, "shuffle": True, "rng": rng} | options))


def l1(scores, labels):
    return float(np.abs(scores.data - np.eye(3)[labels]).mean())


def plain(history):
    return asdict(history) | {"seconds": None}


@pytest.mark.parametrize(
    "make",
    [
        lambda optimizer: lambda epoch: 0.1 / (1 + epoch),
        lambda optimizer: mc.CosineAnnealingLR(optimizer, 5),
        lambda optimizer: mc.OneCycleLR(optimizer, 0.3, total_steps=20),
        lambda optimizer: mc.ReduceLROnPlateau(optimizer, factor=0.5, patience=0, threshold=0.9),
    ],
    ids=["function", "per epoch", "per batch", "plateau"],
)
def test_going_on_is_as_if_it_had_not_stopped(make, capsys):
    runs = []
    for stops in [(5,), (2, 3, 5)]:
        model, history, batches = network(), None, loader()
        optimizer = mc.SGD(model.parameters(), lr=0.1, momentum=0.9)
        schedule = make(optimizer)
        for epochs in stops:
            history = mc.fit(
                model, batches, optimizer=optimizer, epochs=epochs, schedule=schedule, validation=loader(shuffle=False),
                metrics={"l1": l1}, history=history,
            )  # fmt: skip
        numbers = [line.split("/")[0] for line in capsys.readouterr().out.splitlines()]
        assert numbers == [f"epoch {i}" for i in (1, 2, 3, 4, 5)]
        runs.append([plain(history), model.state_dict()])
    assert len(set(runs[0][0]["lr"])) > 1
    np.testing.assert_equal(runs[0], runs[1])


def test_a_history_that_is_long_enough():
    model, history = network(), mc.History(train_loss=[1.0, 0.5])
    before = [p.data.copy() for p in model.parameters()]
    optimizer = mc.SGD(model.parameters(), lr=0.1)
    assert mc.fit(model, loader(), optimizer=optimizer, epochs=2, history=history) is history
    assert len(history) == 2
    np.testing.assert_equal([p.data for p in model.parameters()], before)


def test_what_was_measured_in_some_epochs_only_is_nan_in_the_others():
    model = network()
    optimizer = mc.SGD(model.parameters(), lr=0.1)
    history = mc.fit(model, loader(), optimizer=optimizer, epochs=1, metrics={"l1": l1}, progress=False)
    mc.fit(model, loader(), optimizer=optimizer, epochs=2, validation=loader(), history=history, progress=False)
    assert [math.isnan(value) for value in history.metrics["l1"]] == [False, True]
    assert [math.isnan(value) for value in history.val_loss] == [True, False]
    assert history.best() == 1
    assert "l1" not in history.last()


def test_after_epoch_stops_and_keeps_the_best(tmp_path):
    losses = iter([3, 2, 1, 1, 5, 4, 0])
    model, states = network(), []
    keep = mc.best_weights(model, tmp_path / "best.safetensors", "train_loss")
    stop = mc.early_stopping(3, "val_worse")

    def after_epoch(history):
        history.train_loss[-1] = next(losses)
        history.metrics.setdefault("val_worse", []).append(-history.train_loss[-1])
        states.append({key: value.copy() for key, value in model.state_dict().items()})
        return keep(history) or mc.early_stopping(3, "train_loss")(history)

    optimizer = mc.SGD(model.parameters(), lr=0.1)
    history = mc.fit(model, loader(), optimizer=optimizer, epochs=9, after_epoch=after_epoch, progress=False)
    assert history.train_loss == [3, 2, 1, 1, 5, 4]
    np.testing.assert_equal(mc.load_weights(network(1), tmp_path / "best.safetensors").state_dict(), states[2])
    with pytest.raises(ValueError) as error:
        stop(history)
    assert str(error.value) == 'History: mode of val_worse must be "min" or "max", not None.'


def test_best_weights_are_the_averages_that_were_measured(tmp_path):
    model = network()
    average = mc.ExponentialMovingAverage(model, 0.5)
    history = mc.fit(
        model, loader(), optimizer=mc.SGD(model.parameters(), lr=0.1), epochs=2, validation=loader(), average=average,
        after_epoch=mc.best_weights(model, tmp_path / "best.safetensors", average=average), progress=False,
    )  # fmt: skip
    loss, _ = mc.evaluate(mc.load_weights(network(1), tmp_path / "best.safetensors"), loader())
    assert loss == pytest.approx(min(history.val_loss), rel=1e-6)


def test_the_best_epoch():
    history = mc.History([3, 1, math.nan, 1], [0.1, 0.9, 0.9, 0.2], metrics={"f1": [0.5, math.nan, 0.7, 0.6]})
    assert [history.best("train_loss"), history.best("train_accuracy"), history.best("f1", "max")] == [1, 1, 2]
    with pytest.raises(ValueError) as error:
        history.best()
    assert str(error.value) == (
        "History: val_loss was not measured, only train_loss, train_accuracy, f1. "
        "Pass validation= or metrics= to fit, or the name of what was measured as monitor."
    )


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"history": [0.5]}, "fit: history must be what an earlier fit returned, not list."),
        ({"metrics": [l1]}, 'fit: metrics must be a dict of functions, as {"top5": f}, not [<function l1 at 0x...>].'),
        ({"metrics": {"lr": l1}}, "fit: 'lr' in metrics is a name that the history has already. Choose another."),
        (
            {"metrics": {"val_l1": l1}},
            "fit: 'val_l1' in metrics is a name that the history has already. Choose another.",
        ),
    ],
)
def test_wrong_history_and_metrics(options, text):
    model = network()
    with pytest.raises((TypeError, ValueError)) as error:
        mc.fit(model, loader(), optimizer=mc.SGD(model.parameters()), epochs=1, **options)
    assert re.sub("0x[0-9a-f]+", "0x...", str(error.value)) == text
