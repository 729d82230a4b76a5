"""The instructors' page: its commands run, what it shows comes out, and its table is what the hostile class shows."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from minicnn import exercises
from minicnn.grading import release, sandbox
from minicnn.grading.__main__ import main
from tests.grading.hostile import hostile, ordinary

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "book" / "instructors.md").read_text("utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", TEXT, flags=re.M | re.S)
ELSEWHERE = ("sudo ", "nbgrader ", "dask ")  # need a network, a JupyterHub or a cluster
HERE = [(command, shown) for command, shown in BLOCKS if not command.startswith(ELSEWHERE)]

# The table's rows, by a word in them, and the submissions that show what happens.
SHOWN_BY = {
    "replaces `check`": "patched.ipynb patched_late.py check_edited.ipynb bare.ipynb",
    "looks for checks": "import_checks.py read_checks.py secrets.ipynb",
    "imports the answer": "import_answer.ipynb reload_answer.ipynb",
    "loops without end": "loop.py loop_in_cell.ipynb loop_that_swallows.py hang_in_c.py",
    "exits, crashes": "exit.py exit_in_cell.ipynb crash.py recursion.py",
    "takes 8 GB": "memory.py memory_in_steps.py huge.py wide.py deep.py digits.py",
    "forks, starts programs": "forks.py programs.py network.py",
    "starts 100 threads": "threads.py threads_stay.py prints.py",
    "forges": "forged.py forged_in_cell.ipynb objects.py pickle.py",
    "kills other processes": "signals.py write_outside.ipynb fill_home.py",
    "waits for input": "stdin.py",
    "is broken off": "truncated.ipynb large.ipynb list.ipynb nothing.ipynb",
    "writes markup": "markup.py",
}


@pytest.fixture
def folder(tmp_path):
    """A class of two, as plain files and as nbgrader collects them: one has solved the first exercise, one nothing."""
    book = release.notebook([2, 9, 14])
    e = exercises.get("conv2d_forward")
    for student, source in {"ada": e.solution, "eve": e.stub}.items():
        (cell,) = (c for c in book["cells"] if c["id"] == e.id.replace("_", "-"))
        cell["source"] = source
        text = json.dumps(book)
        for path in (f"submissions/{student}.ipynb", f"submitted/{student}/week1/exercises-02-09-14.ipynb"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
            os.utime(tmp_path / path, (10**9, 10**9))
        timestamp = tmp_path / "submitted" / student / "week1" / "timestamp.txt"
        timestamp.write_text("2026-11-20 13:13:50.953737 UTC")
    return tmp_path


def run(command, folder):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-euc", command], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}{done.stdout}{done.stderr}"
    return done.stdout


def test_the_commands_run_and_show_what_the_page_shows(folder):
    if not sandbox.shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    assert len(HERE) == 6
    for command, shown in HERE:
        printed = run(command, folder).splitlines()
        for line in shown.splitlines():
            pattern = ".*".join(map(re.escape, line.split("…")))
            assert any(re.fullmatch(pattern, text) for text in printed), (line, printed)
    assert (folder / "week1.zip").stat().st_size > 100_000

    rows = (folder / "grades" / "grades.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[0] for row in rows] == ["student", "ada", "eve"]
    assert [row.split(",")[4] for row in rows] == ["total", str(exercises.get("conv2d_forward").points), "0"]
    assert {p.name for p in (folder / "grades").iterdir()} == {"grades.csv", "reports", "gradescope", "results"}

    for name in ("ada", "eve"):  # as nbgrader collects them, with its times
        assert f"{name},2026-11-20 13:13:50.953737+00:00\n" in (folder / "times.csv").read_text()
    command = 'python -m minicnn.grading grade submitted/*/week1 --seed "$(cat seed.txt)" --out again --times times.csv'
    assert "2 submissions, 2 students" in run(command, folder)
    again = (folder / "again" / "grades.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[0] for row in again] == ["student", "ada", "eve"]


def test_every_option_on_the_page_is_one(capsys):
    used = {*re.findall(r"(?<![\w-])(?:--[a-z]+|-j)\b", TEXT)} - {"--nworkers", "--nthreads"}  # Dask's
    offered = ""
    for command in ("grade", "release", "gradescope-zip"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        offered += capsys.readouterr().out
    assert len(used) > 6
    assert {option for option in used if option not in offered} == set()


def test_the_table_of_attacks_is_what_the_hostile_class_shows():
    rows = [row for row in TEXT.partition("| A submission that")[2].splitlines() if row.startswith("| ")]
    tests = ordinary() | hostile("secret", 0)
    shown = {name for names in SHOWN_BY.values() for name in names.split()}
    assert [word for word in SHOWN_BY if sum(word in row for row in rows) != 1] == []
    assert len(rows) == len(SHOWN_BY) + 1  # thousands of files: tests/grading/test_holes.py
    assert shown <= {*tests}
    assert {*hostile("secret", 0)} <= shown
    assert len(tests) > 70, "as the page says"
    assert len(TEXT.split()) <= 1550, "one coffee"


def test_an_appeal_shows_the_same_case(folder):
    """A report's first case is what check() shows with the same seed."""
    if not sandbox.shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    space = {}
    exec("def conv2d(x, w):\n    return x", space)
    alive = repr(exercises.check("conv2d_forward", space["conv2d"], seed="a seed"))
    (folder / "bob.py").write_text("def conv2d(x, w):\n    return x\n")
    assert (
        main(["grade", str(folder / "bob.py"), "--chapters", "2", "--seed", "a seed", "--out", str(folder / "o")]) == 0
    )
    case = alive.partition("In the call")[2].partition("✗")[0]
    assert len(case) > 100
    assert case in (folder / "o" / "reports" / "bob.md").read_text("utf-8")
