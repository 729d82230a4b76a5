"""Whose a file is, and what code is in it."""

import json
import os

import pytest

from minicnn.grading import submission
from minicnn.grading.__main__ import main


@pytest.mark.parametrize(
    ("files", "given", "students"),
    [
        (["ada.ipynb", "bob.py"], ["."], ["ada", "bob"]),
        (["ada/ps1/ps1.ipynb", "bob/ps1/ps1.ipynb"], ["."], ["ada", "bob"]),
        (["ada/ps1/ps1.ipynb", "bob/ps1/ps1.ipynb"], ["*/ps1/*.ipynb"], ["ada", "bob"]),
        (["ada/ps1.ipynb", "bob/ps1.ipynb"], ["ada", "bob"], ["ada", "bob"]),
        (["ada/ps1/ps1.ipynb", "bob/ps1/ps1.ipynb"], ["ada", "bob"], ["ada", "bob"]),
        (["Ada Lo_12_assignsubmission_file_/x.ipynb"], ["."], ["Ada Lo_12"]),
        (["ps1_ada_attempt_2026-11-20-10-00-00_x.py"], ["."], ["ada"]),
        (["loada_LATE_1234_56789_x.py"], ["."], ["loada"]),
        (["submission_7/x.ipynb", "submission_8/x.ipynb"], ["."], ["submission_7", "submission_8"]),
        (["a/x.py", "b/x.py"], ["a/x.py", "b/x.py"], ["a", "b"]),
        (["x.py", "x.ipynb"], ["x.py", "x.ipynb", "x.*"], ["x", "x"]),
        (["ada/.ipynb_checkpoints/x.ipynb", "__MACOSX/y.py", "z.py"], ["."], ["z"]),
    ],
)
def test_the_student_is_in_the_name(tmp_path, monkeypatch, files, given, students):
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1")
    monkeypatch.chdir(tmp_path)
    found, others = submission.find(given)
    assert [one.student for one in found] == students
    assert others == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x = 1\ny = 2", ["your file"]),
        ("x = 1\n# %%\ny = 2\n# %% [markdown]\n# z\n", ["the part from line 1", "the part from line 2"]),
    ],
)
def test_a_script_may_have_cells(text, names):
    cells, notes, _ = submission.cells_of(text.encode(), ".py")
    assert [name for name, _ in cells] == names
    assert notes == []


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "There is no code in it."),
        (b"\n" * 10 + b"#" * 10**6, "There is too much code: at most 300 cells and 524 thousand characters."),
    ],
)
def test_a_script_without_code_is_unreadable(data, text):
    with pytest.raises(submission.Unreadable, match=text):
        submission.cells_of(data, ".py")


@pytest.mark.parametrize(
    "book",
    [
        {"cells": [5, None, {"cell_type": "code"}, {"cell_type": "code", "source": [1, "x = 1"]}]},
        {"worksheets": [7, {"cells": [{"cell_type": "code", "input": "x = 1"}]}, {"cells": None}]},
        {"cells": [{"cell_type": "code", "source": "x = 1"}], "metadata": "none"},
        {"cells": [{"cell_type": "code", "source": "x = 1"}], "metadata": {"minicnn_exercises": 3}},
    ],
)
def test_odd_notebooks_are_read(book):
    cells, _, metadata = submission.cells_of(json.dumps(book).encode(), ".ipynb")
    assert [source for _, source in cells] == ["x = 1"]
    assert metadata == {}


@pytest.mark.parametrize("book", [[], 3, None, {}, {"cells": 5}, {"cells": {}}])
def test_what_is_no_notebook_is_said_kindly(book):
    with pytest.raises(submission.Unreadable, match="hand it in again"):
        submission.cells_of(json.dumps(book).encode(), ".ipynb")


def test_the_seed_may_come_from_the_environment_where_only_its_owner_sees_it(monkeypatch, capsys, tmp_path):
    with pytest.raises(SystemExit):
        main(["grade", "nothing-here", "--out", str(tmp_path)])
    assert "--seed" in capsys.readouterr().err
    monkeypatch.setenv("MINICNN_SEED", "s")
    assert main(["grade", "nothing-here", "--out", str(tmp_path)]) == 2
    assert "MINICNN_SEED" not in os.environ
