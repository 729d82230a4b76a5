"""The exercise cells of the chapters ask for what the exercises check, and accept the solutions printed there."""

import re

import exercise_pages
import numpy as np
import pytest

import minicnn.functional as F
from minicnn import exercises
from tests.book.chapters import CHAPTERS, cells_of, tasks_of

IMPORTED = "import minicnn.functional as F"  # by every chapter
TASKS = {chapter: tasks_of(chapter) for chapter in CHAPTERS}
ALL = [(chapter, id) for chapter in TASKS for id in TASKS[chapter]]
NO_CODE = {"descent_steps", "strided_by_hand", "lenet_without_border", "lenet_in_colour", "lenet_detective"}
BY_ITSELF = NO_CODE | {"average_pool"}  # their solutions: in test_backprop_exercises.py and test_lenet_exercises.py
each = pytest.mark.parametrize(("chapter", "id"), ALL)


def test_no_other_chapter_carries_exercises():
    assert {id for _, id in ALL} == exercise_pages.in_chapters()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_exercise_of_the_chapter_stands_here(chapter):
    assert set(TASKS[chapter]) == {e.id for e in exercises.by_chapter(chapter)}
    labels = [c.source for c in cells_of(chapter) if f":label: ex-{chapter:02}-" in c.source]
    if chapter == 14:
        labels.pop()  # the dead kernels are counted in the chapter itself
    assert [task.before for task in TASKS[chapter].values()] == labels


@each
def test_cell_is_the_exercise_s_own(chapter, id):
    e = exercises.get(id)
    stub = e.stub.replace(IMPORTED, "").lstrip()
    assert TASKS[chapter][id].cell.source == f"{stub}{exercise_pages.gap(e)}{exercise_pages.call(e)}"


@each
def test_untouched_cell_says_so_kindly(chapter, id):
    (output,) = TASKS[chapter][id].cell.outputs
    assert "not attempted yet" in output.data["text/plain"]


@pytest.mark.parametrize(("chapter", "id"), [task for task in ALL if task[1] not in BY_ITSELF])
def test_printed_solution_is_right(chapter, id):
    text = TASKS[chapter][id].after.partition("{dropdown} Solution")[2]
    names = {"np": np, "F": F}
    exec("\n".join(re.findall(r"```python\n(.*?)```", text, re.S) or re.findall(rf"`({id} = [^`]+)`", text)), names)
    report = exercises.check(id, *(names[name] for name in exercises.get(id).names))
    assert report.state == "passed", repr(report)
