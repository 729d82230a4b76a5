"""Exercises of chapter 16: AlexNet and VGG."""

import numpy as np

from .code import ints
from .exercise import Check, Function, Mistake, Predict


def small_or_large(what, C=64, kernels=None, biases=0, depth=True):
    """Three 3×3 convolutions against one 7×7, from C to C channels without biases."""
    count, K = kernels or {"three": (3, 3), "one": (1, 7), "two": (2, 3), "field": (3, 3)}[what]
    if what == "field":
        return count * (K - 1) + 1
    return count * (K * K * C * (C if depth else 1) + biases * C)


three_small_kernels = Predict(
    id="three_small_kernels",
    chapter=16,
    title="27 C² against 49 C²",
    prompt="""
    VGG replaces large kernels by several of 3×3, one after the other, with a ReLU between them. All
    convolutions here go from C = 64 to 64 channels, with stride 1, and without biases. Predict the numbers of
    weights; you may write them as products.
    """,
    reference=small_or_large,
    questions={
        "weights of three 3×3 convolutions": ("three",),
        "weights of one 7×7 convolution": ("one",),
        "weights of two 3×3 convolutions": ("two",),
        "how many rows of the input one output of the three sees": ("field",),
    },
    mistakes=[
        Mistake(
            "flat kernels",
            lambda what: small_or_large(what, depth=False),
            "This is what one gets with flat kernels. Each of the 64 filters is 64 channels deep: C · C · K · K "
            "weights.",
        ),
        Mistake(
            "one channel",
            lambda what: small_or_large(what, C=1) if what != "field" else 7,
            "This is for a single channel. There are 64 in and 64 out.",
        ),
        Mistake(
            "one convolution",
            lambda what: small_or_large(what, kernels=(1, 7 if what == "one" else 3)),
            "This is one 3×3 convolution alone.",
        ),
        Mistake(
            "with biases",
            lambda what: small_or_large(what, biases=1),
            "This is with biases. Here there are none.",
        ),
        Mistake(
            "side by side",
            lambda what: 9 if what == "field" else small_or_large(what),
            "Three times three rows would be 9. But neighbouring windows overlap: each further 3×3 adds 2 rows.",
        ),
    ],
    hints=[
        "A convolution from C to C channels with K×K kernels has C · C · K · K weights.",
        "3 · 9 = 27 against 49. What is C² for 64 channels?",
        "One output of the last sees 3 rows of the map before it. Those three see how many rows of the one "
        "before that?",
    ],
)


def merge(a, b):
    merged = np.zeros((a.shape[0] + b.shape[0] - 1, a.shape[1] + b.shape[1] - 1))
    for i, j in np.ndindex(b.shape):
        merged[i : i + a.shape[0], j : j + a.shape[1]] += b[i, j] * a
    return merged


def overwritten(a, b):
    merged = np.zeros((a.shape[0] + b.shape[0] - 1, a.shape[1] + b.shape[1] - 1))
    for i, j in np.ndindex(b.shape):
        merged[i : i + a.shape[0], j : j + a.shape[1]] = b[i, j] * a
    return merged


def padded(w, rows, columns):
    above, left = (rows - w.shape[0]) // 2, (columns - w.shape[1]) // 2
    return np.pad(w, ((above, rows - w.shape[0] - above), (left, columns - w.shape[1] - left)))


def added(a, b):
    """a + b, each with a border of zeros, in the right shape."""
    rows, columns = a.shape[0] + b.shape[0] - 1, a.shape[1] + b.shape[1] - 1
    return padded(a, rows, columns) + padded(b, rows, columns)


def two_kernels(a, b):
    return lambda code, rng: code.call("merge", ints(rng, *a), ints(rng, *b))


