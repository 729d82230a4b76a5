"""Exercises of chapter 2: convolution."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Function, Mistake, Predict


def conv2d(x, w):
    (H, W), (KH, KW) = x.shape, w.shape
    y = np.zeros((H - KH + 1, W - KW + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = np.sum(x[i : i + KH, j : j + KW] * w)
    return y


def too_small(x, w):
    """The loops stop one place early."""
    return conv2d(x, w)[:-1, :-1]


conv2d_forward = Function(
    id="conv2d_forward",
    chapter=2,
    title="Slide the window",
    prompt="""
    Write `conv2d(x, w)`: slide the kernel `w` over the image `x`, and at every place sum up the products. No
    padding, stride 1, and the kernel is not flipped. `x` has the shape (H, W), `w` (KH, KW), the result
    (H − KH + 1, W − KW + 1). Two loops are fine.
    """,
    stub='''
    def conv2d(x, w):
        """x (H, W) and w (KH, KW) to y (H - KH + 1, W - KW + 1)."""
        ...
    ''',
    reference=[conv2d],
    without=["conv2d"],
    checks=[
        Check("A square kernel", 2, lambda code, rng: code.call("conv2d", ints(rng, 5, 5), ints(rng, 3, 3))),
        Check(
            "Image and kernel that are not square",
            1,
            lambda code, rng: code.call("conv2d", ints(rng, 4, 6), ints(rng, 2, 3)),
        ),
        Check(
            "A kernel of one number",
            1,
            lambda code, rng: code.call("conv2d", ints(rng, 3, 4), ints(rng, 1, 1)),
            cases=1,
        ),
    ],
    mistakes=[
        Mistake(
            "flipped",
            lambda x, w: conv2d(x, w[::-1, ::-1]),
            "This is what one gets when the kernel is flipped: true convolution. Here the window is multiplied "
            "as it lies.",
        ),
        Mistake(
            "transposed",
            lambda x, w: conv2d(x, w.T) if w.shape[0] == w.shape[1] else conv2d(x.T, w).T,
            "This is what one gets when rows and columns are swapped.",
        ),
        Mistake(
            "too small",
            too_small,
            "This is what one gets when the last place is left out: a window of K fits into H pixels at H − K + "
            "1 places.",
        ),
        Mistake(
            "padded",
            lambda x, w: conv2d(np.pad(x, [(k // 2, k // 2) for k in w.shape]), w),
            "This is what one gets with a border of zeros around the image. Here there is no padding.",
        ),
        Mistake(
            "mean",
            lambda x, w: conv2d(x, w) / w.size,
            "This is what one gets when the mean of the products is taken instead of their sum.",
        ),
        Mistake(
            "overwritten",
            lambda x, w: x[w.shape[0] - 1 :, w.shape[1] - 1 :] * w[-1, -1],
            "This is what one gets when each product overwrites the one before: add them with `+=`.",
        ),
    ],
    explanation="""
    In one line, without a loop:

    ```python
    def conv2d(x, w):
        return np.einsum("ijkl,kl->ij", np.lib.stride_tricks.sliding_window_view(x, w.shape), w)
    ```
    """,
    hints=[
        "The window whose corner is at row i, column j is `x[i : i + KH, j : j + KW]`. Its shape is that of `w`.",
        "`np.sum(window * w)` multiplies number by number, and sums up.",
        "Make `y = np.zeros((H - KH + 1, W - KW + 1))` first, then fill it in two loops over its rows and columns.",
    ],
)


def by_hand(what, x, w):
    y = conv2d(np.array(x, dtype=float), np.array(w, dtype=float))
    return y.shape if what == "shape" else y[0]


convolution_by_hand = Predict(
    id="convolution_by_hand",
    chapter=2,
    title="Predict, then run",
    prompt="""
    Work out by hand, without padding: the row $[3, 1, 4, 1, 5]$ with the kernel $[1, 0, -1]$, a list of numbers.
    Then: what is the shape of the output, (height, width), when a 28×28 image meets a kernel of 5 rows and 4 columns?
    """,
    reference=by_hand,
    questions={
        "the row": ("row", [[3, 1, 4, 1, 5]], [[1, 0, -1]]),
        "the shape": ("shape", np.ones((28, 28)), np.ones((5, 4))),
    },
    mistakes=[
        Mistake(
            "flipped",
            lambda what, x, w: by_hand(what, x, np.flip(w)),
            "The signs are turned round: this is what one gets when the kernel is flipped first. Multiply it as it "
            "lies.",
        ),
        Mistake(
            "width first",
            lambda what, x, w: by_hand(what, np.transpose(x), np.transpose(w)) if what == "shape" else [0],
            "Height comes first: rows, then columns.",
        ),
        Mistake(
            "no plus one",
            lambda what, x, w: (
                tuple(np.subtract(by_hand(what, x, w), 1)) if what == "shape" else by_hand(what, x, w)[:2]
            ),
            "One is missing: the place where the window starts counts, too.",
        ),
        Mistake(
            "same size",
            lambda what, x, w: np.shape(x) if what == "shape" else np.convolve(x[0], w[0][::-1], "same"),
            "This is as large as the input. Without padding, the window must lie inside: how many places are there?",
        ),
    ],
    explanation="""
    $3 - 4 = -1$, $1 - 1 = 0$ and $4 - 5 = -1$. The kernel fits in at $28 - 5 + 1 = 24$ rows and
    $28 - 4 + 1 = 25$ columns.
    """,
    hints=[
        "The first window covers 3, 1, 4. Its products are 3·1, 1·0 and 4·(−1).",
        "A window of 3 has three places in a row of 5. How many has a window of 5 rows in 28?",
    ],
)


def layer(what, out=28, bias=1, shared=6):
    maps = 6 * out * out
    return 6 * 25 + shared * bias if what == "conv" else 32 * 32 * maps + maps * bias


sharing = Predict(
    id="sharing",
    chapter=2,
    title="What sharing saves",
    prompt="""
    The first layer of LeNet-5 turns one grey 32×32 image into 6 feature maps, with 6 filters of 5×5 (no padding,
    stride 1) and one bias for each filter. How many parameters (weights and biases) has it? How many would a dense
    layer have with the same inputs and outputs, and one bias for each output?
    """,
    reference=layer,
    questions={"convolution": ("conv",), "dense": ("dense",)},
    mistakes=[
        Mistake("no biases", lambda what: layer(what, bias=0), "These are the weights. And the biases?"),
        Mistake(
            "same size",
            lambda what: layer(what, out=32),
            "This is what one gets with feature maps of 32×32. How large are they without padding?",
        ),
        Mistake(
            "one map",
            lambda what: 26 if what == "conv" else 32 * 32 * 28 * 28 + 28 * 28,
            "This is one feature map. There are six.",
        ),
        Mistake(
            "not shared",
            lambda what: layer(what, shared=6 * 28 * 28),
            "This has a bias for every output. A filter has one bias, wherever it lies.",
        ),
    ],
    solution="""
    sharing = {
        "convolution": 6 * 5 * 5 + 6,  # 156
        "dense": (32 * 32) * (6 * 28 * 28) + 6 * 28 * 28,  # 4,821,600
    }
    """,
    explanation="""
    The dense layer has nearly 31,000 times as many.
    """,
    hints=[
        "A filter is 5·5 weights and a bias, and there are six. Their size has nothing to do with the image's.",
        "A feature map has 32 − 5 + 1 = 28 rows. The dense layer joins each of 32·32 pixels to each of 6·28·28 "
        "outputs.",
    ],
)
