"""Exercises of chapter 5: receptive fields."""

import numpy as np

from ...checking.code import ints
from ...checking.exercise import Check, Function, Mistake, Predict


def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride, dilation in layers:
        size += (kernel - 1) * dilation * jump
        jump *= stride
    return size, jump


def wrong_field(dilated=True, jumping=True, stride_first=False, adding=False):
    """A receptive_field with something forgotten."""

    def wrong(layers):
        size, jump = 0 if adding else 1, 1
        for kernel, stride, dilation in layers:
            step = jump * stride if stride_first else jump
            size += (kernel - (not adding)) * (dilation if dilated else 1) * (step if jumping else 1)
            jump *= stride
        return size, jump

    return wrong


def jumps_added(layers):
    size, jump = 1, 1
    for kernel, stride, dilation in layers:
        size += (kernel - 1) * dilation * jump
        jump += stride - 1
    return size, jump


LENET = [(5, 1, 1), (2, 2, 1), (5, 1, 1), (2, 2, 1)]
MISTAKES = [
    Mistake(
        "added up",
        wrong_field(adding=True, jumping=False),
        "This is the sum of the kernels' sizes. Neighbouring windows overlap: a kernel of K adds K − 1.",
    ),
    Mistake(
        "no jumps",
        wrong_field(jumping=False),
        "This is what one gets without the strides of earlier layers: after a stride of 2, neighbouring outputs are 2 "
        "pixels apart, and whatever comes later reaches twice as far.",
    ),
    Mistake(
        "stride too early",
        wrong_field(stride_first=True),
        "This is what one gets when a layer's own stride counts for its own kernel. It counts for the layers "
        "*after* it.",
    ),
    Mistake(
        "no dilation",
        wrong_field(dilated=False),
        "This is what one gets with dilation 1. A kernel of K with dilation D reaches (K − 1)·D pixels further.",
    ),
]

how_far = Predict(
    id="how_far",
    chapter=5,
    title="How far does it see?",
    prompt="""
    A number in a deep feature map has seen a square patch of the image, its *receptive field*. How many pixels wide is
    it after these layers? (The stride is 1, and the dilation 1, if nothing is said.)
    """,
    reference=lambda layers, wrong=receptive_field: wrong(layers)[0],
    questions={
        "two convolutions 3×3": ([(3, 1, 1)] * 2,),
        "three convolutions 3×3": ([(3, 1, 1)] * 3,),
        "3×3 with stride 2, then 3×3": ([(3, 2, 1), (3, 1, 1)],),
        "3×3 with dilation 1, then 2, then 4": ([(3, 1, 1), (3, 1, 2), (3, 1, 4)],),
        "LeNet-5: 5×5, pooling 2×2 with stride 2, 5×5, pooling 2×2 with stride 2": (LENET,),
    },
    mistakes=[Mistake(m.name, lambda layers, wrong=m.reference: wrong(layers)[0], m.text) for m in MISTAKES],
    solution="""
    how_far = {
        "two convolutions 3×3": 1 + 2 + 2,
        "three convolutions 3×3": 1 + 2 + 2 + 2,
        "3×3 with stride 2, then 3×3": 1 + 2 + 2 * 2,  # after the stride, a step is 2 pixels
        "3×3 with dilation 1, then 2, then 4": 1 + 2 * 1 + 2 * 2 + 2 * 4,
        "LeNet-5: 5×5, pooling 2×2 with stride 2, 5×5, pooling 2×2 with stride 2": 1 + 4 + 1 + 4 * 2 + 1 * 2,
    }
    """,
    hints=[
        "Go backward: one output of the last 3×3 sees 3 numbers. How many pixels do these 3 see together?",
        "Or forward: start with 1. Every layer adds (K − 1)·D times the strides of all *earlier* layers.",
    ],
)