merge_kernels = Function(
    id="merge_kernels",
    chapter=16,
    title="Two kernels without a ReLU are one",
    prompt="""
    Why is there a ReLU between VGG's 3×3 convolutions? Because without it, two of them are one 5×5 convolution.
    Show it: write `merge(a, b)`, which gives the one kernel that does, in one cross-correlation (no padding,
    stride 1, one channel), what kernel `a` and then kernel `b` do. From (KH, KW) and (LH, LW) it makes (KH + LH
    − 1, KW + LW − 1).
    """,
    stub='''
    def merge(a, b):
        """Kernels (KH, KW) and (LH, LW), used one after the other, to one (KH + LH - 1, KW + LW - 1)."""
        ...
    ''',
    reference=[merge],
    checks=[
        Check("In one dimension", 1, two_kernels((1, 2), (1, 3))),
        Check("Two 3×3 make one 5×5", 1, two_kernels((3, 3), (3, 3))),
        Check("Kernels that are not square", 1, two_kernels((2, 3), (3, 1))),
    ],
    mistakes=[
        Mistake(
            "flipped",
            lambda a, b: merge(a, b[::-1, ::-1]),
            "This is what one gets with one kernel flipped. Output i sees the map at i + k, and that sees the "
            "image at i + k + l: "
            "the places add up.",
        ),
        Mistake(
            "overwritten",
            overwritten,
            "This is what one gets when copies overwrite each other. Several ways lead to the same pixel, and "
            "they add.",
        ),
        Mistake(
            "added",
            added,
            "This is the sum of the two kernels: what one gets when both look at the image side by side. Here "
            "the second looks at "
            "what the first has made.",
        ),
        Mistake(
            "too small",
            lambda a, b: merge(a, b)[: a.shape[0], : a.shape[1]],
            "The kernel has the size of the first. Two windows, one moved by the other, reach further: KH + LH − 1.",
        ),
    ],
    hints=[
        "In one dimension: z[i] = b₀ y[i] + b₁ y[i + 1], and y[i] = a₀ x[i] + a₁ x[i + 1]. Put one into the "
        "other, and collect "
        "x[i], x[i + 1] and x[i + 2].",
        "So a copy of `a`, times `b[i, j]`, lies at (i, j), for every (i, j). Where copies overlap, they add.",
    ],
)


def big_layer(what, bias=1, groups=2, all_maps=True):
    """Parameters of a layer of AlexNet or VGG16: outputs, maps that each sees, and places in them."""
    layers = {"conv2": (256, 96 // groups, 25), "fc6": (4096, 256, 36), "vgg": (4096, 512, 49)}
    outputs, maps, places = layers[what]
    return outputs * ((maps if all_maps or what == "conv2" else 1) * places + bias)


first_dense_layer = Predict(
    id="first_dense_layer",
    chapter=16,
    title="Where the parameters are",
    prompt="""
    Count with biases; products are welcome. In AlexNet (2012), conv2 had 256 filters of 5×5, and its 96 input
    maps lay on two graphics cards: in two *groups*, so that each filter saw half of them. fc6 had 4,096 outputs
    behind 256 maps of 6×6. VGG16's first dense layer has 4,096 outputs behind 512 maps of 7×7.
    """,
    reference=big_layer,
    questions={"AlexNet, conv2": ("conv2",), "AlexNet, fc6": ("fc6",), "VGG16, first dense layer": ("vgg",)},
    solution="""
    first_dense_layer = {
        "AlexNet, conv2": 256 * 48 * 5 * 5 + 256,  # 307,456
        "AlexNet, fc6": 4096 * 256 * 6 * 6 + 4096,  # 37,752,832
        "VGG16, first dense layer": 4096 * 512 * 7 * 7 + 4096,  # 102,764,544 of 138,357,544
    }
    """,
    mistakes=[
        Mistake(
            "no biases",
            lambda what: big_layer(what, bias=0),
            "This is without the biases: one for each filter or output.",
        ),
        Mistake(
            "no groups",
            lambda what: big_layer(what, groups=1),
            "This is what one gets without groups. Each filter sees 48 of the 96 maps.",
        ),
        Mistake(
            "one map",
            lambda what: big_layer(what, all_maps=False),
            "This is for a single map. A dense layer gets all of them, 256 or 512.",
        ),
    ],
    hints=[
        "conv2: a filter is 96 / 2 maps deep.",
        "A dense layer has a weight for each pair of input and output. How many inputs are 256 maps of 6×6?",
    ],
)
