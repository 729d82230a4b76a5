"""Exercises of chapter 2: convolution."""

import numpy as np

from .code import ints
from .exercise import Check, Function, Mistake


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
    padding, stride 1, and the kernel is not flipped. `x` has the shape (H, W), `w` (KH, KW), the result (H − KH
    + 1, W − KW + 1). Two loops are fine.
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
    hints=[
        "The window whose corner is at row i, column j is `x[i : i + KH, j : j + KW]`. Its shape is that of `w`.",
        "`np.sum(window * w)` multiplies number by number, and sums up.",
        "Make `y = np.zeros((H - KH + 1, W - KW + 1))` first, then fill it in two loops over its rows and columns.",
    ],
)
