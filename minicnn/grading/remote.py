"""The proxy that reaches into the sandbox: `exercise.evaluate(Remote(…), seed)` grades what runs in there.

Threat model: every answer may be forged. Its form is checked in `frames`, its content in `checking.proxy`; here it
must come in time and bear the token of the question. What breaks a rule ends the process, and a fresh one goes on: a
cell or a call that ended its process is left out, the rest keeps its points.
"""

import contextlib
import secrets
import time
from dataclasses import dataclass, field

from ..exercises.checking import proxy
from ..exercises.checking.proxy import Problem, Reply
from . import frames
from .sandbox import Dead

MOST_PARTS = 200  # statements of a file
TOTAL_SECONDS = 20.0  # for a submission
CALL, LATER = 0.25, 0.1  # shares of it for one call: before the first has run out of time, and afterwards
SEGV, ABRT, KILL, XCPU, SYS = 11, 6, 9, 24, 31  # Linux's numbers of signals; some systems have not all of them
SIGNALS = {
    SEGV: "crashes Python (a segmentation fault)",
    ABRT: "crashes Python (it aborts)",
    KILL: "was killed, or took too much memory",
    XCPU: "computes longer than is allowed",
    SYS: "does what the sandbox does not allow",
}


@dataclass
class Run:
    """What the exercises of one submission share: its cells, how long it may still take, which cells to leave out."""

    cells: list  # of (name, source)
    total: float = TOTAL_SECONDS
    share: float = CALL
    left_out: dict = field(default_factory=dict)  # cell number: why
    notes: dict = field(default_factory=dict)  # cell number: what it raised

    def __post_init__(self):
        self.deadline = time.monotonic() + self.total

    def time_is_up(self):
        """The problem of all that comes too late, or None."""
        if time.monotonic() >= self.deadline:
            return Problem("timeout", f"Your submission took more than {self.total:g} s in all; time is up.")


class Remote:
    """One exercise of one submission. `shared` says that another exercise asks for the same names."""

    def __init__(self, sandbox, run, exercise, shared=False):
        self.sandbox, self.run, self.exercise, self.shared = sandbox, run, exercise, shared
        self.callbacks, self.channel, self.defined = proxy.Callbacks(), None, []

    def call(self, target, args=(), kwargs=None, method=None):
        return self._send("call", target, method, args, kwargs)

    def get(self, target, name=None):
        return self._send("get", target, name)

    def close(self):
        """End the process, and say how it ended by itself, if it did."""
        if self.channel is not None:
            self.channel.close()
            self.channel = None
            try:
                return self.sandbox.end_child()
            except Dead:
                return -KILL

    def _send(self, do, target, name, args=(), kwargs=None):
        self.callbacks.begin()
        problem = self.run.time_is_up() or (self._start() if self.channel is None else None)
        if problem:
            return Reply(problem=problem)
        called = name or (target if isinstance(target, str) else target.type)
        reply = self._exchange(proxy.request(self.callbacks, do, target, name, args, kwargs), called)
        if reply.problem and reply.problem.kind == "missing":
            reply.problem.text += self._missing(called)
        return reply

    def _missing(self, name):
        known = self.run.notes | self.run.left_out
        trouble = [text for index, text in known.items() if name in self.run.cells[index][1]]
        defined = [n[:40] for n in self.defined if isinstance(n, str) and n.isidentifier()][:10]
        there = f" Defined are: {', '.join(defined)}." if defined else ""
        return f" {trouble[0]}" if trouble else there

    def _start(self):
        """A fresh process in which all cells have run; a cell that ends it is left out of the next."""
        while (late := self.run.time_is_up()) is None:
            self._open()
            if not any(self._fatal(index) for index in range(len(self.run.cells)) if index not in self.run.left_out):
                e = self.exercise
                reply = self._exchange(self._order("find", e.id, e.names, self.shared), "Your notebook")
                self.defined = reply.value if isinstance(reply.value, list) else []
                return reply.problem
        return late

    def _open(self):
        self.channel = self.sandbox.child()
        with contextlib.suppress(OSError):  # if it is gone already, the first question will tell
            self._write({"without": list(self.exercise.without), "arrays": []})

    def split(self):
        """Put the statements of a file in the place of its one cell, if it can be read and they are not too many."""
        self._open()
        name, source = self.run.cells[-1]
        parts = self._exchange(self._order("split", source), name).value
        if isinstance(parts, list) and len(parts) <= MOST_PARTS and all(map(_is_part, parts)):
            self.run.cells[-1:] = [(f"{name} from line {line}", text) for line, text in parts]
        self.close()

    def _fatal(self, index):
        """Run a cell: did it end the process?"""
        name, source = self.run.cells[index]
        reply = self._exchange(self._order("cell", name, source), name)
        if reply.problem is None:
            return False
        if self.channel is not None:
            self.run.notes[index] = f"In {name}: {reply.problem.text}"
            return False
        if not self.run.time_is_up():
            self.run.left_out[index] = f"{name} was left out. {reply.problem.text}"
        return True

    def _order(self, name, *args):
        return proxy.request(self.callbacks, "call", name, None, args)

    def _exchange(self, message, called):
        """Ask, and wait for the answer; meanwhile run the trusted functions that the student's code asks for."""
        end = min(time.monotonic() + self.run.share * self.run.total, self.run.deadline)
        seconds = max(end - time.monotonic(), 0)
        token = secrets.token_hex(8)
        try:
            self._write(message | {"token": token}, end)
            while True:
                answer = frames.unpack(frames.exactly(lambda n: self._receive(n, end)))
                if answer.get("token") != token:
                    raise frames.Broken("forged")
                if "ask" not in answer:
                    return proxy.read(answer, called)
                self._write(self._answer(answer), end)
        except TimeoutError:
            self.run.share = LATER
            problem = self.run.time_is_up() or proxy.timeout(called, seconds)
        except frames.Broken:
            problem = Problem("forged", f"{called} writes into the channel through which it is graded.")
        except (EOFError, ConnectionError):
            problem = None
        status = self.close()
        return Reply(problem=problem or Problem("crash", f"{called} {_ending(status)}."))

    def _answer(self, answer):
        """What the trusted function gives, or why it refuses."""
        try:
            ask = answer["ask"]
            tree, arrays = self.callbacks.run(ask["id"], ask["args"], ask["kwargs"], answer["arrays"])
            reply = {"tree": tree, "arrays": arrays, "refused": ""}
            frames.pack(reply)
            return reply
        except Exception as error:
            return {"tree": None, "arrays": [], "refused": str(error)[:500] or type(error).__name__}

    def _write(self, message, end=None):
        self.channel.settimeout(1.0 if end is None else max(end - time.monotonic(), 1e-3))
        self.channel.sendall(frames.pack(message))

    def _receive(self, n, end):
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.channel.settimeout(left)
        return self.channel.recv(n)


def _is_part(part):
    return isinstance(part, list) and [type(v) for v in part] == [int, str]


def _ending(status):
    if status >= 0:
        return "ends the program itself, or breaks something of Python that it needs"
    return SIGNALS.get(-status) or f"was ended by the signal {-status}"
