"""Exercises of chapter 9: a convolution's weight gradient, and its input gradient as a convolution."""

import numpy as np

from .... import functional as F
from ...checking.code import ints
from ...checking.exercise import Check, Function, Mistake
from .backward import conv2d_dx


def conv2d_dw(x, dy, KH, KW, stride=1):
    (_, C, _, _), (_, O, OH, OW) = x.shape, dy.shape
    dw = np.zeros((O, C, KH, KW))
    for i, j in np.ndindex(OH, OW):
        window = x[:, :, i * stride : i * stride + KH, j * stride : j * stride + KW]
        dw += np.einsum("no,nckl->ockl", dy[:, :, i, j], window)
    return dw


def last_window(x, dy, KH, KW, stride=1):
    rows, columns = (slice((n - 1) * stride, (n - 1) * stride + k) for n, k in zip(dy.shape[2:], (KH, KW), strict=True))
    return np.einsum("no,nckl->ockl", dy[:, :, -1, -1], x[:, :, rows, columns])


conv2d_weight_gradient = Function(
    id="conv2d_weight_gradient",
    chapter=9,
    title="The gradient of a convolution's weights",
    prompt="""
    A convolution without padding took `x` (N, C, H, W) with a stride and O filters of C×KH×KW to an output of
    N×O×OH×OW. Write `conv2d_dw(x, dy, KH, KW, stride)`: from `x` and the output's gradient `dy` (N, O, OH, OW)
    to that of the filters, (O, C, KH, KW).
    """,
    stub='''
    def conv2d_dw(x, dy, KH, KW, stride=1):
        """x (N, C, H, W) and dy (N, O, OH, OW) to dw (O, C, KH, KW)."""
        ...
    ''',
    reference=[conv2d_dw],
    without=["conv2d"],
    checks=[
        Check(
            "One image, one channel, one filter",
            1,
            lambda code, rng: code.call("conv2d_dw", ints(rng, 1, 1, 4, 4), ints(rng, 1, 1, 2, 3), 3, 2),
        ),
        Check(
            "Several of each",
            1,
            lambda code, rng: code.call("conv2d_dw", ints(rng, 2, 2, 3, 4), ints(rng, 2, 3, 2, 2), 2, 3),
        ),
        Check(
            "Stride 2, with a last row that no window reached",
            1,
            lambda code, rng: code.call("conv2d_dw", ints(rng, 1, 1, 6, 5), ints(rng, 1, 2, 2, 2), 3, 3, stride=2),
        ),
    ],
    mistakes=[
        Mistake(
            "stride ignored",
            lambda x, dy, KH, KW, stride=1: conv2d_dw(x, dy, KH, KW),
            "This is what one gets when the stride is forgotten: output (i, j) saw the window at (i·S, j·S).",
        ),
        Mistake(
            "flipped",
            lambda x, dy, KH, KW, stride=1: conv2d_dw(x, dy, KH, KW, stride)[:, :, ::-1, ::-1],
            "This is the gradient turned by 180 degrees. The weight gradient has no flip: dw[k, l] goes with x[i "
            "+ k, j + l].",
        ),
        Mistake(
            "mean over images",
            lambda x, dy, KH, KW, stride=1: conv2d_dw(x, dy, KH, KW, stride) / len(x),
            "This is the mean over the images. The same weight was used for each of them: sum. (If the loss is a mean, "
            "`dy` already holds the 1/N.)",
        ),
        Mistake(
            "first image",
            lambda x, dy, KH, KW, stride=1: conv2d_dw(x[:1], dy[:1], KH, KW, stride),
            "This is what the first image alone contributes. Sum over all of them.",
        ),
        Mistake(
            "overwritten",
            last_window,
            "This is what the last window alone contributes: a weight was used at every place, so add (`+=`).",
        ),
        Mistake(
            "filters and channels",
            lambda x, dy, KH, KW, stride=1: conv2d_dw(x, dy, KH, KW, stride).swapaxes(0, 1),
            "Filters and channels have changed places: (O, C, KH, KW) was asked for.",
        ),
    ],
    hints=[
        "Weight (k, l) touched output (i, j) through the pixel x[i·S + k, j·S + l]. So how strongly? Sum over "
        "all (i, j).",
        "For every output (i, j): cut the window `x[:, :, i*S : i*S + KH, j*S : j*S + KW]`, multiply it by "
        "`dy[:, :, i, j]`, "
        "and add.",
        'For all images, filters and channels at once: `np.einsum("no,nckl->ockl", dy[:, :, i, j], window)`.',
    ],
)


