"""A hostile class: each gets exactly what its honest part deserves, and nothing is left behind."""

import contextlib
import csv
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from tests.grading.hostile import CHAPTER, ENDLESS, submissions
from tests.limits import HANGS

SEED = "the-secret-seed"
pytestmark = pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed")


def watch(process, seen):
    """Note all that descends from a process, and the most memory that the trusted ones took."""
    while process.poll() is None:
        try:
            for p in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
                trusted = not any("inside.py" in word or "bwrap" in word for word in p.cmdline())
                seen["processes"].add(p)
                if trusted:
                    seen["memory"] = max(seen["memory"], p.memory_info().rss)
        except psutil.Error:
            pass
        time.sleep(0.05)


def grade(folder, seconds, temporary, seen):
    """Grade a folder, each file for so many seconds at most; the rows by file name."""
    command = [sys.executable, "-m", "minicnn.grading", "grade", folder, "--seed", SEED, "--out", folder / ".out"]
    command += ["--chapters", "2", "--jobs", "2", "--seconds", str(seconds)]
    environment = os.environ | {"TMPDIR": str(temporary)}
    run = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watcher = threading.Thread(target=watch, args=(run, seen))
    watcher.start()
    _, errors = run.communicate()
    watcher.join()
    assert run.returncode == 0, errors
    with open(folder / ".out" / "grades.csv", newline="", encoding="utf-8") as file:
        return {Path(row["file"]).name: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The rows by file name, and what was seen meanwhile. Only who never ends has little time: machines may be busy."""
    folder, secret, temporary = (tmp_path_factory.mktemp(name) for name in ("class", "secret", "temporary"))
    (folder / "ends").mkdir()
    (folder / "never").mkdir()
    (secret / "notes").write_text(SEED)
    seen = {"processes": set(), "memory": 0, "heard": []}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        cases = submissions(secret, listener.getsockname()[1])
        for name, (content, *_) in cases.items():
            (folder / ("never" if name in ENDLESS else "ends") / name).write_bytes(content)
        (folder / "ends" / "link.py").symlink_to(secret / "notes")
        os.mkfifo(folder / "ends" / "pipe.py")
        rows = grade(folder / "ends", HANGS, temporary, seen) | grade(folder / "never", 20, temporary, seen)
        with contextlib.suppress(TimeoutError):
            seen["heard"].append(listener.accept())
    return {"rows": rows, "cases": cases, "folder": folder, "secret": secret, "temporary": temporary} | seen


def names():
    return [*submissions("secret", 0)]


@pytest.mark.parametrize("name", names())
def test_each_gets_what_its_honest_part_deserves(graded, name):
    row, (_, first, rest, reason) = graded["rows"][name], graded["cases"][name]
    points = {e.id: int(row[e.id]) for e in CHAPTER}
    conv2d = points.pop("conv2d_forward")
    assert first is None or conv2d == first, row["reasons"]
    assert sum(points.values()) == rest, row["reasons"]
    assert re.search(reason, row["reasons"])
    assert reason or not row["reasons"]


def test_every_submission_has_its_row(graded):
    assert len(names()) >= 40
    assert {*graded["rows"]} == {*names(), "link.py", "pipe.py"}
    assert graded["rows"]["link.py"]["reasons"].startswith("This is a link")


def test_grading_itself_stays_small(graded):
    assert 0 < graded["memory"] < 500e6


def test_nothing_keeps_running(graded):
    assert len(graded["processes"]) > 2
    assert [p for p in graded["processes"] if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


def test_nothing_stays_on_disk(graded):
    assert [*graded["temporary"].iterdir()] == []
    assert [p.name for p in graded["secret"].iterdir()] == ["notes"]
    package = Path(sys.modules["minicnn"].__file__).parent / "exercises"
    for folder in (package, *map(Path, ("/", "/tmp", "/usr", "/dev", "/dev/shm", "/var/tmp"))):
        assert not (folder / "minicnn-hostile-was-here").exists()


def test_the_listener_hears_nothing(graded):
    assert graded["heard"] == []


def test_the_seed_is_in_no_report(graded):
    texts = [p.read_text("utf-8") for p in graded["folder"].glob("*/.out/**/*") if p.is_file()]
    assert len(texts) > 100
    assert not any(SEED in text for text in texts)


def test_what_students_write_does_no_harm_in_reports(graded):
    pages = [p.read_text("utf-8") for p in graded["folder"].glob("ends/.out/reports/markup*.html")]
    assert len(pages) == 1
    assert "&lt;script&gt;" in pages[0]
    assert not re.search("<script|\x1b|\u202e|\ud800", pages[0])
