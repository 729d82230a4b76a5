"""How a check reaches the reader's code: through `call` and `get`, with data only."""

import math
import time
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from .limits import TimeUp, limited
from .worker import LARGEST, Worker, decode, encode


@dataclass
class Handle:
    """Stands for an object that stays with the reader's code."""

    id: int
    type: str = ""


class Blank:
    """Stands for a ``...`` that has not been replaced."""


BLANK = Blank()


@dataclass
class Problem:
    """Why there is no value: `kind` is missing, blank, error, timeout or unreadable, or one of another proxy's own."""

    kind: str
    text: str = ""


@dataclass
class Reply:
    """What came back: a plain value, or a problem. `changed` names the arguments that were changed in place."""

    value: object = None
    problem: Problem | None = None
    changed: list = field(default_factory=list)
    printed: str = ""


class Proxy(Protocol):
    """What an evaluation needs. `target` is the name of what the reader wrote, or a Handle."""

    def call(self, target, args=(), kwargs=None, method=None) -> Reply:
        """Call a function, a class, a handle, or the method of a handle."""

    def get(self, target, name=None) -> Reply:
        """The value of a variable, or of a handle's attribute."""


class Callbacks:
    """The trusted side's functions that the reader's code may ask for: bounded in size, number and time."""

    NUMBERS, CALLS, SECONDS, LARGEST = 10_000, 2_000, 5.0, 1e6
    PAIRS = 4_000_000  # of the numbers of all arguments: what broadcasting may give

    def __init__(self):
        self.functions, self.given, self.calls, self.seconds = {}, 0, 0, 0.0

    def begin(self):
        """A new call of the reader's code: what was given to earlier ones is no longer there."""
        self.functions, self.calls, self.seconds = {}, 0, 0.0

    def keep(self, thing):
        """The tree for an argument that is no data."""
        if isinstance(thing, Handle):
            return {"$": "handle", "id": thing.id}
        if not callable(thing):
            raise TypeError(f"a check may pass data, handles and functions, not {type(thing).__name__}")
        self.given += 1
        self.functions[self.given] = thing
        return {"$": "callback", "id": self.given}

    def run(self, id, args, kwargs, arrays):
        """Call function `id`: (tree, arrays) of its value. What it raises is for the reader's code."""
        self.calls += 1
        if id not in self.functions:
            raise RuntimeError("the implementation can be called only while your function runs.")
        if self.calls > self.CALLS or self.seconds > self.SECONDS:
            raise RuntimeError(f"the implementation was called too often; {self.CALLS} times must do.")
        args, kwargs = (decode(tree, arrays, _refuse) for tree in (args, kwargs))
        sizes = [_size(v) for v in [*args, *kwargs.values()]]
        scalars = [v for v in [*args, *kwargs.values()] if isinstance(v, (int, float))]
        if sum(sizes) > self.NUMBERS or any(abs(v) > self.LARGEST for v in scalars):
            raise ValueError(
                f"try the implementation on at most {self.NUMBERS} numbers, none above {self.LARGEST:.0e}."
            )
        if math.prod(max(size, 1) for size in sizes) > self.PAIRS:
            raise ValueError("try the implementation on smaller arrays; a few hundred numbers do.")
        start, out = time.perf_counter(), []
        try:
            return encode(self.functions[id](*args, **kwargs), out, _refuse), out
        finally:
            self.seconds += time.perf_counter() - start


def read(response, target="it"):
    """The Reply in a worker's answer. Nothing in it is trusted: what does not fit is a Problem."""
    try:
        printed = _text(response.get("printed"))
        if (problem := response.get("problem")) is not None:
            return Reply(problem=_problem(problem, target), printed=printed)
        changed = [k for k in response["changed"] if isinstance(k, (int, str))]
        value = decode(response["value"], response["arrays"], _stand_in)
        if _as_one_array(value) > LARGEST:
            raise ValueError("too large")
        return Reply(value, changed=changed, printed=printed)
    except Exception:
        return Reply(problem=Problem("unreadable", f"{target} gave an answer that cannot be read."))


def leaves(value):
    """What stands in lists and dicts in one another, in no order."""
    rest = [value]
    while rest:
        part = rest.pop()
        if isinstance(part, (list, tuple, dict)):
            rest.extend(part.values() if isinstance(part, dict) else part)
        else:
            yield part


def _as_one_array(value):
    """How many characters or numbers NumPy would make of it: in an array all texts take as much as the longest."""
    count, longest = 0, 1
    for leaf in leaves(value):
        count += leaf.size if isinstance(leaf, np.ndarray) else 1
        longest = max(longest, len(leaf) if isinstance(leaf, str) else 1)
    return count * longest


def _size(value):
    """How many numbers an argument has, or a text characters; an axis of 0 is counted as 1."""
    if isinstance(value, str):
        return len(value)
    size = 0
    for leaf in leaves(value):
        if isinstance(leaf, str):
            raise TypeError("the implementation takes arrays and numbers.")
        size += math.prod(max(n, 1) for n in np.shape(leaf))
    return size


def request(callbacks, do, target, name=None, args=(), kwargs=None):
    """The message that asks a worker for something."""
    arrays = []
    target = callbacks.keep(target) if isinstance(target, Handle) else target
    args, kwargs = (encode(v, arrays, callbacks.keep) for v in (list(args), kwargs or {}))
    return {"do": do, "target": target, "name": name, "args": args, "kwargs": kwargs, "arrays": arrays}


class Local:
    """The proxy of a notebook: the reader's code runs in this process. `seconds` is the limit of a call."""

    def __init__(self, namespace, without=(), seconds=None):
        self.callbacks, self.seconds = Callbacks(), seconds
        limit = (lambda work: work()) if seconds is None else (lambda work: limited(work, self.seconds))
        self.worker = Worker(namespace, self.callbacks.run, without, limit)

    def call(self, target, args=(), kwargs=None, method=None):
        return self._send("call", target, method, args, kwargs)

    def get(self, target, name=None):
        return self._send("get", target, name)

    def _send(self, do, target, name, args=(), kwargs=None):
        self.callbacks.begin()
        called = name or (target if isinstance(target, str) else target.type)
        try:
            return read(self.worker.answer(request(self.callbacks, do, target, name, args, kwargs)), called)
        except TimeUp:
            seconds, self.seconds = self.seconds, min(self.seconds, 1.0)  # do not wait as long again
            return Reply(problem=timeout(called, seconds))


def timeout(target, seconds):
    return Problem("timeout", f"{target} did not come back within {seconds:g} s. Is there a loop that never ends?")


def _problem(problem, target):
    kind = problem["kind"]
    if kind == "missing":
        return Problem("missing", f"{target} is not defined.")
    line, source = problem.get("line"), _text(problem.get("source"))
    where = f" in line {line:d}" if isinstance(line, int) else ""
    where += f", `{source}`" if where and source else ""
    if kind == "blank":
        return Problem("blank", f"There is still a `...`{where}." if where else "")
    message = _text(problem.get("message"))
    return Problem("error", f"Your code raises {_text(problem.get('type'))}{where}{': ' if message else '.'}{message}")


def _text(value):
    """At most 500 printable characters."""
    return "".join(c for c in str(value or "")[:500] if c.isprintable() or c == "\n")


def _stand_in(tree):
    return BLANK if tree["$"] == "blank" else Handle(int(tree["id"]), _text(tree.get("type")))


def _refuse(tree):
    raise TypeError("the implementation takes arrays and numbers.")
