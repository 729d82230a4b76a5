"""Exercises of chapter 9: backpropagation through convolution and pooling."""

import numpy as np

from ...checking.code import ints, shuffled
from ...checking.exercise import Check, Function, Mistake


def conv2d_dx(dy, w, H, W, stride=1):
    (N, _, OH, OW), (_, C, KH, KW) = dy.shape, w.shape
    dx = np.zeros((N, C, H, W))
    for i, j in np.ndindex(OH, OW):
        patch = np.einsum("no,ockl->nckl", dy[:, :, i, j], w)
        dx[:, :, i * stride : i * stride + KH, j * stride : j * stride + KW] += patch
    return dx


def overwritten(dy, w, H, W, stride=1):
    dx = np.zeros((len(dy), w.shape[1], H, W))
    for i, j in np.ndindex(dy.shape[2:]):
        patch = np.einsum("no,ockl->nckl", dy[:, :, i, j], w)
        dx[:, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]] = patch
    return dx


conv2d_input_gradient = Function(
    id="conv2d_input_gradient",
    chapter=9,
    title="The gradient of a convolution's input",
    prompt="""
    A convolution without padding took an input of N×C×H×W and filters `w` (O, C, KH, KW) with a stride to an
    output of N×O×OH×OW. Write `conv2d_dx(dy, w, H, W, stride)`: from the output's gradient `dy` (N, O, OH, OW)
    to that of the input, (N, C, H, W).
    """,
    stub='''
    def conv2d_dx(dy, w, H, W, stride=1):
        """dy (N, O, OH, OW) and w (O, C, KH, KW) to dx (N, C, H, W)."""
        ...
    ''',
    reference=[conv2d_dx],
    without=["conv2d"],
    checks=[
        Check(
            "One image, one channel, one filter",
            1,
            lambda code, rng: code.call("conv2d_dx", ints(rng, 1, 1, 2, 3), ints(rng, 1, 1, 3, 2), 4, 4),
        ),
        Check(
            "Several of each",
            1,
            lambda code, rng: code.call("conv2d_dx", ints(rng, 2, 3, 2, 2), ints(rng, 3, 2, 2, 3), 3, 4),
        ),
        Check(
            "Stride 2, with a last row that no window reached",
            2,
            lambda code, rng: code.call("conv2d_dx", ints(rng, 1, 2, 2, 2), ints(rng, 2, 1, 3, 3), 6, 6, stride=2),
        ),
    ],
    mistakes=[
        Mistake(
            "flipped",
            lambda dy, w, H, W, stride=1: conv2d_dx(dy, w[:, :, ::-1, ::-1], H, W, stride),
            "This is what one gets with the flip wrong: `w` is stamped as it is; only a sliding window over `dy` "
            "has to flip it.",
        ),
        Mistake(
            "stride ignored",
            lambda dy, w, H, W, stride=1: conv2d_dx(dy, w, H, W),
            "This is what one gets when the stride is forgotten on the way back: output (i, j) saw the window at "
            "(i·S, j·S).",
        ),
        Mistake(
            "overwritten",
            overwritten,
            "This is what one gets when a pixel keeps only its last share: windows overlap, and their gradients "
            "add (`+=`).",
        ),
        Mistake(
            "first filter",
            lambda dy, w, H, W, stride=1: conv2d_dx(dy[:, :1], w[:1], H, W, stride),
            "This is what the first filter alone contributes. Every filter saw the pixel: sum over all.",
        ),
    ],
    hints=[
        "Which pixels did output (i, j) see? Those of the window at (i·S, j·S). Each of them gets `dy[i, j]` "
        "times its weight.",
        "So: start from zeros, and for every (i, j) stamp `dy[i, j] * w` onto the window. Where stamps overlap, "
        "they add.",
        'For all images and channels at once: `np.einsum("no,ockl->nckl", dy[:, :, i, j], w)`.',
    ],
)


