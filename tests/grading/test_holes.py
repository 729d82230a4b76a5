"""Holes that were found by attacking, and closed: small answers that cost much, and ways around what is refused."""

import re
import resource
import shutil
import time
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from minicnn import exercises
from minicnn.exercises.checking.code import generator
from minicnn.exercises.checking.compare import difference
from minicnn.exercises.checking.exercise import Predict
from minicnn.exercises.checking.proxy import Callbacks, Local
from minicnn.exercises.checking.proxy import read as answer_of
from minicnn.exercises.checking.report import _block, _brief
from minicnn.grading import frames
from minicnn.grading.remote import Remote, Run
from minicnn.grading.sandbox import Sandbox
from tests.grading.test_frames import framed, read
from tests.limits import HANGS

needs_bubblewrap = pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed")


class Cheap:
    """Little time and memory were taken inside ``with Cheap():``."""

    def __enter__(self):
        self.start, self.peak = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def __exit__(self, kind, *exception):
        if kind is None:
            assert time.process_time() - self.start < 5
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - self.peak < 100_000  # KB


# ---------------------------------------------------------------- nothing, very often


@pytest.mark.parametrize("shape", [(10**12, 0), (0, 10**12), (3, 0, 2**21)])
def test_an_array_of_nothing_has_no_long_axis(shape):
    with pytest.raises(frames.Broken, match="too large"):
        read(framed(b'{"arrays": [["int8", %s]]}' % str([*shape]).encode()))
    with pytest.raises(frames.Broken, match="too large to look at"):
        frames.pack({"arrays": [np.zeros(shape, np.int8)]})
    reply = Local({"x": np.zeros(shape)}).get("x")
    assert reply.problem.text == f"Your code raises ValueError: an array of shape {shape} is too large to look at"


def test_many_arrays_of_nothing_are_too_large_together():
    with pytest.raises(frames.Broken, match="too large"):
        read(framed(b'{"arrays": [%s]}' % b",".join([b'["int8", [4000000, 0]]'] * 2)))


def test_only_as_many_values_are_looked_at_as_are_wanted():
    class Endless(np.ndarray):
        def __iter__(self):
            yield from (np.float64(1) for _ in range(20))
            raise AssertionError("that was enough")

    endless = np.ones(1 << 19).view(Endless)
    exercise = exercises.get("sharing")
    local = Local({})
    local.get = lambda *args: type("Reply", (), {"problem": None, "value": endless})
    assert len(exercise.evaluate(local)) == len(exercise.questions)
    found = difference([np.ones(2), 1.0], endless)
    assert found.text == "Here comes 524288 values; 2 values were expected."


# ---------------------------------------------------------------- a long text among many numbers, an array many times

MIXED = ["a" * 1000] + [1] * 300_000  # 1.2 GB as an array
NONE = {"$": "dict", "items": []}


@pytest.mark.parametrize("got", [MIXED, [[1], MIXED], [MIXED[1:], MIXED[:1]], [*MIXED[-90_000:], MIXED[0]]])
def test_a_text_among_numbers_makes_no_array(got):
    with Cheap():
        found = difference(np.zeros((3, 3)), got)
    assert re.match("Here comes a list of (things that are no numbers|more than 100,000 values)", found.text)


def test_a_very_long_list_makes_no_array():
    with Cheap():
        found = difference(np.zeros((3, 3)), [[1] * 1000] * 101)
    assert found.text == "Here comes a list of more than 100,000 values; an array was expected."


@pytest.mark.parametrize("value", [MIXED, {"$": "dict", "items": [["a", MIXED]]}])
def test_no_judge_and_no_report_gets_a_text_among_many_numbers(value):
    with Cheap():
        reply = answer_of({"value": value, "arrays": [], "changed": []}, "f")
    assert reply.problem.text == "f gave an answer that cannot be read."


@pytest.mark.parametrize("value", ["a" * 500_000, ["one", "two"] * 100, [1] * 300_000])
def test_what_is_small_as_an_array_is_read(value):
    assert answer_of({"value": value, "arrays": [], "changed": []}).value == value


@pytest.mark.parametrize("argument", [MIXED, ["a", 1], {"$": "dict", "items": [["a", MIXED]]}])
def test_the_implementation_takes_no_text_in_lists(argument):
    callbacks = Callbacks()
    id = callbacks.keep(lambda x: x)["id"]
    with Cheap(), pytest.raises(TypeError, match="takes arrays and numbers"):
        callbacks.run(id, [argument], NONE, [])


@pytest.mark.parametrize("argument", ["a" * 10_001, [[1] * 101] * 100, {"$": "array", "id": 0}])
def test_the_implementation_takes_nothing_large(argument):
    callbacks = Callbacks()
    id = callbacks.keep(lambda x: x)["id"]
    with pytest.raises(ValueError, match="try the implementation on at most 10000 numbers"):
        callbacks.run(id, [argument], NONE, [np.zeros((0, 10_001))])


def test_an_array_is_taken_once():
    array, tree = np.ones(1 << 22, np.uint8), {"$": "array", "id": 0}
    with Cheap():
        reply = answer_of({"value": [tree] * 100, "arrays": [array], "changed": []}, "f")
    assert reply.problem.text == "f gave an answer that cannot be read."
    assert answer_of({"value": tree, "arrays": [array], "changed": []}).value.size == 1 << 22
    callbacks = Callbacks()
    with Cheap(), pytest.raises(AttributeError):
        callbacks.run(callbacks.keep(lambda *x: x)["id"], [[tree] * 100], NONE, [array])