reach = Function(
    id="reach",
    chapter=5,
    title="The recurrence",
    prompt="""
    Write `receptive_field(layers)`. `layers` is a list of (kernel, stride, dilation), three whole numbers for
    every layer, the first layer first. Return two numbers: how many pixels wide the receptive field of one
    output is, and how many pixels the fields of two neighbouring outputs lie apart (the *jump*). Without any
    layer, both are 1.
    """,
    stub='''
    def receptive_field(layers):
        """A list of (kernel, stride, dilation) to (size, jump)."""
        ...
    ''',
    reference=[receptive_field],
    checks=[
        Check(
            "Kernels only",
            1,
            lambda code, rng: code.call("receptive_field", [(int(k), 1, 1) for k in rng.integers(2, 6, 3)]),
        ),
        Check(
            "Strides",
            2,
            lambda code, rng: code.call("receptive_field", [(int(k), int(k) - 1, 1) for k in rng.integers(3, 6, 3)]),
        ),
        Check(
            "Dilations",
            1,
            lambda code, rng: code.call("receptive_field", [(3, 1, int(d)) for d in rng.integers(2, 6, 3)]),
        ),
        Check(
            "A whole network",
            1,
            lambda code, rng: code.call("receptive_field", [*LENET, (3, 2, 2), (int(rng.integers(2, 6)), 1, 3)]),
        ),
    ],
    mistakes=[
        *MISTAKES,
        Mistake(
            "no strides",
            lambda layers: (wrong_field(jumping=False)(layers)[0], 1),
            "This is what one gets without the strides: after a stride of 2, neighbouring outputs are 2 pixels apart, "
            "and whatever comes later reaches twice as far.",
        ),
        Mistake(
            "jumps added",
            jumps_added,
            "This is what one gets when strides are added. They multiply: two layers of stride 2 make a jump of 4.",
        ),
        Mistake(
            "last first",
            lambda layers: receptive_field(layers[::-1]),
            "This is what one gets from the last layer to the first. The first layer of the list comes first.",
        ),
    ],
    hints=[
        "Keep two numbers, size and jump, both 1 in the beginning, and go through the layers.",
        "A kernel of K with dilation D reaches (K − 1)·D places further, and each place is `jump` pixels.",
        "Update the size first, with the jump of before; then multiply the jump by the stride.",
    ],
)


def merge(w1, w2):
    (H, W), (KH, KW) = w1.shape, w2.shape
    w = np.zeros((H + KH - 1, W + KW - 1))
    for i, j in np.ndindex(w2.shape):
        w[i : i + H, j : j + W] += w2[i, j] * w1
    return w


def stamped_over(w1, w2):
    w = np.zeros(np.add(w1.shape, w2.shape) - 1)
    for i, j in np.ndindex(w2.shape):
        w[i : i + w1.shape[0], j : j + w1.shape[1]] = w2[i, j] * w1
    return w


def product(w1, w2):
    return np.pad(w1, [(0, k - 1) for k in w2.shape]) * np.pad(w2, [(0, k - 1) for k in w1.shape])


two_in_one = Function(
    id="two_in_one",
    chapter=5,
    title="Two kernels in one",
    prompt="""
    Slide a kernel `w1` (H, W) over an image, and a kernel `w2` (KH, KW) over the result; both without flip and
    padding, and with nothing in between. One larger kernel would have done it in one go. Write `merge(w1, w2)`,
    which returns that kernel, of shape (H + KH − 1, W + KW − 1): two 3×3 make one 5×5. (That is why networks
    put a non-linearity in between.)
    """,
    stub='''
    def merge(w1, w2):
        """w1 (H, W), then w2 (KH, KW), as one kernel (H + KH - 1, W + KW - 1)."""
        ...
    ''',
    reference=[merge],
    without=["conv2d"],
    checks=[
        Check("Two 3×3", 2, lambda code, rng: code.call("merge", ints(rng, 3, 3), ints(rng, 3, 3))),
        Check("Kernels of other shapes", 1, lambda code, rng: code.call("merge", ints(rng, 2, 3), ints(rng, 4, 2))),
        Check(
            "A row and a column: a separable kernel",
            1,
            lambda code, rng: code.call("merge", ints(rng, 1, 3), ints(rng, 3, 1)),
        ),
    ],
    mistakes=[
        Mistake(
            "flipped",
            lambda w1, w2: merge(w1, w2[::-1, ::-1]),
            "This is what one gets when `w2` is flipped. Stamp it as it lies: `w2[i, j]` times `w1`, at (i, j).",
        ),
        Mistake(
            "overwritten",
            stamped_over,
            "This is what one gets when each stamp overwrites the one before: where they overlap, they add (`+=`).",
        ),
        Mistake(
            "product",
            product,
            "This is the product, number by number. One kernel after the other is another thing: try two rows of two "
            "weights with a pencil.",
        ),
        Mistake(
            "added",
            lambda w1, w2: np.pad(w1, [(0, k - 1) for k in w2.shape]) + np.pad(w2, [(0, k - 1) for k in w1.shape]),
            "This is the sum, which one gets from two kernels *side by side*, not one after the other.",
        ),
    ],
    hints=[
        "One dimension first: y[0] = a·x[0] + b·x[1], z[0] = c·y[0] + d·y[1]. What are the weights of x[0], "
        "x[1], x[2] in z[0]?",
        "`w2[i, j]` picks the number of the first map at (i, j), which is `w1` stamped onto the image at (i, j).",
        "Start from zeros; for every (i, j): `w[i : i + H, j : j + W] += w2[i, j] * w1`.",
    ],
)
