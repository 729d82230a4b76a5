"""Chapter 2's exercise cells ask for what the exercises check, and accept the solutions that the chapter prints."""

import contextlib
import io
import re
from pathlib import Path

import exercise_pages
import matplotlib
import nbformat
import numpy as np
import pytest

from minicnn import exercises

CHAPTER = Path(__file__).resolve().parents[2] / "book/seeing/02-convolution.ipynb"
CELLS = nbformat.read(CHAPTER, as_version=4).cells
TASKS = {
    re.search(r":label: ex-02-(\w+)", before.source)[1]: (cell, after)
    for before, cell, after in zip(CELLS, CELLS[1:], CELLS[2:], strict=False)
    if ":label: ex-02" in before.source
}


def exercise_of(task):
    return exercises.get(re.search(r'check\("(\w+)"', TASKS[task][0].source)[1])


def test_every_exercise_of_the_chapter_stands_here():
    assert {exercise_of(task).id for task in TASKS} == {e.id for e in exercises.by_chapter(2)}


@pytest.mark.parametrize("task", TASKS)
def test_cell_is_the_exercise_s_own(task):
    e = exercise_of(task)
    assert TASKS[task][0].source == f"{e.stub}{exercise_pages.gap(e)}{exercise_pages.call(e)}"


@pytest.mark.parametrize("task", TASKS)
def test_untouched_cell_says_so_kindly(task):
    (output,) = TASKS[task][0].outputs
    assert "not attempted yet" in output.data["text/plain"]


@pytest.mark.parametrize("task", TASKS)
def test_printed_solution_is_right(task):
    text = TASKS[task][1].source.partition("{dropdown} Solution")[2].partition("{exercise}")[0]
    names = {"np": np}
    exec("\n".join(re.findall(r"```python\n(.*?)```", text, re.S)), names)
    e = exercise_of(task)
    report = exercises.check(e.id, *(names[name] for name in e.names))
    assert report.state == "passed", repr(report)


LINE = 'np.einsum("ijkl,kl->ij", np.lib.stride_tricks.sliding_window_view(x, w.shape), w)'


def test_other_solutions_that_the_chapter_prints():
    text = "".join(after.source for _, after in TASKS.values())
    assert f"`{LINE}`" in text
    assert exercises.check("conv2d_forward", eval(f"lambda x, w: {LINE}")).state == "passed"
    sobel = [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    assert f"`{sobel}`" in text
    assert exercises.check("design_a_kernel", lambda: sobel).state == "passed"


def test_figure_has_the_chapter_s_kernels():
    matplotlib.use("agg")
    names, first = {}, next(i for i, c in enumerate(CELLS) if ":label: ex-02" in c.source)
    for cell in CELLS[:first]:
        if cell.cell_type == "code" and "%pip" not in cell.source:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(cell.source, names)
    matplotlib.pyplot.close("all")
    assert names["kernels"] == names["mc"].figures.KERNELS
    assert np.array_equal(names["digit"], names["images"][0, 0] * 16)
