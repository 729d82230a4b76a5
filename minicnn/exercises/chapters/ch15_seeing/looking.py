"""Exercises of chapter 15: what the network sees."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Choice, Function, Mistake, Predict

LAYERS = [(5, 1), (2, 2), (5, 1), (2, 2)]  # kernel and stride of conv1, pool1, conv2, pool2


def seen(count, row, strides=True, last=-1):
    """The first and the last row of the image that a unit in row `row` of LeNet's layer number `count` sees."""
    size, step = 1, 1
    for kernel, stride in LAYERS[:count]:
        size += (kernel - 1) * step
        step *= stride if strides else 1
    return [row * step, row * step + size + last]


which_rows = Predict(
    id="which_rows",
    chapter=15,
    title="Which rows does a unit see?",
    prompt="""
    LeNet-5, from 32 rows: conv1 (5×5), pool1 (2×2, stride 2), conv2 (5×5), pool2 (2×2, stride 2), no padding.
    Rows count from 0. Which rows of the *image* does a unit in row 3 of each layer's maps see? Give the first
    and the last one, as a list of two.
    """,
    reference=seen,
    questions={"conv1, row 3": (1, 3), "pool1, row 3": (2, 3), "conv2, row 3": (3, 3), "pool2, row 3": (4, 3)},
    mistakes=[
        Mistake(
            "one too many",
            lambda count, row: seen(count, row, last=0),
            "The last row is one too far: five rows that begin with row 3 end with row 7.",
        ),
        Mistake(
            "strides forgotten",
            lambda count, row: seen(count, row, strides=False),
            "This is what one gets when the pooling takes steps of 1. Behind it, neighbours are twice as far apart.",
        ),
        Mistake(
            "first rows",
            lambda count, row: seen(count, 0),
            "This is for row 0. Each row further down, the window moves by the product of the strides so far.",
        ),
        Mistake(
            "moved by one",
            lambda count, row: [row, row + seen(count, 0)[1]],
            "The size is right, but behind a pooling a step of one row is a step of several in the image.",
        ),
    ],
    hints=[
        "Go back layer by layer: row r of pool1 sees rows 2r and 2r + 1 of conv1, and row r of conv1 sees rows r "
        "to r + 4.",
        "For a range, go back from its first row and from its last one.",
    ],
)


def occlusion(score, x, K):
    whole, (H, W) = score(x), x.shape
    drop = np.zeros((H - K + 1, W - K + 1))
    for i, j in np.ndindex(drop.shape):
        hidden = x.copy()
        hidden[i : i + K, j : j + K] = 0
        drop[i, j] = whole - score(hidden)
    return drop


def covered(score, x, K, at):
    """The score with the patch at (i, j), of K×K, taken away."""
    hidden = x.copy()
    hidden[at[0] : at[0] + K, at[1] : at[1] + K] = 0
    return score(hidden)


def cover_more_and_more(score, x, K):
    drop, hidden = np.zeros((x.shape[0] - K + 1, x.shape[1] - K + 1)), x.copy()
    for i, j in np.ndindex(drop.shape):
        hidden[i : i + K, j : j + K] = 0
        drop[i, j] = score(x) - score(hidden)
    return drop


def keep_only(score, x, K):
    drop = np.zeros((x.shape[0] - K + 1, x.shape[1] - K + 1))
    for i, j in np.ndindex(drop.shape):
        patch = np.zeros_like(x)
        patch[i : i + K, j : j + K] = x[i : i + K, j : j + K]
        drop[i, j] = score(x) - score(patch)
    return drop


def hide(H, W, K):
    def script(code, rng):
        template, offset = ints(rng, H, W), float(rng.integers(20, 40))

        def score(image):
            """a network's score for one class"""
            return float(np.sum(template * image)) + offset

        code.call("occlusion", score, ints(rng, H, W), K)

    return script


occlusion_map = Function(
    id="occlusion_map",
    chapter=15,
    title="Cover a patch, and ask again",
    prompt="""
    Write `occlusion(score, x, K)`. `score(image)` is what a network says for one class: a number, for an image
    of shape (H, W). At every place, cover a patch of K×K pixels of `x` with zeros, its corner at (i, j), and
    measure by how much the score *falls*: entry (i, j) of the result, of shape (H − K + 1, W − K + 1).
    """,
    stub='''
    def occlusion(score, x, K):
        """x (H, W) to the map of drops (H - K + 1, W - K + 1)."""
        ...
    ''',
    reference=[occlusion],
    checks=[
        Check("Single pixels", 1, hide(2, 3, 1), cases=3),
        Check("Patches that overlap", 2, hide(4, 5, 2), cases=3),
    ],
    mistakes=[
        Mistake(
            "rises",
            lambda score, x, K: -occlusion(score, x, K),
            "The sign is turned round: a patch that matters makes the score fall, and that should be positive.",
        ),
        Mistake(
            "not compared",
            lambda score, x, K: score(x) - occlusion(score, x, K),
            "These are the scores with the patch covered. How much lower are they than that of the whole image?",
        ),
        Mistake(
            "more and more",
            cover_more_and_more,
            "Patches stay covered when the next one is. Cover each on a new copy of the image.",
        ),
        Mistake(
            "keep only",
            keep_only,
            "This covers everything *but* the patch. Cover the patch, and keep the rest.",
        ),
        Mistake(
            "side by side",
            lambda score, x, K: occlusion(score, x, K)[::K, ::K],
            "The patches lie side by side. They move by one pixel, and overlap.",
        ),
    ],
    hints=[
        "Compute the score of the whole image once, before the loop.",
        "Work on `x.copy()`, a new one at each place: `hidden[i : i + K, j : j + K] = 0`.",
    ],
)

zero_gradient = Choice(
    id="zero_gradient",
    chapter=15,
    title="A gradient of 0",
    prompt="""
    At a pixel in the middle of a 3, the gradient of the score for "3" is exactly 0. What follows for certain?
    """,
    options={
        "a": (
            "The network does not use this pixel.",
            "It may use it a lot: cover it, and the score may drop. A ReLU that is off, or a pixel that lost in a max "
            "pooling, passes no gradient, but a larger change can switch it on.",
        ),
        "b": (
            "The pixel belongs to the background.",
            "The gradient says nothing about brightness. Background may matter, too: it is what an 8 would have "
            "filled.",
        ),
        "c": (
            "If this pixel alone changes a very little, the score stays the same, to first order.",
            "Yes: a gradient is a slope, here and for small changes. What a large change does, one must try: "
            "that is what "
            "covering patches is for.",
        ),
        "d": (
            "Something is wrong with the network.",
            "Zeros are ordinary with ReLU and max pooling: many ways are shut for a given image.",
        ),
    },
    right="c",
    hints=["What does a slope of 0 at one place say about a curve further away? Think of the ReLU left of 0."],
)
