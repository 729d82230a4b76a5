"""Exercises of chapter 14: LeNet."""

import numpy as np

from ...checking.exercise import Check, Function, Mistake, Predict


def lenet_size(what, side=28, kernel=4, pool=2):
    """The heights of LeNet's maps, or the number of inputs of fc1, from images of side×side."""
    heights = []
    for _ in range(2):
        side -= kernel
        heights.append(side)
        side //= pool
        heights.append(side)
    return heights if what == "heights" else 16 * side**2


lenet_without_border = Predict(
    id="lenet_without_border",
    chapter=14,
    title="Predict, then run",
    prompt="""
    Somebody feeds MNIST's 28×28 images to the layers of LeNet-5 without the border of two pixels. Work out the
    height of the maps after conv1, pool, conv2, pool, a list of four numbers. How many inputs must fc1 have
    now?
    """,
    reference=lenet_size,
    questions={"heights after conv1, pool, conv2, pool": ("heights",), "inputs of fc1": ("inputs",)},
    mistakes=[
        Mistake("for 32×32", lambda what: lenet_size(what, side=32), "This is for 32×32. Start from 28."),
        Mistake(
            "one map",
            lambda what: lenet_size(what) if what == "heights" else 16,
            "This is one map of 4×4. How many maps are there?",
        ),
        Mistake(
            "six maps",
            lambda what: lenet_size(what) if what == "heights" else 6 * 16,
            "This is for six maps, as many as conv1 makes. conv2 makes more.",
        ),
        Mistake(
            "kernel taken away",
            lambda what: lenet_size(what, kernel=5),
            "This takes 5 away for each 5×5 kernel. It fits in at 28 − 5 + 1 places.",
        ),
        Mistake(
            "padded",
            lambda what: lenet_size(what, kernel=0),
            "This is for convolutions that keep the size. LeNet's have no padding.",
        ),
    ],
    explanation="""
    It works, with a smaller fc1; `mc.models.LeNet5` refuses it, so that nobody gets another network by accident.
    """,
    hints=["28 − 4 = 24 is the first.", "fc1 gets all numbers of all 16 maps."],
)


def parameters(layer, colours=3, letters=26, bias=1):
    """What LeNet-5 has in a layer, or in all, for images of so many colours and so many answers."""
    count = {"conv1": 6 * (25 * colours + bias), "fc3": letters * (84 + bias)}
    count["all"] = sum(count.values()) + 16 * (150 + bias) + 120 * (400 + bias) + 84 * (120 + bias)
    return count[layer]


lenet_in_colour = Predict(
    id="lenet_in_colour",
    chapter=14,
    title="In colour",
    prompt="""
    LeNet-5 has 61,706 parameters. The same network is to read 26 letters in colour images of 3×32×32. How many
    parameters have conv1, fc3, and the whole network now?
    """,
    reference=parameters,
    questions={"conv1": ("conv1",), "fc3": ("fc3",), "all": ("all",)},
    mistakes=[
        Mistake("grey", lambda layer: parameters(layer, colours=1), "This is for grey images. And the colours?"),
        Mistake(
            "ten digits", lambda layer: parameters(layer, letters=10), "This is for ten digits. And the 26 letters?"
        ),
        Mistake(
            "no biases",
            lambda layer: parameters(layer, bias=0),
            "This is without the biases: each filter of conv1, each output of a dense layer has one.",
        ),
        Mistake(
            "new weights only",
            lambda layer: parameters(layer) - (16 if layer != "conv1" else 0),
            "Every new letter needs a bias, too.",
        ),
        Mistake(
            "a bias for each colour",
            lambda layer: parameters(layer) + (12 if layer != "fc3" else 0),
            "This has a bias for each colour of each filter. A filter sums over its colours, and adds one bias.",
        ),
    ],
    explanation=r"""
    conv1: $6 \cdot 3 \cdot 25 + 6 = 456$. fc3: $26 \cdot 84 + 26 = 2210$. Together
    $456 + 2416 + 48{,}120 + 10{,}164 + 2210 = 63{,}366$.
    """,
    hints=["Only conv1 and fc3 change.", "A filter of conv1 now has 3 · 5 · 5 weights and one bias."],
)


