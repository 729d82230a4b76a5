"""What is given out: nbgrader's metadata by its documented rules, and the zip for Gradescope."""

import json
import subprocess
import sys
import zipfile

import nbformat
import pytest

from minicnn import exercises
from minicnn.grading import autograder, grade, release, sandbox
from tests.grading.hostile import ALL, REST, RIGHT, WRONG, class_of

# https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html and nbgrader's schema of version 3
needs_bubblewrap = pytest.mark.skipif(not sandbox.shutil.which("bwrap"), reason="bubblewrap is not installed")
KEYS = {"schema_version": int, "grade": bool, "solution": bool, "locked": bool, "task": bool, "grade_id": str}
CHAPTERS = sorted({e.chapter for e in exercises.all()})


@pytest.mark.parametrize("chapters", [[c] for c in CHAPTERS] + [CHAPTERS], ids=str)
def test_the_notebook_is_valid_for_jupyter_and_nbgrader(chapters):
    book = nbformat.from_dict(release.notebook(chapters))
    nbformat.validate(book)
    ids = []
    stubs = {e.id.replace("_", "-"): e.stub.strip() for e in exercises.all() if e.chapter in chapters}
    for cell in book.cells:
        if not cell.metadata:  # an answer's: nbgrader generate_assignment leaves it as it is
            assert "".join(cell.source) == stubs.pop(cell.id)
            continue
        mine = dict(cell.metadata.nbgrader)
        points = mine.pop("points", None)
        assert {key: type(value) for key, value in mine.items()} == KEYS
        assert mine["schema_version"] == 3
        assert (points is not None) == mine["grade"]
        assert mine["locked"]
        assert not mine["solution"]
        assert points is None or points >= 0
        ids.append(mine["grade_id"])
    assert stubs == {}
    assert len(set(ids)) == len(ids)
    assert all(name.replace("-", "_").isidentifier() for name in ids)
    chosen = [e for e in exercises.all() if e.chapter in chapters]
    points = [cell.metadata.get("nbgrader", {}).get("points", 0) for cell in book.cells]
    assert sum(points) == sum(e.points for e in chosen)
    assert book.metadata.minicnn_exercises.digest == exercises.digest()


def test_a_check_cell_ends_in_a_number_which_nbgrader_takes_for_the_points():
    """For a cell whose result is a number nbgrader gives that many points; for any other that raises nothing, all."""
    assert not any("report" in e.names for e in exercises.all())
    cells = {cell["id"]: "".join(cell["source"]) for cell in release.notebook([2])["cells"]}
    shown = []
    for code, points in {WRONG: 0, RIGHT: ALL, cells["conv2d-forward"]: 0}.items():
        space = {"display": shown.append}
        exec("\n".join([cells["imports"], code, cells["conv2d-forward-check"].rpartition("\n")[0]]), space)
        assert eval(cells["conv2d-forward-check"].rpartition("\n")[2], space) == points
    assert [report.points for report in shown] == [0, ALL, 0]


@needs_bubblewrap
def test_the_grader_reads_what_a_check_cell_gives_under_another_name():
    book = release.notebook([2])
    for cell in book["cells"]:
        source = "".join(cell["source"])
        if cell["id"] == "conv2d-forward":
            cell["source"] = RIGHT.replace("def conv2d(", "def mine(")
        elif cell["id"] == "conv2d-forward-check":
            cell["source"] = source.replace("conv2d)", "mine)")
    result = grade.grade_one(json.dumps(book).encode(), ".ipynb", [2], "s")
    assert {e["id"]: e["points"] for e in result["exercises"]}["conv2d_forward"] == ALL
    assert result["notes"] == []


def test_a_chapter_without_exercises_is_named():
    with pytest.raises(LookupError, match="^grading: chapter 77 has no exercises. Those with exercises: 1, 2"):
        release.notebook([77])


@pytest.fixture
def unpacked(tmp_path):
    """The zip as Gradescope, which has Linux, unpacks it, and a submission."""
    if sys.platform != "linux":
        pytest.skip("Gradescope has Linux")
    autograder.build([2], "a-secret", tmp_path / "autograder.zip")
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        assert archive.getinfo("run_autograder").external_attr >> 16 == 0o755
        archive.extractall(tmp_path / "source")
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "any name.ipynb").write_bytes(class_of(RIGHT))
    return tmp_path


def test_the_zip_holds_all_that_is_needed(unpacked):
    source = unpacked / "source"
    config = json.loads((source / "config.json").read_text("utf-8"))
    assert config["seed"] == "a-secret"
    assert config["points"]["conv2d_forward"] == ALL
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", source / name], check=True)
    for name in (
        "pyproject.toml",
        "README.md",
        "minicnn/exercises/checking/report.css",
        "minicnn/exercises/chapters/ch02_convolution/forward.py",
    ):
        assert (source / "package" / name).exists()
    texts = [p.read_text("utf-8") for p in source.rglob("*") if p.is_file() and p.name != "config.json"]
    assert not any("a-secret" in text for text in texts)


@pytest.mark.parametrize("has_sandbox", [True, False])
def test_the_autograder_writes_what_gradescope_reads(unpacked, monkeypatch, has_sandbox):
    if not has_sandbox:
        sandbox.available.cache_clear()
        monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    elif not sandbox.shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    autograder.grade(unpacked)
    sandbox.available.cache_clear()
    result = json.loads((unpacked / "results" / "results.json").read_text("utf-8"))
    assert result["score"] == ALL + REST
    assert {key: type(value) for key, value in result["tests"][0].items()} == {
        "name": str, "score": int, "max_score": int, "status": str,
        "output": str, "output_format": str, "visibility": str,
    }  # fmt: skip
    assert "a-secret" not in json.dumps(result)


@needs_bubblewrap
def test_what_failed_once_tells_nothing_about_the_next_time(unpacked):
    """Who hands in again and again, on Gradescope, cannot collect the answers."""
    outputs = set()
    for comment in ("# 1", "# 2"):
        (unpacked / "submission" / "any name.ipynb").write_bytes(class_of(WRONG, comment))
        autograder.grade(unpacked)
        result = json.loads((unpacked / "results" / "results.json").read_text("utf-8"))
        outputs.add(result["tests"][0]["output"])
    assert len(outputs) == 2


def test_nothing_handed_in_is_said(unpacked):
    (unpacked / "submission" / "any name.ipynb").rename(unpacked / "submission" / "work.docx")
    autograder.grade(unpacked)
    result = json.loads((unpacked / "results" / "results.json").read_text("utf-8"))
    assert result == {"score": 0, "output": "There is no .ipynb and no .py: work.docx was handed in."}
