"""Chapter 9's exercise cells ask for what the exercises check, and accept the solutions that the chapter prints."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

import minicnn as mc
import minicnn.functional as F
from minicnn import exercises

CHAPTER = Path(__file__).resolve().parents[2] / "book/learning/09-backpropagation.ipynb"
CELLS = nbformat.read(CHAPTER, as_version=4).cells
TASKS = {
    re.search(r":label: ex-09-(\w+)", before.source)[1]: (cell, after.source.partition("{exercise}")[0])
    for before, cell, after in zip(CELLS, CELLS[1:], CELLS[2:], strict=False)
    if ":label: ex-09" in before.source
}
PENCIL = {
    "predict": ["5 → 5.5 → 5.75", "5 → 7 → 5", "5 → 8 → 2"],
    "stride": [r"= (2, -1, 5, -2, 2)$", r"\mathrm{dw} = 1 \cdot (1, 2, 0) + 2 \cdot (0, 3, 1) = (1, 8, 2)$"],
}


def exercise_of(task):
    return exercises.get(re.search(r'check\("(\w+)"', TASKS[task][0].source)[1])


def test_every_exercise_of_the_chapter_stands_here():
    assert {exercise_of(task).id for task in TASKS} == {e.id for e in exercises.by_chapter(9)}


@pytest.mark.parametrize("task", TASKS)
def test_cell_is_the_exercise_s_own(task):
    e = exercise_of(task)
    stub, _, call = TASKS[task][0].source.rpartition("\n")
    assert stub.strip() == e.stub.replace("import minicnn.functional as F", "").strip()  # the chapter has imported it
    assert call == f'check("{e.id}", {", ".join(e.names)})'


@pytest.mark.parametrize("task", TASKS)
def test_untouched_cell_says_so_kindly(task):
    (output,) = TASKS[task][0].outputs
    assert "not attempted yet" in output.data["text/plain"]


@pytest.mark.parametrize("task", [task for task in TASKS if task not in PENCIL])
def test_printed_solution_is_right(task):
    text = TASKS[task][1].partition("{dropdown} Solution")[2]
    source = re.search(r"```python\n(.*?)```", text, re.S)[1]
    if task == "average":  # the line that is missing
        source = TASKS[task][0].source.partition("\ncheck(")[0].replace("dx = ...", source.strip())
    names = {"np": np, "F": F}
    exec(source, names)
    e = exercise_of(task)
    report = exercises.check(e.id, *(names[name] for name in e.names))
    assert report.state == "passed", repr(report)
    if task == "average":
        assert "`mc.gradcheck(avg_pool_vjp, np.random.default_rng(0).standard_normal((2, 3, 4, 6)))`" in text
        mc.gradcheck(names["avg_pool_vjp"], np.random.default_rng(0).standard_normal((2, 3, 4, 6)))


@pytest.mark.parametrize("task", PENCIL)
def test_numbers_of_the_solutions_are_right(task):
    assert [words for words in PENCIL[task] if words not in TASKS[task][1]] == []
    found = [np.ravel(v).tolist() for v in exercise_of(task).answers(exercise_of(task).reference).values()]
    assert (
        found
        == {
            "predict": [[5.5], [5.75], [7], [5], [8], [2]],
            "stride": [[2, -1, 5, -2, 2], [1, 8, 2]],
        }[task]
    )
