"""Without a notebook: what `check` prints in a script, and at the prompts of Python and IPython."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.limits import HANGS

ROOT = Path(__file__).resolve().parents[2]
CODE = """\
from minicnn.exercises import check
def conv2d(x, w): return 1 / 0

check("shifted_cat", "a")
check("shifted_cat", "b")
check("conv2d_forward", conv2d)
check("conv2d_forward", ...)
"""
SAID = [
    "The cat moves (`shifted_cat`): 0 of 1 point.",
    "Not a.",
    "The cat moves (`shifted_cat`): all right, 1 of 1 point.",
    "Slide the window (`conv2d_forward`): 0 of 4 points.",
    "A square kernel (0 of 2 points)\n      Your code raises ZeroDivisionError in line ",
    "Slide the window (`conv2d_forward`): not attempted yet, 4 points to win.",
]


def run(*command, script="", encoding="utf-8"):
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding, "IPYTHONDIR": os.devnull}
    command = [sys.executable, *command]
    done = subprocess.run(command, input=script, capture_output=True, encoding=encoding, env=settings, timeout=HANGS)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("command", "script"),
    [(["-c", CODE], ""), (["-"], CODE), (["-i"], CODE), (["-m", "IPython", "--simple-prompt", "--no-banner"], CODE)],
    ids=["python -c", "a script", "the prompt", "IPython"],
)
def test_every_report_is_shown_once(command, script):
    out = run(*command, script=script)
    places = [out.find(line) for line in SAID]
    assert -1 not in places, out
    assert places == sorted(places)
    assert [out.count(line) for line in SAID] == [1] * len(SAID)


def test_a_terminal_without_the_signs_gets_the_words():
    out = run("-c", CODE, encoding="ascii")
    assert out.startswith("The cat moves (`shifted_cat`): 0 of 1 point.\n  \\u2717 Your choice (0 of 1 point)\n")
