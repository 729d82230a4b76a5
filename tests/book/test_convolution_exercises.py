"""Chapter 2's exercise cells accept the solutions that the chapter prints, and name the mistakes that they know."""

import contextlib
import io
import re
from pathlib import Path

import matplotlib
import nbformat
import numpy as np
import pytest

CHAPTER = Path(__file__).resolve().parents[2] / "book/seeing/02-convolution.ipynb"
CELLS = nbformat.read(CHAPTER, as_version=4).cells
TASKS = {re.search(r":label: ex-02-(\w+)", c.source)[1]: i for i, c in enumerate(CELLS) if ":label: ex-02" in c.source}
ATTEMPT = re.compile(r"^my_\w+ = \.\.\..*\n|^def convolve\(x, w\):\n.*\n", re.M)
LOOPS = """
def convolve(x, w):
    (H, W), (KH, KW) = x.shape, w.shape
    y = np.zeros((H - KH + 1, W - KW + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = np.sum(x[i : i + KH, j : j + KW] * {})
    return y
"""


@pytest.fixture(scope="module")
def names():
    """What the cells before the exercises define."""
    matplotlib.use("agg")
    names = {}
    for cell in CELLS[: min(TASKS.values())]:
        if cell.cell_type == "code" and "%pip" not in cell.source:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(cell.source, names)
    matplotlib.pyplot.close("all")
    return names


def answer(names, task, attempt):
    """What the exercise's cell prints when `attempt` stands in place of the dots."""
    source, done = ATTEMPT.subn("", CELLS[TASKS[task] + 1].source)
    assert done
    head, condition, tail = source.partition("\nif ")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(f"{head}\n{attempt}\n{condition}{tail}", dict(names))
    return out.getvalue()


@pytest.mark.parametrize("task", TASKS)
def test_printed_solution_is_right(names, task):
    text = CELLS[TASKS[task] + 2].source.partition("{dropdown} Solution")[2]
    code = re.findall(r"```python\n(.*?)```", text, re.S) or re.findall(r"`(my_\w+ = [^`]+)`", text)
    lines = answer(names, task, "\n".join(code)).lower().splitlines()
    assert lines
    assert all(line.endswith("right.") for line in lines)


@pytest.mark.parametrize(
    ("task", "attempt", "reply"),
    [
        ("predict", "my_row = [1, 0, 1]; my_shape = (25, 24)", "signs are turned round.*height comes first"),
        ("predict", "my_row = [1, 0]; my_shape = (28, 28)", "how many places.*not yet"),
        ("predict", "my_row = [9, 9, 9]; my_shape = ...", "every product"),
        ("count", "my_conv = 150; my_dense = 1024 * 4704", "Convolution.*biases.*Dense.*biases"),
        ("count", "my_conv = 61; my_dense = 1024 * 6144", "5×5.*feature map"),
        ("design", "my_kernel = [[1, 1, 1], [0, 0, 0], [-1, -1, -1]]", "negative"),
        ("design", "my_kernel = [[1, 0, -1]] * 3", "vertical edge"),
        ("design", "my_kernel = [[1, 1, 1]] * 3", "wall"),
        ("design", "my_kernel = np.zeros((3, 3))", "never answers"),
        ("true", LOOPS.format("w"), "cross-correlation"),
        ("true", LOOPS.format("w[::-1]"), "upside down only"),
        ("true", LOOPS.format("w[:, ::-1]"), "left to right only"),
        ("true", LOOPS.format("w[0, 0]"), "1×1"),
        ("true", "def convolve(x, w): return x", "shape"),
        ("true", "def convolve(x, w): pass", "shape"),
        ("mystery", "my_weights = mystery(np.pad([[1]], 2))", "turned"),
        ("mystery", "my_weights = np.ones((3, 3))", "Not yet"),
        ("mystery", "my_weights = [1, 2, 3]", "Not yet"),
    ],
)
def test_known_mistake_is_named(names, task, attempt, reply):
    assert re.search(reply, answer(names, task, attempt), re.S)


def test_untouched_cells_say_nothing():
    assert [CELLS[i + 1].outputs for i in TASKS.values()] == [[]] * 5


def test_figure_has_the_chapter_s_kernels(names):
    assert names["kernels"] == names["mc"].figures.KERNELS
    assert np.array_equal(names["digit"], names["images"][0, 0] * 16)
