"""What a script written for PyTorch meets here: names that are accepted, and words for those that are not there.

`torch_names.txt` lists the public names of PyTorch, so that a missing one can be told from a typing error.
"""

from functools import cache
from importlib.resources import files

import numpy as np

from .calls import Explained

DTYPES = {
    "float32": np.float32, "float": np.float32, "float64": np.float64, "double": np.float64, "int64": np.int64,
    "long": np.int64, "int32": np.int32, "int": np.int32, "int16": np.int16, "short": np.int16, "int8": np.int8,
    "uint8": np.uint8, "bool": np.bool_,
}  # fmt: skip

CPU_ONLY = 'minicnn computes on the CPU only. Leave it out, or say "cpu"'
PRECISIONS = "There are float32 and float64 here, no half precision. Leave it out"
RECURRENT = "There are no recurrent layers. Unroll the steps with Linear layers"
ATTENTION = "Use F.scaled_dot_product_attention with Linear layers"
WORDS = {
    "save": "Use mc.save_weights(model, path), and mc.save_checkpoint for what training needs to go on",
    "load": "Use mc.load_weights(model, path); PyTorch's own files are read as .safetensors",
    "from_dlpack": "Use mc.Tensor(np.from_dlpack(x))",
    "Generator": "Use np.random.default_rng(seed), and pass it as rng=",
    "get_rng_state": "Pass rng=np.random.default_rng(seed); its state is rng.bit_generator.state",
    "initial_seed": "Pass rng=np.random.default_rng(seed)",
    "compile": "Kernels are compiled by themselves. Leave it out",
    "jit": "Kernels are compiled by themselves. Leave it out",
    "autograd": "Use mc.gradcheck, Tensor.backward and mc.differentiable",
    "Function": "Write f_vjp(x) -> (y, vjp) and use mc.differentiable(f_vjp)",
    "distributions": "Use a numpy.random.Generator to draw, and write the density with F",
    "func": "Use the pull-backs, such as F.conv2d_vjp; mc.differentiable makes an operation of your own",
    "linalg": "Use numpy.linalg on .data; F.matmul and F.norm have gradients",
    "fft": "Use numpy.fft on .data",
    "sparse": "There are no sparse tensors here. Use a dense array",
    "complex64": "There are no complex Tensors here. Use NumPy arrays",
    "complex128": "There are no complex Tensors here. Use NumPy arrays",
    "lu": "Use scipy.linalg or numpy.linalg on .data",
    "backends": CPU_ONLY, "mps": CPU_ONLY, "xpu": CPU_ONLY, "cuda": CPU_ONLY, "pin_memory": CPU_ONLY,
    "channels_last": "Arrays are (N, C, H, W) here. Leave it out",
    "contiguous_format": "Arrays are contiguous wherever that matters. Leave it out",
    "half": PRECISIONS, "float16": PRECISIONS, "bfloat16": PRECISIONS, "amp": PRECISIONS, "autocast": PRECISIONS,
    "DataParallel": "Kernels use all processors by themselves: see mc.set_num_threads. Leave it out",
    "LazyLinear": "Use Linear(in_features, out_features)", "LazyConv2d": "Use Conv2d(in_channels, out_channels, …)",
    "LazyConv1d": "Use Conv1d(in_channels, out_channels, …)", "LazyConv3d": "Use Conv3d(in_channels, out_channels, …)",
    "LazyBatchNorm2d": "Use BatchNorm2d(num_features)", "LazyBatchNorm1d": "Use BatchNorm1d(num_features)",
    "retains_grad": "Use .retain_grad() and look at .grad", "grad_fn": "Use .is_leaf",
    "_parameters": "Use named_parameters(recurse=False)", "_modules": "Use named_children()",
    "_buffers": "Use named_buffers(recurse=False)", "share_memory": "Leave it out",
    "register_backward_hook": "Use register_full_backward_hook(hook)",
    "random_split": "Use dataset.split(fraction, rng=…)", "Subset": "Use dataset[indices]",
    "set_default_dtype": "Pass dtype= to layers, or use Module.double()",
    "set_printoptions": "Use np.set_printoptions",
    "use_deterministic_algorithms": "Results have the same bits in every run. Leave it out",
    "vmap": "Operations take a batch as their first axis",
    "set_default_device": CPU_ONLY, "set_float32_matmul_precision": "float32 is computed in full here. Leave it out",
    "einops": "Use reshape and permute", "LSTM": RECURRENT, "GRU": RECURRENT,
    "RNN": RECURRENT, "Transformer": ATTENTION, "MultiheadAttention": ATTENTION,
    "SyncBatchNorm": "Use BatchNorm2d", "grid_sample": "It is not in minicnn; F.interpolate resizes",
    "checkpoint": "Activations are freed as backward goes; use a smaller batch",
}  # fmt: skip


class device(str, metaclass=Explained):
    """Where a Tensor is: ``device("cpu")``, the only one there is.

    Example
    -------
    >>> mc.device("cpu").type
    'cpu'
    """

    __slots__ = ()

    def __new__(cls, name="cpu", index=None):
        if not (isinstance(name, str) and name.split(":")[0] == "cpu"):
            raise RuntimeError(f"device: there is no {name!r} here. {CPU_ONLY}.")
        return super().__new__(cls, "cpu")

    type, index = property(str), property(lambda self: None)


class _Cuda:
    """``mc.cuda.is_available()`` is False, so that scripts choose the CPU; the rest is answered in words."""

    @staticmethod
    def is_available():
        return False

    @staticmethod
    def device_count():
        return 0

    def __getattr__(self, name):
        raise AttributeError(f"mc.cuda.{name}: {CPU_ONLY}.")


cuda = _Cuda()


def target_dtype(where, *args, dtype=None, device=None, non_blocking=False, copy=False, memory_format=None):
    """What ``x.to(…)`` is asked for: a dtype or None; devices other than the CPU are refused."""
    for a in args:
        if hasattr(a, "dtype") and not isinstance(a, type):
            dtype = a.dtype  # like another Tensor
        elif isinstance(a, str):
            device = a
        elif isinstance(a, bool):
            continue
        else:
            dtype = a
    if device is not None:
        device_class(device)
    if memory_format is not None:
        raise ValueError(f"{where}: {WORDS['channels_last']}.")
    try:
        return None if dtype is None else np.dtype(dtype)
    except TypeError:
        raise TypeError(f'{where}: {dtype!r} is no dtype. Pass np.float32 or np.float64, or "cpu".') from None


device_class = device


@cache
def torch_names():
    """The public names of PyTorch: functions, layers, optimisers, methods of Tensor and Module."""
    return frozenset((files(__package__) / "torch_names.txt").read_text("utf-8").split())


def missing(where, name, owner=None):
    """The AttributeError for a name that is not there: what to do instead, if it is one of PyTorch's."""
    if name in WORDS:
        text = f"{where}.{name} is not in minicnn. {WORDS[name]}."
    elif name in torch_names():
        text = f"{where}.{name} is PyTorch's, and not in minicnn. Compose it from what is there, or use NumPy on .data."
    else:
        text = f"{where} has no attribute {name!r}."
    return AttributeError(text, name=name, obj=owner)
