"""Exercises of chapter 13: the speed ladder."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Choice, Function, Mistake, Predict


def im2col(x, KH, KW, stride=1):
    N, C, H, W = x.shape
    OH, OW = (H - KH) // stride + 1, (W - KW) // stride + 1
    columns = np.zeros((N, C * KH * KW, OH * OW), x.dtype)
    for i, j in np.ndindex(OH, OW):
        window = x[:, :, i * stride : i * stride + KH, j * stride : j * stride + KW]
        columns[:, :, i * OW + j] = window.reshape(N, -1)
    return columns


def rearranged(order):
    """A wrong im2col: the axes N, C, KH, KW, OH, OW in another order, then laid out in the usual shape."""

    def unfold(x, KH, KW, stride=1):
        columns = im2col(x, KH, KW, stride)
        N, C, _, _ = x.shape
        OH = (x.shape[2] - KH) // stride + 1
        whole = columns.reshape(N, C, KH, KW, OH, -1)
        return whole.transpose(order).reshape(columns.shape)

    return unfold


def unfold(*shape, KH, KW, **options):
    return lambda code, rng: code.call("im2col", ints(rng, *shape), KH, KW, **options)


window_columns = Function(
    id="window_columns",
    chapter=13,
    title="Windows as columns",
    prompt="""
    A convolution becomes one matrix product if every window is a column. Write `im2col(x, KH, KW, stride)`:
    from `x` (N, C, H, W) to (N, C·KH·KW, OH·OW), no padding. A column holds the numbers of one window: channel
    after channel, in it row after row. The columns come in the order in which one reads: window (i, j) is
    column i·OW + j. Then `w.reshape(O, -1) @ im2col(x, KH, KW)` is the convolution.
    """,
    stub='''
    def im2col(x, KH, KW, stride=1):
        """x (N, C, H, W) to (N, C * KH * KW, OH * OW)."""
        ...
    ''',
    reference=[im2col],
    checks=[
        Check("One image, one channel", 1, unfold(1, 1, 3, 4, KH=2, KW=3)),
        Check("Several images and channels", 2, unfold(2, 2, 3, 4, KH=2, KW=2)),
        Check("Stride 2, with a last row that no window reaches", 1, unfold(1, 1, 6, 5, KH=3, KW=3, stride=2)),
    ],
    mistakes=[
        Mistake(
            "rows for columns",
            lambda x, KH, KW, stride=1: im2col(x, KH, KW, stride).swapaxes(1, 2),
            "Windows lie in the rows. They should be the columns: swap the last two axes.",
        ),
        Mistake(
            "stride ignored",
            lambda x, KH, KW, stride=1: im2col(x, KH, KW),
            "These are the windows for stride 1.",
        ),
        Mistake(
            "channels last",
            rearranged((0, 2, 3, 1, 4, 5)),
            "Within a column, the channels change fastest. Filters are stored channel after channel, so a column "
            "must be, too.",
        ),
        Mistake(
            "columns first",
            rearranged((0, 1, 3, 2, 4, 5)),
            "Within a channel, the numbers of a window run down its columns. They run along its rows.",
        ),
        Mistake(
            "windows down",
            rearranged((0, 1, 2, 3, 5, 4)),
            "The windows come column by column of the image. They come as one reads: row by row.",
        ),
        Mistake(
            "flipped",
            lambda x, KH, KW, stride=1: (
                im2col(x, KH, KW, stride)
                .reshape(len(x), -1, KH * KW, ((x.shape[2] - KH) // stride + 1) * ((x.shape[3] - KW) // stride + 1))[
                    :, :, ::-1
                ]
                .reshape(im2col(x, KH, KW, stride).shape)
            ),
            "Each window is turned by 180 degrees. Take it as it lies.",
        ),
    ],
    hints=[
        "How many columns are there? One for each place of the window: OH · OW, with OH = (H − KH) // stride + 1.",
        "`x[:, :, i*S : i*S + KH, j*S : j*S + KW].reshape(N, -1)` is column i · OW + j of all images: channel "
        "after channel, "
        "row after row.",
        "Without loops: `np.lib.stride_tricks.sliding_window_view(x, (KH, KW), axis=(2, 3))` has the shape (N, "
        "C, OH, OW, KH, "
        "KW). Which order of axes is needed?",
    ],
)


def cost(what, groups, per_product=2, channels=64, number=4, weights=True, images=1):
    """Of a 3×3 convolution from 64 to 64 channels of 56×56 with padding 1."""
    flops = per_product * 56 * 56 * 64 * (channels // groups if channels > 1 else 1) * 9
    moved = number * (images * 64 * 56 * 56 + 64 * 64 // groups * 9 * weights + images * 64 * 56 * 56)
    return {"flops": flops, "bytes": moved, "intensity": flops / moved, "columns": number * 64 * 9 * 56 * 56}[what]


convolution_cost = Predict(
    id="convolution_cost",
    chapter=13,
    title="Predict the work",
    prompt="""
    A 3×3 convolution with padding 1, no bias, takes one image of 64 channels of 56×56 to 64 channels of 56×56,
    all in float32 (4 bytes). Work out the numbers below; you may write them as products, Python computes them. A
    multiplication and the addition after it count as two operations, also at the border. At the very least,
    input and weights must be read once and the output written once. Operations per byte of that are the
    *arithmetic intensity*.
    """,
    reference=cost,
    questions={
        "operations": ("flops", 1),
        "bytes, at the very least": ("bytes", 1),
        "operations per byte": ("intensity", 1),
        "operations per byte, depthwise (64 groups)": ("intensity", 64),
        "bytes of the matrix that im2col makes": ("columns", 1),
    },
    solution="""
    places, maps = 56 * 56, 64 * 56 * 56  # maps: numbers of the input, and of the output
    operations = 2 * maps * 64 * 9
    moved = 4 * (maps + 64 * 64 * 9 + maps)

    convolution_cost = {
        "operations": operations,  # 231 million
        "bytes, at the very least": moved,  # 1.75 MB
        "operations per byte": operations / moved,  # 132
        "operations per byte, depthwise (64 groups)": 2 * maps * 9 / (4 * (maps + 64 * 9 + maps)),  # 2.2
        "bytes of the matrix that im2col makes": 4 * 64 * 9 * places,  # 7.2 MB, four times as much as all the rest
    }
    """,
    mistakes=[
        Mistake(
            "multiplications only",
            lambda what, groups: cost(what, groups, per_product=1),
            "These are multiplications with their additions, counted as one (MACs). Here each counts as two.",
        ),
        Mistake(
            "channels forgotten",
            lambda what, groups: cost(what, groups, channels=1) if groups == 1 else cost(what, groups),
            "This is what one gets when each output looks at one channel. It sums over all 64.",
        ),
        Mistake(
            "float64",
            lambda what, groups: cost(what, groups, number=8),
            "This is what one gets with 8 bytes a number. float32 has 4.",
        ),
        Mistake(
            "numbers for bytes",
            lambda what, groups: cost(what, groups, number=1),
            "These are numbers, not bytes. Each takes 4.",
        ),
        Mistake(
            "weights forgotten",
            lambda what, groups: cost(what, groups, weights=False) if groups == 1 else cost(what, groups),
            "The weights are missing: 64 · 64 · 9 numbers are read, too.",
        ),
    ],
    explanation="""
    132 operations a byte is right of the ridge of any laptop: compute-bound. 2.2 for depthwise is left of it:
    memory-bound.
    """,
    hints=[
        "Each of the 64 · 56 · 56 outputs sums 64 · 9 products.",
        "Bytes: 4 for each number of the input, of the weights (64 · 64 · 9) and of the output.",
        "Depthwise, each output sums 9 products, and there are 64 · 9 weights. im2col's matrix has a column of "
        "64 · 9 numbers "
        "for each of the 56 · 56 places.",
    ],
)

two_threads = Choice(
    id="two_threads",
    chapter=13,
    title="Two threads, one pixel",
    prompt="""
    To make the way back through a convolution faster, somebody lets two threads share the outputs: one takes
    the upper half of `dy`, one the lower, and both stamp `dy[i, j] * w` onto the same `dx` with `+=`. Mostly
    the result is right, now and then a few numbers in the middle rows are off, never the same ones. Why?
    """,
    options={
        "a": (
            "The order of additions changes, and with it the rounding.",
            "Rounding changes the last digits. These numbers are off by a whole share of a gradient.",
        ),
        "b": (
            "Near the middle both threads add to the same pixels, and sometimes one overwrites what the other "
            "has just added.",
            "Yes, a *race*: `+=` reads, adds and writes, and between the reading and the writing the other "
            "thread may have "
            "written. Divide the work by what is *written*, so that each number of `dx` belongs to one thread.",
        ),
        "c": (
            "float32 is too coarse for sums over threads.",
            "Then the result would be off in the same way each time, and by little.",
        ),
        "d": (
            "Python runs one thread at a time, so that the second one starts too late.",
            "Compiled loops run outside of that lock. And a late thread is only slow, not wrong.",
        ),
    },
    right="b",
    hints=[
        "Where do windows of the upper half and windows of the lower half overlap? What are the three steps of a `+=`?"
    ],
)
