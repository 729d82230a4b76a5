"""ReduceLROnPlateau against PyTorch, over 60 metrics, and in fit."""

from pathlib import Path

import numpy as np
import pytest

import minicnn as mc
from minicnn.data import ArrayDataset, DataLoader

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "plateau.npz")
CASES = [name for name in GOLDEN if name != "metrics"]


def two_groups():
    p, q = mc.Parameter([0.0]), mc.Parameter([0.0])
    return mc.SGD([{"params": [p]}, {"params": [q], "lr": 0.03}], lr=0.1)


@pytest.mark.parametrize("case", CASES)
def test_equals_pytorch(case):
    optimizer = two_groups()
    schedule = eval(case, vars(mc) | {"o": optimizer})
    for metric, expected in zip(GOLDEN["metrics"], GOLDEN[case], strict=True):
        schedule.step(metric)
        np.testing.assert_allclose(schedule.get_last_lr(), expected, rtol=1e-12)
    assert schedule.last_epoch == 60


@pytest.mark.parametrize("case", CASES)
def test_a_schedule_resumes(case):
    first, second = two_groups(), two_groups()
    schedule = eval(case, vars(mc) | {"o": first})
    other = mc.ReduceLROnPlateau(second)  # the state holds the settings
    for metric in GOLDEN["metrics"][:30]:
        schedule.step(metric)
    second.load_state_dict(first.state_dict())
    other.load_state_dict(schedule.state_dict())
    for metric in GOLDEN["metrics"][30:]:
        schedule.step(metric)
        other.step(mc.Tensor([metric]))
        assert other.get_last_lr() == pytest.approx(schedule.get_last_lr())


def test_nan_is_no_progress_and_a_group_that_comes_later_has_the_last_least_rate():
    optimizer = two_groups()
    schedule = mc.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, min_lr=[0.01, 0.02])
    optimizer.add_param_group({"params": [mc.Parameter([0.0])], "lr": 0.03})
    for metric in (1, np.nan, np.nan):
        schedule.step(metric)
    assert schedule.get_last_lr() == [0.05, 0.02, 0.02]


def run(epochs, validation, **options):
    """Train with the losses that are given, one after the other, whatever the scores are."""
    losses = iter(options.pop("losses"))
    data = DataLoader(ArrayDataset(np.zeros((4, 2), np.float32), np.zeros(4, int)), 4)
    model = mc.Linear(2, 2)
    optimizer = mc.SGD(model.parameters(), lr=0.4)
    schedule = mc.ReduceLROnPlateau(optimizer, factor=0.5, patience=0, **options)
    return mc.fit(
        model, data, optimizer=optimizer, epochs=epochs, loss=lambda scores, _: scores.sum() * 0.0 + next(losses),
        validation=data if validation else None, schedule=schedule, progress=False,
    )  # fmt: skip


def test_fit_passes_the_loss_of_the_validation_or_else_of_the_training():
    assert run(4, False, losses=[3, 2, 2, 1]).lr == [0.4, 0.4, 0.4, 0.2]
    assert run(4, True, losses=[3, 3, 3, 2, 2, 2, 2, 1]).lr == [0.4, 0.4, 0.4, 0.2]
    assert run(3, True, losses=[3, 3, 3, 4, 3, 5]).lr == [0.4, 0.4, 0.2]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda o: mc.ReduceLROnPlateau(3), TypeError,
         "ReduceLROnPlateau: optimizer must be an optimiser, as SGD(…), not int."),
        (lambda o: mc.ReduceLROnPlateau(o, "least"), ValueError,
         "ReduceLROnPlateau: mode must be \"min\" or \"max\", not 'least'."),
        (lambda o: mc.ReduceLROnPlateau(o, threshold_mode="x"), ValueError,
         "ReduceLROnPlateau: threshold_mode must be \"rel\" or \"abs\", not 'x'."),
        (lambda o: mc.ReduceLROnPlateau(o, factor=1), ValueError,
         "ReduceLROnPlateau: factor must be ≥ 0 and < 1, not 1."),
        (lambda o: mc.ReduceLROnPlateau(o, min_lr=[0.1]), ValueError,
         "ReduceLROnPlateau: min_lr has 1 numbers for 2 groups of parameters."),
        (lambda o: mc.ReduceLROnPlateau(o, patience=-1), ValueError,
         "ReduceLROnPlateau: patience must be a whole number of at least 0, not -1."),
        (lambda o: mc.ReduceLROnPlateau(o).step("low"), TypeError,
         "ReduceLROnPlateau: metrics must be one number, not 'low'."),
        (lambda o: mc.SequentialLR(o, [mc.ReduceLROnPlateau(o)], []), ValueError,
         "SequentialLR: ReduceLROnPlateau needs a metric in each step. Step it on its own."),
    ],
)  # fmt: skip
def test_errors(call, error, text):
    with pytest.raises(error) as raised:
        call(two_groups())
    assert str(raised.value) == text
