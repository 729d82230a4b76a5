"""What the commands say about seeds, times, chapters and names."""

import json
import zipfile

import pytest

from minicnn import exercises
from minicnn.grading import outputs, release, submission, times
from minicnn.grading.__main__ import main
from minicnn.grading.grade import nothing


def seed_in(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))["seed"]


def test_the_zip_takes_the_seed_from_the_environment(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("MINICNN_SEED", "a-long-and-secret-seed")
    assert main(["gradescope-zip", "--chapters", "2", "--out", str(tmp_path / "week1")]) == 0
    assert seed_in(tmp_path / "week1.zip") == "a-long-and-secret-seed"
    said = capsys.readouterr().out
    assert f"{tmp_path / 'week1.zip'}: holds" in said
    assert "a-long" not in said


def test_a_seed_that_was_drawn_is_said(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("MINICNN_SEED", raising=False)
    assert main(["gradescope-zip", "--chapters", "2", "--out", str(tmp_path / "a.zip")]) == 0
    seed = seed_in(tmp_path / "a.zip")
    assert f"The seed {seed} was drawn. Keep it: with it, check() shows" in capsys.readouterr().out


def test_a_zip_is_no_folder(tmp_path, capsys):
    assert main(["gradescope-zip", "--chapters", "2", "--out", str(tmp_path)]) == 2
    text = f"gradescope-zip: --out {tmp_path} is a folder. Name a file: --out {tmp_path / 'week1.zip'}.\n"
    assert capsys.readouterr().err == text


@pytest.fixture
def found(tmp_path):
    return [submission.Submission(name, tmp_path / f"{name}.py", 0.0) for name in ("ada", "bob")]


def test_a_table_of_times_that_does_not_fit_the_class_is_said(tmp_path, found):
    table = tmp_path / "times.csv"
    table.write_text("student,submitted\nada,1970-01-01T00:00:10+00:00\nzoe,1970-01-01T00:00:10+00:00\n")
    assert times.set_times(found, table) == [
        f"grading: {table} names students of whom nothing was found: 'zoe'. Write names as grades.csv does.",
        f"grading: {table} has no time for 'bob'. Add rows for them; until then their files' times count.",
    ]
    assert [one.time for one in found] == [10.0, 0.0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,submitted\nada,tomorrow\n", ", line 2: 'tomorrow' is no time. Write it like 2026-11-20T18:00."),
        ("student,submitted\nada\n", ", line 2: None is no time. Write it like 2026-11-20T18:00."),
        ("name,submitted\n", " has the columns name, submitted. It needs student and submitted."),
        ("", " has the columns none. It needs student and submitted."),
    ],
)
def test_a_table_of_times_that_cannot_be_read_is_said(tmp_path, found, text, said):
    table = tmp_path / "times.csv"
    table.write_text(text)
    with pytest.raises(ValueError, match="grading") as error:
        times.set_times(found, table)
    assert str(error.value) == f"grading: {table}{said}"


def test_a_deadline_is_a_time(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["grade", "x.py", "--seed", "s", "--out", str(tmp_path), "--deadline", "tomorrow"])
    text = "argument --deadline: 'tomorrow' is no time. Write it like 2026-11-20T18:00."
    assert text in capsys.readouterr().err


def test_exercises_of_one_title_can_be_told_apart(tmp_path):
    chosen = exercises.all()
    titles = [e.title for e in chosen]
    assert len(set(titles)) < len(titles)
    result = nothing(sorted({e.chapter for e in chosen}), "Nothing.") | {"key": ""}
    row = outputs.Row(submission.Submission("ada", tmp_path, 0.0), result, "ada")
    names = [test["name"] for test in outputs.gradescope(row)["tests"]]
    assert names == [f"{e.title} ({e.id})" for e in chosen]
    heads = [line for line in outputs.markdown(row).splitlines() if line.startswith("## ")]
    assert heads == [f"## {e.title} (`{e.id}`): 0 of {e.points}" for e in chosen]


def test_chapters_go_out_in_order_and_once(tmp_path, capsys):
    assert main(["release", "13", "2", "2", "--out", str(tmp_path)]) == 0
    book = json.loads((tmp_path / "exercises-02-13.ipynb").read_text("utf-8"))
    assert book == release.notebook([2, 13])
    with pytest.raises(SystemExit):
        main(["release", "--help"])
    assert "like 2 9 14; all exercises of each go out" in capsys.readouterr().out