def input_gradient(dy, w, stride, padding, H, W):
    P = padding
    return conv2d_dx(dy, w, H + 2 * P, W + 2 * P, stride)[:, :, P : P + H, P : P + W]


def not_spread(dy, w, stride, padding, H, W):
    (OH, OW), K = dy.shape[2:], w.shape[2]
    return input_gradient(dy, w, 1, padding, OH + K - 1 - 2 * padding, OW + K - 1 - 2 * padding)


def no_remainder(dy, w, stride, padding, H, W):
    OH, OW = dy.shape[2:]
    reached = [(n - 1) * stride + w.shape[2] - 2 * padding for n in (OH, OW)]
    return input_gradient(dy, w, stride, padding, *reached)


def forward_and_back(H, W, K, stride, padding, N=1, O=1, C=1):  # noqa: E741
    OH, OW = ((n + 2 * padding - K) // stride + 1 for n in (H, W))

    def script(code, rng):
        F.conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)))  # is compiled before the reader's clock starts
        code.call("input_gradient", ints(rng, N, O, OH, OW), ints(rng, O, C, K, K), stride, padding, H, W)

    return script


input_gradient_forward = Function(
    id="input_gradient_forward",
    chapter=9,
    title="The input gradient as a forward convolution",
    prompt="""
    Write `input_gradient(dy, w, stride, padding, H, W)`: from `dy` (N, O, OH, OW) and square filters `w` (O, C,
    K, K) to `dx` (N, C, H, W), for stride S, padding P < K. Do it with **one call of `F.conv2d`**, and no
    pull-back.
    """,
    stub='''
    import minicnn.functional as F


    def input_gradient(dy, w, stride, padding, H, W):
        """dy (N, O, OH, OW) and w (O, C, K, K) to dx (N, C, H, W)."""
        ...
    ''',
    solution="""
    import minicnn.functional as F


    def input_gradient(dy, w, stride, padding, H, W):
        (N, O), K = dy.shape[:2], w.shape[2]
        spread = np.zeros((N, O, H + 2 * padding - K + 1, W + 2 * padding - K + 1))
        spread[:, :, ::stride, ::stride] = dy
        return F.conv2d(spread, w[:, :, ::-1, ::-1].swapaxes(0, 1), padding=K - 1 - padding)
    """,
    reference=[input_gradient],
    without=["conv2d_vjp"],
    checks=[
        Check("Stride 1, no padding", 1, forward_and_back(4, 5, 3, 1, 0)),
        Check("Several images, filters and channels, padding 1", 1, forward_and_back(3, 4, 3, 1, 1, N=2, O=3, C=2)),
        Check("Stride 2, padding 1", 1, forward_and_back(5, 7, 3, 2, 1)),
        Check("Stride 3, with rows that no window reached", 1, forward_and_back(7, 8, 2, 3, 0)),
    ],
    mistakes=[
        Mistake(
            "not flipped",
            lambda dy, w, *rest: input_gradient(dy, w[:, :, ::-1, ::-1], *rest),
            "This is what one gets when the filter is not flipped: `F.conv2d` does not flip it, so you must.",
        ),
        Mistake(
            "not spread",
            not_spread,
            "This is what one gets when `dy` is not spread: put S − 1 zeros between its entries first.",
        ),
        Mistake(
            "remainder",
            no_remainder,
            "The rows and columns that no window reached are missing. Their gradient is 0, but they belong to `dx`.",
        ),
        Mistake(
            "not cropped",
            lambda dy, w, stride, padding, H, W: input_gradient(dy, w, stride, 0, H + 2 * padding, W + 2 * padding),
            "This is the gradient of the *padded* input. Cut the padding off again: pad by K − 1 − P.",
        ),
    ],
    explanation="""
    `spread` is as large as the output at stride 1, so the zeros for rows that no window reached are there without
    further thought.
    """,
    hints=[
        "Spread `dy` out with S − 1 zeros between its entries. Now it looks like the gradient of a convolution "
        "with stride "
        "1. How large was *its* output?",
        "`w[:, :, ::-1, ::-1]` flips, and `.swapaxes(0, 1)` makes the filters the channels to sum over.",
        "Full padding is K − 1, and cropping takes P away: pad by K − 1 − P.",
    ],
)