# ---------------------------------------------------------------- what the exercise withholds, the order, many files

WAITS = """
import threading, time
import minicnn.functional as F
found = [F.conv2d]

def wait():
    while True:
        if F.conv2d is not found[-1]:
            found.append(F.conv2d)

threading.Thread(target=wait, daemon=True).start()

def conv2d():
    time.sleep(0.2)
    return len(found), [f.__name__ for f in found]
"""


@needs_bubblewrap
def test_what_is_withheld_is_not_there_between_calls_either():
    exercise = SimpleNamespace(id="", names=["conv2d"], without=("conv2d",))
    with Sandbox(["minicnn"]) as sandbox:
        remote = Remote(sandbox, Run([("a cell", WAITS)], HANGS), exercise)
        replies = [remote.call("conv2d") for _ in range(3)]
        remote.close()
    assert [reply.value for reply in replies] == [[1, ["refuse"]]] * 3


MANY = """
import os

def many(n):
    for k in range(n):
        os.close(os.open(f"{os.getcwd()}/{os.getpid()}-{k}", os.O_CREAT | os.O_WRONLY))
    return len(os.listdir())
"""


@needs_bubblewrap
def test_a_million_empty_files_are_not_made():
    exercise = SimpleNamespace(id="", names=["many"], without=())
    with Sandbox() as sandbox:
        remote = Remote(sandbox, Run([("a cell", MANY)], HANGS), exercise)
        a_few, too_many, again = (remote.call("many", [n]) for n in (100, 10**6, 200))
        remote.close()
    assert a_few.value == 100
    assert too_many.problem.kind == "crash"
    assert again.value == 200  # in a new home


ENDS_SLOWLY = """
import json, os, time

def breaks():
    json.dumps, end = None, os._exit
    os._exit = lambda code: [time.sleep(0.5), end(code)]
"""


@needs_bubblewrap
def test_a_process_that_ends_slowly_is_not_killed_before_it_has_told_how():
    exercise = SimpleNamespace(id="", names=["breaks"], without=())
    with Sandbox() as sandbox:
        reply = Remote(sandbox, Run([("a cell", ENDS_SLOWLY)], HANGS), exercise).call("breaks")
    assert "breaks something of Python" in reply.problem.text


MANY_THREADS = """
import threading

def many(n):
    everyone = threading.Barrier(n + 1)
    for k in range(n):
        threading.Thread(target=everyone.wait).start()
    everyone.wait()
    return n
"""


@needs_bubblewrap
def test_as_many_threads_as_are_allowed_find_memory_on_any_number_of_processors():
    exercise = SimpleNamespace(id="", names=["many"], without=())
    with Sandbox(["minicnn"]) as sandbox:
        remote = Remote(sandbox, Run([("a cell", MANY_THREADS)], HANGS), exercise)
        reply = remote.call("many", [150])
        remote.close()
    assert reply.value == 150, reply.problem


@pytest.mark.parametrize("id", ["catch_the_tanh", "catch_the_gradient", "catch_the_pool", "why_ten_percent"])
def test_who_does_not_look_at_a_specimen_finds_no_bug(id):
    exercise = exercises.get(id)
    wants = {check.title: [tuple(answers(exercise, check, seed)) for seed in range(30)] for check in exercise.checks}
    for check in exercise.checks:
        most = Counter(wants[check.title]).most_common(1)[0][1]
        assert most <= 4, check.title  # in 30 seeds; the best blind guess is right in 1 of 81


def answers(exercise, check, seed):
    """What is right for each specimen, as it is told to code that has been right so far."""
    code = SimpleNamespace(call=lambda name, *specimen: found.append(bool(exercise.reference[0](*specimen))))
    for case in range(check.cases):
        found = []
        check.script(code, generator(seed, exercise.id, check.title, case))
        yield tuple(found)


# ---------------------------------------------------------------- reports of what is long


def test_a_long_list_is_not_written_out():
    arrays = [np.full(1000, 1 / 3, np.float16) for _ in range(2000)]
    start = time.process_time()
    assert _block("got", arrays, None) == ["got: a list of 2000 values"]
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, [2, 3]], "[1, [2, 3]]"),
        ([[1] * 50] * 2, "a list of 2 values"),
        ({"a": [1] * 200}, "a dict of 1 value"),
        ("b" * 300, "b" * 200),
        (np.ones((3, 40)), "an array of shape (3, 40)"),
    ],
)
def test_only_what_is_short_is_written_out(value, text):
    assert _brief(value) == text


def test_a_long_word_is_cut():
    exercise = next(
        e for e in exercises.all() if isinstance(e, Predict) and any(isinstance(v, str) for v in right(e).values())
    )
    local = Local({exercise.id: dict.fromkeys(exercise.questions, "a" * 100_000)})
    messages = [o.message for o in exercise.evaluate(local)]
    assert f"Not {'a' * 200}." in messages
    assert max(map(len, messages)) < 300


def right(exercise):
    return exercise.answers(exercise.reference)
