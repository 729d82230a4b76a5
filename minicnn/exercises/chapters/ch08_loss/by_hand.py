"""Exercises of chapter 8: loss and the chain rule by hand."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Function, Mistake, Predict


def step(what, sign=1, factor=2, inputs=(3.0, 1.0)):
    x, w, label = np.array([3.0, 1.0]), np.array([1.0, 2.0]), 7
    prediction = w @ x
    dp = factor * sign * (prediction - label)
    dw = dp * np.array(inputs)
    new = w - 0.025 * dw
    steps = [prediction, factor / 2 * (prediction - label) ** 2, dp, dw, new, new @ x]
    return dict(zip(["p", "loss", "dp", "dw", "w", "new p"], steps, strict=True))[what]


def uphill(what):
    w = 2 * np.array([1.0, 2.0]) - step("w")
    return {"w": w, "new p": w @ [3.0, 1.0]}.get(what, step(what))


one_step = Predict(
    id="one_step",
    chapter=8,
    title="One step down, by hand",
    prompt="""
    A network of two weights predicts p = w₀·x₀ + w₁·x₁. Here x = [3, 1], w = [1, 2], the label is 7, and the
    loss is L = (p − 7)². Work out the way forward, the way back, and then one step with the learning rate
    0.025: each weight minus 0.025 times its gradient. Where two numbers are asked for, give a list.
    """,
    reference=step,
    questions={
        "p": ("p",),
        "L": ("loss",),
        "dL/dp": ("dp",),
        "dL/dw": ("dw",),
        "the new w": ("w",),
        "p with the new w": ("new p",),
    },
    mistakes=[
        Mistake(
            "sign",
            lambda what: step(what, sign=-1),
            "The sign is turned round: this is the derivative of label − prediction. p is below 7, so a larger p "
            "makes L smaller, "
            "and dL/dp is negative.",
        ),
        Mistake(
            "uphill",
            uphill,
            "This goes uphill: the gradient has been added. It says where the loss *grows*; take it away.",
        ),
        Mistake(
            "half",
            lambda what: step(what, factor=1),
            "This belongs to the loss (p − 7)²/2. Here the loss has no half, and the square's derivative has a 2.",
        ),
        Mistake(
            "no inputs",
            lambda what: step(what, inputs=(1.0, 1.0)),
            "This is what one gets when both weights count alike. If w₀ grows by 1, p grows by x₀: multiply "
            "dL/dp by the input.",
        ),
        Mistake(
            "weights for inputs",
            lambda what: step(what, inputs=(1.0, 2.0)),
            "This is dL/dp times the weights, which would be the gradient of the *inputs*. For the weights, "
            "multiply by the inputs.",
        ),
    ],
    solution="""
    one_step = {
        "p": 1 * 3 + 2 * 1,
        "L": (5 - 7) ** 2,
        "dL/dp": 2 * (5 - 7),
        "dL/dw": [-4 * 3, -4 * 1],
        "the new w": [1 - 0.025 * -12, 2 - 0.025 * -4],
        "p with the new w": 1.3 * 3 + 2.1 * 1,  # half-way from 5 to 7
    }
    """,
    hints=[
        "p = 3·1 + 1·2. The derivative of (p − 7)² with respect to p is 2·(p − 7).",
        "If w₀ grows a little, p grows x₀ times as much: dL/dw₀ = dL/dp · x₀.",
        "New w = w − 0.025 · dL/dw. Has the prediction come closer to 7?",
    ],
)


def cross_entropy(logits, labels):
    logits = logits - logits.max(axis=1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(labels)), labels])


def softmax(logits, axis=1):
    e = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def of_probabilities(p, labels, tiny=0.0, reduce=np.mean):
    return -reduce(np.log(p[np.arange(len(labels)), labels] + tiny))


def naive(logits, labels):
    e = np.exp(logits)
    return of_probabilities(e / e.sum(axis=1, keepdims=True), labels)


def one_maximum(logits, labels):
    return naive(logits - logits.max(), labels)


def scores(code, rng):
    code.call("cross_entropy", rng.uniform(-3, 3, (4, 3)).round(1), rng.permutation([0, 1, 2, int(rng.integers(3))]))


def one_large(code, rng):
    logits = 1000 * rng.permutation([1.0, 0, -1])[None]
    code.call("cross_entropy", logits, logits.argmax(axis=1))


def large(code, rng):
    logits = 1000 * np.array([[1.0, 0, -1], [-1, 0, 0], [0, 1, 1]]) + ints(rng, 3, 3)
    code.call("cross_entropy", logits, logits.argmax(axis=1))


def surprised(code, rng):
    logits = np.array([[800.0, 0, 3], [-2, 700, 1]]) + ints(rng, 2, 3)
    code.call("cross_entropy", logits, logits.argmin(axis=1))


stable_cross_entropy = Function(
    id="stable_cross_entropy",
    chapter=8,
    title="A loss that does not overflow",
    prompt="""
    A network gives `logits` (N, K): for each of N images, a score for each of K classes, which may be any
    number. `labels` (N,) are the right classes, whole numbers from 0 to K − 1. Softmax turns the scores s of an
    image into probabilities: p of class k is exp(s of k), divided by the sum of exp(s) over all K classes. The
    loss of the image is −log p of its right class (natural logarithm).

    Write `cross_entropy(logits, labels)`: the mean of these losses, one number. It must be right for scores of
    ±1000, too, and also when the network is very sure of a wrong class.
    """,
    stub='''
    def cross_entropy(logits, labels):
        """logits (N, K) and labels (N,), whole numbers, to one number."""
        ...
    ''',
    reference=[cross_entropy],
    without=["cross_entropy", "log_softmax", "softmax", "nll_loss"],
    checks=[
        Check("Ordinary scores", 2, scores),
        Check("A score of 1000", 1, one_large),
        Check("Scores of ±1000, several images", 1, large),
        Check("Very sure, and wrong", 1, surprised),
    ],
    mistakes=[
        Mistake(
            "overflow",
            naive,
            "This is what the formula gives as it stands: `exp` of 1000 overflows. Subtract each row's largest "
            "score first: the softmax "
            "stays the same.",
        ),
        Mistake(
            "log of 0",
            lambda logits, labels: of_probabilities(softmax(logits), labels),
            "The overflow is gone, but a p has been rounded to 0, and its log is infinite. The log of a quotient "
            "is a difference: s − log(sum of "
            "exp(s)).",
        ),
        Mistake(
            "a tiny number added",
            lambda logits, labels: of_probabilities(softmax(logits), labels, 1e-12),
            "This is what one gets when a tiny number keeps p from 0: no loss is then above 27.6, however wrong. "
            "The log of a quotient is a "
            "difference: s − log(sum of exp(s)).",
        ),
        Mistake(
            "one maximum for all",
            one_maximum,
            "This is what one gets when the largest score of the *whole array* is subtracted: in the other rows, "
            "everything is rounded to 0. Each row "
            "needs its own, `max(axis=1, keepdims=True)`.",
        ),
        Mistake(
            "summed",
            lambda logits, labels: cross_entropy(logits, labels) * len(labels),
            "This is the sum over the images. The mean is asked for.",
        ),
        Mistake(
            "labels shifted",
            lambda logits, labels: cross_entropy(logits, labels - 1),
            "This is what one gets when the labels are counted from 1: all of them are shifted by one class.",
        ),
        Mistake(
            "over the images",
            lambda logits, labels: of_probabilities(softmax(logits, axis=0), labels),
            "This is a softmax over the images. It is to run over the classes of each image, `axis=1`.",
        ),
        Mistake(
            "twice",
            lambda logits, labels: cross_entropy(softmax(logits), labels),
            "This is what one gets when softmax is taken twice. Networks learn with it, but slowly.",
        ),
        Mistake(
            "negative",
            lambda logits, labels: -cross_entropy(logits, labels),
            "The sign is turned round: log p is negative, and a loss is not.",
        ),
        Mistake(
            "base 2",
            lambda logits, labels: cross_entropy(logits, labels) / np.log(2),
            "This is what one gets with the logarithm to base 2. The natural one is asked for, `np.log`.",
        ),
    ],
    hints=[
        "`logits - logits.max(axis=1, keepdims=True)`: the largest score of each row becomes 0, and p does not change.",
        "log p = s − log(sum of exp(s)). Written like this, p is never needed, and never 0.",
        "`log_p[np.arange(N), labels]` picks the right class of each image.",
    ],
)
