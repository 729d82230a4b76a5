"""Exercises of chapter 12: batch norm, there and back."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Function, Mistake


class BatchNorm:
    def __init__(self, channels, momentum=0.1, eps=1e-5):
        self.momentum, self.eps = momentum, eps
        self.running_mean, self.running_var = np.zeros(channels), np.ones(channels)

    def forward(self, x, training=True):
        mean, var = self.running_mean, self.running_var
        if training:
            mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
            n = x.size // x.shape[1]  # numbers of each channel
            m = self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * mean
            self.running_var = (1 - m) * self.running_var + m * var * n / (n - 1)
        return (x - mean[:, None, None]) / np.sqrt(var[:, None, None] + self.eps)


def batch_norm_with(
    spread=lambda var, n: var,
    kept=lambda var, n: var * n / (n - 1),
    axes=(0, 2, 3),
    turned=False,
    scale=None,
    modes=(1, 0),
):
    """A wrong BatchNorm. `modes`: whether the batch's statistics are used in training and in evaluation."""
    scale = scale or (lambda var, eps: np.sqrt(var + eps))

    class Wrong(BatchNorm):
        updates = (True, False)

        def forward(self, x, training=True):
            mean = x.mean(axis=axes) * np.ones(x.shape[1])
            var = x.var(axis=axes) * np.ones(x.shape[1])
            n = x.size // (x.shape[1] if len(axes) == 3 else 1)
            before = self.running_mean, self.running_var
            if self.updates[not training]:
                m = 1 - self.momentum if turned else self.momentum
                self.running_mean = (1 - m) * self.running_mean + m * mean
                self.running_var = (1 - m) * self.running_var + m * kept(var, n)
            mean, var = (mean, spread(var, n)) if modes[not training] else before
            return (x - mean[:, None, None]) / scale(var[:, None, None], self.eps)

    return Wrong


def updates(*training_and_evaluation):
    wrong = batch_norm_with()
    wrong.updates = training_and_evaluation
    return {"BatchNorm": wrong}


def layer(code, rng, eps=1e-5):
    return code.call("BatchNorm", 2, momentum=float(rng.choice([0.1, 0.2, 0.3])), eps=eps)


def normalise(eps):
    return lambda code, rng: layer(code, rng, eps).call("forward", ints(rng, 3, 2, 1, 2), training=True)


def running(code, rng):
    norm = layer(code, rng)
    for _ in range(2):
        norm.call("forward", ints(rng, 2, 2, 1, 2), training=True)
        norm.get("running_mean")
        norm.get("running_var")


def evaluate(code, rng):
    norm = layer(code, rng)
    norm.call("forward", ints(rng, 3, 2, 1, 2), training=True)
    for _ in range(2):
        norm.call("forward", ints(rng, 3, 2, 1, 2), training=False)
    norm.get("running_mean")
    norm.get("running_var")


