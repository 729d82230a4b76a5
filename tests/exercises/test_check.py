"""How `check` and its companions are called; and that it stops what does not stop."""

import signal
import threading

import numpy as np
import pytest

import minicnn as mc
from minicnn.exercises import by_chapter, check, digest, get, hint
from minicnn.exercises.chapters.ch02_convolution.forward import conv2d as right
from tests.limits import HANGS


def zero(x, w):
    return 0 * right(x, w)


# ---------------------------------------------------------------- endless


def endless(x, w):
    while True:
        pass


def swallows(x, w):
    while True:
        try:
            sum(range(1000))
        except BaseException:
            print("not me")


def swallows_twice(x, w):
    while True:
        try:
            try:
                [str(n) for n in range(99)]
            except BaseException:
                continue
        except BaseException:
            continue


@pytest.mark.parametrize("answer", [endless, swallows, swallows_twice])
def test_endless_loop_is_stopped(answer):
    before = signal.getsignal(signal.SIGALRM)
    report = check("conv2d_forward", answer, seconds=0.1)
    assert {o.message for o in report.outcomes} == {
        "conv2d did not come back within 0.1 s. Is there a loop that never ends?"
    }
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_endless_loop_is_stopped_outside_of_the_main_thread():
    reports = []
    thread = threading.Thread(target=lambda: reports.append(check("conv2d_forward", endless, seconds=0.1)))
    thread.start()
    thread.join(HANGS)
    assert "did not come back" in reports[0].outcomes[0].message


def test_pressing_stop_is_not_swallowed():
    def stopped(x, w):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("conv2d_forward", stopped)


# ---------------------------------------------------------------- how it is called


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            ["conv2d_froward", right],
            LookupError,
            "exercises: there is no exercise 'conv2d_froward'. Nearest: conv2d_forward",
        ),
        (
            ["conv2d_forward"],
            TypeError,
            'check: conv2d_forward needs conv2d, 0 given. Call check("conv2d_forward", conv2d).',
        ),
        (
            ["conv2d_forward", np.ones(3)],
            TypeError,
            "check: conv2d is ndarray, no function. Pass conv2d itself, without calling it.",
        ),
    ],
)
def test_wrong_calls(arguments, error, message):
    with pytest.raises(error) as raised:
        check(*arguments)
    assert raised.value.args[0].startswith(message)


def test_hints_come_one_at_a_time(capsys):
    hints = get("same_padding").hints
    for _ in range(3):
        hint("same_padding")
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == f"Hint 1 of 2: {hints[0]}"
    assert second == f"Hint 2 of 2: {hints[1]}"
    assert third == "same_padding has 2 hints, and you have seen them all."
    assert f"Hint 1 of 3: {get('conv2d_forward').hints[0]}" in repr(check("conv2d_forward", zero, hint=1))


def test_seed_draws_other_inputs_and_the_same_again():
    x = [check("conv2d_forward", zero, seed=seed).inputs["x"] for seed in (0, 0, 1, "secret")]
    assert np.array_equal(x[0], x[1])
    assert not np.array_equal(x[0], x[2])
    assert not np.array_equal(x[2], x[3])


def test_registry():
    assert [e.id for e in by_chapter(7)][:1] == ["shifted_cat"]
    assert by_chapter(99) == []
    assert digest() == digest()
    assert mc.exercises.VERSION
