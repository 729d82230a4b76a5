"""The exercise notebooks are what tools/exercise_pages.py makes of the exercises, and the solutions get full marks."""

import re

import exercise_pages
import notebooks
import pytest

from minicnn import exercises

CHECK = r'check\("(\w+)"'
PAGES = [name for name in exercise_pages.PAGES if exercise_pages.path_of(name).exists()]
both = pytest.mark.parametrize("solutions", [False, True], ids=["exercises", "solutions"])
each = pytest.mark.parametrize("name", PAGES)


def committed(name, solutions):
    return notebooks.read(exercise_pages.path_of(name, solutions))


@each
@both
def test_page_is_up_to_date(name, solutions):
    cells, made = committed(name, solutions).cells, exercise_pages.page(name, solutions).cells
    repair = f"run python tools/exercise_pages.py {name}"
    assert [(c.source, c.metadata) for c in cells] == [(c.source, c.metadata) for c in made], repair


@each
def test_untouched_exercises_say_so_kindly(name):
    checks = [c for c in committed(name, False).cells if re.search(r"^check\(", c.source, re.M)]
    assert checks
    for cell in checks:
        assert "not attempted yet" in cell.outputs[0].data["text/plain"]


@each
def test_every_solution_is_folded_and_gets_full_marks(name):
    checks = [c for c in committed(name, True).cells if "= check(" in c.source]
    assert checks
    for cell in checks:
        assert cell.metadata["tags"] == ["hide-cell"]
        assert re.search(r"all right, (\d+) of \1 point", cell.outputs[0].data["text/plain"])


@each
def test_exercises_do_not_give_their_solutions_away(name):
    text = "\n".join(c.source for c in committed(name, False).cells)
    stand = re.findall(CHECK, text)
    assert [id for id in stand if exercises.get(id).solution.strip() in text] == []


def test_every_exercise_of_part_one_stands_somewhere():
    sources = (cell.source for name in PAGES for cell in committed(name, False).cells)
    pages = {id for source in sources for id in re.findall(CHECK, source)}
    stand = pages | exercise_pages.in_chapters()
    assert [e.id for chapter in range(1, 8) for e in exercises.by_chapter(chapter) if e.id not in stand] == []


@each
def test_anchors_are_those_of_the_headings(name):
    headings = [h for c in committed(name, False).cells for h in re.findall(r"^### (.*)", c.source, re.M)]
    assert len({exercise_pages.anchor(h) for h in headings}) == len(headings)


def test_no_prompt_turns_into_a_list_by_a_line_break():
    """A line that starts with "+ 1" is a list in Markdown."""
    bullet = re.compile(r"\S.*\n {0,3}([+*]|1[.)]) ")
    assert [e.id for e in exercises.all() if bullet.search(e.prompt)] == []
