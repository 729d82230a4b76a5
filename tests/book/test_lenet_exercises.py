"""Chapter 14's exercise cells ask for what the exercises check, and accept the solutions that the chapter prints."""

import contextlib
import io
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from minicnn import exercises

CHAPTER = Path(__file__).resolve().parents[2] / "book/architectures/14-lenet.ipynb"
CELLS = nbformat.read(CHAPTER, as_version=4).cells
CHECKS = {m[1]: i for i, c in enumerate(CELLS) for m in [re.search(r'^check\("(\w+)"', c.source, re.M)] if m}
NEEDED = ["import json", "def centred(", "def learn(", "def check_dead("]


def after(id):
    """The Markdown after an exercise's cell, up to the next exercise."""
    return CELLS[CHECKS[id] + 1].source.partition("{exercise}")[0]


def test_every_exercise_of_the_chapter_stands_here():
    assert set(CHECKS) == {e.id for e in exercises.by_chapter(14)}
    labels = [c.source for c in CELLS if ":label: ex-14-" in c.source]
    assert len(labels) == len(CHECKS) + 1  # the dead kernels are counted in the chapter itself


@pytest.mark.parametrize("id", CHECKS)
def test_cell_is_the_exercise_s_own(id):
    e = exercises.get(id)
    stub, _, call = CELLS[CHECKS[id]].source.rpartition("\n")
    assert stub.strip() == e.stub.strip()
    assert call == f'check("{e.id}", {", ".join(e.names)})'


@pytest.mark.parametrize("id", CHECKS)
def test_untouched_cell_says_so_kindly(id):
    (output,) = CELLS[CHECKS[id]].outputs
    assert "not attempted yet" in output.data["text/plain"]


@pytest.mark.parametrize("id", ["count_a_network", "why_ten_percent"])
def test_printed_solution_is_right(id):
    names = {"np": np}
    exec(re.search(r"```python\n(.*?)```", after(id), re.S)[1], names)
    report = exercises.check(id, *(names[name] for name in exercises.get(id).names))
    assert report.state == "passed", repr(report)


def test_numbers_of_the_solutions_are_right():
    def answers(id):
        e = exercises.get(id)
        return [*e.answers(e.reference).values()]

    assert answers("lenet_without_border") == [[24, 12, 8, 4], 256]
    assert "$[24, 12, 8, 4]$" in after("lenet_without_border")
    assert r"$16 \cdot 4 \cdot 4 = 256$ inputs" in after("lenet_without_border")
    assert answers("lenet_in_colour") == [456, 2210, 63_366]
    assert [n in after("lenet_in_colour") for n in ("= 456$", "= 2210$", "= 63{,}366$")] == [True] * 3


def test_detective_s_letters_are_those_of_the_line_up():
    source = CELLS[CHECKS["lenet_detective"] - 1].source
    names = {"np": np}
    exec(re.search(r"^kinds = .*\nlineup = .*", source, re.M)[0], names)
    kinds = [names["kinds"][k].replace("other labels", "labels of other images") for k in names["lineup"]]
    detective = exercises.get("lenet_detective")
    assert dict(zip(kinds, "ABCD", strict=True)) == detective.answers(detective.reference)


@pytest.fixture(scope="module")
def check_dead():
    """The function of the last exercise, without training the chapter's networks."""
    code = [c.source for c in CELLS if c.cell_type == "code"]
    names = {}
    for start in NEEDED:
        source = next(source for source in code if start in source)
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
