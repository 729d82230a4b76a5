"""The single operations that tools/bench.py times: one call of ``F``, forwards, and its pull-back."""

from dataclasses import dataclass, field
from functools import partial
from inspect import signature
from math import prod

import numpy as np


@dataclass
class Array:
    """An argument of normally distributed float32 numbers; with a gradient, or without."""

    shape: tuple
    gradient: bool = True


@dataclass
class Labels:
    """An argument of class numbers."""

    batch: int
    classes: int


@dataclass
class Op:
    """A call ``F.function(*args, **options)``; its cost in floating point operations, if it is compared to the peak."""

    function: str
    args: list
    options: dict = field(default_factory=dict)
    flops: int | None = None

    def flops_of(self, direction):
        gradients = sum(isinstance(a, Array) and a.gradient and len(a.shape) > 1 for a in self.args)
        return self.flops and self.flops * (1 if direction == "forward" else gradients)


def conv(c, o, size, k=3, n=32, nd=2, *, stride=1, padding=None, groups=1, dilation=1, first=False, transposed=False):
    """A convolution of n × c × size^nd with o filters of k^nd; in a `first` layer x needs no gradient."""
    padding = dilation * (k // 2) if padding is None else padding
    options = dict(stride=stride, padding=padding, groups=groups, dilation=dilation)
    weight = (c, o // groups) if transposed else (o, c // groups)
    positions = size if transposed else (size + 2 * padding - dilation * (k - 1) - 1) // stride + 1
    return Op(
        f"conv{'_transpose' * transposed}{nd}d",
        [Array((n, c, *[size] * nd), not first), Array((*weight, *[k] * nd)), Array((o,))],
        options,
        2 * n * positions**nd * prod(weight) * k**nd,
    )


def norm(function, *shape, residual=False):
    c = shape[1]
    statistics = [np.zeros(c, np.float32), np.ones(c, np.float32)]
    extra = [Array(shape)] if residual else []
    return Op(function, [Array(shape), *statistics, Array((c,)), Array((c,)), True, 0.1, 1e-5, *extra])


IMAGES = (64, 16, 32, 32)

OPS = {
    "conv 3x3 16->16 @32": conv(16, 16, 32),
    "conv 3x3 32->32 @16": conv(32, 32, 16),
    "conv 3x3 64->64 @8": conv(64, 64, 8),
    "conv 3x3 64->64 @56": conv(64, 64, 56, n=8),
    "conv 3x3 256->256 @14": conv(256, 256, 14, n=8),
    "conv 5x5 1->6 @32, no dx": conv(1, 6, 32, 5, 64, padding=0, first=True),
    "conv 5x5 6->16 @14": conv(6, 16, 14, 5, 64, padding=0),
    "conv 3x3/2 16->32 @32": conv(16, 32, 32, stride=2),
    "conv 1x1 64->64 @16": conv(64, 64, 16, 1),
    "conv 1x1/2 16->32 @32": conv(16, 32, 32, 1, stride=2),
    "depthwise 3x3 64 @32": conv(64, 64, 32, groups=64),
    "depthwise 3x3/2 64 @32": conv(64, 64, 32, groups=64, stride=2),
    "conv 3x3 dilation 2 32->32 @32": conv(32, 32, 32, dilation=2),
    "conv 3x3 groups 4 64->64 @16": conv(64, 64, 16, groups=4),
    "conv1d 9 32->32 @1024": conv(32, 32, 1024, 9, nd=1),
    "conv3d 3 8->16 @16": conv(8, 16, 16, n=8, nd=3),
    "transposed 4x4/2 64->32 @16": conv(64, 32, 16, 4, stride=2, padding=1, transposed=True),
    "max-pool 2x2": Op("max_pool2d", [Array(IMAGES), 2]),
    "max-pool 3x3/2": Op("max_pool2d", [Array(IMAGES), 3, 2, 1]),
    "avg-pool 2x2": Op("avg_pool2d", [Array(IMAGES), 2]),
    "batch norm": norm("batch_norm", *IMAGES),
    "batch norm + ReLU": norm("batch_norm_relu", *IMAGES),
    "batch norm + residual + ReLU": norm("batch_norm_relu", *IMAGES, residual=True),
    "layer norm": Op("layer_norm", [Array((4096, 256)), (256,), Array((256,)), Array((256,))]),
    "group norm": Op("group_norm", [Array(IMAGES), 4, Array((16,)), Array((16,))]),
    "relu": Op("relu", [Array(IMAGES)]),
    "gelu": Op("gelu", [Array(IMAGES)]),
    "dropout": Op("dropout", [Array(IMAGES), 0.5]),
    "add": Op("add", [Array(IMAGES), Array(IMAGES)]),
    "softmax-cross-entropy 64x10": Op("cross_entropy", [Array((64, 10)), Labels(64, 10)]),
    "softmax-cross-entropy 256x1000": Op("cross_entropy", [Array((256, 1000)), Labels(256, 1000)]),
    "linear 64x400->120": Op("linear", [Array((64, 400)), Array((120, 400)), Array((120,))]),
    "linear 256x512->512": Op("linear", [Array((256, 512)), Array((512, 512)), Array((512,))], flops=2 * 256 * 512**2),
}

GROWTH = {
    **{f"conv 3x3 16->16 @32, batch {n}": conv(16, 16, 32, n=n) for n in (1, 4, 16, 64, 256)},
    **{f"conv 3x3 {c}->{c} @32, batch 8": conv(c, c, 32, n=8) for c in (4, 8, 16, 32, 64, 128)},
    **{f"conv 3x3 16->16 @{size}, batch 8": conv(16, 16, size, n=8) for size in (4, 8, 16, 32, 64, 128)},
}


def _arguments(op):
    from minicnn.kernels.running.buffers import empty

    rng = np.random.default_rng(0)
    for a in op.args:
        if isinstance(a, Array):
            a, numbers = empty(a.shape, np.float32), rng.standard_normal(a.shape, np.float32)
            a[:] = numbers  # where cache lines begin, as both libraries have their results, and thus their activations
        elif isinstance(a, Labels):
            a = rng.integers(0, a.classes, a.batch)
        yield a


def minicnn_calls(library, op):
    """{"forward": call recorded for a gradient, "backward": its pull-back}."""
    f, f_vjp = (getattr(library.F, op.function + suffix) for suffix in ("", "_vjp"))
    args, options = list(_arguments(op)), dict(op.options)
    taped = [
        library.nn.Tensor(a, spec.gradient) if isinstance(spec, Array) else a
        for a, spec in zip(args, op.args, strict=True)
    ]
    if op.function == "dropout":
        options["rng"] = np.random.default_rng(0)
    wanted = {}
    if "needs" in signature(f_vjp).parameters:
        needs = [isinstance(spec, Array) and spec.gradient for spec in op.args]
        wanted["needs"] = (*needs, False, False)[:3]
    y, vjp = f_vjp(*args, **options, **wanted)
    y = y[0] if isinstance(y, tuple) else y
    dy = np.random.default_rng(1).standard_normal(np.shape(y), np.float32)
    return {"forward": partial(f, *taped, **options), "backward": partial(vjp, np.asarray(dy, np.float32))}


def torch_calls(library, op):
    """The same in PyTorch."""
    torch = library.torch
    composed = {"add": torch.add, "batch_norm_relu": partial(_batch_norm_relu, library.F)}
    f = composed.get(op.function) or getattr(library.F, op.function)
    args = [library.array(a) if isinstance(a, np.ndarray) else a for a in _arguments(op)]
    leaves = [
        a.requires_grad_() for a, spec in zip(args, op.args, strict=True) if isinstance(spec, Array) and spec.gradient
    ]
    y = f(*args, **op.options)
    dy = torch.randn_like(y)
    return {
        "forward": partial(f, *args, **op.options),
        "backward": partial(torch.autograd.grad, y, leaves, dy, retain_graph=True),
    }


def _batch_norm_relu(F, x, mean, var, weight, bias, training, momentum, eps, residual=None):
    y = F.batch_norm(x, mean, var, weight, bias, training, momentum, eps)
    return F.relu(y if residual is None else y + residual)
