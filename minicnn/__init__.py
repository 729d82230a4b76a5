"""minicnn: convolutional neural networks you can read, in NumPy and Numba, under PyTorch's names."""

import importlib
import sys

from . import calls, chance, creation, data, functional, grad_mode, layers, models, porting, training
from .chance import *
from .creation import *
from .functional.convolution.explain import explain
from .grad_mode import *
from .gradcheck import gradcheck
from .layers import *
from .operation import differentiable
from .porting import cuda, device
from .tensor import Tensor
from .threads import get_num_threads, set_num_threads
from .training import *

__version__ = "0.1.0"

__all__ = sorted(
    ["Tensor", "cuda", "data", "device", "differentiable", "exercises", "explain", "figures", "functional"]
    + ["get_num_threads", "gradcheck", "models", "set_num_threads"]
    + [name for module in (chance, creation, grad_mode, layers, training) for name in module.__all__]
)
calls.explain(globals())


def __getattr__(name):
    if name in ("exercises", "figures"):  # imported when they are used: figures need matplotlib
        return importlib.import_module(f".{name}", __name__)
    if name in ("nn", "optim", "lr_scheduler", "utils"):  # what PyTorch has in modules of its own is here
        return sys.modules[__name__]
    if name in porting.DTYPES:
        return porting.DTYPES[name]
    if name in functional.__all__ and name in porting.torch_names():  # torch.relu is F.relu
        return getattr(functional, name)
    raise porting.missing("mc", name)


def __dir__():
    return sorted(set(globals()) | set(__all__))
