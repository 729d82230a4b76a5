"""Weights on disk, as .safetensors: plain numbers under PyTorch's keys, which cannot run code as a pickle can."""

import json
import os
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load, save

__all__ = ["load_optimizer", "load_weights", "save_optimizer", "save_weights"]


def save_weights(model, path):
    """Write the parameters and buffers of a model into a .safetensors file.

    The file appears under its name only when it is complete; one that was there is then replaced.

    Parameters
    ----------
    model : Module
    path : str or Path

    References
    ----------
    https://huggingface.co/docs/safetensors

    Example
    -------
    >>> import tempfile, minicnn as mc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_weights(mc.Linear(3, 2), f"{folder}/linear.safetensors")
    ...     os.listdir(folder)
    ['linear.safetensors']
    """
    _check("save_weights", "model", model, "state_dict", path)
    _write(path, model.state_dict())


def _check(where, name, thing, method, path):
    """What is saved or loaded comes first, then the path of the file."""
    if not hasattr(thing, method) or not isinstance(path, (str, os.PathLike)):
        found = f"{type(thing).__name__} and {type(path).__name__}"
        raise TypeError(f'{where}: pass the {name}, then the path of a file, not {found}: {where}({name}, "…").')


def _write(path, arrays, metadata=None):
    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        arrays = {key: np.asarray(array, order="C") for key, array in arrays.items()}
        part.write_bytes(save(arrays, metadata))  # it takes memory as it lies: transposed arrays would come out wrong
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load_weights(model, path, strict=True):
    """Read parameters and buffers from a .safetensors file, ours or PyTorch's, into a model.

    Parameters
    ----------
    model : Module
        Is changed in place; where anything does not fit, not at all.
    path : str or Path
    strict : bool
        False: keys that only the model or only the file has are passed over.

    Returns
    -------
    Module
        The model.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged or in another format; if keys are missing, unexpected or misshaped (all are named).

    Example
    -------
    >>> import tempfile, minicnn as mc
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_weights(mc.Linear(3, 2), f"{folder}/linear.safetensors")
    ...     load_weights(mc.Linear(3, 2), f"{folder}/linear.safetensors")
    Linear(in_features=3, out_features=2, bias=True)
    """
    _check("load_weights", "model", model, "load_state_dict", path)
    content = Path(path).read_bytes()
    try:
        state = load(content)
    except KeyError as error:
        raise ValueError(
            f"load_weights: {path} holds numbers of type {error.args[0]}, which NumPy does not have. "
            "Convert them to float32 where the file was made."
        ) from error
    except SafetensorError as error:
        raise ValueError(
            f"load_weights: {path} ({len(content):,} bytes) is damaged, or no .safetensors file ({error}). "
            "Fetch it again, or write it anew with save_weights."
        ) from error
    model.load_state_dict(state, strict=strict)
    return model


def save_optimizer(optimizer, path, schedule=None):
    """Write the state of an optimiser, and of its schedule, into a .safetensors file beside that of the weights.

    With both files a run goes on later as if it had not stopped, bit for bit, if chance does too: keep also
    ``rng.bit_generator.state`` of what shuffles and drops.

    Parameters
    ----------
    optimizer : SGD, Adam, …
    path : str or Path
    schedule : LRScheduler, optional

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_optimizer(mc.SGD([mc.Parameter([1.0])], lr=0.5), f"{folder}/sgd.safetensors")
    ...     load_optimizer(mc.SGD([mc.Parameter([1.0])]), f"{folder}/sgd.safetensors")
    SGD(1 parameters, lr=0.5)
    """
    content = optimizer.state_dict()
    arrays, numbers = {}, {}  # those that have axes or a NumPy type, and plain ones such as the number of steps
    for i, state in content["state"].items():
        for key, value in state.items():
            (numbers if type(value) in (int, float) else arrays)[f"{i}.{key}"] = value
    rest = {
        "optimizer": type(optimizer).__name__, "param_groups": content["param_groups"], "numbers": numbers,
        "schedule": schedule and schedule.state_dict(),
    }  # fmt: skip
    _write(path, arrays, {"minicnn": json.dumps(rest)})


def load_optimizer(optimizer, path, schedule=None):
    """Read what `save_optimizer` wrote into an optimiser (and a schedule) that is made as it was made then.

    Parameters
    ----------
    optimizer : SGD, Adam, …
        Is changed in place.
    path : str or Path
    schedule : LRScheduler, optional

    Returns
    -------
    Optimizer
        The optimiser.

    Raises
    ------
    ValueError
        If the file is of another kind, or of an optimiser of another kind or for other parameters; if a schedule is
        given that the file does not have.

    Example
    -------
    >>> import tempfile
    >>> optimizer, other = (mc.Adam([mc.Parameter([1.0])], lr=lr) for lr in (0.5, 0.1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_optimizer(optimizer, f"{folder}/adam.safetensors")
    ...     load_optimizer(other, f"{folder}/adam.safetensors")
    Adam(1 parameters, lr=0.5)
    """
    try:
        with safe_open(path, "np") as file:
            rest = (file.metadata() or {}).get("minicnn")
            arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (it is no dict)
    except SafetensorError:
        rest = None
    name = type(optimizer).__name__
    rest = json.loads(rest) if rest else {"optimizer": "no optimiser"}
    if rest["optimizer"] != name:
        raise ValueError(
            f"load_optimizer: {path} holds {rest['optimizer']}, not {name}. Pass a file of save_optimizer."
        )
    if schedule and not rest["schedule"]:
        raise ValueError(f"load_optimizer: {path} holds no schedule. Pass schedule= to save_optimizer too.")
    state = {}
    for key, value in (arrays | rest["numbers"]).items():
        i, _, key = key.partition(".")
        state.setdefault(int(i), {})[key] = value
    groups = [
        {key: tuple(value) if key == "betas" else value for key, value in group.items()}
        for group in rest["param_groups"]
    ]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
    if schedule:
        schedule.load_state_dict(rest["schedule"])
    return optimizer
