"""Exercises in the chapters and on pages are what tools/exercise_cells.py writes; nothing is stale, lost or double."""

import re
from collections import Counter

import chapters
import exercise_cells as tool
import notebooks
import pytest

from minicnn import exercises

REPAIR = "run python tools/exercise_cells.py"
CHAPTERS = {path.stem: path for path in notebooks.notebooks([chapters.BOOK]) if path.parent != tool.FOLDER}
PAGES = {path.stem: path for path in notebooks.notebooks([tool.FOLDER])}
MADE = {tool.path_of(part, solutions).stem: (part, solutions) for part in chapters.PARTS for solutions in (False, True)}
in_all = pytest.mark.parametrize("path", (CHAPTERS | PAGES).values(), ids=lambda p: p.stem)
SOLUTIONS = [name for name in PAGES if name.endswith("-solutions")]
ASKED = [name for name in PAGES if name not in SOLUTIONS]


def cells_of(notebook):
    return [(cell.source, cell.metadata) for cell in notebook.cells]


@pytest.mark.parametrize("name", CHAPTERS)
def test_exercises_of_a_chapter_are_up_to_date(name):
    notebook = notebooks.read(CHAPTERS[name])
    if any(map(tool.checked, notebook.cells)):
        assert cells_of(notebook) == cells_of(tool.chapter(notebook)), REPAIR


@pytest.mark.parametrize("name", MADE)
def test_page_is_up_to_date_and_gone_when_nothing_is_left(name):
    part, solutions = MADE[name]
    assert (name in PAGES) == bool(tool.left(part)), REPAIR
    if name in PAGES:
        assert cells_of(notebooks.read(PAGES[name])) == cells_of(tool.page(part, solutions)), REPAIR


def test_every_exercise_stands_in_one_place():
    paths = [*CHAPTERS.values(), *(PAGES[name] for name in ASKED)]
    stand = Counter(id for path in paths for id in map(tool.checked, notebooks.read(path).cells) if id)
    assert stand == Counter(e.id for e in exercises.all())


@in_all
def test_untouched_exercises_say_so_kindly(path):
    for cell in filter(tool.checked, notebooks.read(path).cells):
        (output,) = cell.outputs
        assert "not attempted yet" in output.data["text/plain"]


@pytest.mark.parametrize("name", SOLUTIONS)
def test_every_solution_is_folded_and_gets_full_marks(name):
    checks = [c for c in notebooks.read(PAGES[name]).cells if "= check(" in c.source]
    assert checks
    for cell in checks:
        assert cell.metadata["tags"] == ["hide-cell"]
        assert re.search(r"all right, (\d+) of \1 point", cell.outputs[0].data["text/plain"])


@pytest.mark.parametrize("name", ASKED)
def test_exercises_do_not_give_their_solutions_away(name):
    cells = notebooks.read(PAGES[name]).cells
    text = "\n".join(cell.source for cell in cells)
    stand = filter(None, map(tool.checked, cells))
    assert [id for id in stand if exercises.get(id).solution.strip() in text] == []


@in_all
def test_exercises_have_anchors_of_their_own(path):
    headings = [h for c in notebooks.read(path).cells for h in re.findall(r"^### Exercise: (.*)", c.source, re.M)]
    assert len(set(headings)) == len(headings)
