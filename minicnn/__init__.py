"""minicnn: convolutional neural networks you can read, in NumPy and Numba, under PyTorch's names."""

import importlib

from . import data, functional, layers, models, training
from .grad_mode import *
from .grad_mode import __all__ as _modes
from .gradcheck import gradcheck
from .layers import *
from .tape import differentiable
from .tensor import Tensor
from .threads import get_num_threads, set_num_threads
from .training import *

__version__ = "0.1.0"

__all__ = sorted(
    ["Tensor", "data", "differentiable", "exercises", "figures", "functional", "gradcheck", "models", *_modes]
    + ["get_num_threads", "set_num_threads"]
    + layers.__all__
    + training.__all__
)


def __getattr__(name):
    if name in ("exercises", "figures"):  # imported when they are used: figures need matplotlib
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module 'minicnn' has no attribute {name!r}")


def __dir__():
    return sorted(set(globals()) | set(__all__))
