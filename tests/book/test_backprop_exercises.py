"""Chapter 9's exercise cells accept the solutions that the chapter prints, and name the mistakes that they know."""

import contextlib
import io
import re
from pathlib import Path

import nbformat
import pytest

CHAPTER = Path(__file__).resolve().parents[2] / "book/learning/09-backpropagation.ipynb"
CELLS = nbformat.read(CHAPTER, as_version=4).cells
TASKS = {re.search(r":label: ex-09-(\w+)", c.source)[1]: i for i, c in enumerate(CELLS) if ":label: ex-09" in c.source}
DOTS = {  # the line that the reader replaces
    "predict": r"    0.05: \(\.\.\., \.\.\.\),\n    0.2: \(\.\.\., \.\.\.\),\n    0.3: \(\.\.\., \.\.\.\),\n",
    "stride": r"my_dx = \.\.\..*\nmy_dw = \.\.\..*\n",
    "average": r" *dx = \.\.\..*\n",
    "forward": r"def my_input_gradient(.*\n)+?    return \.\.\.\n",
    "residual": r"my_dx = \.\.\.\n",
}
FORWARD = """
def my_input_gradient(dy, w, stride, padding, H, W):
    K = w.shape[2]
    spread = np.zeros((*dy.shape[:2], H + 2 * padding - K + 1, W + 2 * padding - K + 1))
    spread[:, :, ::stride, ::stride] = dy
    return F.conv2d(spread, {}, padding=K - 1 - padding)
"""


@pytest.fixture(scope="module")
def names():
    """What the exercises need: the imports, the first example, and `check`."""
    imports = "import numpy as np\nimport minicnn as mc\nimport minicnn.functional as F\n"
    code = [c.source for c in CELLS if c.cell_type == "code"]
    example = next(source for source in code if "w_new = w - 0.1 * dw" in source)
    check = next(source for source in code if "def check(" in source)
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(imports + example + "\n" + check, names)
    return names


def answer(names, task, attempt):
    """What the exercise's cell prints when `attempt` stands in place of the dots."""
    if task == "average":
        attempt = f"        {attempt}"
    source, done = re.subn(DOTS[task], lambda _: f"{attempt}\n", CELLS[TASKS[task] + 1].source)
    assert done == 1
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(source, dict(names))
    return out.getvalue()


@pytest.mark.parametrize(
    ("task", "reply"),
    [
        ("average", "Right."),
        ("forward", "Right, for six pairs of stride and padding."),
        ("residual", "Right."),
    ],
)
def test_printed_solution_is_right(names, task, reply):
    text = CELLS[TASKS[task] + 2].source.partition("{dropdown} Solution")[2]
    code = re.search(r"```python\n(.*?)\n```", text, re.S)[1]
    assert answer(names, task, code) == f"{reply}\n"


def test_numbers_of_the_solutions_are_right(names):
    text = CELLS[TASKS["stride"] + 2].source
    assert "= (2, -1, 5, -2, 2)$" in text
    assert "= (1, 8, 2)$" in text
    right = "my_dx = [2, -1, 5, -2, 2]\nmy_dw = (1, 8, 2)"
    assert answer(names, "stride", right) == "Right.\nRight.\n"
    guess = "0.05: (5.5, 5.75), 0.2: (7, 5), 0.3: (8, 2)"
    assert re.findall("Right|Not", answer(names, "predict", guess)) == ["Right"] * 3


@pytest.mark.parametrize(
    ("task", "attempt", "reply"),
    [
        ("predict", "0.2: (7, 9)", r"Not \(7, 9\): rate 0.2, 5 to 7.0, then 5.0"),
        ("stride", "my_dx = [2, 3, -1, 2, 0]; my_dw = [5, 2, 6]", "steps apart.*two windows of x"),
        ("stride", "my_dx = [1, -1, 4, -2, 4]; my_dw = [2, 8, 1]", "not flipped.*no flip"),
        ("stride", "my_dx = [2, -1, 4, -2, 2]; my_dw = ...", "they add"),
        ("stride", "my_dx = [2, -1]; my_dw = [1, 8, 3]", r"shape is \(2,\), not \(5,\).*wrong number is at \(2,\)"),
        ("average", "dx = dy.repeat(2, axis=2).repeat(2, axis=3)", "divide by the four"),
        ("average", "dx = dy.repeat(2, axis=2).repeat(2, axis=3) / 2", "not by 2"),
        ("average", "dx = np.tile(dy, (1, 1, 2, 2)) / 4", "tiled"),
        (
            "forward",
            FORWARD.format("w.swapaxes(0, 1)"),
            r"\AStride 1, padding 0: Not yet: the filter is not flipped.\n\Z",
        ),
        ("forward", FORWARD.format("w[:, :, ::-1].swapaxes(0, 1)"), "first wrong number"),
        ("residual", "my_dx = conv_back(relu_back(dy)[0])[0]", "direct way is missing"),
        ("residual", "my_dx = relu_back(dy)[0]", "Nothing skips"),
        ("residual", "my_dx = dy + conv_back(dy)[0]", "ReLU is missing"),
        ("residual", "my_dx = dy + conv_back(relu_back(dy)[0])[0]", "through the ReLU too"),
    ],
)
def test_known_mistake_is_named(names, task, attempt, reply):
    assert re.search(reply, answer(names, task, attempt), re.S)


def test_untouched_cells_say_nothing():
    assert [CELLS[i + 1].outputs for i in TASKS.values()] == [[]] * 5
