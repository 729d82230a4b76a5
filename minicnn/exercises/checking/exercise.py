"""What an exercise is: a prompt, a stub, a reference, checks, hints, and the mistakes that it can name."""

import inspect
import textwrap
from dataclasses import dataclass, field

import numpy as np

from .code import Code, Failed, generator
from .compare import difference, show
from .proxy import BLANK, Local

NAMEABLE = {"value", "shape", "nan", "none", "type", "judge"}  # kinds of failure that known mistakes are compared with


@dataclass
class Check:
    """One property: `script(code, rng)` runs on `cases` draws of random inputs, and earns `points` if all succeed."""

    title: str
    points: int
    script: object
    cases: int = 5


@dataclass
class Mistake:
    """A known mistake: a wrong reference (a function, or a dict of those that differ), and what to say about it."""

    name: str
    reference: object
    text: str


@dataclass
class Outcome:
    """What became of one check. `state` is "passed", "failed" or "blank"."""

    title: str
    points: int
    out_of: int
    state: str
    message: str = ""
    mistake: str = ""  # name of the known mistake
    diagnosis: str = ""  # its sentence
    failure: object = None  # the first failing case, a Failed


@dataclass(kw_only=True)
class Exercise:
    """What the kinds have in common."""

    id: str
    chapter: int
    title: str
    prompt: str
    hints: list = field(default_factory=list)
    mistakes: list = field(default_factory=list)
    stub: str = ""
    solution: str = ""
    explanation: str = ""  # Markdown, printed below the solution
    without: tuple = ()  # names of minicnn that may not be used

    def __post_init__(self):
        self.prompt = textwrap.dedent(self.prompt).strip()
        self.solution = textwrap.dedent(self.solution).strip()
        self.explanation = textwrap.dedent(self.explanation).strip()

    @property
    def names(self):
        """The variables that the reader's cell defines."""
        return [self.id]

    def __repr__(self):
        points = f"{self.points} point{'s' if self.points > 1 else ''}"
        return f"<{type(self).__name__} {self.id}, chapter {self.chapter}: {self.title} ({points})>"


@dataclass(kw_only=True, repr=False)
class Function(Exercise):
    """Write a function, several, or a class. `reference` lists the right ones; their names are those of the stub."""

    reference: list
    checks: list
    _known: tuple = field(default=(None, None), init=False)  # a seed, and how each mistake fails under it

    def __post_init__(self):
        super().__post_init__()
        self.stub = textwrap.dedent(self.stub).strip() + "\n"
        sources = (textwrap.dedent(inspect.getsource(f)).strip() for f in self.reference)
        self.solution = self.solution or "\n\n\n".join(sources)

    names = property(lambda self: [f.__name__ for f in self.reference])
    points = property(lambda self: sum(check.points for check in self.checks))

    def evaluate(self, proxy, seed=0):
        """Run all checks on what `proxy` reaches: a list of Outcome."""
        failures = [self._run(check, proxy, seed) for check in self.checks]
        outcomes = []
        for check, failure in zip(self.checks, failures, strict=True):
            outcome = Outcome(check.title, check.points if failure is None else 0, check.points, "passed")
            outcomes.append(outcome)
            if failure is None:
                continue
            outcome.state = "blank" if failure.kind == "blank" else "failed"
            outcome.message, outcome.failure = failure.text, failure
            if failure.kind in NAMEABLE:
                if self._known[0] != seed:  # a class is graded with one seed
                    self._known = seed, [self.failures_of(mistake, seed) for mistake in self.mistakes]
                named = _most_like(failures, self._known[1], self.checks.index(check), _same_failure)
                if named is not None:
                    mistake = self.mistakes[named]
                    outcome.mistake, outcome.diagnosis = mistake.name, mistake.text
        return outcomes

    def failures_of(self, mistake, seed=0):
        """The first failure of a known mistake in every check, or None."""
        wrong = mistake.reference
        wrong = wrong if isinstance(wrong, dict) else {self.names[0]: wrong}
        return [self._run(check, Local(self.namespace() | wrong), seed) for check in self.checks]

    def namespace(self):
        """The reference by its names."""
        return {f.__name__: f for f in self.reference}

    def _run(self, check, proxy, seed):
        """The first failure, or None."""
        for case in range(check.cases):
            code = Code(Local(self.namespace()), proxy, self.namespace())
            try:
                check.script(code, generator(seed, self.id, check.title, case))
            except Failed as failure:
                failure.case = case
                return failure
        return None