def describe(shape, layers):
    shapes, parameters = [], 0
    for kind, *numbers in layers:
        if kind == "conv":
            (filters, K), (C, H, W) = numbers, shape
            parameters += filters * (C * K * K + 1)
            shape = (filters, H - K + 1, W - K + 1)
        elif kind == "pool":
            (K,), (C, H, W) = numbers, shape
            shape = (C, H // K, W // K)
        else:
            (outputs,), inputs = numbers, int(np.prod(shape))
            parameters += outputs * (inputs + 1)
            shape = (outputs,)
        shapes.append(shape)
    return shapes, parameters


def described_with(
    conv=lambda filters, C, K, shape: filters * (C * K * K + 1), bias=1, inputs=np.prod, size=None, pool=None
):
    """A wrong describe: another count of a layer's parameters, or another size."""
    size = size or (lambda n, K: n - K + 1)
    pool = pool or (lambda n, K: n // K)

    def wrong(shape, layers):
        shapes, parameters = [], 0
        for kind, *numbers in layers:
            if kind == "conv":
                before, shape = shape, (numbers[0], *(size(n, numbers[1]) for n in shape[1:]))
                parameters += conv(numbers[0], before[0], numbers[1], shape)
            elif kind == "pool":
                shape = (shape[0], *(pool(n, numbers[0]) for n in shape[1:]))
            else:
                parameters += numbers[0] * (int(inputs(shape)) + bias)
                shape = (numbers[0],)
            shapes.append(shape)
        return shapes, parameters

    return wrong


LENET = [["conv", 6, 5], ["pool", 2], ["conv", 16, 5], ["pool", 2], ["dense", 120], ["dense", 84], ["dense", 10]]


def some_network(remainder):
    """A script: a network drawn at random; whether the pooling fits."""

    def script(code, rng):
        C, filters, K, outputs = (int(rng.integers(*bounds)) for bounds in [(2, 4), (2, 6), (2, 4), (3, 9)])
        shape = [C, 2 * int(rng.integers(3, 6)) + K - 1 + remainder, 2 * int(rng.integers(7, 9)) + K - 1 + remainder]
        code.call("describe", shape, [["conv", filters, K], ["pool", 2], ["dense", outputs], ["dense", 2]])

    return script


count_a_network = Function(
    id="count_a_network",
    chapter=14,
    title="Shapes and parameters of any LeNet",
    prompt="""
    Write `describe(shape, layers)`. It returns two things: the list of the shapes after each layer, and the
    number of parameters in all. `shape` is (C, H, W). A layer is a list: `["conv", filters, K]` with kernels
    K×K, no padding, stride 1, and biases; `["pool", K]` with windows K×K that do not overlap, where a rest that
    fills no window is left out; or `["dense", outputs]` with biases, whose inputs are all numbers of the layer before.
    The shape after a dense layer is `(outputs,)`. For LeNet-5 the count is 61,706.
    """,
    stub='''
    def describe(shape, layers):
        """The shape after each layer, and the number of parameters."""
        ...
    ''',
    reference=[describe],
    checks=[
        Check("LeNet-5", 1, lambda code, rng: code.call("describe", [1, 32, 32], LENET), cases=1),
        Check("Another network, images in colour that are not square", 2, some_network(0)),
        Check("A pooling that leaves a rest", 1, some_network(1)),
    ],
    mistakes=[
        Mistake(
            "no biases",
            described_with(lambda filters, C, K, shape: filters * C * K * K, bias=0),
            "The biases are missing: one for each filter, and one for each output of a dense layer.",
        ),
        Mistake(
            "a bias for each pixel",
            described_with(lambda filters, C, K, shape: filters * C * K * K + int(np.prod(shape))),
            "This has a bias for each number of a map. A map shares one, as it shares its weights.",
        ),
        Mistake(
            "flat kernels",
            described_with(lambda filters, C, K, shape: filters * (K * K + 1)),
            "This is what one gets with flat filters. A filter is as deep as its input has maps: C·K·K weights.",
        ),
        Mistake(
            "one map",
            described_with(inputs=lambda shape: np.prod(shape[-2:])),
            "A dense layer sees one map only. It gets all maps: C·H·W inputs.",
        ),
        Mistake(
            "same size",
            described_with(size=lambda n, K: n),
            "These convolutions keep the size. Without padding, K − 1 rows and columns are lost.",
        ),
        Mistake(
            "one too few",
            described_with(size=lambda n, K: n - K),
            "One row and one column are missing: a kernel fits in at H − K + 1 places.",
        ),
        Mistake(
            "rounded up",
            described_with(pool=lambda n, K: -(-n // K)),
            "The pooling rounds up. A rest that fills no window is left out: round down.",
        ),
    ],
    hints=[
        "Go through the layers with one variable, `shape`, that is renewed by each, and append it to a list.",
        "conv: filters · (C·K·K + 1) parameters, and (filters, H − K + 1, W − K + 1). pool: none, and (C, H // "
        "K, W // K).",
        "dense: outputs · (inputs + 1) parameters. The inputs are the product of all numbers in `shape`.",
    ],
)

DEEDS = {
    "A": "A jumps up and comes to rest near 2.3, as steps do that grow longer and longer.",
    "B": "B stays near 2.3, as if there were nothing to learn.",
    "C": "C sinks, but not below 1.46, the floor that a perfect answer would have there.",
    "D": "D goes down to near 0.",
}

lenet_detective = Predict(
    id="lenet_detective",
    chapter=14,
    title="Detective",
    prompt="""
    Four networks were trained for three epochs by loops that differ in one line each. One loop is right. One
    has softmax twice, one forgot `zero_grad`, one pairs each image with the label of *another* one. Look at the
    four losses, A to D, and say which is which: "A", "B", "C" or "D".
    """,
    reference=lambda letter: letter,
    questions={"right": "D", "labels of other images": "B", "softmax twice": "C", "no zero_grad": "A"},
    mistakes=[Mistake(letter, lambda _, letter=letter: letter, deed) for letter, deed in DEEDS.items()],
    explanation="""
    The flat one has the labels of other images: 2.3 all the time. The one that sinks slowly and ends above 1.46 has two
    softmaxes. The one that jumps has no `zero_grad`: each step repeats all earlier ones. The one that goes down towards
    0 is right.
    """,
    hints=["Where can a loss not go below 1.46? Where is nothing to be learned? Which steps grow longer and longer?"],
)
