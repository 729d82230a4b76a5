"""Exercise of chapter 8: write the check that catches wrong gradients."""

import numpy as np

from ...checking.code import shuffled
from ...checking.exercise import Check, Function, Mistake

C = np.array([[1.0, -2, 3, 1], [2, 1, -1, 2], [-1, 3, 1, -2], [2, -1, 2, 1]])


def squares(x):
    """a sum of squares, weighted"""
    return float(np.sum(C * np.square(x, dtype=float)))


def squares_right(x):
    """the right gradient"""
    return 2 * C * x


def squares_transposed(x):
    """one whose rows and columns are swapped"""
    return (2 * C * x).T


def squares_uphill(x):
    """one with the sign turned round"""
    return -2 * C * x


def pooled(x):
    """the squares of a 2×2 average pooling, summed"""
    return float(np.sum(C[:2, :2] * np.asarray(x, dtype=float).reshape(2, 2, 2, 2).mean(axis=(1, 3)) ** 2))


def pooled_not_divided(x):
    """an average pooling's, not divided"""
    means = np.asarray(x, dtype=float).reshape(2, 2, 2, 2).mean(axis=(1, 3))
    return np.kron(2 * C[:2, :2] * means, np.ones((2, 2)))


def pooled_right(x):
    """the right gradient, in float32"""
    return (pooled_not_divided(x) / 4).astype(np.float32)


def rectified(x):
    """a sum of ReLUs, weighted"""
    return float(np.sum(C * np.maximum(x, 0)))


def rectified_right(x):
    """the right gradient"""
    return C * (np.asarray(x) > 0)


def rectified_without_mask(x):
    """a ReLU's, without its mask"""
    return C + 0 * np.asarray(x)


def neighbours(x):
    """a sum of products of neighbours"""
    x = np.asarray(x, dtype=float)
    return float(np.sum(C[:, 1:] * x[:, :-1] * x[:, 1:]))


def neighbours_right(x):
    """the right gradient"""
    g = np.zeros((4, 4))
    g[:, 1:] += C[:, 1:] * x[:, :-1]
    g[:, :-1] += C[:, 1:] * x[:, 1:]
    return g


def neighbours_overwritten(x):
    """one that overwrites where it should add"""
    g = np.zeros((4, 4))
    g[:, 1:] = C[:, 1:] * x[:, :-1]
    g[:, :-1] = C[:, 1:] * x[:, 1:]
    return g


def catches(f, gradient):
    x = np.random.default_rng(0).standard_normal((4, 4))
    expected = np.zeros((4, 4))
    for i, j in np.ndindex(4, 4):
        bump = np.zeros((4, 4))
        bump[i, j] = 1e-5
        expected[i, j] = (f(x + bump) - f(x - bump)) / 2e-5
    return not np.allclose(gradient(x), expected, rtol=1e-3, atol=1e-4)


def trying(x, judge=None, h=1e-5, places=None):
    """A check that is not good enough: other numbers, another comparison, or some of the places only."""

    def catches(f, gradient):
        expected, claimed = np.zeros((4, 4)), np.asarray(gradient(x), dtype=float)
        for i, j in places or np.ndindex(4, 4):
            bump = np.zeros((4, 4))
            bump[i, j] = h
            expected[i, j] = (f(x + bump) - f(x - bump)) / (2 * h)
        if places:
            return not np.allclose([claimed[p] - expected[p] for p in places], 0, atol=1e-4)
        return bool(judge(claimed, expected)) if judge else not np.allclose(claimed, expected, rtol=1e-3, atol=1e-4)

    return catches


def parallel(a, b):
    return a.ravel() @ b.ravel() > 0.999 * np.linalg.norm(a) * np.linalg.norm(b)


NORMAL = np.random.default_rng(1).standard_normal((4, 4))


def constant(x):
    """the same for every x"""
    return 3.0


def zero(x):
    """0 everywhere"""
    return np.zeros((4, 4))


def against(f, right, bug):
    """Two right ones and two wrong ones: what always says the same is no more often right than wrong."""
    pairs = (f, right), (constant, zero), (f, bug), (f, zero)
    return lambda code, rng: [code.call("catches", *pair) for pair in shuffled(rng, *pairs)]


catch_the_gradient = Function(
    id="catch_the_gradient",
    chapter=8,
    title="Find the bug: a gradient check",
    prompt="""
    Networks often learn with a wrong gradient, only worse; so gradients are checked. You get two functions.
    `f(x)` takes an array of shape (4, 4) and gives one number; `gradient(x)` claims to be its gradient at `x`,
    also (4, 4), possibly in float32. Write `catches(f, gradient)`: compare with small differences of `f` at an
    `x` of yours, and return True if the gradient is wrong, False if it is right.
    """,
    stub='''
    def catches(f, gradient):
        """True if gradient(x) is not the gradient of f(x), for x of shape (4, 4)."""
        ...
    ''',
    reference=[catches],
    checks=[
        Check("Average pooling, not divided", 2, against(pooled, pooled_right, pooled_not_divided), cases=3),
        Check("ReLU without its mask", 1, against(rectified, rectified_right, rectified_without_mask), cases=3),
        Check(
            "Overwritten instead of added", 1, against(neighbours, neighbours_right, neighbours_overwritten), cases=3
        ),
        Check("The sign turned round", 1, against(squares, squares_right, squares_uphill), cases=3),
        Check("Rows and columns swapped", 1, against(squares, squares_right, squares_transposed), cases=3),
    ],
    mistakes=[
        Mistake(
            "direction only",
            trying(NORMAL, lambda a, b: not parallel(a, b)),
            "This is what a check says that compares the direction only. A gradient that is four times too large "
            "trains, but it is wrong.",
        ),
        Mistake(
            "positive x",
            trying(np.abs(NORMAL) + 0.1),
            "This is what a check says that tries positive numbers only: there a ReLU does nothing.",
        ),
        Mistake(
            "one entry",
            trying(NORMAL, places=[(0, 0)]),
            "This is what a check says that looks at the first entry only.",
        ),
        Mistake(
            "shape only",
            lambda f, gradient: np.shape(gradient(NORMAL)) != (4, 4),
            "This is what a check says that looks at the shape only.",
        ),
        Mistake(
            "exact",
            trying(NORMAL, lambda a, b: not np.array_equal(a, b)),
            "This is what a check says that asks for equal bits. Differences are rounded; compare with `np.allclose`.",
        ),
        Mistake(
            "sum only",
            trying(NORMAL, lambda a, b: not np.isclose(a.sum(), b.sum(), rtol=1e-3)),
            "This is what a check says that compares one sum, or a mean. Compare entry by entry.",
        ),
        Mistake(
            "turned round",
            lambda f, gradient: not catches(f, gradient),
            "This is the answer turned round: True means that the gradient is wrong.",
        ),
    ],
    hints=[
        "Draw `x` from `np.random.default_rng(0).standard_normal((4, 4))`, so that both signs occur.",
        "The exercise before: (f(up) − f(down)) / (2h) for each entry, with h = 1e-5.",
        "`np.allclose(gradient(x), expected, rtol=1e-3, atol=1e-4)` forgives what rounding does.",
    ],
)
