"""Holes that were found by attacking, and closed: small answers that cost much, and ways around what is refused."""

import resource
import time

import numpy as np
import pytest

from minicnn import exercises
from minicnn.exercises.compare import difference
from minicnn.exercises.proxy import Local
from minicnn.grading import frames
from tests.grading.test_frames import framed, read


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
