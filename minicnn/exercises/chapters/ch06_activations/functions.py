"""Exercises of chapter 6: activations."""

import numpy as np

from ...checking.code import shuffled
from ...checking.exercise import Check, Choice, Function, Mistake, Predict


def slope(f, x, layers=1):
    """The derivative of `layers` activations on top of each other, if each of them is at x."""
    sigmoid = 1 / (1 + np.exp(-x))
    one = {"sigmoid": sigmoid * (1 - sigmoid), "tanh": 1 - np.tanh(x) ** 2, "relu": float(x > 0)}[f]
    return one**layers


def height(f, x, layers=1):
    return {"sigmoid": 1 / (1 + np.exp(-x)), "tanh": np.tanh(x), "relu": max(x, 0.0)}[f]


slopes = Predict(
    id="slopes",
    chapter=6,
    title="How steep?",
    prompt="""
    What flows back through an activation is multiplied by its slope, the derivative. Work out with a pencil
    the slope of the sigmoid, σ(x) = 1 / (1 + e⁻ˣ), at 0, where it is steepest; of tanh at 0; and of ReLU at
    −2 and at 3. Then a gradient goes back through five sigmoids, each of them at 0, with weights of 1 in
    between. By which factor is it multiplied?
    """,
    reference=slope,
    questions={
        "sigmoid at 0": ("sigmoid", 0.0),
        "tanh at 0": ("tanh", 0.0),
        "ReLU at −2": ("relu", -2.0),
        "ReLU at 3": ("relu", 3.0),
        "five sigmoids": ("sigmoid", 0.0, 5),
    },
    mistakes=[
        Mistake(
            "value",
            height,
            "This is the value of the function, not its slope.",
        ),
        Mistake(
            "added",
            lambda f, x, layers=1: slope(f, x) * layers,
            "This is a sum of slopes. By the chain rule they *multiply*, and little is left of them.",
        ),
        Mistake(
            "one layer",
            lambda f, x, layers=1: slope(f, x),
            "This is one layer. Every layer multiplies by its slope again.",
        ),
        Mistake(
            "steeper sigmoid",
            lambda f, x, layers=1: 0.5**layers if f == "sigmoid" else slope(f, x),
            "This is what one gets with the sigmoid's value, one half, as its slope. The slope is σ(x)·(1 − σ(x)).",
        ),
        Mistake(
            "turned round",
            lambda f, x, layers=1: slope(f, -x, layers),
            "The two sides of the ReLU are swapped: it is flat on the left, and rises by 1 for 1 on the right.",
        ),
    ],
    solution="""
    slopes = {
        "sigmoid at 0": 0.5 * (1 - 0.5),
        "tanh at 0": 1 - 0**2,
        "ReLU at −2": 0,
        "ReLU at 3": 1,
        "five sigmoids": 0.25**5,  # less than a thousandth
    }
    """,
    hints=[
        "σ′(x) = σ(x)·(1 − σ(x)), and σ(0) is one half. tanh′(x) = 1 − tanh²(x), and tanh(0) is 0.",
        "ReLU(x) is x on the right, and 0 on the left. How steep is each piece?",
        "Chain rule: five equal factors.",
    ],
)

dead_relu = Choice(
    id="dead_relu",
    chapter=6,
    title="Which unit is dead?",
    prompt="""
    Units with a ReLU can *die*: from then on, their weights and their bias get no gradient any more. You look
    into a network while it trains. Which of these units is dead?
    """,
    options={
        "a": (
            "One whose output is 0 for the image that it sees just now.",
            "It learns nothing from this image, and that is the ordinary life of a ReLU. The next image may be on its "
            "other side.",
        ),
        "b": (
            "One whose output is 0 for every image of the training set.",
            "Yes: the slope is 0 on all of them, so its weights get a gradient of 0. Only the layers below can revive "
            "it, by sending it other numbers.",
        ),
        "c": (
            "One whose output was 0 once: from then on it is 0 for ever.",
            "So it is sometimes told. But a ReLU has no memory: its weights still learn from all images on which it "
            "answers, and the next step may turn it on for this one.",
        ),
        "d": (
            "One whose weights are all 0, with a bias of 1.",
            "Its output is 1 for every image, a point where the slope is 1. So its weights get a gradient, and "
            "will not stay 0.",
        ),
    },
    right="b",
    hints=["The gradient of a weight is a sum over images. Every image gives slope × input × what comes from above."],
)


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


