"""Holes in grading a class that an attacker found, each closed: names, links, seeds, processes, what is written."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from minicnn import exercises
from minicnn.exercises.checking.code import stretched
from minicnn.grading import autograder, outputs, run, sandbox, submission
from minicnn.grading.__main__ import main
from minicnn.grading.grade import nothing
from minicnn.grading.submission import Submission
from tests.grading.test_class import choices, needs_bubblewrap, needs_linux
from tests.limits import HANGS

MOODLE = "{}_assignsubmission_file_{}.py"
CANVAS = "{}_34_ps1_{}.py"
NBGRADER = "ps1_{}_attempt_2026-11-20-10-00-00_{}.py"


def students(folder, names):
    for name in names:
        (folder / name).write_text("x = 1")
    return [(one.student, one.doubt) for one in submission.find([folder])[0]]


@pytest.mark.parametrize(
    ("form", "written", "read"),
    [
        (MOODLE, ["Ada_1", "Eve_2", "Mal_3"], ["Ada_1", "Eve_2", "Mal_3"]),
        (CANVAS, ["ada_1", "eve_2", "mal_3"], ["ada", "eve", "mal"]),
        (NBGRADER, ["ada", "eve", "mal"], ["ada", "eve", "mal"]),
    ],
)
@pytest.mark.parametrize("other", [MOODLE, CANVAS, NBGRADER])
def test_a_file_named_after_another_student_stays_its_own_students(tmp_path, form, written, read, other):
    ends = ["ch01", "ch01", Path(other.format(written[1], "ch01")).stem]
    names = [form.format(student, end) for student, end in zip(written, ends, strict=True)]
    assert sorted(students(tmp_path, names)) == [(student, False) for student in read]


def test_a_few_files_do_not_decide_how_names_are_read(tmp_path):
    names = ["ada.py", "eve.py", NBGRADER.format("eve", "ch01")]
    assert students(tmp_path, names) == [("ada", False), ("eve", False), (names[-1][:-3], False)]


@needs_bubblewrap
def test_files_of_one_student_named_in_different_ways_are_reported(tmp_path, capsys):
    names = ["ada_11_34_ch07.py", "eve_22_34_ch07.py", "eve.py"]
    for name in names:
        (tmp_path / name).write_text(choices("b"))
    command = ["grade", str(tmp_path), "--chapters", "7", "--seed", "long enough", "--out", str(tmp_path / ".out")]
    (tmp_path / ".x.py").write_text("x = 1")
    assert main([*command, "-j1"]) == 0
    said = capsys.readouterr()
    assert f"2 of one student but named in different ways: '{tmp_path}/eve.py', '{tmp_path}/eve_22_" in said.out
    assert f"1 hidden, not graded: '{tmp_path}/.x.py'" in said.out
    assert "neither" not in said.out
    assert "seed" not in said.err


def test_two_of_the_same_name_are_reported(tmp_path):
    assert students(tmp_path, ["lo_11_34_a.py", "lo_22_35_a.py"]) == [("lo", True), ("lo", True)]
    assert students(tmp_path, ["lo_22_36_a.py"])[1:] == [("lo", True), ("lo", True)]


def test_a_second_attempt_is_no_other_student(tmp_path):
    assert students(tmp_path, ["lo_11_34_a.py", "lo_LATE_11_35_b.py"]) == [("lo", False), ("lo", False)]


@pytest.mark.parametrize("content", [{"worksheets": [{"cells": 5}]}, {"worksheets": [7, {"cells": [3]}]}, {"cells": 5}])
def test_no_notebook_stops_the_class(tmp_path, content):
    (tmp_path / "a.ipynb").write_text(json.dumps(content))
    assert [*submission.metadata_of(submission.find([tmp_path])[0])] == []


def test_whatever_reading_raises_is_the_submissions_reason(monkeypatch):
    monkeypatch.setattr(submission, "_notebook", lambda text: 1 / 0)
    text = r"^The file cannot be read \(ZeroDivisionError\). Save it in Jupyter, and hand it in again.$"
    with pytest.raises(submission.Unreadable, match=text):
        submission.cells_of(b"{}", ".ipynb")


def test_a_version_of_any_form_stops_no_class():
    deep = []
    for _ in range(10**5):
        deep = [deep]
    assert submission.chapters_of([{"chapters": [2], "digest": deep}]) == ((2,), "")


@needs_linux
@needs_bubblewrap
def test_processes_end_with_a_killed_parent(tmp_path):
    def below(parent):
        stats = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                stats.append((int(path.parent.name), int(path.read_text().rpartition(")")[2].split()[1])))
            except (OSError, IndexError):
                continue
        family = {parent}
        while more := {child for child, its in stats if its in family} - family:
            family |= more
        return {pid: _started(pid) for pid in family - {parent}}

    for name in ("a", "b"):
        (tmp_path / f"{name}.py").write_text(f"import time\ntime.sleep(10**6)  # {name}\n")
    command = ["grade", str(tmp_path), "--chapters", "7", "--seed", "long enough", "--seconds", "100000", "-j2"]
    command += ["--out", str(tmp_path / "out")]
    parent = subprocess.Popen([sys.executable, "-m", "minicnn.grading", *command], stderr=subprocess.DEVNULL)
    end = time.monotonic() + HANGS
    family = {}
    while not any("bwrap" in _name(pid) for pid in family):
        assert parent.poll() is None
        assert time.monotonic() < end
        time.sleep(0.2)
        family = below(parent.pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    end = time.monotonic() + HANGS
    while left := [pid for pid, started in family.items() if started and _started(pid) == started]:
        if time.monotonic() > end:
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            pytest.fail(f"{len(left)} of {len(family)} processes live on")
        time.sleep(0.1)


def _name(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


def _started(pid):
    """When a process has started, so that no other of the same number is taken for it; None if it has ended."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return None
    return None if state in "ZX" else fields[18]


