"""The chapters that carry exercises, and what stands around each exercise there."""

import re
from typing import NamedTuple

import notebooks

CHAPTERS = {
    2: "seeing/02-convolution",
    9: "learning/09-backpropagation",
    13: "learning/13-speed",
    14: "architectures/14-lenet",
}


class Task(NamedTuple):
    """An exercise in its chapter: the last Markdown above its cell, the cell, the Markdown up to the next exercise."""

    before: str
    cell: dict
    after: str


def cells_of(chapter):
    return notebooks.read(notebooks.ROOT / f"book/{CHAPTERS[chapter]}.ipynb").cells


def tasks_of(chapter):
    """{id of the exercise: Task}, in the chapter's order."""
    cells, tasks, before = cells_of(chapter), {}, ""
    for cell, after in zip(cells, cells[1:], strict=False):
        if cell.cell_type == "markdown":
            before = cell.source
        elif found := re.search(r'^check\("(\w+)"', cell.source, re.MULTILINE):
            tasks[found[1]] = Task(before, cell, after.source.partition("{exercise}")[0])
    return tasks
