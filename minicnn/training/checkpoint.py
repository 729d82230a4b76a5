"""A run on disk: all that training needs to go on later as if it had not stopped, bit for bit."""

import json
from dataclasses import asdict

import numpy as np
from safetensors import SafetensorError, safe_open

from ..chance import generator
from .history import History
from .weights import write

__all__ = ["load_checkpoint", "save_checkpoint"]


def save_checkpoint(path, *, model, optimizer, schedule=None, loader=None, average=None, history=None, rng=()):
    """Write all that a run needs to go on into one .safetensors file.

    The file appears under its name only when it is complete; one that was there is then replaced. So a run that saves
    after each epoch may be killed at any moment, and loses no more than an epoch.

    Parameters
    ----------
    path : str or Path
    model : Module
        Its weights and buffers, and the state of each generator that a layer has, such as a Dropout's ``rng``.
    optimizer : SGD, Adam, …
    schedule : LRScheduler or callable, optional
        A function of the epoch needs the history only.
    loader : DataLoader, optional
        The state of its ``rng``: by it the next epoch is shuffled.
    average : ExponentialMovingAverage, optional
    history : History, optional
    rng : np.random.Generator, or a list of them
        Other sources of chance. That of `manual_seed` is always saved.

    Example
    -------
    >>> import tempfile
    >>> model = mc.Linear(1, 2)
    >>> run = dict(model=model, optimizer=mc.Adam(model.parameters()), history=mc.History(train_loss=[0.5]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_checkpoint(f"{folder}/run.safetensors", **run)  # in fit, as after_epoch=lambda history: …
    ...     load_checkpoint(f"{folder}/run.safetensors", **run)  # later: make all anew, load, fit
    """
    arrays = {f"model.{key}": value for key, value in model.state_dict().items()}
    state, numbers = optimizer.state_dict(), {}
    for i, values in state["state"].items():
        for key, value in values.items():
            if type(value) in (int, float):  # what has axes or a NumPy type is kept as an array
                numbers[f"{i}.{key}"] = value
            else:
                arrays[f"optimizer.{i}.{key}"] = value
    if average is not None:
        arrays |= {f"average.{key}": value for key, value in average.state_dict()["means"].items()}
    rest = {
        "kinds": _kinds(optimizer, schedule, average, history),
        "optimizer": {"param_groups": state["param_groups"], "numbers": numbers},
        "schedule": schedule.state_dict() if hasattr(schedule, "state_dict") else None,
        "average": average and {"decay": average.decay, "updates": average.updates},
        "history": history and asdict(history),
        "generators": {name: g.bit_generator.state for name, g in _generators(model, loader, rng).items()},
    }
    write(path, arrays, {"minicnn": json.dumps(rest, default=np.ndarray.tolist)})


def load_checkpoint(path, *, model, optimizer, schedule=None, loader=None, average=None, history=None, rng=()):
    """Read what `save_checkpoint` wrote into a model, an optimiser and the rest, all made as they were made then.

    Parameters
    ----------
    path : str or Path
    model, optimizer, schedule, loader, average, history, rng
        The same as for `save_checkpoint`; all are changed in place. Pass ``history=mc.History()``, and then to `fit`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no checkpoint, or one of other things than are given here.

    Example
    -------
    >>> import os, tempfile
    >>> model, history = mc.Linear(1, 2), mc.History()
    >>> run = dict(model=model, optimizer=mc.Adam(model.parameters()), history=history)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     if os.path.exists(f"{folder}/run.safetensors"):  # the same script begins and goes on
    ...         load_checkpoint(f"{folder}/run.safetensors", **run)
    """
    arrays, rest = _read(path)
    given, held = _kinds(optimizer, schedule, average, history), rest["kinds"]
    generators = _generators(model, loader, rng)
    given |= {name: type(g.bit_generator).__name__ for name, g in generators.items()}
    held |= {name: state["bit_generator"] for name, state in rest["generators"].items()}
    for name in sorted(given.keys() | held.keys()):
        if given.get(name) != held.get(name):
            raise ValueError(
                f"load_checkpoint: {path} was saved with {held.get(name, 'nothing')} as {name}, but here it is "
                f"{given.get(name, 'nothing')}. Pass to load_checkpoint what was passed to save_checkpoint."
            )
    model.load_state_dict(_part(arrays, "model"))
    state = {}
    for key, value in (_part(arrays, "optimizer") | rest["optimizer"]["numbers"]).items():
        i, _, key = key.partition(".")
        state.setdefault(int(i), {})[key] = value
    groups = [
        {key: tuple(value) if key == "betas" else value for key, value in group.items()}
        for group in rest["optimizer"]["param_groups"]
    ]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
    if rest["schedule"] is not None:
        schedule.load_state_dict(rest["schedule"])
    if average is not None:
        average.load_state_dict(rest["average"] | {"means": _part(arrays, "average")})
    if history is not None:
        vars(history).update(rest["history"])
    for name, g in generators.items():
        g.bit_generator.state = rest["generators"][name]


def _read(path):
    """The arrays of a checkpoint, and the rest."""
    try:
        with safe_open(path, "np") as file:
            rest = json.loads((file.metadata() or {}).get("minicnn", "{}"))
            arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (it is no dict)
    except SafetensorError:
        rest = {}
    if "generators" not in rest:
        raise ValueError(f"load_checkpoint: {path} is no checkpoint, or damaged. Pass a file of save_checkpoint.")
    return arrays, rest


def _part(arrays, name):
    return {key.removeprefix(f"{name}."): value for key, value in arrays.items() if key.startswith(f"{name}.")}


def _kinds(optimizer, schedule, average, history):
    """What has a state in addition to the model, and of which class it is."""
    given = {"optimizer": optimizer, "schedule": schedule, "average": average, "history": history}
    return {
        name: type(value).__name__
        for name, value in given.items()
        if hasattr(value, "state_dict") or isinstance(value, History)
    }


def _generators(model, loader, rng):
    """Every source of chance, by the name of where it is."""
    owners = {f"model.{name}" if name else "model": module for name, module in model.named_modules()}
    owners |= {"loader": loader, "loader.dataset": getattr(loader, "dataset", None)}
    found = {
        f"{owner}.{name}": value
        for owner, thing in owners.items()
        for name, value in getattr(thing, "__dict__", {}).items()
        if isinstance(value, np.random.Generator)
    }
    others = [rng] if isinstance(rng, np.random.Generator) else rng
    found |= {f"rng[{i}]": generator("save_checkpoint", other) for i, other in enumerate(others)}
    return found | {"the default generator": generator("save_checkpoint", None)}
