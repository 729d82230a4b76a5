"""Weights on disk, as .safetensors: plain numbers under PyTorch's keys, which cannot run code as a pickle can."""

import os
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

__all__ = ["load_weights", "save_weights"]


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
    write(path, model.state_dict())


def _check(where, name, thing, method, path):
    """What is saved or loaded comes first, then the path of the file."""
    if not hasattr(thing, method) or not isinstance(path, (str, os.PathLike)):
        found = f"{type(thing).__name__} and {type(path).__name__}"
        raise TypeError(f'{where}: pass the {name}, then the path of a file, not {found}: {where}({name}, "…").')


def write(path, arrays, metadata=None):
    """Write a .safetensors file aside, then move it: it is there whole, or not at all."""
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
