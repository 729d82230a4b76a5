"""The chapters, as the folders tell: book/<part>/NN-name.ipynb is chapter NN, and its first heading is its title."""

import importlib
import pkgutil
import re
from pathlib import Path
from typing import NamedTuple

import nbformat

BOOK = Path(__file__).resolve().parent.parent / "book"
PARTS = {"seeing": 1, "learning": 8, "architectures": 14}  # folder, and the number of its first chapter


class Chapter(NamedTuple):
    number: int
    path: Path

    @property
    def cells(self):
        return nbformat.read(self.path, as_version=4).cells

    @property
    def title(self):
        return next(cell.source for cell in self.cells if cell.cell_type == "markdown").splitlines()[0].lstrip("# ")


def chapters():
    """{number: Chapter}, in order. NN-name-more.ipynb is a page beside a chapter, and none itself."""
    paths = [path for path in BOOK.glob("*/[0-9]*-*.ipynb") if not path.stem.endswith("-more")]
    found = [Chapter(int(path.name.partition("-")[0]), path) for path in paths]
    return {chapter.number: chapter for chapter in sorted(found)}


def title(number):
    """The title of a chapter; as long as it has no notebook, that of its exercises."""
    from minicnn.exercises.chapters import __path__ as folders

    if number in chapters():
        return chapters()[number].title
    (folder,) = (m.name for m in pkgutil.iter_modules(folders) if re.match(rf"ch{number:02}_", m.name))
    words = importlib.import_module(f"minicnn.exercises.chapters.{folder}").__doc__
    words = words.partition(": ")[2].rstrip(".\n")
    return words[0].upper() + words[1:]


def part(number):
    """The folder in which a chapter stands, or will."""
    return [folder for folder, first in PARTS.items() if first <= number][-1]
