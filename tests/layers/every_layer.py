"""One of each layer, and inputs that it takes: for tests of what all layers have in common."""

import inspect
from typing import NamedTuple

import numpy as np

import minicnn as mc
from minicnn import layers


class One(NamedTuple):
    """How to make a layer, and the shapes of its inputs."""

    make: object
    shapes: list = ((2, 4, 6),)
    classes: int = 0  # if not 0: the last input holds numbers of so many classes, or rows of a table
    least: float = -0.9  # of the numbers in inputs; they are below 0.9

    def inputs(self, seed=0, dtype=np.float32):
        rng = np.random.default_rng(seed)
        arrays = [rng.uniform(self.least, 0.9, shape).astype(dtype) for shape in self.shapes]
        if self.classes:
            arrays[-1] = rng.integers(0, self.classes, self.shapes[-1])
        return arrays


HOLDERS = {"Module", "ModuleDict", "ModuleList", "ParameterList"}  # they have no forward
SIZES = {1: (2, 4, 6), 2: (2, 4, 6, 5), 3: (2, 4, 6, 5, 4)}


def _rng():
    return np.random.default_rng(0)


def _in_all_dimensions():
    for nd, size in SIZES.items():
        for name, make in {
            "Conv": lambda c: c(4, 6, 3, padding=1, rng=_rng()),
            "ConvTranspose": lambda c: c(4, 6, 3, stride=2, rng=_rng()),
            "MaxPool": lambda c: c(2),
            "AvgPool": lambda c: c(2),
            "AdaptiveAvgPool": lambda c: c(2),
            "AdaptiveMaxPool": lambda c: c(2),
            "BatchNorm": lambda c: c(4),
            "BatchNormReLU": lambda c: c(4),
            "InstanceNorm": lambda c: c(4, affine=True, track_running_stats=True),
            "Dropout": lambda c: c(0.5, rng=_rng()),
            "CircularPad": lambda c: c(1),
            "ConstantPad": lambda c: c(1, 0.5),
            "ReflectionPad": lambda c: c(1),
            "ReplicationPad": lambda c: c(1),
            "LPPool": lambda c: c(2, 2),
            "ZeroPad": lambda c: c(1),
        }.items():
            layer = getattr(mc, f"{name}{nd}d")
            yield layer.__name__, One(lambda layer=layer, make=make: make(layer), [size])


def _as_it_comes():
    """Layers that need no arguments: a new one is here by itself."""
    for name in layers.__all__:
        layer = getattr(layers, name)
        if inspect.isclass(layer) and issubclass(layer, mc.Module) and name not in HOLDERS:
            needed = [p for p in inspect.signature(layer).parameters.values() if p.default is p.empty]
            if all(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in needed):
                yield name, One(layer)


def _unpool(nd):
    class Unpool(mc.Module):
        def __init__(self):
            self.pool = getattr(mc, f"MaxPool{nd}d")(2, return_indices=True)
            self.unpool = getattr(mc, f"MaxUnpool{nd}d")(2)

        def forward(self, x):
            return self.unpool(*self.pool(x))

    return Unpool()


class _OfSigns(mc.Module):
    """A loss whose targets are 1 and −1, made from the class numbers 0 and 1."""

    def __init__(self, loss):
        self.loss = loss

    def forward(self, *arrays):
        return self.loss(*arrays[:-1], 2 * arrays[-1] - 1)


IMAGES = [SIZES[2]]
LAYERS = dict(_as_it_comes()) | dict(_in_all_dimensions()) | {
    **{name: One(getattr(mc, name), [(6, 4), (6, 4)], least=0.1) for name in (
        "BCELoss", "BCEWithLogitsLoss", "CosineSimilarity", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss",
        "PairwiseDistance", "PoissonNLLLoss", "SmoothL1Loss",
    )},
    **{name: One(getattr(mc, name), [(6, 4)] * 3, least=0.1) for name in ("GaussianNLLLoss", "TripletMarginLoss")},
    **{name: One(getattr(mc, name), [(6, 4), (6,)], classes=4) for name in (
        "CrossEntropyLoss", "MultiMarginLoss", "NLLLoss",
    )},
    **{name: One(lambda name=name: _OfSigns(getattr(mc, name)()), shapes, classes=2) for name, *shapes in (
        ("CosineEmbeddingLoss", (6, 4), (6, 4), (6,)), ("HingeEmbeddingLoss", (6, 4), (6, 4)),
        ("MarginRankingLoss", (6, 4), (6, 4), (6, 4)), ("SoftMarginLoss", (6, 4), (6, 4)),
    )},
    "AlphaDropout": One(lambda: mc.AlphaDropout(0.5, rng=_rng())),
    "Bilinear": One(lambda: mc.Bilinear(4, 3, 5, rng=_rng()), [(6, 4), (6, 3)]),
    "ChannelShuffle": One(lambda: mc.ChannelShuffle(2), IMAGES),
    "Concat": One(lambda: mc.Concat(mc.Conv2d(4, 2, 1, rng=_rng()), mc.Conv2d(4, 3, 1, rng=_rng())), IMAGES),
    "Dropout": One(lambda: mc.Dropout(0.5, rng=_rng())),
    "Embedding": One(lambda: mc.Embedding(7, 3, rng=_rng()), [(4, 2)], classes=7),
    "FeatureAlphaDropout": One(lambda: mc.FeatureAlphaDropout(0.5, rng=_rng())),
    "Fold": One(lambda: mc.Fold((6, 5), 2), [(2, 8, 20)]),
    "GroupNorm": One(lambda: mc.GroupNorm(2, 4), IMAGES),
    "LayerNorm": One(lambda: mc.LayerNorm((6, 5)), IMAGES),
    "Linear": One(lambda: mc.Linear(6, 3, rng=_rng())),
    "LocalResponseNorm": One(lambda: mc.LocalResponseNorm(3), IMAGES),
    **{f"MaxUnpool{nd}d": One(lambda nd=nd: _unpool(nd), [(2, 4, 6, 4, 2)[: nd + 2]]) for nd in (1, 2, 3)},
    "PixelShuffle": One(lambda: mc.PixelShuffle(2), IMAGES),
    "PixelUnshuffle": One(lambda: mc.PixelUnshuffle(2), [(2, 4, 6, 4)]),
    "RMSNorm": One(lambda: mc.RMSNorm((6, 5)), IMAGES),
    "Residual": One(lambda: mc.Residual(mc.Conv2d(4, 4, 3, padding=1, rng=_rng())), IMAGES),
    "Softmax2d": One(mc.Softmax2d, IMAGES),
    "Sequential": One(lambda: mc.Sequential(mc.Linear(6, 3, rng=_rng()), mc.ReLU())),
    "StochasticDepth": One(lambda: mc.StochasticDepth(0.5, rng=_rng())),
    "Threshold": One(lambda: mc.Threshold(0.3, 2)),
    "Unflatten": One(lambda: mc.Unflatten(1, (2, 2))),
    "Unfold": One(lambda: mc.Unfold(2), IMAGES),
    "Upsample": One(lambda: mc.Upsample(scale_factor=2), IMAGES),
    "UpsamplingBilinear2d": One(lambda: mc.UpsamplingBilinear2d(scale_factor=2), IMAGES),
    "UpsamplingNearest2d": One(lambda: mc.UpsamplingNearest2d(scale_factor=2), IMAGES),
}  # fmt: skip
