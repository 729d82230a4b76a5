"""The networks of minicnn.models: a row for each, and what minicnn and PyTorch are asked about it.

tools/make_golden.py asks PyTorch's twins of the networks (tools/twins), test_every_model.py asks minicnn.
"""

from math import prod
from typing import NamedTuple

import numpy as np


class One(NamedTuple):
    """A network: ``mc.models.<make>(**options)``, where `make` is the row's name if left out."""

    parameters: int  # published, or counted from the paper
    images: tuple = (2, 3, 32, 32)
    options: dict = {}
    make: str = ""
    thorough: bool = False  # for the smallest of a family: gradients, training, files
    slow: bool = False
    lr: float = 3e-3  # with which Adam learns eight samples by heart

    def build(self, name, models, **more):
        return getattr(models, self.make or name)(**(self.options | more))


MODELS = {
    "LeNet5": One(61_706, (2, 1, 32, 32), thorough=True),
    "resnet20": One(269_722, thorough=True),
    "resnet20_B": One(269_722 + (16 * 32 + 64) + (32 * 64 + 128), options=dict(shortcut="B"), make="resnet20"),
    "vgg11_small": One(
        9_220_480 + (512 * 4 + 1) * 64 + (64 + 1) * 10,
        options=dict(num_classes=10, hidden=(64,), pooled=2), make="vgg11", thorough=True, lr=3e-4,
    ),
    "vgg11": One(132_863_336, slow=True),
    "vgg11_bn": One(132_868_840, slow=True),
    "vgg11_bn_small": One(9_231_114, options=dict(num_classes=10, hidden=(), pooled=1), make="vgg11_bn"),
    "mobilenet_v1": One(4_231_976, (2, 3, 64, 64)),
    "mobilenet_v1_quarter": One(
        470_072 - 257 * 990, (4, 3, 64, 64), dict(num_classes=10, width_mult=0.25), "mobilenet_v1", thorough=True
    ),
}  # fmt: skip


def weights(key, shape):
    """Starting values that depend on nothing but a parameter's name and shape."""
    rng = np.random.default_rng(list(key.encode()))
    if key.endswith("num_batches_tracked"):
        return np.array(3)
    if len(shape) > 1:
        return rng.standard_normal(shape) * (2 / prod(shape[1:])) ** 0.5
    if key.endswith("running_var"):
        return rng.uniform(0.5, 1.5, shape)
    return rng.uniform(0.5, 1.5, shape) if key.endswith("weight") else rng.normal(0, 0.1, shape)


def summary(arrays):
    """For each array its sum, the sum of its absolute values and two random projections, (n, 4)."""
    rows = []
    for a in arrays:
        a = np.asarray(a, np.float64).ravel()
        c = np.random.default_rng(a.size).standard_normal((2, a.size))
        rows.append([a.sum(), np.abs(a).sum(), *(c @ a)])
    return np.array(rows).reshape(-1, 4)


def without_chance(net):
    """Dropout and its like drop nothing, so that two libraries see the same network."""
    for layer in net.modules():
        if "p" in vars(layer):
            layer.p = 0.0
    return net


def ask(torch, net, one, thorough):
    """What `net`, of minicnn or PyTorch, which are `torch` here, answers: {name: array}, as golden files hold it."""
    state, rng = net.state_dict(), np.random.default_rng(0)
    keys, shapes = list(state), [tuple(a.shape) for a in state.values()]
    dtype = str(next(net.parameters()).dtype).removeprefix("torch.")
    given = {key: torch.from_numpy(weights(key, shape)) for key, shape in zip(keys, shapes, strict=True)}
    net.load_state_dict(given)
    x = torch.from_numpy(rng.standard_normal(one.images).astype(dtype))
    with torch.no_grad():
        scores = net.eval()(x)
    out = {"keys": np.array(keys), "shapes": np.array(["x".join(map(str, shape)) for shape in shapes])}
    out["scores"] = summary(scores)
    if thorough:
        labels = torch.from_numpy(rng.integers(0, scores.shape[1], len(x)))
        loss = torch.nn.functional.cross_entropy(without_chance(net).train()(x), labels)
        loss.backward()
        out["loss"] = np.array(loss.item())
        out["gradients"] = summary(p.grad for p in net.parameters())
        out["buffers"] = summary(net.buffers())
    return out
