"""Schedules given by functions, and warm restarts at fractions of an epoch: what golden values do not show."""

import math

import numpy as np
import pytest

import minicnn as mc


def optimizer_of(*rates):
    return mc.SGD([{"params": [mc.Parameter([0.0])], "lr": lr} for lr in rates])


def factor(t):
    return 0.5**t


@pytest.mark.parametrize("kind", [mc.LambdaLR, mc.MultiplicativeLR])
def test_the_state_holds_no_functions(kind):
    one, other = optimizer_of(0.4, 0.2), optimizer_of(0.4, 0.2)
    schedule = kind(one, [factor, lambda t: 1 / (1 + t)])
    for _ in range(3):
        schedule.step()
    state = schedule.state_dict()
    assert not any(map(callable, state.values()))
    again = kind(other, [factor, lambda t: 1 / (1 + t)])
    other.load_state_dict(one.state_dict())
    again.load_state_dict(state)
    for _ in range(3):
        schedule.step()
        again.step()
        assert again.get_last_lr() == schedule.get_last_lr()
    with pytest.raises(ValueError, match=r"StepLR.load_state_dict: these are settings of another schedule"):
        mc.StepLR(one, 2).load_state_dict(state)


def test_a_multiplicative_factor_is_asked_for_once_a_step():
    asked = []
    schedule = mc.MultiplicativeLR(optimizer_of(1.0), lambda t: asked.append(t) or 0.5)
    for _ in range(4):
        schedule.step()
    assert asked == [1, 2, 3, 4]
    assert schedule.get_last_lr() == [0.0625]


def test_a_group_that_comes_later_has_the_last_function():
    optimizer = optimizer_of(1.0, 1.0)
    schedule = mc.LambdaLR(optimizer, [lambda t: 1, factor])
    schedule.step()
    optimizer.add_param_group({"params": [mc.Parameter([0.0])], "lr": 0.5})
    schedule.step()
    assert schedule.get_last_lr() == [1, 0.25, 0.25]


def test_numpys_numbers_change_no_dtype():
    optimizer = optimizer_of(1.0)
    mc.LambdaLR(optimizer, lambda t: np.float64(0.5)).step()
    assert type(optimizer.lr) is float


def test_warm_restarts_at_fractions_of_an_epoch():
    optimizer = optimizer_of(1.0)
    schedule = mc.CosineAnnealingWarmRestarts(optimizer, T_0=2, T_mult=2)
    for epoch, done in [(0.5, 0.25), (1.75, 0.875), (2, 0), (3.5, 0.375), (6.0, 0), (10, 0.5)]:
        schedule.step(epoch)
        assert optimizer.lr == pytest.approx((1 + math.cos(math.pi * done)) / 2)
        assert schedule.last_epoch == int(epoch)
    schedule.step()
    assert schedule.last_epoch == 11


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda o: mc.LambdaLR(o, 0.5), TypeError,
         "LambdaLR: lr_lambda must be a function of t, or a list of them, not 0.5."),
        (lambda o: mc.LambdaLR(o, [factor]), ValueError,
         "LambdaLR: lr_lambda has 1 functions for 2 groups of parameters. Pass one for each, or one for all."),
        (lambda o: mc.LambdaLR(o, lambda t: None), TypeError,
         "LambdaLR: what lr_lambda returns must be a number, not None."),
        (lambda o: mc.MultiplicativeLR(o, lambda t: "1").step(), TypeError,
         "MultiplicativeLR: what lr_lambda returns must be a number, not '1'."),
        (lambda o: mc.MultiplicativeLR(3, factor), TypeError,
         "MultiplicativeLR: optimizer must be an optimiser, as SGD(…), not int."),
    ],
)  # fmt: skip
def test_errors(make, error, text):
    with pytest.raises(error) as raised:
        make(optimizer_of(0.4, 0.2))
    assert str(raised.value) == text
