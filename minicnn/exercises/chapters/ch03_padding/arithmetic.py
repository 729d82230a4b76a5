"""Exercises of chapter 3: padding, stride, dilation."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Function, Mistake, Predict

output_size = Predict(
    id="output_size",
    chapter=3,
    title="Predict the size",
    prompt="""
    How many places are there for the window? Work out with a pencil how wide the output is, in numbers. Padding
    is per side, and the stride is 1 if nothing is said.
    """,
    reference=lambda width, kernel, stride, padding: (width + 2 * padding - kernel) // stride + 1,
    questions={
        "28 wide, kernel 5": (28, 5, 1, 0),
        "28 wide, kernel 5, padding 2": (28, 5, 1, 2),
        "28 wide, kernel 3, stride 2": (28, 3, 2, 0),
        "224 wide, kernel 7, stride 2, padding 3": (224, 7, 2, 3),
    },
    mistakes=[
        Mistake(
            "rounded up",
            lambda w, k, s, p: -((k - w - 2 * p) // s) + 1,
            "This is the size rounded up. A last step that would leave the image is not taken: round down.",
        ),
        Mistake(
            "one side",
            lambda w, k, s, p: (w + p - k) // s + 1,
            "This is what one gets with padding on one side only. It is added on the left and on the right.",
        ),
        Mistake(
            "no plus one",
            lambda w, k, s, p: (w + 2 * p - k) // s,
            "One is missing: the place where the window starts counts, too.",
        ),
        Mistake("no stride", lambda w, k, s, p: w + 2 * p - k + 1, "This is the size for stride 1."),
        Mistake("no padding", lambda w, k, s, p: (w - k) // s + 1, "This is the size without padding."),
    ],
    solution="""
    output_size = {
        "28 wide, kernel 5": 28 - 5 + 1,
        "28 wide, kernel 5, padding 2": 28 + 2 * 2 - 5 + 1,
        "28 wide, kernel 3, stride 2": (28 - 3) // 2 + 1,  # 12.5 is rounded down
        "224 wide, kernel 7, stride 2, padding 3": (224 + 2 * 3 - 7) // 2 + 1,
    }
    """,
    hints=[
        "With the padding, the image is W + 2P wide. The window's left edge starts at 0 and can go up to W + 2P − K.",
        "It goes there in steps of S: (W + 2P − K) / S of them, rounded down, and one place more for the start.",
    ],
)


def pad_same(x, K):
    before, after = (K - 1) // 2, K // 2
    return np.pad(x, ((before, after), (before, after)))


def padded(before, after, **how):
    """A wrong pad_same: how many rows and columns it adds on each side."""
    return lambda x, K: np.pad(x, ((before(K), after(K)),) * 2, **how)


same_padding = Function(
    id="same_padding",
    chapter=3,
    title="Padding that keeps the size",
    prompt="""
    Write `pad_same(x, K)`: put zeros around the image `x` of shape (H, W), so that a K×K kernel with stride 1
    and no further padding gives an output of H×W again. If the zeros cannot be the same on both sides, the
    bottom and the right get one more (as in PyTorch).
    """,
    stub='''
    def pad_same(x, K):
        """x (H, W) to (H + K - 1, W + K - 1), zeros around."""
        ...
    ''',
    reference=[pad_same],
    checks=[
        Check("Odd kernels", 2, lambda code, rng: code.call("pad_same", ints(rng, 2, 3), int(rng.choice([3, 5])))),
        Check("A kernel of 1 needs none", 1, lambda code, rng: code.call("pad_same", ints(rng, 2, 3), 1), cases=1),
        Check("Even kernels", 1, lambda code, rng: code.call("pad_same", ints(rng, 3, 2), int(rng.choice([2, 4])))),
    ],
    mistakes=[
        Mistake(
            "one side",
            padded(lambda K: K - 1, lambda K: 0),
            "This is what one gets when only the top and the left are padded.",
        ),
        Mistake(
            "total per side",
            padded(lambda K: K - 1, lambda K: K - 1),
            "This is what one gets when each side gets the K − 1 that both sides share.",
        ),
        Mistake(
            "half a kernel",
            padded(lambda K: K // 2, lambda K: K // 2),
            "This is what one gets with K // 2 on every side: right for odd kernels, one too many for even ones.",
        ),
        Mistake(
            "rounded down",
            padded(lambda K: (K - 1) // 2, lambda K: (K - 1) // 2),
            "This is what one gets with (K − 1) // 2 on every side: one too few for even kernels.",
        ),
        Mistake(
            "more above",
            padded(lambda K: K // 2, lambda K: (K - 1) // 2),
            "This is what one gets when the top and the left get the odd one. It belongs to the bottom and the right.",
        ),
        Mistake(
            "edge",
            padded(lambda K: (K - 1) // 2, lambda K: K // 2, mode="edge"),
            "This is what one gets when the border is repeated instead of padded with zeros.",
        ),
    ],
    hints=[
        "A K×K kernel takes K − 1 rows away. So K − 1 rows of zeros are needed, above and below together.",
        "Above go (K − 1) // 2, below what is left: K // 2. `np.pad(x, ((above, below), (left, right)))` adds zeros.",
    ],
)


def windows_over(row, column, padding=0, size=5, K=3):
    """How many K×K windows cover a pixel of a size×size image."""
    corners = range(-padding, size + padding - K + 1)
    return sum(0 <= row - i < K and 0 <= column - j < K for i in corners for j in corners)


coverage = Predict(
    id="coverage",
    chapter=3,
    title="How often is a pixel used?",
    prompt="""
    A 3×3 kernel slides over a 5×5 image with stride 1, so every pixel lies in some of its windows. In how many?
    The first three questions are without padding; for the last one, there is one row of zeros on every side.
    """,
    reference=windows_over,
    questions={
        "the pixel in the middle": (2, 2),
        "a corner pixel": (0, 0),
        "the middle pixel of the top row": (0, 2),
        "a corner pixel, with padding 1": (0, 0, 1),
    },
    mistakes=[
        Mistake(
            "everywhere nine",
            lambda row, column, padding=0: 9,
            "Nine windows would cover the pixel if the image went on. At the border some of them would stick out.",
        ),
        Mistake(
            "no padding",
            lambda row, column, padding=0: windows_over(row, column),
            "This is the number without padding. The padded image has room for windows further out.",
        ),
        Mistake(
            "padding helps inside",
            lambda row, column, padding=0: windows_over(row, column, 1),
            "This is the number with padding. Here there is none.",
        ),
    ],
    solution="""
    coverage = {
        "the pixel in the middle": 3 * 3,  # windows' rows × windows' columns that cover it
        "a corner pixel": 1 * 1,
        "the middle pixel of the top row": 1 * 3,
        "a corner pixel, with padding 1": 2 * 2,
    }
    """,
    hints=[
        "Without padding there are 3×3 windows in all. Which of them cover the corner?",
        "Rows and columns can be counted apart, and multiplied. How many of the windows' rows cover row 0?",
    ],
)
