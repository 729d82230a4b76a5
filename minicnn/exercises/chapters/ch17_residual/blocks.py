"""Exercises of chapter 17: residual blocks."""

import math

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Choice, Function, Mistake, Predict


def block_vjp(x, W1, W2):
    h = np.maximum(x @ W1, 0)
    y = np.maximum(x + h @ W2, 0)

    def vjp(dy):
        dsum = dy * (y > 0)
        dh = dsum @ W2.T * (h > 0)
        return dsum + dh @ W1.T, x.T @ dh, h.T @ dsum

    return y, vjp


def block_with(outer=True, inner=True, direct=True, block=True):
    """A wrong block: its way back leaves something out."""

    def wrong(x, W1, W2):
        h, y = np.maximum(x @ W1, 0), block_vjp(x, W1, W2)[0]

        def vjp(dy):
            dsum = dy * (y > 0) if outer else dy
            dh = dsum @ W2.T * ((h > 0) if inner else 1)
            return direct * dsum + block * (dh @ W1.T), x.T @ dh, h.T @ dsum

        return y, vjp

    return wrong


def plain(x, W1, W2):
    """No direct way at all."""
    h = np.maximum(x @ W1, 0)
    y = np.maximum(h @ W2, 0)

    def vjp(dy):
        dsum = dy * (y > 0)
        dh = dsum @ W2.T * (h > 0)
        return dh @ W1.T, x.T @ dh, h.T @ dsum

    return y, vjp


def relu_first(x, W1, W2):
    """The ReLU before the sum."""
    h = np.maximum(x @ W1, 0)
    f = np.maximum(h @ W2, 0)

    def vjp(dy):
        df = dy * (f > 0)
        dh = df @ W2.T * (h > 0)
        return dy + dh @ W1.T, x.T @ dh, h.T @ df

    return x + f, vjp


def no_relu_inside(x, W1, W2):
    h = x @ W1
    y = np.maximum(x + h @ W2, 0)

    def vjp(dy):
        dsum = dy * (y > 0)
        dh = dsum @ W2.T
        return dsum + dh @ W1.T, x.T @ dh, h.T @ dsum

    return y, vjp


def there(N, D, M, back):
    """A script: forward through a block; and the way back. No sum is near 0, where a ReLU has no slope."""

    def script(code, rng):
        W1, W2 = rng.normal(size=(D, M)).round(2), rng.normal(size=(M, D)).round(2)
        y, vjp = code.call("block_vjp", ints(rng, N, D), W1, W2)
        if back:
            vjp(ints(rng, N, D))

    return script


def silent_block(code, rng):
    _, vjp = code.call("block_vjp", ints(rng, 3, 2), rng.normal(size=(2, 3)).round(2), np.zeros((3, 2)))
    vjp(ints(rng, 3, 2))


residual_block = Function(
    id="residual_block",
    chapter=17,
    title="A residual block, there and back",
    prompt="""
    A residual block adds its input to what its layers make of it: $y = \\mathrm{relu}(x + f(x))$. With dense
    layers (a convolution is a linear map, too) $f(x) = \\mathrm{relu}(x W_1)\\, W_2$, for $x$ of shape (N, D),
    $W_1$ (D, M) and $W_2$ (M, D). Write `block_vjp(x, W1, W2)`: it returns `y` (N, D) and the function `vjp`,
    and `vjp(dy)` returns `dx`, `dW1` and `dW2`, of the shapes of `x`, `W1` and `W2`.
    """,
    stub='''
    def block_vjp(x, W1, W2):
        """x (N, D), W1 (D, M), W2 (M, D) to y (N, D), and the way back."""
        ...
    ''',
    reference=[block_vjp],
    checks=[
        Check("Forward", 1, there(2, 3, 4, back=False)),
        Check("Back through a block that adds nothing (W2 = 0)", 1, silent_block),
        Check("Back", 2, there(3, 2, 3, back=True)),
    ],
    mistakes=[
        Mistake(
            "no direct way",
            plain,
            "This is a plain block: `x` is not added. It is what makes a residual block one.",
        ),
        Mistake(
            "direct way missing, back",
            block_with(direct=False),
            "Forward is right, but on the way back the direct way is missing: a sum hands its gradient to *both* "
            "its terms.",
        ),
        Mistake(
            "block missing, back",
            block_with(block=False),
            "`dx` is what comes the direct way alone. The gradient does not skip the block: it takes both ways, "
            "and they add.",
        ),
        Mistake(
            "outer ReLU, back",
            block_with(outer=False),
            "The way back leaves the last ReLU out: where y is 0, nothing comes back. Begin with it.",
        ),
        Mistake(
            "inner ReLU, back",
            block_with(inner=False),
            "The way back leaves the ReLU inside the block out: where it was off, nothing comes back.",
        ),
        Mistake(
            "ReLU before the sum",
            relu_first,
            "This is what one gets with the last ReLU before the sum. Here it comes after it.",
        ),
        Mistake(
            "no ReLU inside",
            no_relu_inside,
            "The ReLU inside the block is missing, there and back: without it, the two layers are one.",
        ),
    ],
    hints=[
        "Forward: keep `h = np.maximum(x @ W1, 0)` and y. Both ReLUs need to know where they were off.",
        "Back, last step first: `dsum = dy * (y > 0)`. It goes on, unchanged, to x and to the block.",
        "For z = h @ W: dh = dz @ W.T and dW = h.T @ dz. Use it twice, with the inner ReLU between.",
    ],
)