def test_every_seed_is_stretched_once(monkeypatch, tmp_path):
    assert stretched("a secret") == "cff36dab2500e744fee78b5eebb671c2"
    seeds = []

    def graded(found, *rest, chapters, seed, **options):
        seeds.append(seed)
        return nothing(chapters, "x")

    monkeypatch.setattr(autograder, "work", graded)
    monkeypatch.setattr(sandbox, "available", lambda: None)
    monkeypatch.setattr(autograder, "try_out", lambda: None)
    for name in ("source", "submission"):
        (tmp_path / name).mkdir()
    (tmp_path / "source" / "config.json").write_text(json.dumps({"seed": "a secret", "chapters": [7], "digest": ""}))
    (tmp_path / "submission" / "a.py").write_text("x = 1")
    autograder.grade(tmp_path)
    assert seeds[0] == stretched(f"a secret/{hashlib.sha256(b'x = 1').hexdigest()}")

    monkeypatch.setattr(run, "available", lambda: None)
    monkeypatch.setattr(run, "_results", lambda todo, job, *rest: [(k, job(s)) for k, s in todo.items()])
    monkeypatch.setattr(run, "grade_one", lambda data, suffix, *rest: graded(None, chapters=rest[0], seed=rest[1]))
    monkeypatch.setattr(run, "try_out", lambda unsafe: None)
    found, _ = submission.find([tmp_path / "submission"])
    run.grade_class(found, tmp_path / "out", chapters=[7], seed="a secret", progress=False)
    assert seeds[1] == stretched("a secret")


def test_a_short_seed_is_called_so(tmp_path, capsys):
    assert main(["gradescope-zip", "--chapters", "7", "--seed", "1234567", "--out", str(tmp_path / "a.zip")]) == 0
    assert capsys.readouterr().err == (
        "grading: the seed has fewer than 8 characters: it can be guessed. "
        'Draw: python -c "import secrets; print(secrets.token_hex(8))"\n'
    )


@pytest.mark.parametrize("text", ["#%%\n" * 1_250_000, "#%%\n" * 100_000, "# %% [markdown]\n" * 300_000])
def test_parts_of_a_script_take_little_memory(text):
    tracemalloc.start()
    with pytest.raises(submission.Unreadable, match="^There is too much code"):
        submission.cells_of(text.encode(), ".py")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * len(text) + (4 << 20)


def test_a_link_is_not_followed_wherever_it_stands(tmp_path):
    for name in ("alice/ch01.py", "bob/ch01.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("x = 1")
    (tmp_path / "mallory").symlink_to("alice")
    for given in ([f"{tmp_path}/*"], sorted(tmp_path.iterdir())):
        found, _ = submission.find(given)
        problems = {one.student: one.problem for one in found}
        assert problems.pop("mallory") == "This is a link or a device, no file. Hand in the file itself."
        assert problems == {"alice": "", "bob": ""}


def row_of(**options):
    found = Submission("mallory", Path("m.py"), 0.0)
    result = nothing([7], "x") | {"key": "k"} | options
    return outputs.Row(found, result, "mallory")


def test_remarks_cannot_forge_a_report():
    note = "code cell 1: ValueError: </p>\n\n# alice: 10 of 10\n\n<img src=x> ![x](http://evil/x.png) &lt; ~y~"
    row = row_of(notes=[note, "- a", "1. b"])
    lines = outputs.markdown(row).splitlines()
    assert lines[2:8:2] == [
        r"code cell 1: ValueError: \</p\>  \# alice: 10 of 10  \<img src=x\> \!\[x\](http://evil/x.png) \&lt; \~y\~",
        r"\- a",
        r"1\. b",
    ]
    assert sum(line.startswith("# ") for line in lines) == 1
    assert outputs.gradescope(row)["output"].count("\n") == 2


@pytest.mark.parametrize(
    ("cell", "text"),
    [("=1", "'=1"), ("+1", "'+1"), ("@a", "'@a"), ("\t=1", "'=1"), (" =1", "' =1"), ("a;=1", "a;'=1"), ("a-1", "a-1")],
)
def test_no_cell_is_a_formula(cell, text):
    assert outputs._harmless(cell) == text


@pytest.mark.parametrize("moment", [10**12, 2**60, -(10**12)])
def test_a_time_out_of_range_takes_no_grades_away(tmp_path, monkeypatch, moment):
    path = tmp_path / "a.py"
    path.write_text("x = 1")
    status = os.stat_result([*path.lstat()][:7] + [moment] * 3)
    monkeypatch.setattr(Path, "lstat", lambda self: status)
    (one,), _ = submission.find([path])
    assert outputs.Row(one, {}, "a").submitted[:4] in ("9987", "1970", "1969")


def test_check_draws_what_the_grade_of_a_text_was_drawn_from(monkeypatch):
    exercise, seeds = exercises.get("conv2d_forward"), []
    monkeypatch.setattr(type(exercise), "evaluate", lambda self, proxy, seed: seeds.append(seed) or [])
    for seed in ("a secret", 7):
        exercises.check("conv2d_forward", ..., seed=seed)
    assert seeds == [stretched("a secret"), 7]
