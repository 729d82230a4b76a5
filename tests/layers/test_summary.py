"""summary against numbers worked out by hand."""

import re

import numpy as np
import pytest

import minicnn as mc
import minicnn.functional as F


def columns(table, *names):
    return [tuple(getattr(row, name) for name in names) for row in table.rows]


def test_lenet_by_hand():
    table = mc.summary(mc.models.LeNet5(), (1, 32, 32))
    # what a unit sees grows by (kernel − 1) · stride so far; a dense layer sees all: 16 + (5 − 1) · 4 = 32
    assert columns(table, "name", "layer", "output_shape", "receptive_field", "stride") == [
        ("conv1", "Conv2d", (6, 28, 28), (5, 5), (1, 1)),
        ("", "avg_pool2d", (6, 14, 14), (6, 6), (2, 2)),
        ("conv2", "Conv2d", (16, 10, 10), (14, 14), (2, 2)),
        ("", "avg_pool2d", (16, 5, 5), (16, 16), (4, 4)),
        ("", "flatten", (400,), (16, 16), None),
        ("fc1", "Linear", (120,), (32, 32), None),
        ("fc2", "Linear", (84,), (32, 32), None),
        ("fc3", "Linear", (10,), (32, 32), None),
    ]
    dense = [(400 * 120 + 120, 400 * 120), (120 * 84 + 84, 120 * 84), (84 * 10 + 10, 84 * 10)]
    conv1, conv2 = (6 * 25 + 6, 28 * 28 * 6 * 25), (16 * 150 + 16, 10 * 10 * 16 * 150)
    assert columns(table, "parameters", "multiply_adds") == [conv1, (0, 0), conv2, (0, 0), (0, 0), *dense]
    assert (table.parameters, table.multiply_adds) == (61_706, 416_520)


