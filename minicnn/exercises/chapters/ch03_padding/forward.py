"""Exercise of chapter 3: a convolution with stride, padding and dilation."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Function, Mistake


def conv2d(x, w, stride=1, padding=0, dilation=1):
    x = np.pad(x, padding)
    (H, W), (KH, KW) = x.shape, w.shape
    KH, KW = dilation * (KH - 1) + 1, dilation * (KW - 1) + 1  # what the window spans
    y = np.zeros(((H - KH) // stride + 1, (W - KW) // stride + 1))
    for i, j in np.ndindex(y.shape):
        top, left = i * stride, j * stride
        y[i, j] = np.sum(x[top : top + KH : dilation, left : left + KW : dilation] * w)
    return y


def padded_by(before, after):
    """A wrong conv2d: what it makes of the padding."""

    def wrong(x, w, stride=1, padding=0, dilation=1):
        return conv2d(np.pad(x, (before * padding, after * padding)), w, stride, 0, dilation)

    return wrong


def rounded_up(x, w, stride=1, padding=0, dilation=1):
    """One more window where the last step does not fit, filled up with zeros."""
    x = np.pad(x, padding)
    spans = [dilation * (K - 1) + 1 for K in w.shape]
    return conv2d(
        np.pad(x, [(0, (K - size) % stride) for size, K in zip(x.shape, spans, strict=True)]), w, stride, 0, dilation
    )


def every_place(x, w, stride=1, padding=0, dilation=1):
    """The right size, but the window moves by one."""
    right = conv2d(x, w, stride, padding, dilation)
    return conv2d(x, w, 1, padding, dilation)[: right.shape[0], : right.shape[1]]


def image_thinned(x, w, stride=1, padding=0, dilation=1):
    return conv2d(np.pad(x, padding)[::stride, ::stride], w, 1, 0, dilation)


def case(H, W, KH, KW, **options):
    return lambda code, rng: code.call("conv2d", ints(rng, H, W), ints(rng, KH, KW), **options)


strided_conv2d = Function(
    id="strided_conv2d",
    chapter=3,
    title="Stride, padding, dilation",
    prompt="""
    Write `conv2d(x, w, stride=1, padding=0, dilation=1)` for an image `x` (H, W) and a kernel `w` (KH, KW), without
    a flip. `padding` rows and columns of zeros go on *every* side. The window moves by `stride` pixels, and a last step
    that would leave the (padded) image is not taken. `dilation` is the distance between the pixels that neighbouring
    weights see: 1 is an ordinary kernel, with 2 one pixel in between is skipped.
    """,
    stub='''
    def conv2d(x, w, stride=1, padding=0, dilation=1):
        """x (H, W) and w (KH, KW) to y (OH, OW)."""
        ...
    ''',
    reference=[conv2d],
    without=["conv2d"],
    checks=[
        Check("Stride 2", 1, case(5, 7, 3, 3, stride=2), cases=3),
        Check("A last step that does not fit", 1, case(6, 8, 3, 2, stride=3), cases=3),
        Check("Padding 1", 1, case(3, 4, 3, 3, padding=1), cases=3),
        Check("Dilation 2", 1, case(6, 8, 2, 3, dilation=2), cases=3),
        Check("All at once", 2, case(4, 6, 2, 3, stride=2, padding=1, dilation=2), cases=3),
    ],
    mistakes=[
        Mistake(
            "stride ignored",
            lambda x, w, stride=1, padding=0, dilation=1: conv2d(x, w, 1, padding, dilation),
            "This is what one gets with stride 1.",
        ),
        Mistake(
            "window moves by one",
            every_place,
            "The size is right, but the window moves by one pixel: output (i, j) sees the window at (i·S, j·S).",
        ),
        Mistake(
            "image thinned",
            image_thinned,
            "This is what one gets when the image is thinned out first. The *window* takes large steps; inside it the "
            "pixels are neighbours.",
        ),
        Mistake(
            "rounded up",
            rounded_up,
            "This is what one gets with one window more, that sticks out of the image. Round the size down.",
        ),
        Mistake("no padding", padded_by(0, 0), "This is what one gets without padding."),
        Mistake(
            "one side",
            padded_by(1, 0),
            "This is what one gets with zeros at the top and the left only: all four sides.",
        ),
        Mistake(
            "total per side",
            padded_by(2, 2),
            "This is what one gets with twice the padding on each side. Padding is per side.",
        ),
        Mistake(
            "dilation ignored",
            lambda x, w, stride=1, padding=0, dilation=1: conv2d(x, w, stride, padding),
            "This is what one gets with dilation 1.",
        ),
        Mistake(
            "dilation from 0",
            lambda x, w, stride=1, padding=0, dilation=1: conv2d(x, w, stride, padding, dilation + 1),
            "This is what one gets when dilation counts the pixels in between. It is the distance: 1 is an ordinary "
            "kernel.",
        ),
    ],
    hints=[
        "With dilation D, a kernel of K weights spans D·(K − 1) + 1 pixels. Use that number for the size.",
        "`x[top : top + span : D, left : left + span : D]` takes every D-th pixel. Where are top and left for output "
        "(i, j)?",
        "Pad first (`np.pad(x, padding)`); after that, H and W are those of the padded image.",
    ],
)
