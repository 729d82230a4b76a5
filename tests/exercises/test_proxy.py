"""What crosses between the checks and the reader's code is data only, also for classes, closures and specimens."""

import io
import json

import numpy as np
import pytest

from minicnn import exercises
from minicnn.exercises.checking.code import Code, Failed, ints
from minicnn.exercises.checking.exercise import Check, Function, Mistake
from minicnn.exercises.checking.proxy import BLANK, Callbacks, Handle, Local, read, request
from minicnn.exercises.checking.report import Report
from minicnn.exercises.checking.worker import Worker


def through_the_wire(message):
    """A message as another process would get it: JSON and .npy, no pickle."""
    arrays = []
    for array in message.get("arrays", []):
        file = io.BytesIO()
        np.save(file, array, allow_pickle=False)
        arrays.append(np.load(io.BytesIO(file.getvalue()), allow_pickle=False))
    rest = json.loads(json.dumps({key: value for key, value in message.items() if key != "arrays"}))
    return rest | {"arrays": arrays}


class Piped(Local):
    """Local, with every message serialised: what a sandbox's proxy does."""

    def __init__(self, namespace):
        self.callbacks = Callbacks()

        def ask(id, args, kwargs, arrays):
            message = through_the_wire({"id": id, "args": args, "kwargs": kwargs, "arrays": arrays})
            tree, arrays = self.callbacks.run(**message)
            answer = through_the_wire({"tree": tree, "arrays": arrays})
            return answer["tree"], answer["arrays"]

        self.worker = Worker(namespace, ask)

    def _send(self, do, target, name, args=(), kwargs=None):
        self.callbacks.begin()
        message = through_the_wire(request(self.callbacks, do, target, name, args, kwargs))
        return read(through_the_wire(self.worker.answer(message)), str(target))


# ---------------------------------------------------------------- classes, closures and a tape


class Momentum:
    def __init__(self, lr, momentum=0.9):
        self.lr, self.momentum, self.velocity = lr, momentum, 0

    def step(self, w, gradient):
        self.velocity = self.momentum * self.velocity + gradient
        return w - self.lr * self.velocity


class Forgetful(Momentum):
    def step(self, w, gradient):
        self.velocity = gradient
        return w - self.lr * gradient


def relu_vjp(x):
    return np.maximum(x, 0), lambda dy: (dy * (x > 0),)


class Var:
    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = value, parents, 0.0

    def __mul__(self, other):
        return Var(self.value * other.value, [(self, other.value), (other, self.value)])

    def backward(self, gradient=1.0):
        self.grad = self.grad + gradient
        for parent, slope in self.parents:
            parent.backward(gradient * slope)


def steps(code, rng):
    optimizer, w = code.call("Momentum", 0.1, momentum=0.5), ints(rng, 3)
    for _ in range(3):
        w = optimizer.call("step", w, ints(rng, 3))
    optimizer.get("velocity")


def closures(code, rng):
    y, vjp = code.call("relu_vjp", ints(rng, 4))
    vjp(y + 1)


def tape(code, rng):
    x = code.call("Var", 3.0)
    y = x.call("__mul__", x)
    y.get("value")
    y.call("backward")
    x.get("grad")


def flat(x):
    return relu_vjp(x)[0], lambda dy: (dy,)


ZOO = Function(
    id="zoo",
    chapter=99,
    title="Objects",
    prompt="",
    stub="",
    reference=[Momentum, relu_vjp, Var],
    checks=[Check("Steps", 2, steps), Check("Closures", 1, closures), Check("Tape", 1, tape)],
    mistakes=[
        Mistake("forgetful", {"Momentum": Forgetful}, "The velocity is overwritten."),
        Mistake("flat", {"relu_vjp": flat}, "The gradient passes where x < 0, too."),
    ],
)


@pytest.mark.parametrize("proxy", [Local, Piped])
def test_objects_stay_where_they_are(proxy):
    outcomes = ZOO.evaluate(proxy(ZOO.namespace()))
    assert [o.state for o in outcomes] == ["passed"] * 3
    outcomes = ZOO.evaluate(proxy(ZOO.namespace() | {"Momentum": Forgetful, "relu_vjp": flat}))
    assert [o.mistake for o in outcomes] == ["forgetful", "flat", ""]
    text = repr(Report(ZOO, outcomes))
    assert "After Momentum(0.1, momentum=0.5); momentum.step(w, gradient):" in text
    assert "In the call momentum.step(w, gradient) with" in text


def test_half_of_a_class_is_half_attempted():
    class Momentum:
        def __init__(self, lr, momentum=0.9):
            pass

        def step(self, w, gradient):
            """Not yet."""

    class Var:
        def __init__(self, value, parents=()):
            self.value = value

        def __mul__(self, other):
            return self.value * other.value

    steps, _, tape = ZOO.evaluate(Local({"Momentum": Momentum, "relu_vjp": relu_vjp, "Var": Var}))
    assert (steps.state, steps.points) == ("blank", 0)
    assert tape.message == "Here comes the value 9.0; an object or a function was expected."


