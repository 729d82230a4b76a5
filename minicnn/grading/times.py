"""When something was handed in: times as they are written, and a CSV of them."""

import csv
from datetime import datetime


def moment(text):
    """Seconds since 1970 of an ISO time; without a zone, this machine's.

    Raises
    ------
    ValueError
        If it is none.

    Example
    -------
    >>> moment("2026-11-20T12:00:00+00:00")
    1795176000.0
    """
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no time. Write it like 2026-11-20T18:00.") from None


def set_times(found, path):
    """Replace the files' times by those of a CSV with the columns student and submitted: remarks, as sentences.

    Raises
    ------
    ValueError
        If a column is missing, or a time cannot be read.
    """
    times = {}
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        columns = rows.fieldnames or ["none"]
        if not {"student", "submitted"} <= {*columns}:
            raise ValueError(f"grading: {path} has the columns {', '.join(columns)}. It needs student and submitted.")
        for row in rows:
            try:
                times[row["student"]] = moment(row["submitted"])
            except ValueError as error:
                raise ValueError(f"grading: {path}, line {rows.line_num}: {error}") from None
    students = {one.student for one in found}
    for one in found:
        one.time = times.get(one.student, one.time)
    remarks = {
        "names students of whom nothing was found: {}. Write names as grades.csv does.": times.keys() - students,
        "has no time for {}. Add rows for them; until then their files' times count.": students - times.keys(),
    }
    return [f"grading: {path} {text.format(_listed(names))}" for text, names in remarks.items() if names]


def _listed(names):
    return ", ".join(map(ascii, sorted(names)[:10])) + " …" * (len(names) > 10)
