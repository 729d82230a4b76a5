"""Chapter 14's line-up, and the exercise that it checks itself."""

import contextlib
import io
import re

import numpy as np
import pytest
from chapters import chapters

from minicnn import exercises

CODE = [c.source for c in chapters()[14].cells if c.cell_type == "code"]
NEEDED = ["import json", "def centred(", "def learn(", "def check_dead("]


def test_detective_s_letters_are_those_of_the_line_up():
    above = next(source for source in CODE if "\nlineup = " in source)
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
