"""Grading one submission: a stateless function from bytes, chapters and seed to plain data.

Threat model: nothing of the submission runs here. What comes back from the sandbox may be anything that `proxy.read`
lets through, so comparing it may fail; then the exercise has 0 points, and the others go on. All text is stripped of
control characters.
"""

import hashlib
import re
import sys
import time
from functools import cache
from types import SimpleNamespace

from .. import exercises
from ..exercises.checking.exercise import Outcome
from ..exercises.checking.report import Report
from .remote import CALL, TOTAL_SECONDS, Remote, Run
from .sandbox import Sandbox, SandboxError
from .submission import Unreadable, cells_of

# What is slow to import, and so is imported once for all exercises, if the name's first word stands in the code.
PRELOAD = ["minicnn", "numba", "matplotlib.pyplot", "scipy.signal", "scipy.ndimage", "sklearn", "pandas"]
IMPORT = "import minicnn.functional as F\n"  # of stubs
SHORT = 8  # characters of a seed
DRAW = 'python -c "import secrets; print(secrets.token_hex(8))"'
HEADER = "import numpy as np\nfrom minicnn.exercises import check, hint\n"


def warn_if_short(seed):
    """Say that a short seed can be guessed all the same."""
    if len(str(seed)) < SHORT:
        print(f"grading: the seed has fewer than {SHORT} characters: it can be guessed. Draw: {DRAW}", file=sys.stderr)


def key_of(data, suffix, chapters, seed, seconds):
    """The name of a result: whatever decides the grade is in it."""
    words = [suffix, ",".join(map(str, chapters)), str(seed), str(seconds), exercises.VERSION, exercises.digest()]
    return hashlib.sha256("\n".join(words).encode() + b"\n" + data).hexdigest()[:32]


def grade_one(data, suffix, chapters, seed, seconds=TOTAL_SECONDS, unsafe=False):
    """Grade one file.

    Parameters
    ----------
    data : bytes
        Of a notebook, or of Python code.
    suffix : str
        ".ipynb" or ".py".
    chapters : list of int
    seed : int or str
    seconds : float
        How long the whole submission may take.
    unsafe : bool
        Whether to do without a sandbox.

    Returns
    -------
    dict
        For JSON: ``digest``, ``seconds``, ``notes`` (texts), and ``exercises``, each with its points and reports.
    """
    start, chosen = time.monotonic(), chosen_of(chapters)
    try:
        cells, notes, _ = cells_of(data, suffix)
    except Unreadable as error:
        return nothing(chapters, str(error))
    stubs = {e.stub.strip() for e in chosen}
    untouched = [cell for cell in cells if cell[1].strip() in stubs]
    own = [cell for cell in cells if cell[1].strip() not in stubs]
    if not any(re.search(r"\bF\b", source) for _, source in own):  # nobody needs minicnn, which is slow to import
        untouched = [(name, source.replace(IMPORT, "")) for name, source in untouched]
    cells = [("the first cell", HEADER), *untouched, *own]  # what was not touched must not replace an answer
    names = [name for e in chosen for name in e.names]
    source = "\n".join(source for _, source in cells)
    graded = []
    others = source.replace("from minicnn.exercises import", "")  # which needs no minicnn in the sandbox
    with Sandbox([module for module in PRELOAD if module.partition(".")[0] in others], unsafe) as sandbox:
        run = Run(cells, seconds, share=0.75 if "numba" in source else CALL)  # Numba compiles in the first call
        if cells[-1][0] == "your file":
            Remote(sandbox, run, chosen[0]).split()
        for exercise in chosen:
            remote = Remote(sandbox, run, exercise, shared=any(names.count(name) > 1 for name in exercise.names))
            try:
                outcomes = exercise.evaluate(remote, seed)
                graded.append(_result(exercise, outcomes))
            except SandboxError:
                raise
            except Exception:
                text = "The answer is of a kind that cannot be compared with the right one."
                graded.append(_result(exercise, [Outcome("Everything", 0, exercise.points, "failed", text)]))
            remote.close()
    return _whole(graded, [*notes, *run.left_out.values(), *run.notes.values()], start)


@cache
def try_out(unsafe=False):
    """Raise SandboxError unless a harmless cell runs in the sandbox: better no grades than zeros for all."""
    harmless = SimpleNamespace(id="", names=["x"], without=())
    with Sandbox(unsafe=unsafe) as sandbox:
        remote = Remote(sandbox, Run([("the first cell", f"{HEADER}x = np.float32(1)")]), harmless)
        reply = remote.get("x")
        remote.close()
    if reply.problem or reply.value != 1:
        why = reply.problem.text if reply.problem else "the answer is wrong"
        raise SandboxError(
            f"grading: the sandbox starts but does not work here: {why} Use another machine, or --unsafe."
        )


def chosen_of(chapters):
    """The exercises of some chapters, in order.

    Raises
    ------
    LookupError
        If a chapter has none.
    """
    for chapter in chapters:
        if not exercises.by_chapter(chapter):
            there = ", ".join(map(str, sorted({e.chapter for e in exercises.all()})))
            raise LookupError(f"grading: chapter {chapter} has no exercises. Those with exercises: {there}.")
    return [e for chapter in chapters for e in exercises.by_chapter(chapter)]


def nothing(chapters, reason):
    """The result of what cannot be read: 0 points everywhere, and why."""
    graded = [_result(e, [Outcome("Everything", 0, e.points, "failed", reason)]) for e in chosen_of(chapters)]
    return _whole(graded, [reason], time.monotonic()) | {"unreadable": True}


def _whole(graded, notes, start):
    notes = [clean(note) for note in notes][:50]
    seconds = round(time.monotonic() - start, 2)
    return {"digest": exercises.digest(), "seconds": seconds, "notes": notes, "exercises": graded}


def _result(exercise, outcomes):
    """One exercise as data: points, why not all of them, and its report as text and HTML."""
    report = Report(exercise, outcomes)
    missed = [o for o in outcomes if o.points < o.out_of]
    reason = next((text for o in missed for text in (o.diagnosis, o.message) if text), "")
    if report.state == "blank":
        reason = "Not attempted."
    return {
        "id": exercise.id,
        "title": exercise.title,
        "points": report.points,
        "out_of": report.out_of,
        "state": report.state,
        "reason": clean(reason).replace("\n", " "),
        "text": clean(repr(report)),
        "html": clean(report.to_html()),
    }


def clean(text):
    """The text without control characters, halves of surrogate pairs, and what turns the direction of writing.

    Example
    -------
    >>> clean("a\\x1b[31m\\ud800 \\u202eb")
    'a[31m b'
    """
    return "".join(c for c in text if c.isprintable() or c in "\n\u202f\xa0")