def windows_of(x):
    """(N, C, H, W) as (N, C, H/2, W/2, 4): the four numbers of each 2×2 window."""
    N, C, H, W = x.shape
    return x.reshape(N, C, H // 2, 2, W // 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(N, C, H // 2, W // 2, 4)


def image_of(windows):
    N, C, OH, OW, _ = windows.shape
    return windows.reshape(N, C, OH, OW, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(N, C, 2 * OH, 2 * OW)


def right(x, dy):
    """a right one"""
    winners = windows_of(x).argmax(axis=-1)
    return image_of((np.arange(4) == winners[..., None]) * dy[..., None])


def right_loops(x, dy):
    """a right one, with loops, in float32"""
    dx = np.zeros(x.shape, np.float32)
    for n, c, i, j in np.ndindex(dy.shape):
        window = x[n, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        k, l = divmod(int(window.argmax()), 2)
        dx[n, c, 2 * i + k, 2 * j + l] = dy[n, c, i, j]
    return dx


def first_patch(x, dy):
    """one that returns after the first patch"""
    dx = right(x, dy)
    dx[:, :, 2:], dx[:, :, :, 2:] = 0, 0
    return dx


def first_image(x, dy):
    """one that forgets all images but the first"""
    dx = right(x, dy)
    dx[1:] = 0
    return dx


def shared(x, dy):
    """one that shares the gradient among all four pixels"""
    return np.repeat(np.repeat(dy, 2, axis=2), 2, axis=3) / 4


def ties_twice(x, dy):
    """one that counts ties twice"""
    windows = windows_of(x)
    return image_of((windows == windows.max(axis=-1, keepdims=True)) * dy[..., None])


def catches(pool_backward):
    rng = np.random.default_rng(0)
    for x in (rng.standard_normal((2, 2, 4, 4)), np.ones((2, 2, 4, 4))):  # the second one ties everywhere
        dy = rng.standard_normal((2, 2, 2, 2))
        expected = np.zeros(x.shape)
        for n, c, i, j in np.ndindex(dy.shape):
            k, l = divmod(x[n, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].argmax(), 2)
            expected[n, c, 2 * i + k, 2 * j + l] = dy[n, c, i, j]
        if not np.allclose(pool_backward(x, dy), expected, atol=1e-5):
            return True
    return False


def on(*shape, exactly=False, by=None):
    """A check that is not good enough: it tries one input of this shape only."""

    def catches(pool_backward):
        rng = np.random.default_rng(1)
        x, dy = rng.standard_normal(shape), rng.standard_normal((*shape[:2], shape[2] // 2, shape[3] // 2))
        dx = pool_backward(x, dy)
        if by is not None:
            return bool(by(x, dy, dx))
        return not np.array_equal(dx, right(x, dy)) if exactly else not np.allclose(dx, right(x, dy), atol=1e-5)

    return catches


def against(bug):
    return lambda code, rng: [code.call("catches", f) for f in shuffled(rng, right, right_loops, bug)]


catch_the_pool = Function(
    id="catch_the_pool",
    chapter=9,
    title="Find the bug: a pooling that still learns",
    prompt="""
    Somebody hands you `pool_backward(x, dy)`, the way back through a 2×2 max pooling with stride 2: from `x`
    (N, C, H, W) and the gradient `dy` (N, C, H/2, W/2) to `dx`. In a window the first of the largest pixels
    gets the gradient. Networks train with it, but so they do with some bugs. Write `catches(pool_backward)`:
    try it on inputs of yours, and return True if it is wrong, False if it is right. It may work in float32. You
    cannot read its source: only call it.
    """,
    stub='''
    def catches(pool_backward):
        """True if pool_backward(x, dy), a 2x2 max pooling back, is wrong."""
        ...
    ''',
    reference=[catches],
    without=["max_pool2d"],
    checks=[
        Check("Returns after the first patch", 2, against(first_patch), cases=4),
        Check("Shares the gradient among all pixels", 1, against(shared), cases=4),
        Check("Forgets all images but the first", 1, against(first_image), cases=4),
        Check("Counts ties twice", 1, against(ties_twice), cases=4),
    ],
    mistakes=[
        Mistake(
            "shape only",
            on(2, 2, 4, 4, by=lambda x, dy, dx: dx.shape != x.shape),
            "This is what a check says that looks at the shape only.",
        ),
        Mistake(
            "sum only",
            on(2, 2, 4, 4, by=lambda x, dy, dx: not np.isclose(dx.sum(), dy.sum(), rtol=1e-4)),
            "This is what a check says that compares sums: the right amount may lie in the wrong place.",
        ),
        Mistake(
            "one window", on(2, 2, 2, 2), "This is what a check says that tries a single window: take a larger input."
        ),
        Mistake(
            "one image", on(1, 2, 4, 4), "This is what a check says that tries a single image: take a batch of two."
        ),
        Mistake(
            "no ties",
            on(2, 2, 4, 4),
            "This is what a check says that tries random numbers only: they never tie. Try a flat image, too.",
        ),
        Mistake(
            "exact",
            on(2, 2, 4, 4, exactly=True),
            "This is what a check says that asks for equal bits: float32 rounds. Compare with `np.allclose`.",
        ),
        Mistake(
            "turned round",
            lambda pool_backward: not catches(pool_backward),
            "This is the answer turned round: True means that the pooling is wrong.",
        ),
    ],
    hints=[
        "Draw `x` and `dy` from `np.random.default_rng(0)`; more than one image, channel and window.",
        "What must be true of `dx` in every window? One pixel holds the window's `dy`, and the others 0. Which pixel?",
        "Random numbers are all different. On which image do pixels tie?",
    ],
)
