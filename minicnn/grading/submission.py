"""Reading what was handed in: which files there are, whose they are, and the code in them.

Threat model: a file may be of any size, form and name. Links and pipes are not followed or opened, reading is bounded
in bytes and in the number of JSON's parts, and nothing of the code is run or compiled here. Cells are taken as they
come: metadata decide nothing but the chapters (and those only if most submissions agree).
"""

import json
import os
import re
import stat
from collections import Counter
from dataclasses import dataclass
from glob import glob
from pathlib import Path

LARGEST = 20 << 20  # bytes of a file
MOST_PARTS = 1_500_000  # of JSON
MOST_CODE = 1 << 19  # characters of code
MOST_CELLS = 300
SUFFIXES = {".ipynb", ".py"}
LATEST = 253e9  # seconds since 1970: still in the year 9987, wherever one is
NAMES = {  # how systems name what they hand out; a student chooses the end of a name, so it is read from the left
    "Moodle": r"(?P<id>.+?_\d+)_assignsubmission_.*",  # name, number
    "Canvas": r"(?P<id>[^_]+)(_LATE)?_(?P<number>\d+)_\d+_.*",  # name, its number, another, file
    "nbgrader": r".*?_(?P<id>[^_]+)_attempt_[\d-]+.*",  # assignment, student, time, file
}


class Unreadable(Exception):
    """There is no code to be had from a file; the text says why, to a student."""


@dataclass
class Submission:
    """A file that was handed in: whose, where, and when (seconds since 1970)."""

    student: str
    path: object  # a Path, which Sphinx could not look up
    time: float
    problem: str = ""  # why it is not opened at all
    doubt: bool = False  # another file, named in another way, is this student's, too


def find(paths):
    """(submissions, other files) below the given files, folders and patterns.

    A file belongs to the student after whom it is named; in a folder of a given folder, to the one after whom that is
    named. If this gives files from different places the same student, the folders that differ say who it is. A student
    could name a file like another system does, after somebody else: so all names are read in the way that fits most.
    """
    tops = [Path(p) for given in map(str, paths) for p in _expanded(given)]
    folders = {top for top in tops if top.is_dir() and not top.is_symlink()}
    base = Path(os.path.commonpath([os.path.abspath(top if top in folders else top.parent) for top in tops]))
    found, others, places, names = {}, [], {}, {}
    for top in tops:
        inside = sorted(p for p in top.rglob("*") if p.is_symlink() or not p.is_dir()) if top in folders else [top]
        for path in inside:
            parts = path.relative_to(top).parts
            known = path.suffix.lower() in SUFFIXES
            if any(part.startswith((".ipynb_checkpoints", "._")) or part == "__MACOSX" for part in parts):
                continue
            if any(part.startswith(".") for part in parts):
                known and others.append(path)
                continue
            if not known and not (path == top and path.is_symlink()):
                others.append(path)
                continue
            status = path.lstat()
            regular = stat.S_ISREG(status.st_mode)
            problem = "" if regular else "This is a link or a device, no file. Hand in the file itself."
            time = min(max(status.st_mtime, 0), LATEST)
            place = os.path.abspath(path)
            found[place] = Submission("", path, time, problem)
            names[place] = parts[0] if len(parts) > 1 else path.stem, len(parts) > 1, top
    _name(found, names, kind_of(name for name, *_ in names.values()))
    for place, one in found.items():
        places.setdefault(one.student, set()).add(names[place][2])
    same = {place: Path(place).relative_to(base).parts for place, one in found.items() if len(places[one.student]) > 1}
    above = {place: (parts[0], True, None) for place, parts in same.items() if len(parts) > 1}
    _name(found, above, kind_of(folder for folder, *_ in above.values()))
    doubt = {}
    for one in found.values():
        doubt.setdefault(one.student, set()).add(one.doubt)
    for one in found.values():
        one.doubt = len(doubt[one.student]) > 1
    return [*found.values()], others


def _name(found, names, kind):
    for place, (name, in_folder, _) in names.items():
        match = re.fullmatch(NAMES[kind], name, re.DOTALL) if kind else None
        found[place].student = match["id"] if match else name
        found[place].doubt = in_folder, match and match.groupdict().get("number", "")  # so far: how it is named


def kind_of(names):
    """Which of `NAMES` fits most of the names, and more than half of them; None if none does."""
    names = {*names}
    fits = {kind: sum(bool(re.fullmatch(p, name, re.DOTALL)) for name in names) for kind, p in NAMES.items()}
    kind = max(fits, key=fits.get)
    return kind if 2 * fits[kind] > len(names) else None


def _expanded(given):
    found = [given] if os.path.lexists(given) else sorted(glob(given, recursive=True))
    if not found:
        raise FileNotFoundError(f"grading: there is no {given}. Name files, folders or a pattern.")
    return found


