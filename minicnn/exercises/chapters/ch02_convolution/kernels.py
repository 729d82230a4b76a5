"""Exercises of chapter 2: kernels to design, to turn, and to find out."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Function, Mistake
from .forward import conv2d


def edge_kernel():
    return [[-1, -1, -1], [0, 0, 0], [1, 1, 1]]


DARK_ABOVE = np.repeat([[0.0], [0], [0], [9], [9], [9]], 6, axis=1)


def judge_edge_kernel(kernel):
    kernel = np.asarray(kernel, dtype=float)
    if kernel.shape != (3, 3):
        return f"Your kernel has the shape {kernel.shape}; three rows of three numbers are asked for."
    if not np.allclose(conv2d(np.full((6, 6), 7.0), kernel), 0):
        return "It answers to a wall, where every pixel is 7."
    if not np.allclose(conv2d(DARK_ABOVE.T, kernel), 0):
        return "It answers to a vertical edge."
    answers = conv2d(DARK_ABOVE, kernel)
    if answers.min() < -1e-9:
        return "It gives a negative number where dark above meets bright below."
    return None if answers.max() > 1e-9 else "It gives 0 where dark above meets bright below."


design_a_kernel = Function(
    id="design_a_kernel",
    chapter=2,
    title="Design a kernel",
    prompt="""
    Find a 3×3 kernel (it slides without a flip) that gives *positive* numbers, and nowhere a negative one, where dark
    above meets bright below; *zero* on every plain wall; and *zero* on every vertical edge. Let `edge_kernel()`
    return it, as three rows of three numbers. There are many.
    """,
    stub='''
    def edge_kernel():
        """Three rows of three numbers."""
        return ...
    ''',
    reference=[edge_kernel],
    checks=[
        Check(
            "Positive on that edge, blind to the others",
            3,
            lambda code, rng: code.accept(judge_edge_kernel, "edge_kernel"),
            cases=1,
        )
    ],
    mistakes=[
        Mistake("wall", lambda: np.ones((3, 3)), "What do its weights sum up to? On a wall, only that sum counts."),
        Mistake(
            "vertical",
            lambda: [[1, 0, -1]] * 3,
            "To be blind to vertical edges, each column must sum up to 0 by itself.",
        ),
        Mistake(
            "upside down",
            lambda: np.negative(edge_kernel()),
            "Turn the signs round: subtract what is above, and add what is below.",
        ),
        Mistake(
            "blind",
            lambda: np.zeros((3, 3)),
            "It is blind to this edge, too. Let the lower row count more than the upper one.",
        ),
    ],
    explanation="""
    There are many others. This one is known as the Sobel kernel:

    ```python
    def edge_kernel():
        return [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    ```
    """,
    hints=[
        "It must subtract what is above and add what is below.",
        "To be blind to vertical edges, every column must sum up to 0.",
    ],
)


def convolve(x, w):
    (H, W), (KH, KW) = x.shape, w.shape
    turned = w[::-1, ::-1]
    y = np.zeros((H - KH + 1, W - KW + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = np.sum(x[i : i + KH, j : j + KW] * turned)
    return y


true_convolution = Function(
    id="true_convolution",
    chapter=2,
    title="A true convolution",
    prompt="""
    Write `convolve(x, w)`: the *true* convolution of an image `x` (H, W) with a kernel `w` (KH, KW), at all places
    where the turned kernel lies inside the image. The result has the shape (H − KH + 1, W − KW + 1). It must work for
    kernels of any size, also even and oblong ones.
    """,
    stub='''
    def convolve(x, w):
        """x (H, W) and w (KH, KW) to (H - KH + 1, W - KW + 1), with the flip."""
        ...
    ''',
    reference=[convolve],
    without=["conv2d"],
    checks=[
        Check("A square kernel", 1, lambda code, rng: code.call("convolve", ints(rng, 4, 4), ints(rng, 3, 3))),
        Check("An oblong kernel", 1, lambda code, rng: code.call("convolve", ints(rng, 4, 5), ints(rng, 2, 3))),
        Check("An even kernel", 1, lambda code, rng: code.call("convolve", ints(rng, 3, 4), ints(rng, 2, 2))),
    ],
    mistakes=[
        Mistake("not flipped", conv2d, "This is the cross-correlation. The true convolution flips the kernel."),
        Mistake(
            "upside down only",
            lambda x, w: conv2d(x, w[::-1]),
            "The kernel is flipped upside down only. Flip it left to right, too.",
        ),
        Mistake(
            "left to right only",
            lambda x, w: conv2d(x, w[:, ::-1]),
            "The kernel is flipped left to right only. Flip it upside down, too.",
        ),
        Mistake(
            "full",
            lambda x, w: convolve(np.pad(x, [(k - 1, k - 1) for k in w.shape]), w),
            "This is the full convolution, with places where the kernel sticks out of the image. Leave them out.",
        ),
    ],
    hints=[
        "Start from the loops without a flip. Which weight of `w` meets the top left pixel of the window?",
        "`w[::-1, ::-1]` is the kernel turned by 180°.",
    ],
)


def find_weights(mystery):
    image = np.zeros((5, 5))
    image[2, 2] = 1
    return mystery(image)[::-1, ::-1]


def one_look(code, rng):
    secret, calls = ints(rng, 3, 3), 0

    def mystery(image):
        """slides nine secret weights, without a flip; may be called once"""
        nonlocal calls
        calls += 1
        image = np.asarray(image, dtype=float)
        if calls > 2:  # the reference has called it, too
            raise RuntimeError("mystery can be called only once.")
        if image.ndim != 2 or min(image.shape) < 3:
            raise ValueError("mystery needs an image (H, W) of at least 3×3.")
        return conv2d(image, secret)

    code.call("find_weights", mystery)


mystery_kernel = Function(
    id="mystery_kernel",
    chapter=2,
    title="The mystery kernel",
    prompt="""
    `mystery(image)` slides a 3×3 kernel of nine secret weights over an image (H, W), without padding and without a
    flip, and gives the feature map. Write `find_weights(mystery)`: the nine weights, as a 3×3 array, from *one* call of
    `mystery`. Choose the image well.
    """,
    stub='''
    def find_weights(mystery):
        """The secret weights (3, 3). Call mystery(image) once."""
        ...
    ''',
    reference=[find_weights],
    checks=[Check("All nine, from one call", 3, one_look)],
    mistakes=[
        Mistake(
            "turned",
            lambda mystery: find_weights(mystery)[::-1, ::-1],
            "The right weights, but turned by 180°: the window meets a bright pixel first with its *last* weight.",
        ),
        Mistake(
            "lying",
            lambda mystery: find_weights(mystery).T,
            "The right weights, but rows and columns are swapped.",
        ),
        Mistake(
            "all at once",
            lambda mystery: np.full((3, 3), find_weights(mystery).sum()),
            "This is what a white image shows: the sum of all weights. Let the window see one bright pixel only.",
        ),
    ],
    explanation="""
    The bright pixel in the middle of a black image is an *impulse*. The window meets it first with its *last* weight,
    so the weights come out turned. A true convolution would give the kernel back as it is.
    """,
    hints=[
        "Which image makes every output equal to a *single* weight?",
        "One bright pixel in the middle of a black 5×5 image. In which order do the weights come out?",
    ],
)
