"""Exercises of chapter 9 that are worked by hand, and the ways back of an average and of a residual block."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Function, Mistake, Predict
from .backward import conv2d_dx

descent_steps = Predict(
    id="descent_steps",
    chapter=9,
    title="Predict, then run",
    prompt="""
    One output, two weights: $y = w_0 x_0 + w_1 x_1$ with $x = (1, 2)$, first weights $(1, 2)$, label 6, loss
    $(y - 6)^2$. So $y$ is 5. What is $y$ after **one** step of gradient descent, and after **two**, with the
    learning rates 0.05, 0.2 and 0.3? Write your six numbers down *before* you run the cell. A guess is fine.
    """,
    reference=lambda rate, steps: 6 - (1 - 10 * rate) ** steps,
    questions={
        "rate 0.05, one step": (0.05, 1),
        "rate 0.05, two steps": (0.05, 2),
        "rate 0.2, one step": (0.2, 1),
        "rate 0.2, two steps": (0.2, 2),
        "rate 0.3, one step": (0.3, 1),
        "rate 0.3, two steps": (0.3, 2),
    },
    mistakes=[
        Mistake(
            "half the slope",
            lambda rate, steps: 6 - (1 - 5 * rate) ** steps,
            "This is what one gets when the 2 of the square is lost: the slope of (y − 6)² is 2 (y − 6).",
        ),
        Mistake(
            "uphill",
            lambda rate, steps: 6 - (1 + 10 * rate) ** steps,
            "This is what one gets when the step goes uphill. The slope is subtracted, and it is negative here: "
            "y grows.",
        ),
        Mistake(
            "same step again",
            lambda rate, steps: 5 + 10 * rate * steps,
            "This is what one gets when the second step repeats the first. The slope is new at each step: 2 (y − "
            "6) with "
            "the new y.",
        ),
        Mistake(
            "one weight",
            lambda rate, steps: 6 - (1 - 8 * rate) ** steps,
            "This is what one gets when only the second weight moves. Both do, each by its own slope.",
        ),
    ],
    explanation=r"""
    With the learning rate $\eta$, the error $e = y - 6$ and $|x|^2 = x_0^2 + x_1^2 = 5$,

    $$
    \begin{aligned}
    y_\text{new} &= \sum_k (w_k - 2\eta\, e\, x_k)\,x_k \\
    &= y - 2\eta\,|x|^2\,e , \\
    e_\text{new} &= (1 - 2\eta\,|x|^2)\,e = (1 - 10\,\eta)\,e .
    \end{aligned}
    $$

    Each step multiplies the error by $1 - 10\eta$. At $\eta = 0.1$ the factor is 0: one step and done. At 0.05 it is ½:
    5 → 5.5 → 5.75, creeping up. At 0.2 it is −1: 5 → 7 → 5 → 7, for ever. At 0.3 it is −2: 5 → 8 → 2, worse each time.
    """,
    hints=[
        "The slope of the loss for weight k is 2 (y − 6) times x_k. Take the step with both weights, then "
        "compute y anew.",
        "Watch the error y − 6. It starts at −1. By which factor does one step multiply it?",
        "A step changes y by −rate · 2 (y − 6) · (1² + 2²). So the factor is 1 − 10 · rate.",
    ],
)


def strided(which, stride=2, turn=1, add=True):
    """The gradients of x = (1, 2, 0, 3, 1) and w = (2, -1, 1) from dy = (1, 2)."""
    x, w = np.array([1, 2, 0, 3, 1]), np.array([2, -1, 1])
    dx, dw = np.zeros(5, int), np.zeros(3, int)
    for i, dy in enumerate([1, 2]):
        place = slice(i * stride, i * stride + 3)
        dx[place] = (dx[place] if add else 0) + dy * w[::turn]
        dw = (dw if add else 0) + dy * x[place]
    return dx if which == "dx" else dw[::turn]


strided_by_hand = Predict(
    id="strided_by_hand",
    chapter=9,
    title="Backward with a stride, by hand",
    prompt="""
    One dimension, $x = (1, 2, 0, 3, 1)$, $w = (2, -1, 1)$, stride 2, no padding. The two outputs get
    $\\mathrm{dy} = (1, 2)$. Find $\\mathrm{dx}$, a list of five numbers, and $\\mathrm{dw}$, a list of three,
    with a pencil.
    """,
    reference=strided,
    questions={"dx": ("dx",), "dw": ("dw",)},
    mistakes=[
        Mistake(
            "stride ignored",
            lambda which: strided(which, stride=1),
            "This is what one gets with stride 1. The second window starts two steps after the first: it covers "
            "x₂, x₃, x₄.",
        ),
        Mistake(
            "turned round",
            lambda which: strided(which, turn=-1),
            "This is what one gets with a flip. There is none here: a stamp is the filter as it lies, and dw is in the "
            "order of w.",
        ),
        Mistake(
            "replaced",
            lambda which: strided(which, add=False),
            "This is what one gets when the second window replaces the first. What was used twice adds up.",
        ),
    ],
    explanation=r"""
    $\mathrm{dx} = 1 \cdot (2, -1, 1, 0, 0) + 2 \cdot (0, 0, 2, -1, 1) = (2, -1, 5, -2, 2)$.

    $\mathrm{dw}_k = \mathrm{dy}_0\, x_k + \mathrm{dy}_1\, x_{k+2}$, so
    $\mathrm{dw} = 1 \cdot (1, 2, 0) + 2 \cdot (0, 3, 1) = (1, 8, 2)$.
    """,
    hints=[
        "Draw the arrows. The first window covers x₀, x₁, x₂, the second x₂, x₃, x₄. Only x₂ touched both outputs.",
        "For dx, stamp 1 · w on the first window and 2 · w on the second. For dw, add 1 · (first window of x) and 2 · "
        "(second window of x).",
    ],
)


def avg_pool_vjp(x):
    N, C, H, W = x.shape
    y = x.reshape(N, C, H // 2, 2, W // 2, 2).mean(axis=(3, 5))

    def vjp(dy):
        dx = dy.repeat(2, axis=2).repeat(2, axis=3) / 4
        return (dx,)

    return y, vjp


def backward(back):
    """A wrong avg_pool_vjp, whose way back is `back(dy)`."""
    return lambda x: (avg_pool_vjp(x)[0], lambda dy: (back(dy),))


def there_and_back(*shape):
    def script(code, rng):
        y, vjp = code.call("avg_pool_vjp", ints(rng, *shape))
        vjp(ints(rng, *y.shape))

    return script


average_pool = Function(
    id="average_pool",
    chapter=9,
    title="Write a pull-back",
    prompt="""
    The forward pass of average pooling with 2×2 windows that do not overlap is given: `x` (N, C, H, W) to `y`
    (N, C, H/2, W/2). Write its pull-back `vjp(dy)`: from `dy`, of the shape of `y`, to `dx`, of the shape of
    `x`. Without a loop if you can. It returns `(dx,)`, a tuple of one, as all pull-backs of this book do.
    """,
    stub='''
    def avg_pool_vjp(x):
        """x (N, C, H, W) to y (N, C, H/2, W/2), and the way back."""
        N, C, H, W = x.shape
        y = x.reshape(N, C, H // 2, 2, W // 2, 2).mean(axis=(3, 5))

        def vjp(dy):
            dx = ...  # your line: (N, C, H, W)
            return (dx,)

        return y, vjp
    ''',
    reference=[avg_pool_vjp],
    without=["avg_pool2d"],
    checks=[
        Check("Two windows", 1, there_and_back(1, 1, 2, 4)),
        Check("Several images, channels and windows", 1, there_and_back(2, 2, 4, 6)),
    ],
    mistakes=[
        Mistake(
            "not divided",
            backward(lambda dy: dy.repeat(2, axis=2).repeat(2, axis=3)),
            "This is what one gets when the four pixels each get the whole gradient. They share it: divide by the four "
            "numbers of a window.",
        ),
        Mistake(
            "halved",
            backward(lambda dy: dy.repeat(2, axis=2).repeat(2, axis=3) / 2),
            "This is what one gets when one divides by 2. A window has 4 numbers.",
        ),
        Mistake(
            "tiled",
            backward(lambda dy: np.tile(dy, (1, 1, 2, 2)) / 4),
            "This is `dy` laid side by side. The four pixels of one *window* get the same number: use `np.repeat`, not "
            "`np.tile`.",
        ),
        Mistake(
            "one pixel",
            backward(lambda dy: np.kron(dy, [[1, 0], [0, 0]])),
            "This is what one gets when one pixel of a window takes all. That would be max pooling; an average "
            "has no winner.",
        ),
    ],
    explanation="""
    `mc.gradcheck` confirms it:

    ```python
    mc.gradcheck(avg_pool_vjp, np.random.default_rng(0).standard_normal((2, 3, 4, 6)))
    ```
    """,
    hints=[
        "The gradient of a window goes in equal shares to its four pixels. Which NumPy function repeats each "
        "entry of an "
        "array along an axis?",
        "`np.repeat(a, 2, axis=2)` turns rows 0, 1, 2 into 0, 0, 1, 1, 2, 2. (`np.tile` would give 0, 1, 2, 0, 1, 2.)",
    ],
)


def block_dx(dy, relu_back, conv_back):
    dsum = relu_back(dy)
    return dsum + conv_back(dsum)


def block(N, C):
    """A script: the two pull-backs of a block with random filters, behind which the ReLU lets half of all "
    "numbers pass."""

    def script(code, rng):
        w, passes = ints(rng, C, C, 3, 3), rng.permutation(N * C * 12).reshape(N, C, 3, 4) % 2

        def relu_back(dsum):
            """the ReLU's way back"""
            return np.asarray(dsum) * passes

        def conv_back(dz):
            """the convolution's way back"""
            return conv2d_dx(np.asarray(dz), w, 5, 6)[:, :, 1:-1, 1:-1]

        code.call("block_dx", ints(rng, N, C, 3, 4), relu_back, conv_back)

    return script


