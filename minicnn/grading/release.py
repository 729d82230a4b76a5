"""The notebook that students get: one section for each exercise, with prompt, stub and check, and no solution.

Threat model: what is given out holds nothing but what a reader of the book has, too: no seed, no reference. The
metadata (nbgrader's, and the version of the checks) only help instructors; a grade never depends on them. nbgrader
would replace a "solution", so an answer's cell is none; a check's cell ends in the points, its partial credit.
"""

import json

from .. import exercises
from .grade import HEADER, chosen_of

INTRODUCTION = """# Exercises of {chapters}

Replace each `...`. The cell below an exercise checks your answer as often as you like, and `hint("…")` gives a hint.
Only the cells that define an answer count; keep its name. Before you hand in: Kernel, Restart & Run All.
"""


def notebook(chapters):
    """The notebook as a dict of nbformat 4.5.

    Raises
    ------
    LookupError
        If a chapter has no exercises.
    """
    chosen = chosen_of(chapters)
    names = "chapter " + str(chapters[0]) if len(chapters) == 1 else "chapters " + ", ".join(map(str, chapters))
    cells = [_cell("markdown", "introduction", INTRODUCTION.format(chapters=names))]
    cells.append(_cell("code", "imports", HEADER))
    for e in chosen:
        cells.append(_cell("markdown", f"{e.id}-prompt", f"## {e.title}\n\n{e.prompt}"))
        cells.append(_cell("code", e.id, e.stub) | {"metadata": {}})
        check = f'report = check("{e.id}", {", ".join(e.names)})\ndisplay(report)\nreport.points'
        cells.append(_cell("code", f"{e.id}-check", check, points=e.points))
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "minicnn_exercises": {"chapters": [*chapters], "version": exercises.VERSION, "digest": exercises.digest()},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def write(chapters, out):
    """Write the notebook into the folder `out`: its path."""
    text = json.dumps(notebook(chapters), indent=1, ensure_ascii=False) + "\n"
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"exercises-{'-'.join(f'{c:02d}' for c in chapters)}.ipynb"
    path.write_text(text, encoding="utf-8")
    return path


def _cell(kind, name, source, points=None):
    """A cell with nbgrader's metadata. https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html"""
    mine = {
        "grade": points is not None,
        "grade_id": name,
        "locked": True,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    if points is not None:
        mine["points"] = points
    cell = {"cell_type": kind, "id": name.replace("_", "-")[:64], "metadata": {"nbgrader": mine}}
    cell["source"] = source.strip().splitlines(keepends=True)
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
