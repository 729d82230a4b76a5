"""What a check has found, as text and as HTML."""

import html
import re
from importlib import resources
from itertools import islice

import numpy as np

from .compare import show
from .proxy import leaves

LARGEST = 8  # rows and columns of an array that is shown
SHOWN = 100  # numbers in lists
LATEST = 8  # calls that are shown before the one that fails
MARKS = {"passed": "✓", "failed": "✗", "blank": "○"}
WORDS = {"passed": "passed", "failed": "not yet", "blank": "not attempted"}


class Report:
    """Points, what each check says, and the first case that fails. Shown as HTML in a notebook, printed elsewhere.

    Attributes
    ----------
    exercise : Exercise
    outcomes : list of Outcome
    points, out_of : int
    inputs : dict
        The arrays of the first failing case by name, to try again.
    """

    def __init__(self, exercise, outcomes, hints=0):
        self.exercise, self.outcomes, self.hints = exercise, outcomes, exercise.hints[:hints]
        self.points, self.out_of = sum(o.points for o in outcomes), sum(o.out_of for o in outcomes)
        self.failure = next((o.failure for o in outcomes if o.state == "failed" and o.failure), None)
        self.inputs = self.failure.inputs if self.failure else {}

    @property
    def state(self):
        """ "passed", "blank" if nothing was attempted, else "failed"."""
        states = {o.state for o in self.outcomes}
        return states.pop() if len(states) == 1 else "failed"

    def as_dict(self):
        """The report as data for JSON."""
        keys = ("title", "points", "out_of", "state", "message", "mistake", "diagnosis")
        outcomes = [{key: getattr(o, key) for key in keys} for o in self.outcomes]
        return {"id": self.exercise.id, "points": self.points, "out_of": self.out_of, "checks": outcomes}

    def __repr__(self):
        lines = [self._headline()]
        if self.state == "blank":
            return "\n".join([*lines, *self._blanks(), *self._hint_lines()])
        for o in self.outcomes:
            lines.append(f"  {MARKS[o.state]} {o.title} ({self._score(o)})")
            lines += [f"      {text}" for text in self._sentences(o)]
            if o.failure is self.failure and self.failure is not None:
                lines += [f"      {line}" for line in self._case()]
        return "\n".join([*lines, *self._hint_lines()])

    def _repr_html_(self):
        return self.to_html()

    def _repr_pretty_(self, printer, cycle):
        printer.text(repr(self))

    def to_html(self):
        """One piece of HTML that needs nothing else: no script, no address."""
        parts = [f'<p class="mc-check-head">{_marked(self._headline())}</p>']
        if self.state != "blank":
            items = []
            for o in self.outcomes:
                word = f'<span class="mc-mark" aria-hidden="true">{MARKS[o.state]}</span>'
                item = f"{word} <b>{_marked(o.title)}</b>: {WORDS[o.state]}, {self._score(o)}"
                item += "".join(f"<p>{_marked(text)}</p>" for text in self._sentences(o))
                if o.failure is self.failure and self.failure is not None:
                    item += self._case_html()
                items.append(f'<li class="mc-{o.state}">{item}</li>')
            parts.append(f"<ul>{''.join(items)}</ul>")
        blanks = self._blanks() if self.state == "blank" else []
        parts += [f"<p>{_marked(line)}</p>" for line in [*blanks, *self._hint_lines()]]
        style = resources.files(__package__).joinpath("report.css").read_text(encoding="utf-8").strip()
        label = html.escape(f"Check of {self.exercise.id}", quote=True)
        return f'<style>{style}</style>\n<div class="mc-check" role="group" aria-label="{label}">{"".join(parts)}</div>'

    def _headline(self):
        name = f"{self.exercise.title} (`{self.exercise.id}`)"
        if self.state == "blank":
            return (
                f"{name}: not attempted yet, {_points(self.out_of)} to win. Replace the `...` and run the cell again."
            )
        return f"{name}: {'all right, ' if self.state == 'passed' else ''}{self.points} of {_points(self.out_of)}."

    def _score(self, outcome):
        return f"{outcome.points} of {_points(outcome.out_of)}"

    def _sentences(self, outcome):
        if outcome.state == "blank":
            return [outcome.message or "Not attempted yet."]
        return [text for text in (outcome.message, outcome.diagnosis) if text]

    def _blanks(self):
        """Where a `...` was met, if it is known."""
        return [*dict.fromkeys(o.message for o in self.outcomes if o.message)]

    def _hint_lines(self):
        given, hints = len(self.hints), self.exercise.hints
        lines = [f"Hint {k} of {len(hints)}: {text}" for k, text in enumerate(self.hints, 1)]
        if self.state != "passed" and given < len(hints):
            lines.append(f'`hint("{self.exercise.id}")` gives {"another" if given else "a"} hint.')
        return lines

    def _case(self):
        """The first failing case, as lines of text."""
        failure = self.failure
        lines = [f"After {'; '.join(failure.history[-LATEST:])}:"] if failure.history else []
        lines.append(f"In the call {failure.call}" + (" with" if failure.inputs else ""))
        for name, value in _planes(failure.inputs):
            lines += _block(name, value, None)
        where, want, got, wrong = self._shown()
        if want is not None:
            lines += _block(f"expected{where}", want, None)
        if got is not None:
            lines += _block(f"got{where}", got, wrong)
        if failure.printed:
            lines += ["your code printed", *(f"  {line}" for line in failure.printed.rstrip().splitlines()[:10])]
        return lines

    def _case_html(self):
        failure = self.failure
        history = f"After <code>{html.escape('; '.join(failure.history[-LATEST:]))}</code>: " if failure.history else ""
        text = (
            f"<p>{history}In the call <code>{html.escape(failure.call)}</code>{' with' if failure.inputs else ''}</p>"
        )
        blocks = [_table(name, value, None) for name, value in _planes(failure.inputs)]
        where, want, got, wrong = self._shown()
        blocks += [_table(f"expected{where}", want, None)] if want is not None else []
        blocks += [_table(f"got{where}", got, wrong)] if got is not None else []
        text += f'<div class="mc-arrays">{"".join(blocks)}</div>'
        if failure.printed:
            text += f"<p>Your code printed:</p><pre>{html.escape(failure.printed)}</pre>"
        return text

    def _shown(self):
        """(where, want, got, wrong): arrays are cut to the plane and the window of the first wrong number."""
        want, got, wrong = self.failure.want, self.failure.got, self.failure.wrong
        if wrong is None or not np.ndim(wrong):
            return "", want, got, wrong
        first = np.argwhere(wrong)[0]
        plane = tuple(int(i) for i in first[:-2])
        corner = [max(0, int(i) - LARGEST // 2) for i in first[-2:]]
        window = tuple(slice(c, c + LARGEST) for c in corner)
        want, got, wrong = (a[plane][window] for a in (want, got, wrong))
        place = [*map(str, plane), *(f"{c}:" if c else ":" for c in corner)]
        return (f"[{', '.join(place)}]" if plane or any(corner) else ""), want, got, wrong


def _planes(inputs):
    """(name, value) of the inputs; an array of few planes as its planes: dy[0, 1] is a matrix."""
    for name, value in inputs.items():
        places = [*np.ndindex(np.shape(value)[:-2])] if isinstance(value, np.ndarray) and value.ndim > 2 else []
        if 1 < len(places) <= 6:
            yield from ((f"{name}[{', '.join(map(str, place))}]", value[place]) for place in places)
        else:
            yield name, value


def _rows(value):
    """A value as rows of short texts; None if it is too large, or no array."""
    if isinstance(value, (str, list, dict)):
        return None
    array = np.asarray(value)
    while array.ndim > 2 and array.shape[0] == 1:
        array = array[0]
    if array.dtype.kind not in "biuf" or array.ndim > 2 or not array.size or max(array.shape, default=0) > 2 * LARGEST:
        return None
    words = {"b": str}.get(array.dtype.kind, lambda v: show(v).replace("-", "−") if np.isfinite(v) else str(v))
    return [[words(v) for v in row] for row in np.atleast_2d(array)]


def _brief(value):
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (list, dict)) and sum(np.size(leaf) for leaf in islice(leaves(value), SHOWN)) >= SHOWN:
        return f"a {type(value).__name__} of {len(value)} value{'s' * (len(value) != 1)}"
    return str(value)[:200]


def _block(name, value, wrong):
    """An array with its name, as lines of text; [ ] around what is wrong."""
    rows = _rows(value)
    if rows is None:
        return [f"{name}: {_brief(value)}"]
    marks = np.zeros((len(rows), len(rows[0])), bool) if wrong is None else np.atleast_2d(wrong)
    width = max(len(word) for row in rows for word in row)
    lines = []
    for row, mark in zip(rows, marks, strict=True):
        words = (f"[{word:>{width}}]" if m else f" {word:>{width}} " for word, m in zip(row, mark, strict=True))
        lines.append(("  " + "".join(words)).rstrip())
    if len(lines) == 1:
        return [f"{name}: {lines[0].strip()}"]
    return [f"{name}:", *lines]


def _table(name, value, wrong):
    rows = _rows(value)
    if rows is None:
        return f"<p>{html.escape(name)}: {html.escape(_brief(value))}</p>"
    marks = np.zeros((len(rows), len(rows[0])), bool) if wrong is None else np.atleast_2d(wrong)
    cell = ("<td>{}</td>", '<td class="mc-wrong">{}<span class="mc-hidden"> differs</span></td>')
    body = "".join(
        f"<tr>{''.join(cell[bool(m)].format(html.escape(w)) for w, m in zip(row, mark, strict=True))}</tr>"
        for row, mark in zip(rows, marks, strict=True)
    )
    return f"<table><caption>{html.escape(name)}</caption><tbody>{body}</tbody></table>"


def _marked(text):
    """Escaped text, with `code` between backticks and *emphasis* between asterisks."""
    pieces = html.escape(text).split("`")
    if len(pieces) % 2 == 0:
        return html.escape(text)
    emphasis = re.compile(r"\*(\S(?:[^*]*\S)?)\*")
    return "".join(f"<code>{p}</code>" if k % 2 else emphasis.sub(r"<em>\1</em>", p) for k, p in enumerate(pieces))


def _points(number):
    return f"{number} point{'s' if number != 1 else ''}"
