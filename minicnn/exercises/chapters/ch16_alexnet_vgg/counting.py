"""Exercises of chapter 16: AlexNet and VGG."""

import numpy as np

from ...checking.exercise import Check, Function, Mistake, Predict


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
            "This is what one gets with flat filters. Each of the 64 filters is 64 channels deep: C · C · K · K "
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


def top_k_error(scores, labels, k=5):
    best = np.argsort(-scores, axis=1)[:, :k]
    return np.mean(~(best == labels[:, None]).any(axis=1))


def ranked(k):
    """A script: labels whose scores have these ranks among eight, in random order."""

    def script(code, rng):
        ranks = rng.permutation([0, 0, 1, 1, k - 1, k, k, k, 7])
        scores = np.stack([rng.permutation(8) for _ in ranks]) / 4 - 1
        code.call("top_k_error", scores, np.argsort(-scores, axis=1)[np.arange(9), ranks], k)

    return script


top_five = Function(
    id="top_five",
    chapter=16,
    title="Fifteen percent of what?",
    prompt="""
    AlexNet's famous 15.3 % (an average over several networks) is a *top-5 error*: the share of images whose
    label is not among the five classes with the largest scores. Write `top_k_error(scores, labels, k)` for any
    k: from scores (N, classes) and labels (N,), whole numbers from 0, to a number from 0 to 1. No two scores of
    an image are equal.
    """,
    stub='''
    def top_k_error(scores, labels, k=5):
        """scores (N, classes) and labels (N,) to one number from 0 to 1."""
        ...
    ''',
    reference=[top_k_error],
    checks=[
        Check("k = 1: the usual error", 1, ranked(1)),
        Check("k = 3", 1, ranked(3)),
    ],
    mistakes=[
        Mistake(
            "accuracy",
            lambda scores, labels, k=5: 1 - top_k_error(scores, labels, k),
            "This is the share of images that are right. An error counts the others.",
        ),
        Mistake(
            "first only",
            lambda scores, labels, k=5: top_k_error(scores, labels, 1),
            "This is the top-1 error: k is ignored.",
        ),
        Mistake(
            "smallest",
            lambda scores, labels, k=5: top_k_error(-scores, labels, k),
            "This looks among the k *smallest* scores: `np.argsort` begins with the smallest.",
        ),
        Mistake(
            "one more",
            lambda scores, labels, k=5: top_k_error(scores, labels, k + 1),
            "This looks among the best k + 1.",
        ),
        Mistake(
            "percent",
            lambda scores, labels, k=5: 100 * top_k_error(scores, labels, k),
            "This is in percent. A number from 0 to 1 was asked for.",
        ),
        Mistake(
            "count",
            lambda scores, labels, k=5: len(labels) * top_k_error(scores, labels, k),
            "This is the number of images. Their share was asked for: divide by N.",
        ),
    ],
    hints=[
        "`np.argsort(-scores, axis=1)` lists the classes of each image, the best one first. Take k columns.",
        "Is the label among them? `(best == labels[:, None]).any(axis=1)` says so for each image.",
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
