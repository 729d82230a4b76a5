"""One of each layer, and inputs that it takes: for tests of what all layers have in common."""

from typing import NamedTuple

import numpy as np

import minicnn as mc


class One(NamedTuple):
    """How to make a layer, and the shapes of its inputs."""

    make: object
    shapes: list = ((2, 4, 6),)
    classes: int = 0  # if not 0: the last input holds numbers of so many classes, or rows of a table

    def inputs(self, seed=0, dtype=np.float32):
        rng = np.random.default_rng(seed)
        arrays = [rng.uniform(0.1, 0.9, shape).astype(dtype) for shape in self.shapes]
        if self.classes:
            arrays[-1] = rng.integers(0, self.classes, self.shapes[-1])
        return arrays


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
        }.items():
            layer = getattr(mc, f"{name}{nd}d")
            yield layer.__name__, One(lambda layer=layer, make=make: make(layer), [size])


def _unpool():
    class Unpool(mc.Module):
        def __init__(self):
            self.pool, self.unpool = mc.MaxPool2d(2, return_indices=True), mc.MaxUnpool2d(2)

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
LAYERS = dict(_in_all_dimensions()) | {
    **{name: One(getattr(mc, name)) for name in (
        "ELU", "GELU", "Hardsigmoid", "Hardswish", "Hardtanh", "Identity", "LeakyReLU", "LogSoftmax", "PReLU", "ReLU",
        "ReLU6", "SELU", "ScaledTanh", "SiLU", "Sigmoid", "Softmax", "Softplus", "Tanh",
    )},
    **{name: One(getattr(mc, name), [(6, 4), (6, 4)]) for name in (
        "BCELoss", "BCEWithLogitsLoss", "CosineSimilarity", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss",
        "PairwiseDistance", "PoissonNLLLoss", "SmoothL1Loss",
    )},
    **{name: One(getattr(mc, name), [(6, 4)] * 3) for name in ("GaussianNLLLoss", "TripletMarginLoss")},
    **{name: One(getattr(mc, name), [(6, 4), (6,)], classes=4) for name in (
        "CrossEntropyLoss", "MultiMarginLoss", "NLLLoss",
    )},
    **{name: One(lambda name=name: _OfSigns(getattr(mc, name)()), shapes, classes=2) for name, *shapes in (
        ("CosineEmbeddingLoss", (6, 4), (6, 4), (6,)), ("HingeEmbeddingLoss", (6, 4), (6, 4)),
        ("MarginRankingLoss", (6, 4), (6, 4), (6, 4)), ("SoftMarginLoss", (6, 4), (6, 4)),
    )},
    "AlphaDropout": One(lambda: mc.AlphaDropout(0.5, rng=_rng())),
    "Bilinear": One(lambda: mc.Bilinear(4, 3, 5, rng=_rng()), [(6, 4), (6, 3)]),
    "Concat": One(lambda: mc.Concat(mc.Conv2d(4, 2, 1, rng=_rng()), mc.Conv2d(4, 3, 1, rng=_rng())), IMAGES),
    "Dropout": One(lambda: mc.Dropout(0.5, rng=_rng())),
    "Embedding": One(lambda: mc.Embedding(7, 3, rng=_rng()), [(4, 2)], classes=7),
    "FeatureAlphaDropout": One(lambda: mc.FeatureAlphaDropout(0.5, rng=_rng())),
    "Flatten": One(mc.Flatten),
    "GroupNorm": One(lambda: mc.GroupNorm(2, 4), IMAGES),
    "LayerNorm": One(lambda: mc.LayerNorm((6, 5)), IMAGES),
    "Linear": One(lambda: mc.Linear(6, 3, rng=_rng())),
    "LocalResponseNorm": One(lambda: mc.LocalResponseNorm(3), IMAGES),
    "MaxUnpool2d": One(_unpool, [(2, 4, 6, 4)]),
    "PixelShuffle": One(lambda: mc.PixelShuffle(2), IMAGES),
    "RMSNorm": One(lambda: mc.RMSNorm((6, 5)), IMAGES),
    "Residual": One(lambda: mc.Residual(mc.Conv2d(4, 4, 3, padding=1, rng=_rng())), IMAGES),
    "Sequential": One(lambda: mc.Sequential(mc.Linear(6, 3, rng=_rng()), mc.ReLU())),
    "StochasticDepth": One(lambda: mc.StochasticDepth(0.5, rng=_rng())),
    "Unflatten": One(lambda: mc.Unflatten(1, (2, 2))),
    "Upsample": One(lambda: mc.Upsample(scale_factor=2), IMAGES),
}  # fmt: skip