def through(what, block=None, plain=1e-10, paths=1024, five=252):
    """What ten layers, or blocks, do to a gradient, and how many ways lead through them."""
    return {"plain": plain, "blocks": 1.1**10 if block is None else block, "paths": paths, "five": five}[what]


ten_blocks = Predict(
    id="ten_blocks",
    chapter=17,
    title="The gradient through ten blocks",
    prompt="""
    Single numbers instead of maps, and no ReLU. A layer is $f(x) = 0.1\\,x$. What is the slope of the output with
    respect to the input, through ten plain layers $x \\to f(x)$? And through ten residual blocks
    $x \\to x + f(x)$? A gradient can go through a block in two ways, directly or through $f$. How many ways are there
    through ten blocks? How many of them go through $f$ exactly five times?
    """,
    reference=through,
    questions={
        "slope through ten plain layers": ("plain",),
        "slope through ten residual blocks": ("blocks",),
        "ways through ten blocks": ("paths",),
        "ways that go through f exactly five times": ("five",),
    },
    solution="""
    import math

    ten_blocks = {
        "slope through ten plain layers": 0.1**10,
        "slope through ten residual blocks": 1.1**10,  # 2.59: the sum over all ways
        "ways through ten blocks": 2**10,  # two at each block
        "ways that go through f exactly five times": math.comb(10, 5),  # 252
    }
    """,
    mistakes=[
        Mistake(
            "added up",
            lambda what: through(what, plain=1.0, block=2.0, paths=20, five=10),
            "This is what one gets when the blocks are added up. One comes after the other: slopes multiply, and "
            "so do the numbers "
            "of ways.",
        ),
        Mistake(
            "skipped",
            lambda what: through(what, block=1.0, paths=1, five=0),
            "This is what comes the direct way alone. The gradient skips nothing: all ways count, and they add.",
        ),
        Mistake(
            "no direct way",
            lambda what: through(what, block=1e-10, paths=1),
            "This is what comes through all ten f alone. The direct way adds 1 to the slope of each block.",
        ),
        Mistake(
            "two ends",
            lambda what: through(what, block=1 + 1e-10, paths=2, five=2),
            "This is what one gets when the gradient decides once, for all ten blocks. It takes both ways at "
            "*each* block.",
        ),
        Mistake(
            "in an order",
            lambda what: through(what, five=math.perm(10, 5)),
            "This counts orders, too. Which five of the ten blocks is all that matters: divide by 5!.",
        ),
    ],
    hints=[
        "Chain rule: the slopes of ten steps multiply. What is the slope of x + 0.1 x?",
        "Two ways at the first block, and for each of them two at the second.",
        "Exactly five times: choose five of ten blocks, `math.comb(10, 5)`.",
    ],
)

degradation = Choice(
    id="degradation",
    chapter=17,
    title="Deeper, and worse",
    prompt="""
    On CIFAR-10, a plain network of 56 layers has a larger error than one of 20 layers, **on the training
    images**, too. Both have batch norm. What is the best explanation?
    """,
    options={
        "a": (
            "The deeper one overfits.",
            "A network that overfits is good on the images it has seen, and bad on new ones. This one is worse "
            "already on those that it has seen.",
        ),
        "b": (
            "The deeper one cannot express what the shallower one can.",
            "It could copy the 20 layers, and let the other 36 hand on what they get. So a solution at least as "
            "good exists.",
        ),
        "c": (
            "Gradient descent does not find the good solutions that exist: for plain layers, doing nothing is "
            "hard to learn.",
            "Yes. A residual block does nothing when its weights are 0, and has only to learn the difference. "
            "ResNet-56 is "
            "better than ResNet-20.",
        ),
        "d": (
            "The gradients vanish before they reach the first layers.",
            "That was the guess of many. But batch norm keeps signals alive both ways, and the authors found "
            "gradients of healthy "
            "size.",
        ),
    },
    right="c",
    hints=["First decide: is it a matter of training, or of new images? Then: does a good solution exist?"],
)
