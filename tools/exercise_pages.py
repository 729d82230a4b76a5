"""Make the exercise notebooks, and their solutions, of what does not stand in a chapter: from minicnn.exercises.

python tools/exercise_pages.py seeing      book/exercises/seeing.ipynb and seeing-solutions.ipynb, executed
"""

import argparse
import re
import sys
import tomllib

import nbformat.v4 as v4
import notebooks

from minicnn import exercises

FOLDER = notebooks.ROOT / "book/exercises"
CHAPTERS = {
    1: "Images are arrays, and why not a plain network",
    2: "Convolution",
    3: "Padding, stride, dilation",
    4: "Channels and many kernels",
    5: "Receptive fields",
    6: "Activations",
    7: "Pooling, equivariance and invariance",
    8: "Loss and the chain rule by hand",
    9: "Backpropagation through convolution and pooling",
    10: "A tape in one page",
    11: "Descending",
    12: "Batch norm, dropout, augmentation",
    13: "The speed ladder",
    14: "LeNet",
    15: "What the network sees",
    16: "AlexNet and VGG",
    17: "Residual blocks",
}
PAGES = {
    "seeing": ("Seeing", range(1, 8)),
    "learning": ("Learning", range(8, 13)),  # chapter 13 holds its own
    "architectures": ("Architectures", range(14, 18)),
}

PROJECT = tomllib.loads((notebooks.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
COLAB = f"""# On Colab, install minicnn first; everywhere else this does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install -q "minicnn[book] @ git+{PROJECT["urls"]["Repository"]}"
"""[:-1]
IMPORTS = "import numpy as np\n\nfrom minicnn.exercises import check, hint"
INTRODUCTION = """# Exercises: {part}

{count} exercises, {points} points, beyond those that stand in the chapters. None takes longer than a cup of tea.
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


def cells_of(name, solutions=False):
    """(source, metadata or None for Markdown) of every cell of a page."""
    part, chapters = PAGES[name]
    elsewhere = in_chapters()
    found = [e for chapter in chapters for e in exercises.by_chapter(chapter) if e.id not in elsewhere]
    head = SOLUTIONS if solutions else INTRODUCTION
    yield head.format(part=part, name=name, count=len(found), points=sum(e.points for e in found)), None
    yield COLAB, {"tags": ["remove-cell"]}
    yield IMPORTS.replace(", hint", "") if solutions else IMPORTS, {}
    for chapter in sorted({e.chapter for e in found}):
        yield f"## Chapter {chapter}: {CHAPTERS[chapter]}", None
        for e in found:
            if e.chapter == chapter:
                yield from solution_cells(e, name) if solutions else exercise_cells(e)


def in_chapters():
    """The ids of the exercises that stand in the notebook of a chapter."""
    paths = (path for path in notebooks.notebooks([notebooks.ROOT / "book"]) if path.parent != FOLDER)
    sources = (cell.source for path in paths for cell in notebooks.read(path).cells if cell.cell_type == "code")
    return {id for source in sources for id in re.findall(r'\bcheck\(\s*"(\w+)"', source)}


def exercise_cells(e):
    yield f"### {e.title}\n\n*{e.points} point{'s' * (e.points > 1)}*\n\n{e.prompt}", None
    yield f"{e.stub}{gap(e)}{call(e)}", {}
    yield "\n\n".join(folded(f"Hint {k}" if len(e.hints) > 1 else "Hint", h) for k, h in enumerate(e.hints, 1)), None


def solution_cells(e, name):
    yield f"### {e.title}\n\n[The exercise]({name}.ipynb#{anchor(e.title)})", None
    source = f"{e.solution.rstrip()}\n{gap(e)}report = {call(e)}\nassert report.points == {e.points}\nreport"
    yield source, {"tags": ["hide-cell"], "mystnb": PROMPTS}


def call(e):
    return f'check("{e.id}", {", ".join(e.names)})'


def gap(e):
    return "\n\n" if "def " in e.stub or "class " in e.stub else "\n"


def folded(title, text):
    """A hint that opens on a click, on the page and in Jupyter."""
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def anchor(title):
    """The anchor of a heading, as MyST makes it."""
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def page(name, solutions=False):
    """The notebook, not executed."""
    cells = [
        v4.new_markdown_cell(source) if metadata is None else v4.new_code_cell(source, metadata=metadata)
        for source, metadata in cells_of(name, solutions)
    ]
    return notebooks.clean(v4.new_notebook(cells=cells))


def path_of(name, solutions=False):
    return FOLDER / f"{name}{'-solutions' * solutions}.ipynb"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", choices=PAGES)
    for name in parser.parse_args(argv).pages:
        for solutions in (False, True):
            notebooks.write(page(name, solutions), path_of(name, solutions))
            if notebooks.main(["run", str(path_of(name, solutions))]):
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
