"""Schedules against PyTorch, over 50 steps, and in fit."""

from pathlib import Path

import numpy as np
import pytest

import minicnn as mc
from minicnn.data import ArrayDataset, DataLoader

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "schedule.npz")


def two_groups():
    p, q = mc.Parameter([0.0]), mc.Parameter([0.0])
    return mc.SGD([{"params": [p]}, {"params": [q], "lr": 0.03}], lr=0.1, momentum=0.8)


@pytest.mark.parametrize("case", list(GOLDEN))
def test_equals_pytorch(case):
    optimizer = two_groups()
    schedule = eval(case, vars(mc) | {"o": optimizer})
    for expected in GOLDEN[case]:
        now = [[group["lr"], group["momentum"]] for group in optimizer.param_groups]
        np.testing.assert_allclose(now, expected, rtol=1e-12, atol=1e-16)
        assert schedule.get_last_lr() == [lr for lr, _ in now]
        schedule.step()


def test_golden_file_covers_all_schedules():
    names = {name for name in mc.training.__all__ if name.endswith("LR") or name.endswith("Restarts")}
    assert {case.partition("(")[0] for case in GOLDEN} == names - {"LRScheduler"}  # ReduceLROnPlateau has its own


def test_one_cycle_turns_beta1_of_adam():
    optimizer = mc.Adam([mc.Parameter([0.0])])
    schedule = mc.OneCycleLR(optimizer, 0.5, total_steps=11, pct_start=0.5)
    assert optimizer.param_groups[0]["betas"] == (0.95, 0.999)
    for _ in range(10):
        schedule.step()
    assert optimizer.param_groups[0]["betas"] == pytest.approx((0.95, 0.999))
    assert optimizer.lr == pytest.approx(0.5 / 25 / 1e4)
    schedule.step()
    with pytest.raises(ValueError) as raised:
        schedule.step()
    assert str(raised.value) == "OneCycleLR: step 12 is one too many for total_steps=11."
    assert mc.OneCycleLR(mc.SGD([mc.Parameter([0.0])]), 1, 5, pct_start=0.2).get_last_lr() == pytest.approx([0.04])


@pytest.mark.parametrize("case", list(GOLDEN))
def test_a_schedule_resumes(case):
    first, second = two_groups(), two_groups()
    schedule, other = (eval(case, vars(mc) | {"o": optimizer}) for optimizer in (first, second))
    for _ in range(13):
        schedule.step()
    second.load_state_dict(first.state_dict())
    other.load_state_dict(schedule.state_dict())
    for _ in range(20):
        assert second.state_dict()["param_groups"] == first.state_dict()["param_groups"]
        schedule.step()
        other.step()


def test_one_of_your_own():
    class Inverse(mc.LRScheduler):
        def rate(self, base, t):
            return base / (1 + t)

    optimizer = two_groups()
    schedule = Inverse(optimizer)
    schedule.step()
    assert schedule.get_last_lr() == [0.05, 0.015]


# --- in fit ---


def run(schedule_of, epochs=3, **options):
    rng = np.random.default_rng(0)
    data = ArrayDataset(rng.standard_normal((20, 2)).astype(np.float32), rng.integers(0, 2, 20))
    model = mc.Linear(2, 2, rng=rng)
    optimizer = mc.SGD(model.parameters(), lr=0.4)
    schedule = schedule_of(optimizer)
    history = mc.fit(
        model, DataLoader(data, 5), optimizer=optimizer, epochs=epochs, schedule=schedule, progress=False, **options
    )
    return history, schedule


def test_fit_steps_after_each_epoch():
    history, schedule = run(lambda optimizer: mc.ExponentialLR(optimizer, 0.5))
    assert history.lr == [0.4, 0.2, 0.1]
    assert schedule.get_last_lr() == [0.05]


def test_fit_steps_after_each_batch():
    history, schedule = run(lambda optimizer: mc.OneCycleLR(optimizer, 1.0, epochs=3, steps_per_epoch=4))
    assert schedule.last_epoch == 12
    assert history.lr == [schedule.rate(0.04, t) for t in (0, 4, 8)]  # that of the first batch

    def warm_up(optimizer):
        schedule = mc.LinearLR(optimizer, 0.5, total_iters=8)
        schedule.per_batch = True
        return schedule

    assert run(warm_up)[0].lr == pytest.approx([0.2, 0.3, 0.4])


