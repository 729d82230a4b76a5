"""What chapter 14 prints as solutions beside functions, its line-up, and the exercise that it checks itself."""

import contextlib
import io
import re

import numpy as np
import pytest

from minicnn import exercises
from tests.book.chapters import cells_of, tasks_of

TASKS = tasks_of(14)
CODE = [c.source for c in cells_of(14) if c.cell_type == "code"]
NEEDED = ["import json", "def centred(", "def learn(", "def check_dead("]


def test_numbers_of_the_solutions_are_right():
    def answers(id):
        e = exercises.get(id)
        return [*e.answers(e.reference).values()]

    assert answers("lenet_without_border") == [[24, 12, 8, 4], 256]
    assert "$[24, 12, 8, 4]$" in TASKS["lenet_without_border"].after
    assert r"$16 \cdot 4 \cdot 4 = 256$ inputs" in TASKS["lenet_without_border"].after
    assert answers("lenet_in_colour") == [456, 2210, 63_366]
    assert [n in TASKS["lenet_in_colour"].after for n in ("= 456$", "= 2210$", "= 63{,}366$")] == [True] * 3


def test_detective_s_letters_are_those_of_the_line_up():
    above = CODE[CODE.index(TASKS["lenet_detective"].cell.source) - 1]
    names = {"np": np}
    exec(re.search(r"^kinds = .*\nlineup = .*", above, re.M)[0], names)
    kinds = [names["kinds"][k].replace("other labels", "labels of other images") for k in names["lineup"]]
    detective = exercises.get("lenet_detective")
    assert dict(zip(kinds, "ABCD", strict=True)) == detective.answers(detective.reference)


@pytest.fixture(scope="module")
def check_dead():
    """The function of the last exercise, without training the chapter's networks."""
    names = {}
    for start in NEEDED:
        source = next(source for source in CODE if start in source)
        source = source.partition("\nmodel = learn")[0].partition("\nmc.figures.show")[0]
        with contextlib.redirect_stdout(io.StringIO()):
            exec(source, names)
    trained = names["learn"](names["lenet"](), names["rest"])
    names["learn"] = lambda *_: trained  # once is enough
    return names["check_dead"]


@pytest.mark.parametrize(
    ("attempt", "reply"),
    [
        (..., ""),
        (2, "Right.\n"),
        (0, "Not yet. That is for centred"),
        (4, "Not yet. These are alive"),
        (1, "Not yet. \n"),
    ],
)
def test_dead_kernels(check_dead, attempt, reply, capsys):
    check_dead(attempt)
    said = capsys.readouterr().out
    assert said.startswith(reply)
    assert bool(said) == bool(reply)
