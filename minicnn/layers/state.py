"""Loading a state: arrays into the Parameters and buffers of a tree of Modules, all of them or none."""

from collections import namedtuple

import numpy as np

from ..tensor import increment_version

IncompatibleKeys = namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])


def load(module, state, strict):
    """Copy the arrays of `state` into what the module's own `state_dict` gives. If one cannot be copied, nothing is."""
    if not isinstance(state, dict):
        raise TypeError(f"load_state_dict: state must be a dict of arrays, not {type(state).__name__}.")
    own, tensors = module.state_dict(), dict(module.named_parameters(remove_duplicate=False))
    given = {id(own[key]) for key in own.keys() & state.keys()}  # tied weights may be there under one name only
    old = "num_batches_tracked"  # networks from before 2018 have none; PyTorch lets it be missing too
    missing = [k for k in own if k not in state and id(own[k]) not in given and k.split(".")[-1] != old]
    unexpected = [key for key in state if key not in own]
    misshaped = [
        f"{key} (model {own[key].shape}, given {np.shape(state[key])})"
        for key in own
        if key in state and own[key].shape != np.shape(state[key])
    ]
    faults = ({"missing": missing, "unexpected": unexpected} if strict else {}) | {"of another shape": misshaped}
    faults["not of numbers"] = [k for k in own if k in state and np.asarray(state[k]).dtype.kind not in "fiub"]
    if found := [f"{what}: {', '.join(keys)}" for what, keys in faults.items() if keys]:
        rule = f"load_state_dict: these weights are not for this {type(module).__name__}."
        raise ValueError(f"{rule} {'; '.join(found)}. Nothing was loaded.")
    for key in own.keys() & state.keys():
        own[key][...] = state[key]
        if key in tensors:
            increment_version(tensors[key])
    return IncompatibleKeys(missing, unexpected)