def test_fit_refuses_the_schedule_of_another_optimiser():
    with pytest.raises(ValueError) as raised:
        run(lambda optimizer: mc.ExponentialLR(two_groups(), 0.5))
    assert str(raised.value) == (
        "fit: the schedule was made with another optimizer. Make both anew: ExponentialLR(optimizer, …)."
    )


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda o: mc.StepLR(1, 2), TypeError, "StepLR: optimizer must be an optimiser, as SGD(…), not int."),
        (
            lambda o: mc.OneCycleLR(1, 2, 3), TypeError,
            "OneCycleLR: optimizer must be an optimiser, as SGD(…), not int.",
        ),
        (lambda o: mc.StepLR(o, 0), ValueError, "StepLR: step_size must be a whole number of at least 1, not 0."),
        (
            lambda o: mc.CosineAnnealingLR(o, 2.5), ValueError,
            "CosineAnnealingLR: T_max must be a whole number of at least 1, not 2.5.",
        ),
        (
            lambda o: mc.LinearLR(o, total_iters=0), ValueError,
            "LinearLR: total_iters must be a whole number of at least 1, not 0.",
        ),
        (lambda o: mc.LinearLR(o, 0), ValueError, "LinearLR: start_factor must be > 0 and ≤ 1, not 0."),
        (lambda o: mc.ConstantLR(o, 1.5), ValueError, "ConstantLR: factor must be from 0 to 1, not 1.5."),
        (
            lambda o: mc.PolynomialLR(o, 2.5), ValueError,
            "PolynomialLR: total_iters must be a whole number of at least 1, not 2.5.",
        ),
        (
            lambda o: mc.CosineAnnealingWarmRestarts(o, 3, 0), ValueError,
            "CosineAnnealingWarmRestarts: T_mult must be a whole number of at least 1, not 0.",
        ),
        (
            lambda o: mc.CosineAnnealingWarmRestarts(o, 3).step(-1), ValueError,
            "CosineAnnealingWarmRestarts: epoch must be at least 0, not -1.",
        ),
        (lambda o: mc.LinearLR(o, 1, 2), ValueError, "LinearLR: end_factor must be ≥ 0 and ≤ 1, not 2."),
        (
            lambda o: mc.SequentialLR(o, [mc.StepLR(o, 1)], [5]), ValueError,
            "SequentialLR: 1 schedulers need one milestone less, not 1. Each milestone is where the next one begins.",
        ),
        (
            lambda o: mc.SequentialLR(o, [mc.StepLR(two_groups(), 1)], []), ValueError,
            "SequentialLR: all schedulers must be made with the optimizer that is given here.",
        ),
        (lambda o: mc.OneCycleLR(o, 1), ValueError, "OneCycleLR: give total_steps, or epochs and steps_per_epoch."),
        (
            lambda o: mc.OneCycleLR(o, 1, 0), ValueError,
            "OneCycleLR: total_steps must be a whole number of at least 1, not 0.",
        ),
        (
            lambda o: mc.OneCycleLR(o, 1, epochs=1.5, steps_per_epoch=2), ValueError,
            "OneCycleLR: epochs must be a whole number of at least 1, not 1.5.",
        ),
        (lambda o: mc.OneCycleLR(o, 1, 9, pct_start=2), ValueError,
         "OneCycleLR: pct_start must be from 0 to 1, not 2."),
        (
            lambda o: mc.OneCycleLR(o, 1, 9, anneal_strategy="cosine"), ValueError,
            "OneCycleLR: anneal_strategy must be \"cos\" or \"linear\", not 'cosine'.",
        ),
        (
            lambda o: mc.OneCycleLR(o, [1, 2, 3], 9), ValueError,
            "OneCycleLR: max_lr has 3 numbers for 2 groups of parameters.",
        ),
        (
            lambda o: mc.OneCycleLR(mc.Adagrad(o.params), 1, 9), ValueError,
            "OneCycleLR: Adagrad has no momentum. Pass cycle_momentum=False.",
        ),
    ],
)  # fmt: skip
def test_errors(call, error, text):
    with pytest.raises(error) as raised:
        call(two_groups())
    assert str(raised.value) == text


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda o: mc.StepLR(o, 2, gamma="a"), "StepLR: gamma must be a number, not 'a'."),
        (lambda o: mc.ExponentialLR(o, None), "ExponentialLR: gamma must be a number, not None."),
        (lambda o: mc.MultiStepLR(o, 3), "MultiStepLR: milestones must be a list of ints, not 3."),
        (lambda o: mc.CosineAnnealingLR(o, 3, "a"), "CosineAnnealingLR: eta_min must be a number, not 'a'."),
        (lambda o: mc.LinearLR(o, None), "LinearLR: start_factor must be a number, not None."),
        (lambda o: mc.OneCycleLR(o, None, 5), "OneCycleLR: max_lr must be a number, not None."),
        (lambda o: mc.OneCycleLR(o, 1, 5, div_factor=0), "OneCycleLR: div_factor must be greater than 0, not 0."),
    ],
)
def test_settings_are_numbers(make, message):
    with pytest.raises((TypeError, ValueError)) as raised:
        make(mc.SGD([mc.Parameter([1.0])], lr=0.1, momentum=0.9))
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("make", "at", "rates"),
    [  # of a group that came with rate 0.3 after so many steps, as PyTorch 2.13 gives them
        (lambda o: mc.StepLR(o, 1, 0.1), 1, [0.03, 0.003, 0.0003]),
        (lambda o: mc.StepLR(o, 3, 0.1), 1, [0.3, 0.03, 0.03]),
        (lambda o: mc.MultiStepLR(o, [2, 5], 0.1), 3, [0.3, 0.03, 0.03]),
        (lambda o: mc.ExponentialLR(o, 0.5), 3, [0.15, 0.075, 0.0375]),
        (lambda o: mc.CosineAnnealingLR(o, 10, 0.01), 3, [0.249085, 0.192644, 0.136203]),
        (lambda o: mc.LinearLR(o, 0.25, total_iters=5), 3, [0.364286, 0.428571, 0.428571]),
        (lambda o: mc.SequentialLR(o, [mc.LinearLR(o, 0.25, total_iters=2), mc.StepLR(o, 1, 0.1)], [2]), 3,
         [0.03, 0.003, 0.0003]),
        (lambda o: mc.ConstantLR(o, 0.5, total_iters=3), 1, [0.3, 0.6, 0.6]),
        (lambda o: mc.PolynomialLR(o, 5), 2, [0.2, 0.1, 0.0]),
    ],
)  # fmt: skip
def test_a_group_that_comes_later_goes_on_from_its_rate(make, at, rates):
    optimizer = mc.SGD([mc.Parameter([1.0])], lr=1.0)
    schedule = make(optimizer)
    for _ in range(at):
        schedule.step()
    optimizer.add_param_group({"params": [mc.Parameter([1.0])], "lr": 0.3})
    found = []
    for _ in range(3):
        schedule.step()
        found.append(optimizer.param_groups[1]["lr"])
    assert found == pytest.approx(rates, rel=1e-4)


