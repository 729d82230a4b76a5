"""What an experiment says about itself. Each is a file of experiments/ that defines EXPERIMENT."""

import hashlib
import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

LEDGER = Path(__file__).resolve().parent


class LedgerError(Exception):
    """What whoever runs the ledger is told in one sentence."""


@dataclass(frozen=True)
class Experiment:
    """One or several networks ("arms"), trained from several seeds, and the number that counts in the end.

    Parameters
    ----------
    data, recipe : str
        In words: what is learned from, and what else one must know to do it again.
    arms : dict of dicts
        What is compared: for each name its settings, plain numbers and words; "epochs" is one of them.
    setup : callable
        ``setup(seed, **settings)`` returns the arguments of `mc.fit` without "epochs" as a dict; "rng" may be one more:
        sources of chance besides those of model and loader. All chance must come from the seed. An "after_epoch" may
        look at the history only.
    measure : callable
        ``measure(model=…, history=…, seed=…, **settings)`` returns the results as a dict of numbers.
    result, unit : str
        The name of the result that counts, and what it is measured in.
    published : dict
        Arm: the published number, in the same unit.
    source, refuted, deviations : str
        Where it was published, what outcome would refute it, and what differs from there.
    seeds : tuple of int
    name, question, digest : str
        Filled in by `load`: the file's name, the first line of its docstring, and what tells it from earlier versions.
    """

    data: str
    recipe: str
    arms: dict
    setup: Callable
    measure: Callable
    result: str
    unit: str = ""
    published: dict = field(default_factory=dict)
    source: str = ""
    refuted: str = ""
    deviations: str = ""
    seeds: tuple = (0, 1, 2)
    name: str = ""
    question: str = ""
    digest: str = ""


def names(ledger=LEDGER):
    """The experiments of a ledger."""
    return sorted(path.stem for path in Path(ledger, "experiments").glob("*.py"))


def load(name, ledger=LEDGER):
    """The experiment of that name."""
    path = Path(ledger, "experiments", f"{name}.py")
    if not path.exists():
        raise LedgerError(f"There is no experiment {name} in {path.parent}, only {', '.join(names(ledger))}.")
    spec = importlib.util.spec_from_file_location(f"experiment_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    source = path.read_bytes() + json.dumps(module.EXPERIMENT.arms).encode()
    question, digest = module.__doc__.splitlines()[0], hashlib.sha256(source).hexdigest()[:8]
    return replace(module.EXPERIMENT, name=name, question=question, digest=digest)
