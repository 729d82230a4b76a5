"""Grading a class: who has handed in what, when, how often; interrupted and resumed; alone and on a cluster."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from minicnn import exercises
from minicnn.grading import grade, run, sandbox, submission
from minicnn.grading.__main__ import main
from tests.grading.hostile import ALL, OTHERS, REST, RIGHT, WRONG, released, script, solved

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="code is confined on Linux")
needs_bubblewrap = pytest.mark.skipif(not sandbox.shutil.which("bwrap"), reason="bubblewrap is not installed")


def rows_in(out):
    with open(out / "grades.csv", newline="", encoding="utf-8") as file:
        return [*csv.DictReader(file)]


def choices(letter):
    """A small submission: the multiple choice of chapter 7."""
    return "".join(f'{e.id} = "{letter}"\n' for e in exercises.by_chapter(7) if hasattr(e, "right"))


@needs_bubblewrap
def test_released_and_solved_is_full_marks(tmp_path, capsys):
    chapters = sorted({str(e.chapter) for e in exercises.all()}, key=int)  # some use the same names
    assert main(["release", *chapters, "--out", str(tmp_path / "release")]) == 0
    (path,) = (tmp_path / "release").glob("exercises-01-02-*.ipynb")
    book = json.loads(path.read_text("utf-8"))
    for cell in book["cells"]:
        for e in exercises.all():
            if "".join(cell["source"]).strip() == e.stub.strip():
                cell["source"] = e.solution
    handed_in = tmp_path / "ada.ipynb"
    handed_in.write_text(json.dumps(book), encoding="utf-8")
    assert main(["grade", str(handed_in), "--seed", "s", "--out", str(tmp_path / "out"), "--seconds", "90"]) == 0
    (row,) = rows_in(tmp_path / "out")
    assert row["total"] == row["out_of"] == str(sum(e.points for e in exercises.all())), row["reasons"]
    assert row["reasons"] == ""
    assert f"Chapters {', '.join(chapters)}, as most notebooks say" in capsys.readouterr().out
    results = json.loads((tmp_path / "out" / "gradescope" / "ada.json").read_text("utf-8"))
    assert results["score"] == sum(test["max_score"] for test in results["tests"])
    assert (tmp_path / "out" / "reports" / "ada.md").read_text("utf-8").startswith("# ada: ")


@needs_bubblewrap
def test_late_duplicate_and_colliding_files_all_have_a_row(tmp_path, capsys):
    files = {
        "ada/first.py": 100,
        "ada/second.py": 200,
        "eve.py": 300,
        "=SUM(A1).py": 50,
        "notes.txt": 1,
        ".hidden.py": 1,
    }
    folder = tmp_path / "class"
    for name, time_ in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(choices("b" if name != "ada/first.py" else "a"))
        os.utime(path, (time_, time_))
    arguments = ["--chapters", "7", "--seed", "1", "-j1", "--deadline", "1970-01-01T00:04:00+00:00"]
    assert main(["grade", str(folder), *arguments, "--out", str(tmp_path / "out")]) == 0
    rows = {os.path.relpath(row["file"], folder): row for row in rows_in(tmp_path / "out")}
    assert {*rows} == {"ada/first.py", "ada/second.py", "eve.py", "=SUM(A1).py"}
    assert [rows[n]["counts"] for n in ("ada/first.py", "ada/second.py", "eve.py")] == ["no", "yes", "yes"]
    assert [row["late"] for row in rows.values()].count("yes") == 1
    assert rows["eve.py"]["late"] == "yes"
    assert "second.py" in rows["eve.py"]["same_as"]
    assert rows["ada/first.py"]["same_as"] == ""
    assert rows["=SUM(A1).py"]["student"] == "'=SUM(A1)"
    said = capsys.readouterr().out
    assert "1 neither .ipynb nor .py, not graded" in said
    assert "1 not the newest of their student" in said
    assert "eve" not in (tmp_path / "out" / "reports" / "ada-2.md").read_text("utf-8")

    (tmp_path / "times.csv").write_text("student,submitted\neve,1970-01-01T00:00:10+00:00\n")
    arguments += ["--times", str(tmp_path / "times.csv")]
    assert main(["grade", str(folder), *arguments, "--out", str(tmp_path / "out")]) == 0
    assert [row["late"] for row in rows_in(tmp_path / "out")] == ["no"] * 4


@needs_bubblewrap
def test_the_same_seed_gives_the_same_grades_and_another_draws_others(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "ada.py").write_bytes(script(RIGHT))
    (folder / "bob.py").write_bytes(script(WRONG))
    texts = []
    for number, seed in enumerate("aab"):
        out = tmp_path / str(number)
        assert main(["grade", str(folder), "--chapters", "2", "--seed", seed, "--out", str(out), "-j2"]) == 0
        assert [int(row["total"]) for row in rows_in(out)] == [ALL + REST, REST]
        texts.append((out / "reports" / "bob.md").read_text("utf-8"))
    assert texts[0] == texts[1] != texts[2]


@needs_bubblewrap
def test_a_killed_run_is_resumed_and_every_row_is_there_once(tmp_path):
    folder, out = tmp_path / "class", tmp_path / "out"
    folder.mkdir()
    for k in range(60):
        (folder / f"student{k:02d}.py").write_text(choices("b") + f"# {k}\n")
    arguments = ["grade", str(folder), "--chapters", "7", "--seed", "s", "--out", str(out), "-j2"]
    started = subprocess.Popen([sys.executable, "-m", "minicnn.grading", *arguments], stderr=subprocess.DEVNULL)
    while len([*out.glob("results/*.json")]) < 15:
        assert started.poll() is None
        time.sleep(0.02)
    started.send_signal(signal.SIGKILL)
    started.wait()
    done = {p.name: p.stat().st_mtime_ns for p in out.glob("results/*.json")}
    assert 15 <= len(done) < 60
    assert not (out / "grades.csv").exists()
    assert main(arguments) == 0
    assert [row["student"] for row in rows_in(out)] == [f"student{k:02d}" for k in range(60)]
    assert len({row["total"] for row in rows_in(out)}) == 1
    assert {name: (out / "results" / name).stat().st_mtime_ns for name in done} == done  # not graded again


def test_without_bubblewrap_it_refuses_and_says_what_to_install(tmp_path, capsys, monkeypatch):
    (tmp_path / "ada.py").write_text(choices("b"))
    sandbox.available.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    arguments = ["grade", str(tmp_path / "ada.py"), "--chapters", "7", "--seed", "s", "--out", str(tmp_path / "out")]
    assert main([*arguments, "-j1"]) == 2
    assert capsys.readouterr().err == (
        "grading: bubblewrap is not installed, without which a submission's code could do anything on this machine. "
        "Install it: apt install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora), pacman -S bubblewrap "
        "(Arch); on macOS and Windows, in a Linux container or WSL. Or grade code that you trust with --unsafe.\n"
    )
    assert not (tmp_path / "out").exists()


@needs_linux
def test_unsafe_grades_and_says_what_is_not_protected(tmp_path, capsys):
    (tmp_path / "ada.py").write_bytes(script(RIGHT))
    arguments = ["grade", str(tmp_path), "--chapters", "2", "--seed", "s", "--out", str(tmp_path / ".out"), "-j1"]
    assert main([*arguments, "--unsafe"]) == 0
    assert [int(row["total"]) for row in rows_in(tmp_path / ".out")] == [ALL + REST]
    assert "Not protected: your files" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["{}/none"], "grading: there is no {}/none. Name files, folders or a pattern."),
        (["{}"], "grading: there is no .ipynb and no .py among the submissions. Name their folder."),
        (["{}/blank/a.py"], "grading: no notebook says of which chapters it is. Say so: --chapters 2 9."),
        (["{}/blank", "-j", "0"], "grading: --jobs is 0. It must be positive, 1 or more."),
        (["{}/blank", "--seconds", "nan"], "grading: --seconds is nan. It must be positive, 1 or more."),
        (["{}/blank", "--chapters", "77"], "grading: chapter 77 has no exercises. Those with exercises: "),
    ],
)
def test_errors_say_what_to_do(tmp_path, capsys, arguments, text):
    (tmp_path / "blank").mkdir()
    if len(arguments) > 1 or "a.py" in arguments[0]:
        (tmp_path / "blank" / "a.py").write_text("x = 1")
    arguments = [a.format(tmp_path) for a in arguments]
    assert main(["grade", *arguments, "--seed", "s", "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith(text.format(tmp_path))


def test_most_notebooks_decide_on_the_chapters():
    metadata = [{"chapters": [9, 2], "digest": "x"}] * 2 + [{"chapters": [1]}, {"chapters": "all"}, {}]
    assert submission.chapters_of(metadata) == ((2, 9), "x")
    assert submission.chapters_of([]) == (None, None)


def test_the_released_notebook_holds_no_solution():
    text = released().decode()
    assert solved(released()) != json.loads(text)
    for answer in (RIGHT, *OTHERS):
        body = max(answer.splitlines(), key=len).strip()
        assert json.dumps(body)[1:-1] not in text


def dies(found, chapters):
    """What a process of the pool does if it meets "b": the kernel ends it."""
    if found == "b":
        os.kill(os.getpid(), signal.SIGKILL)
    return found * 2


@needs_linux
def test_what_ends_a_grading_process_stops_no_other(tmp_path):
    todo = {letter: letter for letter in "abcdefg"}
    results = dict(run._results(todo, partial(dies, chapters=[7]), 2, None))
    failed = results.pop("b")
    assert failed["notes"] == ["Grading it failed twice. Ask your instructor to look."]
    (tmp_path / "b.json").write_text(json.dumps(failed))
    assert run._stored(tmp_path / "b.json") is None  # the next run tries again
    assert results == {letter: letter * 2 for letter in "acdefg"}
    with pytest.raises(RuntimeError, match="^grading: 3 processes in a row have died; is there too little memory?"):
        list(run._results(dict.fromkeys(range(9), "b"), partial(dies, chapters=[7]), 2, None))


@needs_bubblewrap
def test_a_cluster_gives_the_same_grades(tmp_path):
    distributed = pytest.importorskip("distributed")
    (tmp_path / "ada.py").write_bytes(script(RIGHT))
    (tmp_path / "bob.py").write_bytes(script(WRONG))
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        address = ["--dask", cluster.scheduler_address]
        arguments = ["grade", str(tmp_path), "--chapters", "2", "--seed", "s", "--out", str(tmp_path / ".out")]
        assert main([*arguments, *address]) == 0
    assert [int(row["total"]) for row in rows_in(tmp_path / ".out")] == [ALL + REST, REST]


@needs_linux
def test_a_sandbox_that_runs_nothing_gives_no_grades(monkeypatch, tmp_path):
    broken = tmp_path / "confine.py"
    broken.write_text("def confine(user): raise OSError\n")
    files = sandbox._files()
    monkeypatch.setattr(sandbox, "_files", lambda: files | {"confine": broken})
    with pytest.raises(
        sandbox.SandboxError, match="^grading: the sandbox starts but does not work here: .* ends the program"
    ):
        grade.try_out.__wrapped__(unsafe=True)
