"""What an instructor and the students get: grades.csv, a report for each submission, and Gradescope's results.json.

Threat model: texts and names come from students. HTML is escaped, in CSV no cell begins like a formula, files are named
with harmless characters. A student's report does not name another student.
"""

import csv
import html
import io
import json
import re
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

from .. import exercises
from .grade import clean


@dataclass
class Row:
    """A submission, its result, and what the class's other submissions have to do with it."""

    found: object
    result: dict
    name: str  # of its reports
    counts: bool = True  # the newest of a student's files
    late: bool = False
    same_as: str = ""  # another file with the same content

    exercises = property(lambda self: self.result["exercises"])
    total = property(lambda self: sum(e["points"] for e in self.exercises))
    out_of = property(lambda self: sum(e["out_of"] for e in self.exercises))
    submitted = property(lambda self: datetime.fromtimestamp(self.found.time).astimezone().isoformat("T", "seconds"))

    @property
    def status(self):
        if self.result.get("unreadable"):
            return "unreadable"
        return "blank" if all(e["state"] == "blank" for e in self.exercises) else "graded"


def rows_of(found, results, deadline=None):
    """A Row for every submission: nothing is dropped.

    Of several files of one student the newest counts (of the same time, the last by name). Files with the same content
    name each other.
    """
    rows, names = [], set()
    for submission, result in zip(found, results, strict=True):
        base = name = re.sub(r"[^\w.-]+", "_", submission.student, flags=re.ASCII)[:60].strip(".") or "_"
        number = 1
        while name.lower() in names:
            number += 1
            name = f"{base}-{number}"
        names.add(name.lower())
        rows.append(Row(submission, result, name, late=deadline is not None and submission.time > deadline))
    for row in rows:
        mine = [r for r in rows if r.found.student == row.found.student]
        row.counts = row is max(mine, key=lambda r: (r.found.time, str(r.found.path)))
        same = [str(r.found.path) for r in rows if r is not row and r.result["key"] == row.result["key"]]
        row.same_as = "; ".join(same)
    return rows


def write_all(rows, out):
    """Write everything into the folder `out`."""
    for folder in ("reports", "gradescope"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    for row in rows:
        _write(out / "reports" / f"{row.name}.md", markdown(row))
        _write(out / "reports" / f"{row.name}.html", page(row))
        _write(out / "gradescope" / f"{row.name}.json", json.dumps(gradescope(row), indent=1))
    _write(out / "grades.csv", table(rows))


def table(rows):
    """grades.csv: one row for each submission."""
    ids = [e["id"] for e in rows[0].exercises] if rows else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head = ["student", "file", "counts", "status", "total", "out_of"]
    writer.writerow([*head, *ids, "submitted", "late", "same_as", "report", "reasons"])
    for row in rows:
        reasons = [f"{e['id']}: {e['reason']}" for e in row.exercises if e["reason"] and e["points"] < e["out_of"]]
        reasons = row.result["notes"][:1] if row.status == "unreadable" else reasons
        cells = [row.found.student, str(row.found.path), _yes(row.counts), row.status, row.total, row.out_of]
        cells += [e["points"] for e in row.exercises]
        cells += [row.submitted, _yes(row.late), row.same_as, row.name, " | ".join(reasons)]
        writer.writerow([_harmless(cell) for cell in cells])
    return text.getvalue()


def markdown(row):
    """The report as Markdown."""
    lines = [f"# {_plain(row.found.student)}: {row.total} of {row.out_of} points", ""]
    lines += [f"{_plain(text)}\n" for text in _remarks(row)]
    for e in row.exercises:
        fence = "`" * (3 + max(map(len, re.findall("`+", e["text"])), default=0))
        lines += [f"## {e['title']} (`{e['id']}`): {e['points']} of {e['out_of']}", ""]
        lines += [f"{fence}text", e["text"], fence, ""]
    return "\n".join([*lines, f"Checks: version {exercises.VERSION}, {row.result['digest']}.", ""])


def page(row):
    """The report as a page of HTML that needs nothing else."""
    title = html.escape(f"{clean(row.found.student)}: {row.total} of {row.out_of} points")
    style = resources.files("minicnn.exercises.checking").joinpath("report.css").read_text(encoding="utf-8").strip()
    parts = [e["html"].replace(f"<style>{style}</style>\n", "") for e in row.exercises]
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>body{{max-width:50rem;margin:2rem auto;padding:0 1rem;font-family:sans-serif;"
        f"color-scheme:light dark}}\n{style}</style>\n<main><h1>{title}</h1>\n"
        + "".join(f"<p>{html.escape(text)}</p>\n" for text in _remarks(row))
        + "\n".join(parts)
        + f"\n<p>Checks: version {exercises.VERSION}, {row.result['digest']}.</p></main></html>\n"
    )


def gradescope(row):
    """What Gradescope reads from results.json."""
    tests = [
        {
            "name": f"{e['title']} ({e['id']})",  # several are called "Predict, then run"
            "score": e["points"],
            "max_score": e["out_of"],
            "status": "passed" if e["points"] == e["out_of"] else "failed",
            "output": e["text"],
            "output_format": "text",
            "visibility": "visible",
        }
        for e in row.exercises
    ]
    output = "\n".join(_remarks(row)) or "All of it was read."
    return {"score": row.total, "output": output, "execution_time": row.result["seconds"], "tests": tests}


def _remarks(row):
    """What is odd about a submission, as sentences for its student."""
    remarks = [f"This came late, at {row.submitted}."] if row.late else []
    if not row.counts:
        remarks.append("A newer file of yours counts instead of this one.")
    return remarks + [clean(note).replace("\n", " ") for note in row.result["notes"]]


def _plain(text):
    """One line in which nothing is Markdown's or HTML's."""
    text = clean(text).replace("\n", " ").strip()
    return re.sub(r"([\\`*_{}\[\]<>#|&!~]|^[-+=]|^\d+(?=[.)]))", _escaped, text)


def _escaped(match):
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"


def _harmless(cell):
    """A cell that no spreadsheet takes for a formula, nor a part of it where semicolons separate cells."""
    return re.sub(r"(^|;)(?=\s*[=+@-])", r"\1'", clean(str(cell)).replace("\n", " "))


def _yes(value):
    return "yes" if value else "no"


def _write(path, text):
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(text, encoding="utf-8", errors="replace")
    aside.replace(path)
