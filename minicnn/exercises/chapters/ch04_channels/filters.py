"""Exercises of chapter 4: channels and many filters."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Function, Mistake, Predict


def answer(what, C, O, K, groups=1, depth=None, bias=1, torch_order=True):
    depth = C // groups if depth is None else depth
    if what == "weights":
        return (O, depth, K, K) if torch_order else (depth, O, K, K)
    if what == "output":
        return (8, O, 32, 32) if torch_order else (8, 32, 32, O)
    return O * depth * K * K + O * bias


channel_sizes = Predict(
    id="channel_sizes",
    chapter=4,
    title="Count the channels",
    prompt="""
    The first three questions are about one layer: from 8 colour images, an array of shape (8, 3, 32, 32), to 16
    channels, with 3×3 kernels, stride 1 and padding 1. Shapes are lists or tuples in PyTorch's order, (N, C, H,
    W) for images and (O, C, KH, KW) for weights. Parameters are weights and biases, and every output channel
    has one bias. In the last question there are 32 groups: an output channel sees the input channels of its own
    group only.
    """,
    reference=answer,
    questions={
        "shape of the weights": ("weights", 3, 16, 3),
        "parameters": ("parameters", 3, 16, 3),
        "shape of the output": ("output", 3, 16, 3),
        "parameters of a 1×1 convolution, 64 to 16 channels": ("parameters", 64, 16, 1),
        "parameters of a 3×3 convolution, 32 to 32 channels, 32 groups": ("parameters", 32, 32, 3, 32),
    },
    mistakes=[
        Mistake(
            "flat kernels",
            lambda what, C, O, K, groups=1: answer(what, C, O, K, depth=1),
            "This is what one gets with flat filters. A filter is as deep as its input has channels, and sums "
            "over them.",
        ),
        Mistake(
            "no biases",
            lambda what, C, O, K, groups=1: answer(what, C, O, K, groups, bias=0),
            "These are the weights. Each output channel has a bias, too.",
        ),
        Mistake(
            "one kernel",
            lambda what, C, O, K, groups=1: answer(what, C, 1, K, groups),
            "This is a single filter. There is one for every output channel.",
        ),
        Mistake(
            "input first",
            lambda what, C, O, K, groups=1: answer(what, C, O, K, groups, torch_order=False),
            "The right numbers in another order: images are (N, C, H, W), weights are (O, C, KH, KW).",
        ),
        Mistake(
            "no groups",
            lambda what, C, O, K, groups=1: answer(what, C, O, K),
            "This is without groups. With 32 groups of one channel, a filter sees one channel only.",
        ),
        Mistake(
            "no padding",
            lambda what, C, O, K, groups=1: (8, O, 30, 30) if what == "output" else answer(what, C, O, K, groups),
            "This is the output without padding. What does padding 1 do to a 3×3 kernel?",
        ),
    ],
    solution="""
    channel_sizes = {
        "shape of the weights": (16, 3, 3, 3),
        "parameters": 16 * 3 * 3 * 3 + 16,
        "shape of the output": (8, 16, 32, 32),
        "parameters of a 1×1 convolution, 64 to 16 channels": 16 * 64 + 16,
        "parameters of a 3×3 convolution, 32 to 32 channels, 32 groups": 32 * 1 * 3 * 3 + 32,
    }
    """,
    hints=[
        "A filter has C×KH×KW weights, and there is one for each output channel: O·C·KH·KW weights and O biases.",
        "With 32 groups of 32 channels, each filter sees one channel: C is 1.",
    ],
)


def pointwise(x, w):
    C, H, W = x.shape
    return (w @ x.reshape(C, H * W)).reshape(-1, H, W)


def scrambled(x, w):
    C, H, W = x.shape
    return (x.reshape(H * W, C) @ w.T).reshape(-1, H, W)


one_by_one = Function(
    id="one_by_one",
    chapter=4,
    title="Mix the colours",
    prompt="""
    A 1×1 convolution looks at one pixel at a time, and mixes its channels: output channel `o` is the sum over
    `c` of `w[o, c]` times input channel `c`. Write `pointwise(x, w)` for an image `x` (C, H, W) and weights `w`
    (O, C): the result is (O, H, W). It can be done with one matrix product.
    """,
    stub='''
    def pointwise(x, w):
        """x (C, H, W) and w (O, C) to (O, H, W)."""
        ...
    ''',
    reference=[pointwise],
    without=["conv2d", "linear"],
    checks=[
        Check(
            "Three channels to one", 1, lambda code, rng: code.call("pointwise", ints(rng, 3, 2, 3), ints(rng, 1, 3))
        ),
        Check("Two channels to four", 1, lambda code, rng: code.call("pointwise", ints(rng, 2, 3, 4), ints(rng, 4, 2))),
        Check("Three to three", 1, lambda code, rng: code.call("pointwise", ints(rng, 3, 2, 2), ints(rng, 3, 3))),
    ],
    mistakes=[
        Mistake(
            "scrambled",
            scrambled,
            "This is what one gets when `reshape` is to move axes: it keeps the order in memory, and mixes pixels with "
            "channels. Use `reshape(C, H * W)`, or `transpose`.",
        ),
        Mistake(
            "transposed weights",
            lambda x, w: pointwise(x, w.T if w.shape[0] == w.shape[1] else w),
            "This is what one gets with `w` transposed: `w[o, c]` leads from channel c to channel o.",
        ),
        Mistake(
            "channels last",
            lambda x, w: pointwise(x, w).transpose(1, 2, 0),
            "The right numbers, but the channel comes last. It must be the first axis.",
        ),
        Mistake(
            "mean",
            lambda x, w: pointwise(x, w) / len(x),
            "This is what one gets when the channels are averaged. They are summed.",
        ),
    ],
    hints=[
        "As a loop: `y[o] += w[o, c] * x[c]`, over all o and c, where `x[c]` is a whole picture.",
        "As a product: `x.reshape(C, H * W)` has a column for each pixel. `w @` that has the output's columns.",
    ],
)


def conv2d(x, w, groups=1):
    (_, H, W), (O, depth, KH, KW) = x.shape, w.shape
    y = np.zeros((O, H - KH + 1, W - KW + 1))
    for o in range(O):
        first = o // (O // groups) * depth  # the group's first input channel
        for i, j in np.ndindex(y.shape[1:]):
            y[o, i, j] = np.sum(x[first : first + depth, i : i + KH, j : j + KW] * w[o])
    return y


def dealt_out(x, w, groups=1):
    """Filter o sees group o % groups."""
    D = w.shape[1]
    return np.concatenate([conv2d(x[o % groups * D :][:D], w[o : o + 1]) for o in range(len(w))])


def channels_apart(x, w, groups=1):
    """No sum over the channels: (O, C / groups, OH, OW)."""
    D = w.shape[1]
    return np.stack([conv2d(x, w * np.eye(D)[k][:, None, None], groups) for k in range(D)], axis=1)


def case(C, O, groups):
    return lambda code, rng: code.call("conv2d", ints(rng, C, 3, 4), ints(rng, O, C // groups, 2, 2), groups=groups)


grouped_conv2d = Function(
    id="grouped_conv2d",
    chapter=4,
    title="Many filters, in groups",
    prompt="""
    Write `conv2d(x, w, groups=1)` for an image `x` (C, H, W) and `w` (O, C / groups, KH, KW), with stride 1,
    without padding and flip; the result is (O, H − KH + 1, W − KW + 1). With one group, each of the O filters
    sees all channels, and sums over them. With more, input and output channels are cut into `groups` equal
    blocks, in order: the first block of filters sees the first block of channels, the second sees the second,
    and so on.
    """,
    stub='''
    def conv2d(x, w, groups=1):
        """x (C, H, W) and w (O, C / groups, KH, KW) to y (O, OH, OW)."""
        ...
    ''',
    reference=[conv2d],
    without=["conv2d"],
    checks=[
        Check("One group: an ordinary convolution", 2, case(3, 2, 1)),
        Check("Two groups", 2, case(4, 4, 2)),
        Check("A group for each channel, two filters in each", 2, case(3, 6, 3)),
    ],
    mistakes=[
        Mistake(
            "dealt out",
            dealt_out,
            "This is what one gets when the filters are dealt out in turn. The groups are blocks: the first O / groups "
            "filters belong to the first one.",
        ),
        Mistake(
            "first group",
            lambda x, w, groups=1: conv2d(x[: w.shape[1]], w),
            "This is what one gets when every filter sees the first group of channels.",
        ),
        Mistake(
            "first channel",
            lambda x, w, groups=1: channels_apart(x, w, groups)[:, 0],
            "This is what one gets from the first channel alone. A filter sums over all channels of its group.",
        ),
        Mistake(
            "channels apart",
            channels_apart,
            "This is what one gets when the channels are kept apart. A filter sums over them: one map for each filter.",
        ),
        Mistake(
            "mean",
            lambda x, w, groups=1: conv2d(x, w, groups) / w.shape[1],
            "This is what one gets when the channels are averaged. They are summed.",
        ),
    ],
    hints=[
        "One group first: `x[:, i : i + KH, j : j + KW]` has the shape of one filter, `w[o]`. Multiply, and sum "
        "it all up.",
        "In a group there are O // groups filters. So filter o belongs to group `o // (O // groups)`.",
        "Group g sees the channels from g · D up to (g + 1) · D, where D is `w.shape[1]`.",
    ],
)
