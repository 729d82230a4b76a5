"""The side where the reader's code runs: it calls what the reader wrote, and answers with plain data.

Nothing of minicnn is imported here, so that the grading sandbox can run this file alone, without any exercise. Only
data crosses: None, bools, numbers, text, lists, dicts and arrays. What is no data (an object, a closure) stays here,
and a numbered handle crosses instead. A function among the arguments stays on the other side: what arrives here is a
stub that asks over there, so that there is nothing about the function to be read.

A message is a dict of JSON values; arrays stand beside it in a list, in the order in which the message counts them.
"""

import contextlib
import io
import linecache
import math
import re
import sys
import warnings

import numpy as np

DEEPEST = 20  # lists in lists
LARGEST = 1 << 22  # bytes of an array, with an axis of 0 counted as 1: nothing takes no memory, but its views do
LONGEST = 500  # characters of what the code printed, or of an error


def encode(value, arrays, keep, depth=0):
    """A JSON tree for `value`; arrays are appended to `arrays`; `keep(value)` gives the tree for what is no data."""
    if depth > DEEPEST:
        raise ValueError(f"lists in lists, more than {DEEPEST} deep")
    if type(value).__module__.startswith("minicnn.") and isinstance(getattr(value, "data", None), np.ndarray):
        value = value.data  # a Tensor or a Parameter
    if value is None or isinstance(value, (bool, int, float, str)) and not isinstance(value, np.generic):
        return value
    if isinstance(value, (np.ndarray, np.generic)) and np.asarray(value).dtype.kind in "biuf":
        if math.prod(max(n, 1) for n in value.shape) * value.itemsize > LARGEST:
            raise ValueError(f"an array of shape {value.shape} is too large to look at")
        arrays.append(np.array(value, dtype=_portable(value.dtype)))
        return {"$": "array", "id": len(arrays) - 1}
    if isinstance(value, (list, tuple)):
        return [encode(v, arrays, keep, depth + 1) for v in value]
    if isinstance(value, dict):
        items = [[k if isinstance(k, str) else repr(k), encode(v, arrays, keep, depth + 1)] for k, v in value.items()]
        return {"$": "dict", "items": items}
    return {"$": "blank"} if value is ... else keep(value)


def decode(tree, arrays, find):
    """The value of a JSON tree; `find(tree)` gives what stands for a handle or a callback."""
    if isinstance(tree, list):
        return [decode(t, arrays, find) for t in tree]
    if not isinstance(tree, dict):
        return tree
    if tree["$"] == "array":
        array, arrays[tree["id"]] = arrays[tree["id"]], None  # each only once, so that copies are bounded, too
        return array.copy()
    if tree["$"] == "dict":
        return {k: decode(v, arrays, find) for k, v in tree["items"]}
    return find(tree)