def test_a_group_that_comes_later_into_one_cycle():
    optimizer = mc.SGD([mc.Parameter([1.0])], lr=1.0, momentum=0.9)
    schedule = mc.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    schedule.step()
    before = optimizer.lr
    optimizer.add_param_group({"params": [mc.Parameter([1.0])], "lr": before})
    for _ in range(8):
        schedule.step()
        first, second = optimizer.param_groups
        assert second["lr"] == pytest.approx(first["lr"])
        assert second["momentum"] == first["momentum"]


def test_the_state_holds_the_settings():
    """PyTorch's rates after loading are those of the schedule that was saved, not of the one that loads."""
    one, other = (mc.SGD([mc.Parameter([1.0])], lr=1.0) for _ in range(2))
    saved = mc.StepLR(one, 2, 0.5)
    for _ in range(3):
        saved.step()
    loaded = mc.StepLR(other, 30, 0.1)
    other.load_state_dict(one.state_dict())
    loaded.load_state_dict(saved.state_dict())
    rates = []
    for _ in range(3):
        loaded.step()
        rates.append(other.lr)
    assert rates == [0.25, 0.25, 0.125]


def test_a_state_of_another_schedule_is_refused():
    optimizer = mc.SGD([mc.Parameter([1.0])], lr=1.0)
    for other in (mc.StepLR(optimizer, 2), mc.SequentialLR(optimizer, [mc.StepLR(optimizer, 2)], [])):
        with pytest.raises(ValueError, match="ExponentialLR.load_state_dict: these are settings of another schedule"):
            mc.ExponentialLR(optimizer, 0.5).load_state_dict(other.state_dict())


@pytest.mark.parametrize("lr", [None, -0.1, float("nan"), float("inf"), "fast", [0.1], mc.Tensor([0.1])])
def test_a_learning_rate_that_is_none_is_refused_wherever_it_is_set(lr):
    def set_in_group(p):
        optimizer = mc.SGD([p], lr=0.1)
        optimizer.param_groups[0]["lr"] = lr
        optimizer.step()

    def by_schedule(p):
        class Own(mc.LRScheduler):
            def rate(self, base, t):
                return lr

        optimizer = mc.Adam([p], lr=0.1)
        Own(optimizer)
        optimizer.step()

    ways = [
        lambda p: mc.SGD([p], lr=lr),
        lambda p: setattr(mc.SGD([p], lr=0.1), "lr", lr),
        lambda p: mc.SGD([{"params": [p], "lr": lr}]),
        lambda p: mc.SGD([mc.Parameter([1.0])]).add_param_group({"params": [p], "lr": lr}),
        set_in_group,
        by_schedule,
    ]
    for way in ways:
        p = mc.Parameter([1.0])
        p.grad = np.ones(1, np.float32)
        with pytest.raises((TypeError, ValueError), match="lr must be"):
            way(p)
        assert p.item() == 1