residual_gradient = Function(
    id="residual_gradient",
    chapter=9,
    title="A residual block, by hand",
    prompt="""
    The block is $y = \\mathrm{relu}(x + \\mathrm{conv}(x))$. Write `block_dx(dy, relu_back, conv_back)`: from
    the gradient `dy` of $y$ to that of $x$; both have the shape of `x`. You are given the two pull-backs as
    functions, each from one array to one array: `relu_back` goes from the gradient
    of the ReLU's output to that of its input, and so does `conv_back` for the convolution.
    """,
    stub='''
    def block_dx(dy, relu_back, conv_back):
        """dy (N, C, H, W) to dx (N, C, H, W)."""
        ...
    ''',
    reference=[block_dx],
    checks=[
        Check("One image, one channel", 1, block(1, 1)),
        Check("Two images, two channels", 1, block(2, 2), cases=3),
    ],
    mistakes=[
        Mistake(
            "direct way missing",
            lambda dy, relu_back, conv_back: conv_back(relu_back(dy)),
            "This is what comes through the convolution alone. The direct way is missing: x also enters the sum "
            "as it is.",
        ),
        Mistake(
            "convolution missing",
            lambda dy, relu_back, conv_back: relu_back(dy),
            "This is what comes the direct way alone. Nothing skips the convolution: both ways bring a gradient, "
            "and they "
            "add.",
        ),
        Mistake(
            "no ReLU",
            lambda dy, relu_back, conv_back: dy + conv_back(dy),
            "This is what one gets without the ReLU: where it was off, nothing may come back.",
        ),
        Mistake(
            "past the ReLU",
            lambda dy, relu_back, conv_back: dy + conv_back(relu_back(dy)),
            "This is what one gets when the direct way leads past the ReLU. The ReLU comes after the sum, so "
            "both ways lead "
            "through it.",
        ),
        Mistake(
            "wrong order",
            lambda dy, relu_back, conv_back: relu_back(dy + conv_back(dy)),
            "This is what one gets in the forward order. Backward, the last comes first: the ReLU, then the sum.",
        ),
    ],
    hints=[
        "Go backward: first through the ReLU to the sum, `dsum = relu_back(dy)`.",
        "A sum hands its gradient, unchanged, to *both* of its terms. So x collects from two ways.",
    ],
)