class Worker:
    """Calls the functions, classes and objects in `namespace`, as asked.

    Parameters
    ----------
    namespace : dict
        What the reader's cell defines.
    ask : callable
        ``ask(id, tree of args, tree of kwargs, arrays)`` calls a function of the other side: (tree, arrays) back.
    without : sequence of str
        Names in minicnn that may not be used while the reader's code runs: what the exercise asks for.
    limit : callable
        ``limit(work)`` calls `work()` and may interrupt it.
    """

    def __init__(self, namespace, ask=None, without=(), limit=lambda work: work()):
        self.namespace, self.ask, self.without, self.limit = namespace, ask, tuple(without), limit
        self.objects = []
        functions = [getattr(v, "py_func", v) for v in namespace.values()]
        functions += [f for v in namespace.values() if isinstance(v, type) for f in vars(v).values()]
        self.globals = {id(getattr(f, "__globals__", None)) for f in functions} | {id(namespace)}

    def answer(self, request):
        """Do what a request asks. `request` is ``{do: "call" or "get", target, name, args, kwargs, arrays}``.

        The target is a name, or a handle; `name` a method or attribute of it, or None. The answer is
        ``{value, arrays, changed, printed}``, or ``{problem, printed}``. `changed` names the arguments that were
        changed in place, by their position or keyword.
        """
        printed = _Capped()
        try:
            with contextlib.redirect_stdout(printed), warnings.catch_warnings(), withheld(self.without):
                warnings.simplefilter("ignore")
                answer = self._do(request)
        except KeyboardInterrupt:
            raise  # the reader has pressed stop
        except BaseException as error:  # SystemExit too
            if type(error).__name__ == "TimeUp":
                raise
            answer = {"problem": self._describe(error)}
        return answer | {"printed": printed.getvalue()}

    def _do(self, request):
        arrays, target, name = request["arrays"], request["target"], request["name"]
        if isinstance(target, str):
            if target not in self.namespace:
                return {"problem": {"kind": "missing"}}
            thing = self.namespace[target]
        else:
            thing = self.objects[target["id"]]
        owner = thing
        if name is not None:
            thing = getattr(thing, name)
        if request["do"] == "call":
            args, kwargs = (decode(request[key], arrays, self._find) for key in ("args", "kwargs"))
            kwargs = kwargs if isinstance(kwargs, dict) else {}
            before = {k: np.array(v) for k, v in [*enumerate(args), *kwargs.items()] if isinstance(v, np.ndarray)}
            function = thing
            thing = self.limit(lambda: function(*args, **kwargs))
            after = dict([*enumerate(args), *kwargs.items()])
            changed = [k for k, v in before.items() if not np.array_equal(v, after[k], equal_nan=True)]
            if thing is None and is_empty(function):
                return {"problem": {"kind": "blank"}}
        else:
            changed = []
            if name is not None and thing is None and is_empty(type(owner).__init__):
                return {"problem": {"kind": "blank"}}
        out = []
        tree = encode(thing, out, self._keep)
        return {"value": tree, "arrays": out, "changed": changed}

    def _keep(self, thing):
        self.objects.append(thing)
        if callable(thing):
            return {"$": "handle", "id": len(self.objects) - 1, "type": getattr(thing, "__name__", "function")}
        kind = f"array of dtype {thing.dtype}" if isinstance(thing, np.ndarray) else type(thing).__name__
        return {"$": "handle", "id": len(self.objects) - 1, "type": kind}

    def _find(self, tree):
        if tree["$"] == "handle":
            return self.objects[tree["id"]]

        def implementation(*args, **kwargs):
            arrays = []
            trees = [encode(a, arrays, _refuse) for a in (list(args), kwargs)]
            return decode(*self.ask(tree["id"], *trees, arrays), _refuse)

        return implementation

    def _describe(self, error):
        """What is told about an exception: its text, and where in the reader's code it came from."""
        line = source = None
        trace = error.__traceback__
        while trace is not None:
            if id(trace.tb_frame.f_globals) in self.globals and trace.tb_frame.f_code.co_filename != __file__:
                line, file = trace.tb_lineno, trace.tb_frame.f_code.co_filename
                source = linecache.getline(file, line).strip()
            trace = trace.tb_next
        try:
            message = str(error)[:LONGEST]
        except Exception:
            message = ""
        if isinstance(error, NotImplementedError):
            return {"kind": "blank"}
        kind = "blank" if isinstance(error, TypeError) and "ellipsis" in message else "error"
        return {"kind": kind, "type": type(error).__name__, "message": message, "line": line, "source": source}


def is_empty(function):
    """Whether a function's body is only ``...``, ``pass`` or a docstring."""
    function = getattr(function, "py_func", function)
    return getattr(getattr(function, "__code__", None), "co_code", None) in {f.__code__.co_code for f in (_pass, _doc)}


def _pass(): ...


def _doc():
    """Only a docstring."""


def _portable(dtype):
    return np.float64 if dtype.kind == "f" and dtype.itemsize > 8 else dtype.newbyteorder("=")


def _refuse(thing):
    raise TypeError("give the implementation arrays and numbers")


def withhold(names):
    """Take the functions `names`, and their ``_vjp``, out of minicnn: whoever calls them gets an error.

    Returns what gives them back. Not out of reach is the library's source, which may be copied like any other.
    """
    names = [n for name in names for n in (name, f"{name}_vjp")]
    modules = [m for key, m in [*sys.modules.items()] if names and re.match(r"minicnn($|\.(?!exercises|grading))", key)]
    taken = [(module, name, vars(module)[name]) for module in modules for name in names if name in vars(module)]
    for module, name, _ in taken:
        setattr(module, name, _refusing(name))
    return lambda: [setattr(*found) for found in taken]


@contextlib.contextmanager
def withheld(names):
    """The same for a while."""
    give_back = withhold(names)
    try:
        yield
    finally:
        give_back()


def _refusing(name):
    def refuse(*args, **kwargs):
        raise RuntimeError(f"{name} is what you are asked to write here: do without minicnn's.")

    return refuse


class _Capped(io.StringIO):
    """Keeps the first characters of what is printed."""

    def write(self, text):
        room = LONGEST - self.tell()
        super().write(text[: max(room, 0)])
        return len(text)