def read(path):
    """The bytes of a file.

    Raises
    ------
    Unreadable
        If it is too large, or cannot be read.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"The file cannot be read: {error.strerror}.") from None
    if len(data) > LARGEST:
        raise Unreadable(
            f"The file has more than {LARGEST >> 20} MB. In Jupyter, choose Kernel, Restart & Clear Output, save, "
            f"and hand it in again."
        )
    return data


def cells_of(data, suffix):
    """(cells, notes, metadata): the code as a list of (name, source), and what was odd.

    Raises
    ------
    Unreadable
        If there is no code, or reading it fails.
    """
    try:
        return _cells_of(data, suffix)
    except Unreadable:
        raise
    except Exception as error:  # a gap in what is checked must not stop the class
        raise Unreadable(
            f"The file cannot be read ({type(error).__name__}). Save it in Jupyter, and hand it in again."
        ) from None


def _cells_of(data, suffix):
    notes = []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        notes.append(f"Byte {error.start} is no UTF-8; what cannot be read was replaced by �.")
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", errors="replace")
    text = text.replace("\0", "")
    cells, metadata = (_notebook(text), _metadata(text)) if suffix == ".ipynb" else (_script(text), {})
    cells = [(name, source) for name, source in cells if source and not source.isspace()]
    _limit(len(cells), sum(len(source) for _, source in cells))
    if not cells:
        raise Unreadable("There is no code in it.")
    return [(name, re.sub(r"[\ud800-\udfff]", "\ufffd", source)) for name, source in cells], notes, metadata


def _limit(cells, characters):
    if cells > MOST_CELLS or characters > MOST_CODE:
        raise Unreadable(
            f"There is too much code: at most {MOST_CELLS} cells and {MOST_CODE // 1000} thousand characters."
        )


def _notebook(text):
    """Code cells of nbformat 4, or of 3, where cells stand in worksheets."""
    book = _json(text)
    sheets = book.get("worksheets")
    cells = book.get("cells")
    if not isinstance(cells, list) and isinstance(sheets, list):
        lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        cells = [cell for cells in lists if isinstance(cells, list) for cell in cells]
    if not isinstance(cells, list):
        raise Unreadable("The notebook has no cells. Save it in Jupyter, and hand it in again.")
    code = []
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            source = source if isinstance(source, list) else [source]
            code.append("".join(line for line in source if isinstance(line, str)))
    return [(f"code cell {number}", source) for number, source in enumerate(code, 1)]


def _json(text):
    if sum(map(text.count, ",[{")) > MOST_PARTS:
        raise Unreadable("The notebook has too many parts to be read. Clear its outputs, save, and hand it in again.")
    try:
        book = json.loads(text)
    except (ValueError, RecursionError) as error:
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(
            f"The file is no notebook, or broken off{place}: it cannot be read as JSON. Open it in Jupyter, save, "
            f"and hand it in again."
        ) from None
    if not isinstance(book, dict):
        raise Unreadable("The file is no notebook: it holds something else. Save it in Jupyter, and hand it in again.")
    return book


def _metadata(text):
    metadata = _json(text).get("metadata")
    mine = metadata.get("minicnn_exercises") if isinstance(metadata, dict) else None
    return mine if isinstance(mine, dict) else {}


def _script(text):
    """The cells of a .py file: between ``# %%`` lines if there are some, else each statement, so that one may fail."""
    _limit(0, len(text))  # before it is split: each part takes more memory than its text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    parts = sum(1 for _ in re.finditer(r"^# ?%%(?!.*\[markdown\])", text, flags=re.M))
    _limit(parts, 0)
    if parts:
        lines = text.split("\n")
        starts = [0, *(k for k, line in enumerate(lines) if re.match(r"# ?%%(?!.*\[markdown\])", line)), len(lines)]
        chunks = [(a, "\n".join(lines[a:b])) for a, b in zip(starts, starts[1:], strict=False)]
        return [(f"the part from line {a + 1}", source) for a, source in chunks]
    return [("your file", text)]


def chapters_of(metadata):
    """The chapters that most of the notebooks name, and in which version; (None, None) if none does."""
    votes = Counter()
    for mine in metadata:
        chapters, digest = mine.get("chapters"), mine.get("digest")
        if isinstance(chapters, list) and chapters and all(type(n) is int for n in chapters):
            votes[tuple(sorted(set(chapters))[:50]), digest[:12] if isinstance(digest, str) else ""] += 1
    return max(votes, key=lambda vote: (votes[vote], vote)) if votes else (None, None)


def metadata_of(found):
    """What the notebooks among some submissions say about themselves."""
    for one in found:
        if one.path.suffix.lower() == ".ipynb" and not one.problem:
            try:
                yield cells_of(read(one.path), ".ipynb")[2]
            except Unreadable:
                continue