smooth_relu = Function(
    id="smooth_relu",
    chapter=6,
    title="A smooth ReLU that survives",
    prompt="""
    *Softplus* is a ReLU with its corner rounded off: log(1 + eˣ). Write `softplus(x)` for an array `x` of any
    shape. The formula as it stands breaks down: e¹⁰⁰⁰ is too large for a computer, and 1 + e⁻⁴⁰ is 1 after
    rounding. Your function must be right at 1000, at −1000, and at −40, where softplus is nearly e⁻⁴⁰ (and not
    0).
    """,
    stub='''
    def softplus(x):
        """log(1 + exp(x)) for every number of x, of any size."""
        ...
    ''',
    reference=[softplus],
    without=["softplus"],
    checks=[
        Check("Ordinary numbers", 1, lambda code, rng: code.call("softplus", rng.uniform(-3, 3, (2, 3)).round(1))),
        Check(
            "1000 and −1000", 2, lambda code, rng: code.call("softplus", np.array(shuffled(rng, 1000.0, -1000.0, 1.0)))
        ),
        Check("Far on the left", 1, lambda code, rng: code.call("softplus", rng.uniform(-44, -38, 3).round())),
    ],
    mistakes=[
        Mistake(
            "formula",
            lambda x: np.log(1 + np.exp(x)),
            "This is what the formula gives as it stands: `exp` overflows on the right, and 1 + eˣ is rounded to "
            "1 on the left.",
        ),
        Mistake(
            "log1p only",
            lambda x: np.log1p(np.exp(x)),
            "`np.log1p` mends the left side. On the right, `exp` still overflows: let it see numbers below 0 only.",
        ),
        Mistake(
            "rounded",
            lambda x: np.maximum(x, 0) + np.log(1 + np.exp(-np.abs(x))),
            "The overflow is gone. On the left, 1 + eˣ is rounded to 1, and its log is 0: `np.log1p(e)` is log(1 "
            "+ e) without "
            "the rounding.",
        ),
        Mistake(
            "relu",
            lambda x: np.maximum(x, 0),
            "This is ReLU, with its corner. Softplus is log(1 + eˣ): at 0 it is log 2.",
        ),
        Mistake(
            "clipped",
            lambda x: np.log1p(np.exp(np.clip(x, -30, 30))),
            "This is what one gets when `x` is cut off: no overflow, but no right answer either.",
        ),
    ],
    hints=[
        "For large x, log(1 + eˣ) is nearly x. Factor eˣ out: log(eˣ·(e⁻ˣ + 1)) = x + log(1 + e⁻ˣ).",
        "One formula for both sides: `np.maximum(x, 0)` plus the log of 1 + e to the power −|x|.",
        "`np.log1p(e)` is log(1 + e), and right also where e is tiny.",
    ],
)


def right(x):
    """a right one"""
    return np.tanh(x)


def right_float32(x):
    """a right one, in float32"""
    return np.tanh(np.asarray(x, dtype=np.float32))


def overflowing(x):
    """one that overflows for large numbers"""
    with np.errstate(all="ignore"):
        up, down = np.exp(x), np.exp(-x)
        return (up - down) / (up + down)


def half_way(x):
    """one that forgets a factor of 2"""
    return np.tanh(x / 2)


def cut_off(x):
    """one that is straight, and cut off at 1"""
    return np.clip(x, -1, 1)


def hidden(x):
    """one that overflows for very negative numbers, and hides it"""
    with np.errstate(all="ignore"):
        down = np.exp(-2 * x)
        return np.nan_to_num((1 - down) / (1 + down))


def catches(tanh):
    x = np.array([-1000, -3, -1, -0.5, 0, 0.5, 1, 3, 1000])
    return not np.allclose(tanh(x), np.tanh(x), atol=1e-5)


def trying(*numbers, judge=None):
    """A check that is not good enough: it tries these numbers only."""

    def catches(tanh):
        x = np.array(numbers, dtype=float)
        return bool(judge(x, tanh(x))) if judge else not np.allclose(tanh(x), np.tanh(x), atol=1e-5)

    return catches


def against(bug):
    return lambda code, rng: [code.call("catches", f) for f in shuffled(rng, right, right_float32, bug)]


catch_the_tanh = Function(
    id="catch_the_tanh",
    chapter=6,
    title="Find the bug: a tanh that works on most days",
    prompt="""
    Somebody hands you `tanh(x)`, written by hand: an array in, an array of the same shape out. Networks train
    with it; until, one day, a large number comes along. Write `catches(tanh)`: try it on numbers of yours,
    compare with `np.tanh`, and return True if it is wrong, False if it is right. It may work in float32 (six
    digits). You cannot read its source: only call it.
    """,
    stub='''
    def catches(tanh):
        """True if tanh(x), arrays to arrays, is wrong."""
        ...
    ''',
    reference=[catches],
    checks=[
        Check("Forgets a factor of 2", 1, against(half_way), cases=4),
        Check("Straight, and cut off at 1", 1, against(cut_off), cases=4),
        Check("Overflows at large numbers", 2, against(overflowing), cases=4),
        Check("Overflows at very negative numbers, and hides it", 1, against(hidden), cases=4),
    ],
    mistakes=[
        Mistake(
            "range only",
            trying(-3, -1, 0, 1, 3, judge=lambda x, y: np.abs(y).max() > 1),
            "This is what a check says that looks at the range only. Compare with `np.tanh`.",
        ),
        Mistake(
            "small numbers",
            trying(-3, -1, -0.5, 0, 0.5, 1, 3),
            "This is what a check says that tries small numbers only. Where does `np.exp` overflow?",
        ),
        Mistake(
            "positive numbers",
            trying(0, 0.5, 1, 3, 1000),
            "This is what a check says that tries positive numbers only.",
        ),
        Mistake(
            "far out only",
            trying(-1000, -10, 0, 10, 1000),
            "This is what a check says that tries large numbers only: there, many wrong ones have settled at 1, too.",
        ),
        Mistake(
            "NaN slips through",
            trying(-1000, -3, -1, 0, 1, 3, 1000, judge=lambda x, y: np.abs(y - np.tanh(x)).max() > 1e-5),
            "NaN has slipped through: `NaN > 1e-5` is False, as is every comparison with NaN. Ask whether all "
            "*is well* "
            "(`np.allclose`), and turn the answer round.",
        ),
        Mistake(
            "exact",
            trying(-1000, -3, -1, 0, 1, 3, 1000, judge=lambda x, y: not np.array_equal(y, np.tanh(x))),
            "This is what a check says that asks for equal bits: float32 rounds. Compare with `np.allclose`.",
        ),
        Mistake(
            "turned round",
            lambda tanh: not catches(tanh),
            "This is the answer turned round: True means that the function is wrong.",
        ),
    ],
    hints=[
        "Which numbers would you try? Small ones, large ones, both signs: `np.array([-1000, -1, -0.5, 0.5, 1, 1000])`.",
        "`np.allclose(a, b, atol=1e-5)` says whether all is well; it says False if there is a NaN.",
    ],
)
