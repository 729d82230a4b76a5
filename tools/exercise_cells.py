"""Write the cells of exercises from minicnn.exercises: into the chapters that check them, the others on pages.

python tools/exercise_cells.py      writes what has changed, and runs it; pages on which nothing is left are deleted

In a chapter, a code cell `check("the_id")` is where an exercise stands: its prompt is put above, the stub into the
cell, hints and solution below. Cells in between, and the order of the exercises, are the author's.
"""

import argparse
import re
import sys
import tomllib
from functools import cache

import chapters
import nbformat.v4 as v4
import notebooks

from minicnn import exercises
from minicnn.exercises.checking.exercise import Choice

FOLDER = notebooks.ROOT / "book/exercises"
PROJECT = tomllib.loads((notebooks.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
COLAB = f"""# On Colab, install minicnn first; everywhere else this does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install -q "minicnn[book] @ git+{PROJECT["urls"]["Repository"]}"
"""[:-1]
IMPORTS = "import numpy as np\n\nfrom minicnn.exercises import check, hint"
INTRODUCTION = """# Exercises: {part}

{count}, {points}, beyond those that stand in the chapters. None takes longer than a cup of tea.
Replace the `...` in a cell and run it: it tells you what is right and what is not yet, shows the first case that fails,
and often says *which* mistake it looks like. Try as often as you like. The numbers are drawn at random, so only a right
answer passes.

Stuck? Open a hint below the cell, one at a time. The [solutions]({name}-solutions.ipynb) stay folded until you ask for
them. The rocket at the top of the page starts a notebook; run the next cell first."""
PROMPTS = {"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
SOLUTIONS = """# Solutions: {part}

One right answer to each of the [exercises]({name}.ipynb). There are others, often as good. Every solution is folded:
open it when you have tried, and read it with yours beside it. When the book is tested, each of them is run, and must
get full marks."""


# ---------------------------------------------------------------- an exercise


def prompt(e):
    return f"### Exercise: {e.title}\n\n*{counted(e.points, 'point')}*\n\n{e.prompt}"


def answer(e):
    return f"{e.stub}{gap(e)}{call(e)}"


def hints(e):
    """Each opens on a click, on the page and wherever notebooks are read."""
    return [folded(f"Hint {k}" if len(e.hints) > 1 else "Hint", hint) for k, hint in enumerate(e.hints, 1)]


def solution(e):
    why = e.explanation or (e.options[e.right][1] if isinstance(e, Choice) else "")
    return folded("Solution", f"```python\n{e.solution.strip()}\n```\n\n{why}".strip())


def call(e):
    return f'check("{e.id}", {", ".join(e.names)})'


def gap(e):
    return "\n\n" if "def " in e.stub or "class " in e.stub else "\n"


def counted(n, word):
    return f"{n} {word}{'s' * (n != 1)}"


def folded(title, text):
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


# ---------------------------------------------------------------- in the chapters


def checked(cell):
    """The id of the exercise that a cell checks, or None."""
    found = cell.cell_type == "code" and re.search(r'^check\("(\w+)"', cell.source, re.M)
    return found[1] if found else None


@cache
def in_chapters():
    """The ids of the exercises that stand in the notebook of a chapter."""
    paths = (path for path in notebooks.notebooks([notebooks.ROOT / "book"]) if path.parent != FOLDER)
    return {id for path in paths for id in map(checked, notebooks.read(path).cells) if id}


def chapter(notebook):
    """The notebook of a chapter with the cells of its exercises as they must be."""
    ids = [checked(cell) for cell in notebook.cells]
    mine = [cell.metadata.get("exercise") for cell in notebook.cells]  # prompts, and hints with the solution
    cells = []
    for k, cell in enumerate(notebook.cells):
        id = ids[k] or mine[k]
        if id is None:
            cells.append(cell)
        elif id in ids:
            e = exercises.get(id)
            above = marked(prompt(e), id)
            below = marked("\n\n".join([*hints(e), solution(e)]), id)
            if ids[k]:
                cell = v4.new_code_cell(answer(e), metadata=cell.metadata)
                cells += [above] * (id not in mine[:k]) + [cell] + [below] * (id not in mine[k:])
            else:
                cells.append(above if id in ids[k:] else below)
    return notebooks.clean(v4.new_notebook(cells=cells))


def marked(source, id):
    return v4.new_markdown_cell(source, metadata={"exercise": id})


# ---------------------------------------------------------------- on pages


def left(part):
    """The exercises of a part of the book that stand in no chapter."""
    there = in_chapters()
    return [e for e in exercises.all() if chapters.part(e.chapter) == part and e.id not in there]


def page(part, solutions=False):
    """The notebook of the exercises that are left, or of their solutions, not executed."""
    found, head = left(part), SOLUTIONS if solutions else INTRODUCTION
    count, points = counted(len(found), "exercise"), counted(sum(e.points for e in found), "point")
    cells = [
        v4.new_markdown_cell(head.format(part=part.capitalize(), name=part, count=count, points=points)),
        v4.new_code_cell(COLAB, metadata={"tags": ["remove-cell"]}),
        v4.new_code_cell(IMPORTS.replace(", hint", "") if solutions else IMPORTS),
    ]
    for number in sorted({e.chapter for e in found}):
        cells.append(v4.new_markdown_cell(f"## Chapter {number}: {chapters.title(number)}"))
        for e in found:
            if e.chapter == number:
                cells += solved(e, part) if solutions else asked(e)
    return notebooks.clean(v4.new_notebook(cells=cells))


def asked(e):
    yield v4.new_markdown_cell(prompt(e))
    yield v4.new_code_cell(answer(e))
    yield v4.new_markdown_cell("\n\n".join(hints(e)))


def solved(e, part):
    yield v4.new_markdown_cell(f"### {e.title}\n\n[The exercise]({part}.ipynb#{anchor(e)})")
    source = f"{e.solution.rstrip()}\n{gap(e)}report = {call(e)}\nassert report.points == {e.points}\nreport"
    yield v4.new_code_cell(source, metadata={"tags": ["hide-cell"], "mystnb": PROMPTS})
    if e.explanation:
        yield v4.new_markdown_cell(folded("Why", e.explanation))


def anchor(e):
    """The anchor of an exercise's heading, as MyST makes it."""
    return "".join(c for c in f"exercise-{e.title}".lower().replace(" ", "-") if c.isalnum() or c in "-_")


def path_of(part, solutions=False):
    return FOLDER / f"{part}{'-solutions' * solutions}.ipynb"


# ---------------------------------------------------------------- writing


def update(path, made):
    """Write a notebook if its cells have changed; run it if its code has, else its outputs stay. 1 if it is unfit."""
    old = notebooks.read(path).cells if path.exists() else []
    if [(c.source, c.metadata) for c in old] == [(c.source, c.metadata) for c in made.cells]:
        return 0
    before, after = ([c for c in cells if c.cell_type == "code"] for cells in (old, made.cells))
    same = [c.source for c in before] == [c.source for c in after]
    for was, cell in zip(before, after, strict=True) if same else ():
        cell.outputs, cell.execution_count = was.outputs, was.execution_count
    notebooks.write(made, path)
    return notebooks.main(["check" if same else "run", str(path)])


def main(argv=None):
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args(argv)
    bad = 0
    for path in notebooks.notebooks([notebooks.ROOT / "book"]):
        if path.parent != FOLDER:
            notebook = notebooks.read(path)
            if any(map(checked, notebook.cells)):
                bad |= update(path, chapter(notebook))
    for part in chapters.PARTS:
        for solutions in (False, True):
            if left(part):
                bad |= update(path_of(part, solutions), page(part, solutions))
            else:
                path_of(part, solutions).unlink(missing_ok=True)
    return bad


if __name__ == "__main__":
    sys.exit(main())
