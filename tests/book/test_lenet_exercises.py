"""Chapter 14's exercise cells accept the solutions that the chapter prints, and name the mistakes that they know."""

import contextlib
import io
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

CHAPTER = Path(__file__).resolve().parents[2] / "book/architectures/14-lenet.ipynb"
CELLS = nbformat.read(CHAPTER, as_version=4).cells
NEEDED = ["import json", "def centred(", "def learn(", "def check("]
ANSWERS = {  # the detective's picture is in the way
    "shapes": "my_heights, my_inputs = [24, 12, 8, 4], 256",
    "colour": "my_parameters = 63_366",
    "detective": "my_right, my_other_labels, my_softmax_twice, my_no_zero_grad = 'DBCA'",
    "dead": "my_dead = 2",
}


@pytest.fixture(scope="module")
def names():
    """What the exercises need, without training the chapter's networks."""
    code = [c.source for c in CELLS if c.cell_type == "code"]
    names = {"model": None}
    for start in NEEDED:
        source = next(source for source in code if start in source)
        source = source.partition("\nmodel = learn")[0].partition("\nmc.figures.show")[0]
        with contextlib.redirect_stdout(io.StringIO()):
            exec(source, names)
    names["model"] = names["lenet"]()
    lineup = next(source for source in code if "lineup =" in source)
    exec(re.search(r"^kinds = .*\nlineup = .*", lineup, re.M)[0], names)
    return names


def answer(names, task, attempt):
    """What the exercise's cell prints when `attempt` stands in place of the dots."""
    place = next(i for i, c in enumerate(CELLS) if f":label: ex-14-{task}" in c.source)
    place += next(i for i, c in enumerate(CELLS[place:]) if "\ncheck_" in c.source)
    assert CELLS[place].outputs == []  # untouched, it says nothing
    source, done = re.subn(r"^my_\w+ = \.\.\..*\n", "", CELLS[place].source, flags=re.M)
    assert done
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(f"{attempt}\n{source}", dict(names))
    return out.getvalue()


@pytest.mark.parametrize("task", [*ANSWERS])
def test_right_answer_is_right(names, task):
    lines = answer(names, task, ANSWERS[task]).splitlines()
    assert lines
    assert all(line.endswith(": right.") for line in lines)


@pytest.mark.parametrize(
    ("task", "attempt", "reply"),
    [
        ("shapes", "my_heights = (28, 14, 10, 5); my_inputs = 16", "start from 28.*one map"),
        ("shapes", "my_heights = (24, 12, 8, 4); my_inputs = 400", "Heights: right.*for 32×32"),
        ("colour", "my_parameters = 62_006", "letters?"),
        ("colour", "my_parameters = 63_066", "colours?"),
        ("colour", "my_parameters = 63_350", "bias"),
        (
            "detective",
            "my_right, my_other_labels, my_softmax_twice, my_no_zero_grad = 'ADBC'",
            "right: not yet. A jumps.*labels: not yet. D goes down.*twice: not yet. B stays.*C sinks",
        ),
        ("dead", "my_dead = 0", "centred"),
        ("dead", "my_dead = 4", "alive"),
    ],
)
def test_known_mistake_is_named(names, task, attempt, reply):
    assert re.search(reply, answer(names, task, attempt), re.S)


def test_the_hints_of_exercise_2_are_the_counts_they_speak_of():
    def count(colours, letters):
        return 6 * colours * 25 + 6 + 2416 + 48_120 + 10_164 + letters * 85

    assert [count(3, 10), count(1, 26), count(3, 26)] == [62_006, 63_066, 63_366]
    assert np.diff([10, 26]).item() == 63_366 - 63_350  # the biases of the 16 letters more
