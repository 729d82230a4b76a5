"""Every notebook of the book is as tools/notebooks.py leaves it."""

import base64
import re
from pathlib import Path

import nbformat.v4 as v4
import notebooks
import pytest

BOOK = Path(__file__).resolve().parents[2] / "book"


@pytest.mark.parametrize("path", list(notebooks.notebooks([BOOK])), ids=lambda p: p.stem)
def test_notebook_is_fit_for_the_book(path):
    assert notebooks.problems(notebooks.read(path)) == []


@pytest.mark.parametrize("path", list(notebooks.notebooks([BOOK])), ids=lambda p: p.stem)
def test_files_that_the_text_names_are_there(path):
    prose = "\n".join(cell.source for cell in notebooks.read(path).cells if cell.cell_type == "markdown")
    named = set(re.findall(r"`((?:minicnn|book|tools|tests)/[\w./-]+)`", prose))
    assert [name for name in sorted(named) if not (BOOK.parent / name).exists()] == []


def notebook(*outputs, source="1", count=1, **metadata):
    cell = v4.new_code_cell(source, execution_count=count, outputs=list(outputs), metadata=metadata)
    return notebooks.clean(v4.new_notebook(cells=[cell]))


def picture(size=100):
    return v4.new_output("display_data", {"image/png": base64.b64encode(bytes(size)).decode()})


ALT = {"image": {"alt": "A cat."}}
NO_ALT = """cell 1: shows a picture without alt text: set {"mystnb": {"image": {"alt": "…"}}} in its metadata"""


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        (notebook(count=3), "cell 1: was run as number 3, not 1: run all cells from a clean kernel"),
        (notebook(source=" "), "cell 1: is an empty code cell"),
        (notebook(v4.new_output("stream", name="stderr", text="Hm")), "cell 1: writes to stderr: 'Hm'"),
        (
            notebook(v4.new_output("error", ename="KeyError", evalue="a")),
            "cell 1: raises KeyError; mend it, or tag the cell raises-exception",
        ),
        (notebook(tags=["raises-exception"]), "cell 1: is tagged raises-exception but raises nothing"),
        (
            notebook(v4.new_output("stream", text="see /home/ada/x")),
            "cell 1: shows a path of the machine: '/home/ada/x'",
        ),
        (
            notebook(v4.new_output("stream", text="<f at 0x7f00aa11bb22>")),
            "cell 1: shows a memory address, another one in every run",
        ),
        (
            notebook(picture()),
            NO_ALT,
        ),
        (
            notebook(picture(61_000), mystnb=ALT),
            "cell 1: holds a picture of 61 kB; the limit is 60 kB (lower the dpi)",
        ),
    ],
)
def test_what_is_wrong_is_said(made, complaint):
    assert notebooks.problems(made) == [complaint]


def test_a_good_cell_passes():
    assert notebooks.problems(notebook(picture(), mystnb=ALT)) == []


def test_cell_ids_are_in_order():
    made = notebook()
    made.cells[0].id = "b"
    assert notebooks.problems(made) == ["cell 1: has the id 'b', not 'c01'"]


def test_a_progress_bar_is_stored_as_it_ends():
    stream = [v4.new_output("stream", text="\r 0 %"), v4.new_output("stream", text="\r50 %\r100 %\ndone\n")]
    assert notebook(*stream).cells[0].outputs[0].text == "100 %\ndone\n"


def test_running_a_notebook_cleans_it(tmp_path):
    path = tmp_path / "one.ipynb"
    source = "import os, sys\nprint('a\\rb')\nprint(os.path.basename(os.getcwd()))\nprint(sys.prefix == '')"
    cells = [
        v4.new_markdown_cell("# One"),
        v4.new_code_cell(source, metadata={"tags": ["x"], "collapsed": True}),
    ]
    notebooks.write(v4.new_notebook(cells=cells, metadata={"widgets": {}}), path)
    assert notebooks.main(["run", str(path)]) == 0
    made = notebooks.read(path)
    assert [cell.id for cell in made.cells] == ["c01", "c02"]
    assert made.cells[1].metadata == {"tags": ["x"]}
    assert made.cells[1].outputs[0].text == f"b\n{tmp_path.name}\nFalse\n"
    assert set(made.metadata) == {"kernelspec", "language_info"}
    assert "version" not in made.metadata.language_info


def test_check_fails_and_names_the_notebook(tmp_path, capsys):
    path = tmp_path / "bad.ipynb"
    notebooks.write(notebook(count=2), path)
    assert notebooks.main(["check", str(tmp_path)]) == 1
    assert f"{path}: cell 1: was run as number 2" in capsys.readouterr().err
