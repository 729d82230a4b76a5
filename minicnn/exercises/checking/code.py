"""What the script of a check calls: the reference and the reader's code in lock-step."""

import hashlib
import inspect

import numpy as np

from .compare import Difference, difference, show
from .proxy import Blank, Handle

OPERATORS = {"__add__": "+", "__mul__": "*"}


class Failed(Exception):
    """The first call whose answer is not the expected one."""

    def __init__(self, found, index, call, inputs, history, printed=""):
        super().__init__(found.text)
        self.kind, self.text, self.want, self.got = found.kind, found.text, found.want, found.got
        self.wrong, self.index, self.call, self.inputs = found.wrong, index, call, inputs
        self.history, self.printed, self.case = history, printed, 0


class Code:
    """Calls the reference and the reader's code with the same arguments, and compares every answer at once.

    The reference's answer is what a script gets: it never computes with values that cannot be trusted.
    """

    def __init__(self, reference, other, namespace):
        self._sides, self._namespace, self._history = (reference, other), namespace, []

    def call(self, name, *args, **kwargs):
        """Call what the reader wrote under this name. Objects and closures come back as a Pair."""
        return self._do("call", name, None, args, kwargs)

    def accept(self, judge, name, *args, **kwargs):
        """Call what has many right answers: ``judge(value)`` says what is wrong with the value, or gives None."""
        return self._do("call", name, None, args, kwargs, judge)

    def _do(self, do, target, name, args=(), kwargs=None, judge=None):
        want, got = (self._ask(side, do, target, name, args, kwargs or {}) for side in (0, 1))
        if want.problem is not None:
            raise RuntimeError(f"the reference itself fails: {want.problem.text}")
        if judge and (complaint := judge(want.value)):
            raise RuntimeError(f"the reference itself is not accepted: {complaint}")
        call, inputs, labels = self._describe(do, target, name, args, kwargs or {})
        if got.problem is not None:
            found = Difference(got.problem.kind, got.problem.text)
        elif got.changed and not want.changed:
            which = next((labels[k] for k in got.changed if k in labels), "an argument")
            found = Difference("changed", f"Your code changes its argument {which} in place. Work on a copy of it.")
        else:
            found = _judged(judge, got.value) if judge else difference(want.value, got.value)
        if found is not None:
            before = self._history if isinstance(target, Pair) else []  # what an object was asked before
            raise Failed(found, len(self._history), call, inputs, before, got.printed)
        self._history.append(call)
        return self._pair(want.value, got.value)

    def _ask(self, side, do, target, name, args, kwargs):
        proxy, target = self._sides[side], _side(target, side)
        return (
            proxy.get(target, name) if do == "get" else proxy.call(target, _side(args, side), _side(kwargs, side), name)
        )

    def _pair(self, want, got):
        if isinstance(want, Handle):
            return Pair(self, want, got)
        if isinstance(want, list) and isinstance(got, list):
            return [self._pair(w, g) for w, g in zip(want, got, strict=True)]
        return want

    def _describe(self, do, target, name, args, kwargs):
        """The text of a call, ``conv2d(x, w, stride=2)``; the arguments too long for it, by name; all names."""
        label = target.label if isinstance(target, Pair) else target
        if name in OPERATORS:
            return f"{label} {OPERATORS[name]} {_word(args[0], 'the other', {})}", {}, {}
        label = f"{label}.{name}" if name else label
        if do == "get":
            return label, {}, {}
        owner = self._namespace.get(target.type if isinstance(target, Pair) else target)
        if owner is None and isinstance(target, Pair):  # a closure
            owner = self._sides[0].worker.objects[target.handles[0].id]
        try:
            parameters = [*inspect.signature(getattr(owner, name) if name else owner).parameters][bool(name) :]
        except (TypeError, ValueError, AttributeError):
            parameters = []
        labels = {k: parameters[k] if k < len(parameters) else f"argument {k + 1}" for k in range(len(args))}
        inputs = {}
        words = [_word(value, labels[k], inputs) for k, value in enumerate(args)]
        words += [f"{key}={_word(value, key, inputs)}" for key, value in kwargs.items()]
        return f"{label}({', '.join(words)})", inputs, labels | {key: key for key in kwargs}


class Pair:
    """An object of the reference and the reader's: call it, or its methods, or look at an attribute."""

    def __init__(self, code, want, got):
        self.code, self.handles, self.type, self.label = code, (want, got), want.type, want.type.lower()

    def __call__(self, *args, **kwargs):
        return self.code._do("call", self, None, args, kwargs)

    def call(self, method, *args, **kwargs):
        return self.code._do("call", self, method, args, kwargs)

    def get(self, name):
        return self.code._do("get", self, name)

    def named(self, label):
        """The same object, which has just been made, under a name that a report shows."""
        self.label = label
        self.code._history[-1] = f"{label} = {self.code._history[-1]}"
        return self


def ints(rng, *shape, low=-4, high=5):
    """Small whole numbers as float64, none of them 0: easy to read in a report."""
    return rng.choice([v for v in range(low, high) if v], size=shape).astype(np.float64)


def shuffled(rng, *items):
    """The items in an order that only the seed knows."""
    return [items[k] for k in rng.permutation(len(items))]


def generator(seed, *words):
    """Random numbers that depend on the seed, an int or text, and on what they are for; on nothing else."""
    digest = hashlib.sha256("/".join(map(str, [seed, *words])).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "little"))


def stretched(seed):
    """What stands for the seed from here on: so slow to compute that no submission can try many seeds.

    Example
    -------
    >>> from minicnn.exercises.checking.code import stretched
    >>> stretched("a secret") == stretched("a secret") != stretched("another secret")
    True
    """
    return hashlib.scrypt(str(seed).encode(errors="replace"), salt=b"minicnn", n=1 << 14, r=8, p=1, dklen=16).hex()


def _side(value, side):
    """The arguments for one side: its own object of every pair."""
    if isinstance(value, Pair):
        return value.handles[side]
    if isinstance(value, dict):
        return {k: _side(v, side) for k, v in value.items()}
    return [_side(v, side) for v in value] if isinstance(value, (list, tuple)) else value


def _word(value, label, inputs):
    if isinstance(value, Pair):
        return value.label
    if callable(value):
        inputs[label] = (inspect.getdoc(value) or "a function").partition("\n")[0]
        return label
    if isinstance(value, (np.ndarray, np.generic)) and not np.ndim(value):
        return show(value)
    if isinstance(value, np.ndarray) or len(repr(value)) > 40:
        inputs[label] = value
        return label
    return repr(value)


def _judged(judge, value):
    if value is None or isinstance(value, Blank):
        return difference(True, value)
    try:
        text = judge(value)
    except Exception:
        text = "Here comes something that cannot be judged: another shape or type than asked for."
    return Difference("judge", text, got=value) if text else None
