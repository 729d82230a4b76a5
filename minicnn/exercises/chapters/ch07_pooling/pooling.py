"""Exercises of chapter 7: pooling, equivariance and invariance."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Choice, Function, Mistake, Predict

shifted_cat = Choice(
    id="shifted_cat",
    chapter=7,
    title="The cat moves",
    prompt="""
    A cat in an image moves two pixels to the right; the background is 0 everywhere. What happens to a feature
    map of a convolution with stride 1?
    """,
    options={
        "a": (
            "It stays exactly as it was.",
            "That would be *invariance*. Sharing the weights does not give it: the map says where the cat is, so "
            "it must move.",
        ),
        "b": (
            "It moves two pixels to the right, too.",
            "Yes: the same weights meet the same pixels two places further on. That is *equivariance*.",
        ),
        "c": (
            "It changes in a way that the weights decide.",
            "The weights are the same at every place, so the cat gives the same numbers wherever it is. But at "
            "which place?",
        ),
        "d": (
            "Its kernel moves two pixels to the right.",
            "The kernel is three or five pixels, and learnt; it does not change when an image does.",
        ),
    },
    right="b",
    hints=["Take one row, 0 0 1 0 0 0 0, and the kernel 1 2 1. Then move the 1, and slide again."],
)

IMAGE = np.array([[1, 3, 2, 0], [5, 4, 1, 1], [0, 2, 8, 6], [2, 4, 7, 3]])


def pool(f, K, S):
    places = range(0, 4 - K + 1, S)
    y = np.array([[f(IMAGE[i : i + K, j : j + K]) for j in places] for i in places])
    return y if y.size > 1 else y.item()


pool_by_hand = Predict(
    id="pool_by_hand",
    chapter=7,
    title="Sixteen pixels to four",
    prompt="""
    Pool this image with a pencil; the answers are lists of rows, such as `[[1, 2], [3, 4]]`, and one number for the
    global average.

        1 3 2 0
        5 4 1 1
        0 2 8 6
        2 4 7 3
    """,
    reference=pool,
    questions={
        "max, 2×2, stride 2": (np.max, 2, 2),
        "average, 2×2, stride 2": (np.mean, 2, 2),
        "max, 2×2, stride 1": (np.max, 2, 1),
        "global average": (np.mean, 4, 4),
    },
    mistakes=[
        Mistake(
            "sum",
            lambda f, K, S: pool(np.sum if f is np.mean else f, K, S),
            "This is the sum. For the average, divide by the number of pixels in the window.",
        ),
        Mistake(
            "by the width",
            lambda f, K, S: pool(np.sum, K, S) / K if f is np.mean else pool(f, K, S),
            "This is the sum divided by the window's width. A window of K×K has K·K pixels.",
        ),
        Mistake(
            "swapped",
            lambda f, K, S: pool({np.max: np.mean, np.mean: np.max}[f], K, S),
            "Maximum and average are swapped.",
        ),
        Mistake(
            "stride 2",
            lambda f, K, S: pool(f, K, 2 if K == 2 else S),
            "This is what one gets with stride 2. With stride 1 the windows overlap, and there are 3×3 of them.",
        ),
        Mistake("minimum", lambda f, K, S: pool(np.min if f is np.max else f, K, S), "These are the smallest numbers."),
    ],
    solution="""
    pool_by_hand = {
        "max, 2×2, stride 2": [[5, 2], [4, 8]],
        "average, 2×2, stride 2": [[13 / 4, 4 / 4], [8 / 4, 24 / 4]],
        "max, 2×2, stride 1": [[5, 4, 2], [5, 8, 8], [4, 8, 8]],
        "global average": 49 / 16,
    }
    """,
    hints=[
        "With stride 2, the first window holds 1, 3, 5, 4; the one to its right 2, 0, 1, 1.",
        "With stride 1 the windows overlap: the second one holds 3, 2, 4, 1.",
    ],
)


def max_pool(x, K, S):
    places = [(size - K) // S + 1 for size in x.shape]
    y = np.zeros(places)
    for i, j in np.ndindex(*places):
        y[i, j] = x[i * S : i * S + K, j * S : j * S + K].max()
    return y


def winners(x, K, S):
    places = [(size - K) // S + 1 for size in x.shape]
    w = np.zeros(places, dtype=int)
    for i, j in np.ndindex(*places):
        window = x[i * S : i * S + K, j * S : j * S + K]
        k, l = divmod(int(window.argmax()), K)
        w[i, j] = (i * S + k) * x.shape[1] + j * S + l
    return w


def in_the_window(x, K, S):
    W = winners(x, K, S)
    tops, lefts = (S * np.arange(n) for n in W.shape)
    return (W // x.shape[1] - tops[:, None]) * K + W % x.shape[1] - lefts


def cut_windows(x, K, S):
    """One window more on each side, where the last step does not fit: it is cut off at the border."""
    return max_pool(np.pad(x, [(0, (K - n) % S) for n in x.shape], constant_values=-np.inf), K, S)


def distinct(rng, H, W):
    """Numbers none of which comes twice."""
    return (rng.permutation(H * W) - H * W // 2).reshape(H, W).astype(np.float64)


def tied(rng):
    """Few different numbers, and a window of equal ones."""
    x = rng.integers(0, 2, (4, 4)).astype(np.float64)
    i, j = 2 * rng.integers(0, 2, 2)
    x[i : i + 2, j : j + 2] = 3
    return x


max_and_where = Function(
    id="max_and_where",
    chapter=7,
    title="The largest, and where it was",
    prompt="""
    Write `max_pool(x, K, S)`: the largest number of every K×K window of `x` (H, W), with stride S and no
    padding; a last step that would leave the image is not taken. And write `winners(x, K, S)`: where each of
    them stood, as one whole number, row · W + column in `x`. (The way back will need it.) If several pixels of
    a window tie, the first in reading order wins. Both results have the shape (OH, OW), where OH is (H − K) //
    S + 1, and OW likewise.
    """,
    stub='''
    def max_pool(x, K, S):
        """x (H, W) to the largest number of each window."""
        ...


    def winners(x, K, S):
        """x (H, W) to the place, row * W + column, of each largest number."""
        ...
    ''',
    reference=[max_pool, winners],
    without=["max_pool2d"],
    checks=[
        Check(
            "Largest, 2×2 with stride 2",
            1,
            lambda code, rng: code.call("max_pool", ints(rng, 4, 6, low=-20, high=-1), 2, 2),
        ),
        Check(
            "Largest, where windows overlap",
            1,
            lambda code, rng: code.call("max_pool", ints(rng, 6, 5, low=-20, high=20), 3, 2),
        ),
        Check("Places", 2, lambda code, rng: code.call("winners", distinct(rng, 6, 5), 3, 2)),
        Check("Places with ties", 1, lambda code, rng: code.call("winners", tied(rng), 2, 2)),
    ],
    mistakes=[
        Mistake(
            "starts at 0",
            dict(max_pool=lambda x, K, S: np.maximum(max_pool(x, K, S), 0)),
            "This is what one gets when the search starts at 0: all pixels of a window may be negative. Start at "
            "the first pixel, or "
            "at minus infinity.",
        ),
        Mistake(
            "one more window",
            dict(max_pool=cut_windows),
            "There is one window more, which sticks out of the image. Round the size down.",
        ),
        Mistake(
            "stride K",
            dict(max_pool=lambda x, K, S: max_pool(x, K, K), winners=lambda x, K, S: winners(x, K, K)),
            "This is what one gets when the window moves by its own width. It moves by S.",
        ),
        Mistake(
            "smallest",
            dict(max_pool=lambda x, K, S: -max_pool(-x, K, S)),
            "These are the smallest numbers.",
        ),
        Mistake(
            "in the window",
            dict(winners=in_the_window),
            "These are places within the window. Add where the window starts: row i · S, column j · S.",
        ),
        Mistake(
            "columns first",
            dict(winners=lambda x, K, S: winners(x, K, S) % x.shape[1] * x.shape[0] + winners(x, K, S) // x.shape[1]),
            "This is column · H + row. Asked for is row · W + column.",
        ),
        Mistake(
            "last wins",
            dict(
                winners=lambda x, K, S: (
                    x.size - 1 - winners(x[::-1, ::-1], K, S)[::-1, ::-1] if S == K else winners(x, K, S)
                )
            ),
            "Where pixels tie, your last one wins. The first one should: let only a *larger* one (`>`) take its place.",
        ),
    ],
    hints=[
        "The window of output (i, j) is `x[i * S : i * S + K, j * S : j * S + K]`.",
        "`window.argmax()` counts within the window, in reading order; `divmod(…, K)` turns it into row and "
        "column there.",
        "In the image, the row is i · S + the row in the window; likewise the column.",
    ],
)

odd_shift = Choice(
    id="odd_shift",
    chapter=7,
    title="The cat moves by one",
    prompt="""
    Another image passes through a 2×2 max pooling with stride 2. Then the image is moved to the right by *one*
    pixel (the background is 0 everywhere), and pooled again. How does the second result come from the first?
    """,
    options={
        "a": (
            "It is the same: max pooling makes it invariant to small shifts.",
            "Sometimes: if the largest pixel moves within its window. Try 0 0 5 7 0 0, moved by one: does the "
            "result stay "
            "as it was?",
        ),
        "b": (
            "It is the first one, moved to the right by one.",
            "That takes a shift by *two* pixels, the stride. One pixel is half a step.",
        ),
        "c": (
            "It may be the same, or moved, or have other numbers: the windows cut the image differently now.",
            "Yes: 0 0 5 7 0 0 gives 0 7 0, and moved by one 0 5 7. Sub-sampling breaks equivariance for shifts "
            "that are no multiple of the stride; this is called *aliasing*.",
        ),
        "d": (
            "It is half of the first one moved by one, and half of it as it was.",
            "That would be the mean of the two. A maximum takes one pixel, or another.",
        ),
    },
    right="c",
    hints=["Take one row and windows of two: 0 0 5 7 0 0. Pool. Move everything by one, and pool again."],
)