batch_norm = Function(
    id="batch_norm",
    chapter=12,
    title="Batch norm, training and evaluation",
    prompt="""
    Write the class `BatchNorm`, without the factor γ and the shift β. `forward(x, training)` takes `x` (N, C,
    H, W) and gives $(x - \\text{mean}) / \\sqrt{\\text{var} + \\varepsilon}$, each channel with its own mean
    and variance.

    - In **training**, these are the mean and the *biased* variance (divide by n) of the batch: the n = N·H·W
    numbers of the channel. They also renew the running statistics (C,), as in PyTorch: new = (1 − momentum) ·
    old + momentum · batch, where the running variance takes the *unbiased* one of the batch (divide by n − 1).
    - In **evaluation**, the running statistics are used, and stay as they are.
    """,
    stub='''
    class BatchNorm:
        def __init__(self, channels, momentum=0.1, eps=1e-5):
            self.momentum, self.eps = momentum, eps
            self.running_mean = np.zeros(channels)
            self.running_var = np.ones(channels)

        def forward(self, x, training=True):
            """x (N, C, H, W) to an array of the same shape."""
            ...
    ''',
    reference=[BatchNorm],
    without=["batch_norm", "batch_norm_relu"],
    checks=[
        Check("Training: the output", 1, normalise(1e-5)),
        Check("Training with a large ε", 1, normalise(2.0)),
        Check("Training: the running statistics", 2, running),
        Check("Evaluation", 2, evaluate),
    ],
    mistakes=[
        Mistake(
            "unbiased output",
            {"BatchNorm": batch_norm_with(spread=lambda var, n: var * n / (n - 1))},
            "This is what one gets when the batch is normalised with the unbiased variance. Divide by n there; n "
            "− 1 is for "
            "the running variance only.",
        ),
        Mistake(
            "biased running variance",
            {"BatchNorm": batch_norm_with(kept=lambda var, n: var)},
            "The running variance has taken the biased one of the batch. It takes the unbiased one: times n / (n − 1).",
        ),
        Mistake(
            "updated in evaluation",
            updates(True, True),
            "The running statistics were renewed in evaluation. Test images must not change the network: renew them in "
            "training only.",
        ),
        Mistake(
            "never updated",
            updates(False, False),
            "The running statistics have never changed. Each training batch renews them.",
        ),
        Mistake(
            "batch in evaluation",
            {"BatchNorm": batch_norm_with(modes=(1, 1))},
            "This is what one gets when evaluation uses the batch's own statistics: an image's answer then "
            "depends on its "
            "neighbours. Use the running ones.",
        ),
        Mistake(
            "running in training",
            {"BatchNorm": batch_norm_with(modes=(0, 0))},
            "This is what one gets when training uses the running statistics. It uses those of the batch.",
        ),
        Mistake(
            "momentum turned round",
            {"BatchNorm": batch_norm_with(turned=True)},
            "Momentum is turned round: here it is the share of the *new* batch, 0.1 for instance.",
        ),
        Mistake(
            "channels together",
            {"BatchNorm": batch_norm_with(axes=(0, 1, 2, 3))},
            "This is what one gets when all channels share one mean and one variance. Each has its own: average "
            "over the axes "
            "0, 2 and 3.",
        ),
        Mistake(
            "ε outside",
            {"BatchNorm": batch_norm_with(scale=lambda var, eps: np.sqrt(var) + eps)},
            "This is what one gets with ε outside the root. It is added to the variance.",
        ),
        Mistake(
            "no root",
            {"BatchNorm": batch_norm_with(scale=lambda var, eps: var + eps)},
            "This is what one gets without the square root: divide by the standard deviation.",
        ),
    ],
    hints=[
        "Mean and variance of each channel: `x.mean(axis=(0, 2, 3))` and `x.var(axis=(0, 2, 3))`, both of shape (C,).",
        "`mean[:, None, None]` has the shape (C, 1, 1) and fits `x`.",
        "With n = N·H·W, the unbiased variance is `var * n / (n - 1)`. It goes into the running variance only.",
    ],
)


def batch_norm_dx(dy, x, gamma, eps=1e-5):
    std = np.sqrt(x.var(axis=0) + eps)
    z = (x - x.mean(axis=0)) / std
    dz = dy * gamma
    dx = (dz - dz.mean(axis=0) - z * (dz * z).mean(axis=0)) / std
    return dx, (dy * z).sum(axis=0), dy.sum(axis=0)


def norm_parts(dy, x, gamma, eps, change):
    """The gradients of batch norm where `change(dz, z, std, dx)` gives dx."""
    std = np.sqrt(x.var(axis=0) + eps)
    z = (x - x.mean(axis=0)) / std
    dx, dgamma, dbeta = batch_norm_dx(dy, x, gamma, eps)
    return change(dy * gamma, z, std, dx), dgamma, dbeta


def wrong_dx(change):
    return lambda dy, x, gamma, eps=1e-5: norm_parts(dy, x, gamma, eps, change)


def without_gamma(dy, x, gamma, eps=1e-5):
    return batch_norm_dx(dy, x, np.ones_like(gamma), eps)


