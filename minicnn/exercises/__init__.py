"""Exercises that answer back: ``check("conv2d_forward", conv2d)`` says what is right, and which mistake a wrong one is.

An exercise draws random inputs, compares the reader's answers with a reference, and, where they differ, with the
answers of the mistakes that it knows. The same checks grade a class, with a seed of the instructor's own.
"""

import difflib
import hashlib
import importlib
import pkgutil
import sys
from functools import cache
from pathlib import Path

from . import chapters
from .checking import exercise as kinds
from .checking import proxy, report
from .checking.code import stretched as _stretched

__all__ = ["VERSION", "all", "by_chapter", "check", "digest", "get", "hint"]

VERSION = "1"  # of the checks: an increase says that grades may differ

_hints_given = {}


@cache
def _exercises():
    """Every exercise by its id; those of a chapter stand in the files of chapters/chNN_…/, in their order."""
    modules = sorted(m.name for m in pkgutil.walk_packages(chapters.__path__, f"{chapters.__name__}."))
    found = [
        thing
        for module in modules
        for thing in vars(importlib.import_module(module)).values()
        if isinstance(thing, kinds.Exercise)
    ]
    return {exercise.id: exercise for exercise in found}


def all():
    """All exercises, by chapter.

    Example
    -------
    >>> mc.exercises.all()[0]
    <Predict dense_sizes, chapter 1: How many weights? (5 points)>
    """
    return [*_exercises().values()]


def by_chapter(number):
    """The exercises of one chapter.

    Example
    -------
    >>> [exercise.id for exercise in mc.exercises.by_chapter(7)][0]
    'shifted_cat'
    """
    return [exercise for exercise in all() if exercise.chapter == number]


def get(id):
    """The exercise with this id.

    Raises
    ------
    LookupError
        If there is none; the nearest ids are named.

    Example
    -------
    >>> mc.exercises.get("conv2d_froward")
    Traceback (most recent call last):
    ...
    LookupError: exercises: there is no exercise 'conv2d_froward'. Nearest: conv2d_forward...
    """
    if id in _exercises():
        return _exercises()[id]
    near = difflib.get_close_matches(str(id), _exercises(), n=3, cutoff=0.4)
    there = f"Nearest: {', '.join(near)}." if near else f"There are: {', '.join(_exercises())}."
    raise LookupError(f"exercises: there is no exercise {id!r}. {there}")


def check(id, *answers, hint=0, seed=0, seconds=5.0):
    """Check an answer, and say what is right, what is not, and which mistake it looks like.

    Parameters
    ----------
    id : str
    *answers
        What the exercise asks for, in the order of its stub: mostly one function.
    hint : int
        How many of the hints to show.
    seed : int or str
        Which random inputs are drawn; a text is an instructor's, and draws those of the grade.
    seconds : float
        How long a single call may take.

    Returns
    -------
    Report
        A notebook and a terminal show it as the value of the line; in a script, which shows no values, it is printed.

    Example
    -------
    >>> mc.exercises.check("shifted_cat", "a")
    The cat moves (`shifted_cat`): 0 of 1 point.
      ✗ Your choice (0 of 1 point)
          Not a.
          That would be *invariance*. ...
    """
    exercise = get(id)
    if len(answers) != len(exercise.names):
        names = ", ".join(exercise.names)
        raise TypeError(f'check: {id} needs {names}, {len(answers)} given. Call check("{id}", {names}).')
    if isinstance(exercise, kinds.Function):
        for name, answer in zip(exercise.names, answers, strict=True):
            if not callable(answer) and answer is not ...:
                raise TypeError(
                    f"check: {name} is {type(answer).__name__}, no function. Pass {name} itself, without calling it."
                )
    if any(hasattr(answer, "py_func") for answer in answers):
        seconds = max(seconds, 60.0)  # Numba compiles in the first call
    answers = dict(zip(exercise.names, answers, strict=True))
    seed = _stretched(seed) if isinstance(seed, str) else seed
    outcomes = exercise.evaluate(proxy.Local(answers, exercise.without, seconds), seed)
    found = report.Report(exercise, outcomes, hint)
    if not hasattr(sys, "ps1"):  # no prompt: Python and IPython will not show what the line gives
        sys.__displayhook__(found)
    return found


def hint(id, number=None):
    """Print the next hint of an exercise, or hint `number`.

    Example
    -------
    >>> mc.exercises.hint("shifted_cat", 1)
    Hint 1 of 1: Take one row, 0 0 1 0 0 0 0, and the kernel 1 2 1. Then move the 1, and slide again.
    """
    exercise = get(id)
    number = number or _hints_given.get(id, 0) + 1
    if number > len(exercise.hints):
        print(f"{id} has {len(exercise.hints)} hints, and you have seen them all.")
        return
    _hints_given[id] = number
    print(f"Hint {number} of {len(exercise.hints)}: {exercise.hints[number - 1]}")


@cache
def digest():
    """Twelve characters that change with anything in the checks: an instructor sees whether two releases agree.

    Example
    -------
    >>> len(mc.exercises.digest())
    12
    """
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