@pytest.mark.parametrize("exercise", exercises.all(), ids=lambda e: e.id)
def test_every_exercise_works_through_the_wire(exercise):
    names = {"np": np}
    exec(exercise.solution, names)
    outcomes = exercise.evaluate(Piped({name: names[name] for name in exercise.names}), "some seed")
    assert [o.state for o in outcomes] == ["passed"] * len(outcomes), outcomes


# ---------------------------------------------------------------- the implementation that is to be caught


def test_the_reader_s_code_cannot_look_into_the_implementation():
    seen = []

    def catches(implementation):
        seen.append((implementation.__code__, implementation.__name__, implementation.__doc__))
        return False

    exercises.check("catch_the_pool", catches)
    assert len(set(seen)) == 1


@pytest.mark.parametrize("answer", [True, False])
def test_answering_always_the_same_earns_nothing(answer):
    assert exercises.check("catch_the_pool", lambda f: answer).points == 0


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda f: f(np.ones((200, 200)), 1), "try the implementation on at most 10000 numbers, none above 1e+06."),
        (lambda f: f(np.ones(2), 1e7), "try the implementation on at most 10000 numbers, none above 1e+06."),
        (
            lambda f: f(np.ones((4999, 1)), np.ones((1, 4999))),
            "try the implementation on smaller arrays; a few hundred numbers do.",
        ),
        (
            lambda f: [f(np.ones(2), 1) for _ in range(3000)],
            "the implementation was called too often; 2000 times must do.",
        ),
        (lambda f: f(f), "give the implementation arrays and numbers"),
        (lambda f: f(), "add() missing 2 required positional arguments: 'x' and 'y'"),
    ],
)
def test_the_implementation_is_used_within_bounds(attempt, message):
    def add(x, y):
        return x + y

    problem = Local({"catches": attempt}).call("catches", [add]).problem
    assert problem.text.endswith(message)


def test_the_implementation_is_gone_afterwards():
    kept = []
    proxy = Local({"keep": kept.append, "use": lambda: kept[0](np.ones(1))})
    proxy.call("keep", [np.sin])
    assert proxy.call("use").problem.text.endswith("can be called only while your function runs.")


# ---------------------------------------------------------------- nothing that comes back is trusted


@pytest.mark.parametrize(
    "response",
    [
        {},
        None,
        {"value": {"$": "array", "id": 5}, "arrays": [], "changed": []},
        {"value": {"$": "callback"}, "arrays": [], "changed": []},
        {"value": {"no": 1}, "arrays": [], "changed": []},
        {"value": 1, "arrays": [], "changed": None},
        {"problem": 3},
    ],
)
def test_forged_answers_are_problems(response):
    assert read(response, "f").problem.text == "f gave an answer that cannot be read."


def test_forged_errors_are_cut_and_cleaned():
    reply = read({"problem": {"kind": "error", "type": "E\x1b[31m", "message": "m" * 9999, "line": "1"}})
    assert reply.problem.kind == "error"
    assert len(reply.problem.text) < 600
    assert "\x1b" not in reply.problem.text


def test_values_arrive_as_they_are():
    values = [None, True, 1, 0.5, "text", [1, [2]], {"a": np.ones(2)}, ..., np.float32(2), float("nan"), object(), 1j]
    reply = Piped({"f": lambda k: values[k], "x": 5})
    got = [reply.call("f", [k]).value for k in range(len(values))]
    assert got[:6] == values[:6]
    assert got[6]["a"].tolist() == [1, 1]
    assert got[7] is BLANK
    assert got[8].dtype == np.float32
    assert np.isnan(got[9])
    assert got[10:] == [Handle(0, "object"), Handle(1, "complex")]
    assert reply.get("x").value == 5
    assert reply.get("y").problem.text == "y is not defined."


def test_print_is_kept_in_bounds():
    assert Local({"f": lambda: print("x" * 10**6)}).call("f").printed == "x" * 500


def test_many_right_answers_have_a_judge():
    def judge(value):
        return None if np.sum(value) == 0 else "The sum is not 0."

    code = Code(Local({"f": lambda: [1, -1]}), Local({"f": lambda: [2, -2]}), {})
    code.accept(judge, "f")
    code = Code(Local({"f": lambda: [1, -1]}), Local({"f": lambda: "words"}), {})
    with pytest.raises(Failed, match="cannot be judged"):
        code.accept(judge, "f")
    code = Code(Local({"f": lambda: [1, -1]}), Local({"f": lambda: ...}), {})
    with pytest.raises(Failed) as failed:
        code.accept(judge, "f")
    assert failed.value.kind == "blank"
    code = Code(Local({"f": lambda: [1, 1]}), Local({"f": lambda: [1, -1]}), {})
    with pytest.raises(RuntimeError, match="the reference itself is not accepted: The sum is not 0."):
        code.accept(judge, "f")