def wrong_sums(dgamma, dbeta):
    """A wrong batch_norm_dx: dgamma from (dy, x, its right value), dbeta from dy."""

    def back(dy, x, gamma, eps=1e-5):
        dx, right, _ = batch_norm_dx(dy, x, gamma, eps)
        return dx, dgamma(dy, x, right), dbeta(dy)

    return back


def norm_back(N, C, **options):
    return lambda code, rng: code.call("batch_norm_dx", ints(rng, N, C), ints(rng, N, C), ints(rng, C), **options)


batch_norm_backward = Function(
    id="batch_norm_backward",
    chapter=12,
    title="The way back through batch norm",
    prompt="""
    Behind a dense layer, batch norm computes for each of C units, over a batch of N, $z = (x - \\text{mean}) /
    \\sqrt{\\text{var} + \\varepsilon}$ and $y = \\gamma z + \\beta$; mean and (biased) variance are those of
    the batch. Write `batch_norm_dx(dy, x, gamma, eps)`: from `dy` and `x` (N, C) and `gamma` (C,) to `dx` (N,
    C), `dgamma` (C,) and `dbeta` (C,). Mind that mean and variance depend on `x`, too.
    """,
    stub='''
    def batch_norm_dx(dy, x, gamma, eps=1e-5):
        """dy (N, C), x (N, C) and gamma (C,) to dx, dgamma and dbeta."""
        ...
    ''',
    reference=[batch_norm_dx],
    without=["batch_norm", "batch_norm_relu"],
    checks=[
        Check("One unit", 1, norm_back(4, 1)),
        Check("Several units", 2, norm_back(5, 3)),
        Check("A large ε", 1, norm_back(4, 2, eps=2.0)),
    ],
    mistakes=[
        Mistake(
            "statistics constant",
            wrong_dx(lambda dz, z, std, dx: dz / std),
            "This is `dx` if mean and variance were constants. They move with every x: two more terms.",
        ),
        Mistake(
            "variance constant",
            wrong_dx(lambda dz, z, std, dx: (dz - dz.mean(axis=0)) / std),
            "This is `dx` with the way through the mean, but without the one through the variance: − z · mean(dz · z).",
        ),
        Mistake(
            "mean constant",
            wrong_dx(lambda dz, z, std, dx: (dz - z * (dz * z).mean(axis=0)) / std),
            "This is `dx` with the way through the variance, but without the one through the mean: − mean(dz).",
        ),
        Mistake(
            "sums for means",
            wrong_dx(lambda dz, z, std, dx: (dz - dz.sum(axis=0) - z * (dz * z).sum(axis=0)) / std),
            "This is what one gets with sums where there are means over the batch: divide them by N.",
        ),
        Mistake(
            "not divided",
            wrong_dx(lambda dz, z, std, dx: dx * std),
            "`dx` must still be divided by the standard deviation: z = (x − mean) / std.",
        ),
        Mistake("without γ", without_gamma, "γ is missing in `dx`: dz = dy · γ comes first."),
        Mistake(
            "x for z",
            wrong_sums(lambda dy, x, right: (dy * x).sum(axis=0), lambda dy: dy.sum(axis=0)),
            "`dgamma` is what one gets with x. What γ multiplies is the normalised z.",
        ),
        Mistake(
            "mean over the batch",
            wrong_sums(lambda dy, x, right: right / len(x), lambda dy: dy.mean(axis=0)),
            "`dgamma` and `dbeta` are means over the batch. One γ serves all of it: sum.",
        ),
    ],
    hints=[
        "Compute std and z first. Then `dbeta` sums dy over the batch, `dgamma` sums dy · z, and dz = dy · γ.",
        "From dz to dx there are three ways: directly, through the mean, and through the variance. Write z as a "
        "function of "
        "all x of the batch.",
        "In the end it is short: dx = (dz − mean(dz) − z · mean(dz · z)) / std, with means over the batch.",
    ],
)
