"""Exercise of chapter 8: gradients by small differences."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Function, Mistake


def numerical_gradient(f, x, h):
    x = np.array(x, dtype=float)
    g = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        old = x[place]
        x[place] = old + h
        up = f(x)
        x[place] = old - h
        down = f(x)
        x[place] = old
        g[place] = (up - down) / (2 * h)
    return g


def one_sided(f, x, h):
    x = np.array(x, dtype=float)
    bumps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([f(x + bump) - f(x) for bump in bumps]).reshape(x.shape) / h


def not_put_back(f, x, h):
    """Each entry stays at x - h after its turn."""
    x = np.array(x, dtype=float)
    g = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        x[place] += h
        up = f(x)
        x[place] -= 2 * h
        g[place] = (up - f(x)) / (2 * h)
    return g


def cubic(rng, *shape):
    a, b, c = ints(rng, *shape), ints(rng, *shape), ints(rng, *shape)
    mixed = float(rng.integers(1, 4))

    def f(x):
        """a polynomial of third degree"""
        x = np.asarray(x, dtype=float)
        return float(np.sum(a * x**3 + b * x**2 + c * x) + mixed * x.sum() ** 2)

    return f


small_differences = Function(
    id="small_differences",
    chapter=8,
    title="A gradient without calculus",
    prompt="""
    `f` takes an array of the shape of `x` and returns one number. Write `numerical_gradient(f, x, h)`: an array
    of the shape of `x`. For each entry, move *that entry alone* by `h` up, then by `h` down, and take (f(up) −
    f(down)) / (2h): a *central difference*. Leave the caller's `x` as it was.
    """,
    stub='''
    def numerical_gradient(f, x, h):
        """Function f of an array, x of any shape, small h, to a gradient of x's shape."""
        ...
    ''',
    reference=[numerical_gradient],
    without=["gradcheck"],
    checks=[
        Check(
            "A row",
            1,
            lambda code, rng: code.call("numerical_gradient", cubic(rng, 3), ints(rng, 3) / 2, 0.1),
            cases=3,
        ),
        Check(
            "A matrix, and another h",
            2,
            lambda code, rng: code.call("numerical_gradient", cubic(rng, 2, 2), ints(rng, 2, 2) / 2, 0.5),
            cases=3,
        ),
        Check(
            "x of whole numbers",
            1,
            lambda code, rng: code.call("numerical_gradient", cubic(rng, 2), ints(rng, 2).astype(int), 0.1),
            cases=3,
        ),
    ],
    mistakes=[
        Mistake(
            "one side",
            one_sided,
            "This is the difference on one side, (f(x + h) − f(x)) / h. Its error shrinks with h; that of the "
            "central one with h².",
        ),
        Mistake(
            "not halved",
            lambda f, x, h: 2 * numerical_gradient(f, x, h),
            "From x − h to x + h it is 2h: divide by that.",
        ),
        Mistake(
            "not put back",
            not_put_back,
            "This is what one gets when an entry is not put back before the next one moves: only one may be off.",
        ),
        Mistake(
            "all at once",
            lambda f, x, h: np.full(np.shape(x), (f(x + h) - f(x - h)) / (2 * h)),
            "This is what one gets when all entries move at once. Each needs its own two calls of f.",
        ),
        Mistake(
            "cut off",
            lambda f, x, h: (
                np.trunc(numerical_gradient(f, x, h))
                if np.asarray(x).dtype.kind == "i"
                else numerical_gradient(f, x, h)
            ),
            "The result is cut off to whole numbers: `np.zeros_like(x)` has the dtype of `x`. Use `np.zeros(x.shape)`.",
        ),
        Mistake(
            "h ignored",
            lambda f, x, h: numerical_gradient(f, x, 1e-5),
            "This is what one gets with an h of your own. Use the one that is passed.",
        ),
    ],
    hints=[
        "`for place in np.ndindex(x.shape):` goes through all entries of an array with any number of axes; "
        "`x[place]` is one.",
        "Make a copy of floats for each call: `up = x.astype(float)`, then `up[place] += h`.",
    ],
)