@dataclass(kw_only=True, repr=False)
class Predict(Exercise):
    """Predict numbers, then run. `reference(*arguments)` answers each of `questions`, ``{label: arguments}``."""

    reference: object
    questions: dict
    rtol: float = 0.01  # of numbers that are not whole

    def __post_init__(self):
        super().__post_init__()
        self.stub = self.stub or self._form(dict.fromkeys(self.questions, "..."))
        right = {label: _literal(value) for label, value in self.answers(self.reference).items()}
        self.solution = self.solution or self._form(right)

    points = property(lambda self: len(self.questions))

    def answers(self, reference):
        """What a reference, right or wrong, answers: {label: value}."""
        return {label: reference(*arguments) for label, arguments in self.questions.items()}

    def evaluate(self, proxy, seed=0):
        """Compare the answers that `proxy` reaches; nothing is random here."""
        reply = proxy.get(self.id)
        given = reply.value if reply.problem is None else BLANK
        if not isinstance(given, dict):
            row = given.ndim if isinstance(given, np.ndarray) else isinstance(given, list) and len(self.questions) > 1
            given = dict(zip(self.questions, given if row else [given], strict=False))
        right = self.answers(self.reference)
        wrong = [self.answers(mistake.reference) for mistake in self.mistakes]
        outcomes = []
        found = [self._compare(right[q], given.get(q, BLANK)) for q in right]
        others = [[self._compare(right[q], w[q]) for q in right] for w in wrong]
        for k, label in enumerate(right):
            state = "passed" if found[k] is None else "blank" if found[k].kind == "blank" else "failed"
            outcome = Outcome(label, int(state == "passed"), 1, state)
            outcomes.append(outcome)
            if state == "failed":
                outcome.message = found[k].text
                if isinstance(right[label], str):  # without the right one
                    outcome.message = (
                        f"Not {given[label][:200]}." if isinstance(given[label], str) else "Answer with text."
                    )
                named = _most_like(found, others, k, _same_difference)
                if named is not None:
                    outcome.mistake, outcome.diagnosis = self.mistakes[named].name, self.mistakes[named].text
        return outcomes

    def _compare(self, want, got):
        return difference(want, BLANK if got is None else got, _within(want, self.rtol))

    def _form(self, answers):
        lines = [f'    "{label}": {answer},' for label, answer in answers.items()]
        return "\n".join([f"{self.id} = {{", *lines, "}\n"])


@dataclass(kw_only=True, repr=False)
class Choice(Exercise):
    """Choose one of `options`, ``{letter: (text, what to reply)}``."""

    right: str
    options: dict
    points: int = 1

    def __post_init__(self):
        super().__post_init__()
        lines = [f"- **{letter}** {text}" for letter, (text, _) in self.options.items()]
        self.prompt += "\n\n" + "\n".join(lines)
        *most, last = (f'"{letter}"' for letter in self.options)
        self.letters = f"{', '.join(most)} or {last}"
        self.stub = self.stub or f"{self.id} = ...  # {self.letters}\n"
        self.solution = self.solution or f'{self.id} = "{self.right}"\n'

    def evaluate(self, proxy, seed=0):
        """Compare the letter that `proxy` reaches."""
        reply = proxy.get(self.id)
        answer = BLANK if reply.problem is not None or reply.value is None else reply.value
        outcome = Outcome("Your choice", 0, self.points, "failed")
        letter = answer.strip().lower() if isinstance(answer, str) else answer
        if answer is BLANK:
            outcome.state = "blank"
        elif not isinstance(letter, str) or letter not in self.options:
            outcome.message = f"Answer with {self.letters}."
        else:
            outcome.diagnosis = self.options[letter][1]
            if letter == self.right:
                outcome.points, outcome.state = self.points, "passed"
            else:
                outcome.mistake, outcome.message = letter, f"Not {letter}."
        return [outcome]


def _most_like(found, others, k, same):
    """Which of `others`, the failures of known mistakes, fails as `found` does in check k, and most in all? Or None."""
    fitting = [i for i, other in enumerate(others) if other[k] is not None and same(found[k], other[k])]
    return max(fitting, key=lambda i: sum(map(same, found, others[i])), default=None)


def _same_failure(mine, known):
    if mine is None or known is None:
        return mine is known
    if (mine.case, mine.index, mine.kind) != (known.case, known.index, known.kind):
        return False
    by_value = known.kind in ("value", "shape", "nan")
    return difference(known.got, mine.got) is None if by_value else mine.text == known.text


def _same_difference(mine, known):
    if mine is None or known is None:
        return mine is known
    return mine.kind == known.kind and difference(known.got, mine.got, _within(known.got, 0.01)) is None


def _within(want, rtol):
    """Whole numbers must be exact."""
    return 1e-9 if np.asarray(want).dtype.kind in "iub" else rtol


def _literal(value):
    """A right answer, as the reader would type it."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return f"[{', '.join(_literal(v) for v in value)}]"
    if isinstance(value, str):
        return f'"{value}"'
    return repr(value) if isinstance(value, bool) else show(value)