def test_receptive_fields_by_experiment():
    """What a unit in the middle sees: the pixels at which its gradient is not 0."""
    rng = np.random.default_rng(0)
    net = mc.Sequential(
        mc.Conv2d(1, 2, (3, 2), stride=(1, 2), dilation=(2, 1), rng=rng),
        mc.AvgPool2d(3, 1),
        mc.Residual(mc.Sequential(mc.Conv2d(2, 2, 3, padding=1, rng=rng), mc.Conv2d(2, 2, (1, 3), padding=(0, 1)))),
        mc.Conv2d(2, 1, 3, stride=2, rng=rng),
    )
    x = mc.Tensor(np.zeros((1, 1, 41, 61)), requires_grad=True)
    for p in net.parameters():
        p.data = np.ones(p.shape)
    y = net(x)
    dy = np.zeros(y.shape)
    dy[0, 0, y.shape[2] // 2, y.shape[3] // 2] = 1
    y.backward(dy)
    rows, cols = np.nonzero(x.grad[0, 0])
    row = mc.summary(net, (1, 41, 61)).rows[-1]
    assert row.receptive_field == (np.ptp(rows) + 1, np.ptp(cols) + 1) == (11, 18)
    assert row.stride == (2, 4)


class Noisy(mc.Module):
    """Changes its own state and draws numbers in every forward pass, even in evaluation mode."""

    def __init__(self, rng):
        self.rng, self.scale = rng, mc.Parameter([1.0])
        self.register_buffer("calls", np.array(0))

    def forward(self, x):
        self.calls += 1
        return x * self.scale * self.rng.random(dtype=np.float32)


def test_the_model_is_left_as_it_was():
    rng, calls = np.random.default_rng(0), []
    net = mc.Sequential(mc.Linear(2, 3, rng=rng), mc.Dropout(0.5, rng=rng), Noisy(rng))
    net[0].eval()
    net.register_forward_hook(lambda *args: calls.append(args))
    before = rng.bit_generator.state
    table = mc.summary(net, (2,))
    assert rng.bit_generator.state == before
    assert [m.training for m in net.modules()] == [True, False, True, True]
    assert net[2].calls == 0
    assert calls == []
    assert all(p.grad is None and p.requires_grad for p in net.parameters())
    assert columns(table, "parameters", "receptive_field") == [(9, None), (0, None), (1, None)]


def test_it_ends_with_an_error_of_the_model_and_watches_no_longer():
    net = mc.Sequential(mc.Linear(2, 3), mc.Linear(2, 3))
    with pytest.raises(ValueError, match="^linear: "):
        mc.summary(net, (2,))
    assert mc.grad_mode.state.watch is None


class Block(mc.Module):
    """A Parameter of its own, a layer used twice, one not used at all, and paths that meet."""

    def __init__(self):
        self.conv, self.idle, self.scale = mc.Conv2d(2, 2, 3, padding=1), mc.Linear(3, 3), mc.Parameter([1.0])
        self.pool, self.dtypes = mc.MaxPool2d(3, 1, 1, return_indices=True), []

    def forward(self, x):
        self.dtypes.append(x.dtype)
        y = self.conv(self.conv(x)) * self.scale
        return F.relu(self.pool(y)[0] + x)


def test_shared_unused_and_own_parameters():
    table = mc.summary(Block(), (2, 8, 8))
    assert columns(table, "name", "parameters", "receptive_field") == [
        ("conv", 38, (3, 3)),
        ("conv", 0, (5, 5)),
        ("pool", 0, (7, 7)),
        ("", 1, (7, 7)),
        ("(not used)", 12, None),
    ]
    assert table.parameters == 38 + 12 + 1
    assert table.multiply_adds == 2 * 64 * 2 * 18


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (mc.Conv2d(4, 6, 3, groups=2), (4, 8, 8), (6 * 36 * 2 * 9, (3, 3))),
        (mc.Conv1d(4, 6, 3, padding="same"), (4, 8), (6 * 8 * 12, (3,))),
        (mc.Conv3d(1, 2, (1, 2, 3)), (1, 4, 4, 4), (2 * 4 * 3 * 2 * 6, (1, 2, 3))),
        (mc.Conv2d(1, 2, 3, padding=1, padding_mode="reflect"), (1, 8, 8), (2 * 64 * 9, (3, 3))),
        (mc.ConvTranspose2d(4, 6, 3, groups=2), (4, 8, 8), (4 * 64 * 3 * 9, None)),
        (mc.AdaptiveMaxPool2d((2, 4)), (1, 8, 8), (0, (4, 2))),
        (mc.AdaptiveMaxPool2d(3), (1, 8, 8), (0, None)),
        (mc.LPPool2d(2, 3), (1, 8, 8), (0, (3, 3))),
        (mc.Upsample(scale_factor=2), (1, 8, 8), (0, None)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_single_layers(layer, shape, expected):
    assert columns(mc.summary(layer, shape), "multiply_adds", "receptive_field") == [expected]


class Attention(mc.Module):
    """Three ways to multiply: each pixel with each."""

    def forward(self, x):
        x = F.flatten(x, 2)  # (1, C, P)
        both = F.einsum("ncp, ncq -> npq", x, x)
        return F.matmul(x, F.softmax(both, -1)) * F.einsum("...p -> ...", x)[..., np.newaxis]


def test_products():
    table = mc.summary(Attention(), (3, 4, 5))
    assert columns(table, "multiply_adds", "receptive_field") == [(2 * 3 * 20 * 20, None)]
    table = mc.summary(Bilinear(), (3,))
    assert table.multiply_adds == 5 * 3 * 3


class Bilinear(mc.Module):
    """Written with the operation, outside of layers."""

    def __init__(self):
        self.weight = mc.Parameter(np.ones((5, 3, 3), np.float32))

    def forward(self, x):
        return F.bilinear(x, x, self.weight)


class ScaledAttention(mc.Module):
    """Every pixel looks at all others."""

    def forward(self, x):
        y = F.transpose(F.flatten(x, 2), 1, 2)
        return F.reshape(F.transpose(F.scaled_dot_product_attention(y, key=y, value=y), 1, 2), x.shape)


def test_attention_sees_no_window():
    rows = mc.summary(mc.Sequential(mc.Conv2d(3, 4, 1), ScaledAttention()), (3, 5, 6)).rows
    assert rows[-1].receptive_field is None
    assert rows[-1].multiply_adds == 2 * 30 * 30 * 4


class Shuffle(mc.Module):
    """Halves of the channels take turns, as in ShuffleNet; then the mean of all pixels."""

    def __init__(self):
        self.conv = mc.Conv2d(4, 4, 3)

    def forward(self, x):
        y = F.reshape(self.conv(x), (1, 2, 2, 6, 6))
        return F.reshape(F.transpose(y, 1, 2), (1, 4, 6, 6)).mean((2, 3))


def test_reshaping():
    table = mc.summary(Shuffle(), (4, 8, 8))
    assert [(row.layer, row.receptive_field) for row in table.rows] == [
        ("Conv2d", (3, 3)),
        ("reshape", (3, 3)),
        ("reshape", (3, 3)),
        ("mean", (8, 8)),
    ]


def test_branches_and_batch_norm():
    branches = mc.Concat(mc.Conv2d(3, 4, 1), mc.Sequential(mc.Conv2d(3, 2, 5, padding=2), mc.BatchNorm2d(2)))
    net = mc.Sequential(mc.MaxPool2d(2), branches, mc.ReLU())
    table = mc.summary(net, (3, 16, 16))
    assert columns(table, "name", "output_shape", "receptive_field", "stride") == [
        ("0", (3, 8, 8), (2, 2), (2, 2)),
        ("1.0", (4, 8, 8), (2, 2), (2, 2)),
        ("1.1.0", (2, 8, 8), (10, 10), (2, 2)),
        ("1.1.1", (2, 8, 8), (10, 10), (2, 2)),
        ("", (6, 8, 8), (10, 10), (2, 2)),
        ("2", (6, 8, 8), (10, 10), (2, 2)),
    ]
    assert branches[1][1].num_batches_tracked == 0
    assert branches[1][1].running_var.tolist() == [1, 1]


class Merge(mc.Module):
    """Adds numbers of the whole image to each pixel, and an image without a place."""

    def forward(self, x):
        return x + F.relu(x.mean((2, 3), keepdim=True)) + F.permute(x, (0, 1, 3, 2))


def test_what_is_not_defined_stays_so():
    net = mc.Sequential(mc.Conv2d(2, 2, 3), Merge(), mc.ReLU())
    assert columns(mc.summary(net, (2, 6, 6)), "receptive_field") == [((3, 3),), (None,), (None,)]


@pytest.mark.parametrize(
    "f", [lambda x: F.flip(x, 3), lambda x: F.roll(x, 1, 2), lambda x: F.cumsum(x, 2), lambda x: F.sort(x)[0]]
)
def test_what_mixes_pixels_sees_no_window(f):
    class Mix(mc.Module):
        def forward(self, x):
            return f(x)

    table = mc.summary(mc.Sequential(mc.Conv2d(1, 1, 3), Mix(), mc.Conv2d(1, 1, 3)), (1, 9, 9))
    assert columns(table, "receptive_field")[0] == ((3, 3),)
    assert columns(table, "receptive_field")[-1] == (None,)


def test_input_type():
    net = Block()
    mc.summary(net, (2, 4, 4))
    mc.summary(net, (2, 4, 4), dtype=np.float32)
    assert net.dtypes == []  # the copy's list, not this one
    for dtype in (np.float32, np.float64):
        net = mc.Linear(2, 3, dtype=dtype)
        assert mc.summary(net, (2,)).rows[0].output_shape == (3,)


def test_what_is_printed():
    net = mc.Sequential(mc.Conv2d(1, 6, (5, 3), stride=(1, 2)), mc.Upsample(scale_factor=2))
    table = mc.summary(net, (1, 32, 33))
    assert repr(table).splitlines() == [
        "layer  kind      output       parameters  multiply-adds  receptive field  stride",
        "────────────────────────────────────────────────────────────────────────────────",
        "0      Conv2d    6 × 28 × 16          96         40,320            5 × 3   1 × 2",
        "1      Upsample  6 × 56 × 32           0              0                –       –",
        "────────────────────────────────────────────────────────────────────────────────",
        "total                                 96         40,320",
    ]
    html = table._repr_html_()
    assert re.findall(r">([^<>\n]+)<", html)[7:14] == ["0", "Conv2d", "6 × 28 × 16", "96", "40,320", "5 × 3", "1 × 2"]
    assert re.findall(r">([^<>\n]+)<", html)[-3:] == ["total", "96", "40,320"]
    assert html.count("<tr") == 4
    assert html.count("<th") == 7  # no header is empty
    assert not re.search(r"#[0-9a-f]{3}|rgb|white|black", html)  # light or dark: the page's own colours


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((F.relu, (3,)), "summary: model must be a Module, not function."),
        *(
            (
                (mc.ReLU(), shape),
                "summary: input_shape must be a tuple of whole numbers, without the batch, as (1, 28, 28), "
                f"not {shape!r}.",
            )
            for shape in (3, (3, None), (0, 2), "ab")
        ),
    ],
)
def test_errors(arguments, text):
    with pytest.raises(TypeError) as raised:
        mc.summary(*arguments)
    assert str(raised.value) == text
