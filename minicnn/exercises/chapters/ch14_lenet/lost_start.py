"""Exercise of chapter 14: the check that catches a network which is lost before its first step."""

import numpy as np

from ...checking.code import shuffled
from ...checking.exercise import Check, Function, Mistake


def network(rng, last=lambda z: z, scale=1.0, same=False, off=False, dtype=np.float64):
    """An untrained network: images (N, 16) to scores (N, 10)."""
    w1, w2 = rng.normal(size=(16, 32)) / 2.9, rng.normal(size=(32, 10)) * scale / 12
    if same:
        w1[:], w2[:] = w1[:, :1], w2[:1, :1]
    b1, b2 = np.full(32, -99.0 if off else 0.0), rng.normal(size=10) / 50

    def scores(images):
        hidden = np.maximum(np.asarray(images, dtype) @ w1.astype(dtype) + b1.astype(dtype), 0)
        return last(hidden @ w2.astype(dtype) + (0 if same else b2.astype(dtype)))

    return scores


def softmax(z):
    p = np.exp(z - z.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def named(text, scores):
    scores.__doc__ = text
    return scores


def line_up(bug, **changes):
    """A script: is each of three networks suspicious, two sound ones and one with a bug?"""

    def script(code, rng):
        sound = named("a sound one", network(rng))
        small = named("a sound one, in float32", network(rng, dtype=np.float32))
        wrong = named(bug, network(rng, **changes))
        for net in shuffled(rng, sound, small, wrong):
            code.call("suspicious", net)

    return script


def suspicious(network):
    x = np.random.default_rng(0).standard_normal((100, 16))
    z = np.asarray(network(x), dtype=float)
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p + 1e-30).mean()  # over all labels
    blind = np.ptp(z, axis=0).max() < 1e-6  # the same scores for all images
    undecided = np.ptp(z, axis=1).max() < 1e-6  # ten equal scores
    probabilities = z.min() >= 0 and np.allclose(z.sum(axis=1), 1, atol=1e-3)
    return bool(loss > np.log(10) + 1 or blind or undecided or probabilities)


def looks_at(which):
    """A check that is not good enough: it looks at one thing only."""

    def wrong(network):
        z = np.asarray(network(np.random.default_rng(1).standard_normal((100, 16))), dtype=float)
        return bool(
            {
                "loss": -np.log(softmax(z) + 1e-30).mean() > np.log(10) + 1,
                "images": np.ptp(z, axis=0).max() < 1e-6,
                "accuracy": np.mean(z.argmax(axis=1) == np.arange(100) % 10) < 0.5,
                "rows": np.ptp(z, axis=1).max() < 1e-6,
            }[which]
        )

    return wrong


why_ten_percent = Function(
    id="why_ten_percent",
    chapter=14,
    title="Find the bug: why 10 %?",
    prompt="""
    A network stuck at 10 % is often lost before its first step, and its scores tell. Write
    `suspicious(network)`: True if something is wrong with this *untrained* network, False if it is sound.
    `network` takes images (N, 16), standard normal numbers for instance, and gives scores (N, 10) for
    `cross_entropy`, which applies the softmax itself. What can be wrong: its scores are the same for every
    image; its ten scores are equal to each other; it ends in a softmax; or it is sure of what it cannot know,
    with a mean loss more than 1 above that of a guess. It may work in float32. You cannot read its source: only
    call it.
    """,
    stub='''
    def suspicious(network):
        """True if the network, images (N, 16) to scores (N, 10), is lost."""
        ...
    ''',
    reference=[suspicious],
    checks=[
        Check(
            "Every unit is off: the same scores for every image",
            1,
            line_up("one whose units are all off", off=True),
            cases=4,
        ),
        Check("All weights equal: ten equal scores", 1, line_up("one with equal weights", same=True), cases=4),
        Check("Ends in a softmax", 1, line_up("one that ends in a softmax", last=softmax), cases=4),
        Check("Sure of what it cannot know", 1, line_up("one with weights too large", scale=60.0), cases=4),
    ],
    mistakes=[
        Mistake(
            "loss only",
            looks_at("loss"),
            "This is what a check says that looks at the loss only. Equal scores give the loss of a guess, log "
            "10, and so "
            "does nearly a softmax: look at the scores, too.",
        ),
        Mistake(
            "images only",
            looks_at("images"),
            "This is what a check says that only compares images with each other.",
        ),
        Mistake(
            "accuracy",
            looks_at("accuracy"),
            "This is what a check says that asks for an accuracy. An untrained network has 10 %, and is sound.",
        ),
        Mistake(
            "rows only",
            looks_at("rows"),
            "This is what a check says that only compares the ten scores with each other.",
        ),
    ],
    hints=[
        "Draw 100 images from `np.random.default_rng(0)`, and look at the array `z` of scores, (100, 10).",
        "The same for every image: `np.ptp(z, axis=0)` is 0. Equal to each other: `np.ptp(z, axis=1)` is. A "
        "softmax: what do "
        "its rows add up to, and which sign do they have?",
        "The labels do not matter, since the network knows nothing: take the mean of −log p over all ten. A "
        "guess has log 10, "
        "2.30.",
    ],
)
