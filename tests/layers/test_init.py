import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
from minicnn import init

W = np.empty((400, 10, 5, 5))  # fan_in 250, fan_out 10,000


def rng():
    return np.random.default_rng(0)


def test_gains_are_pytorchs():
    convolutions = [f"conv{kind}{nd}d" for kind in ("", "_transpose") for nd in (1, 2, 3)]
    for name in ("linear", "sigmoid", *convolutions):
        assert init.calculate_gain(name) == 1
    assert init.calculate_gain("tanh") == 5 / 3
    assert init.calculate_gain("relu", 0.3) == math.sqrt(2)
    assert init.calculate_gain("selu") == 0.75
    assert init.calculate_gain("leaky_relu") == math.sqrt(2 / (1 + 0.01**2))
    assert init.calculate_gain("leaky_relu", 0.2) == 1.3867504905630728


def test_fan_counts_inputs_and_outputs():
    assert init.fan(W) == init._calculate_fan_in_and_fan_out(mc.Tensor(W)) == (250, 10_000)


@pytest.mark.parametrize(
    ("name", "args", "options", "variance"),
    [
        ("kaiming", (), {}, 2 / 250),
        ("kaiming", (1,), {}, 1 / 250),
        ("kaiming", (0, "fan_out"), {}, 2 / 10_000),
        ("kaiming", (3, "fan_in", "relu"), {}, 2 / 250),
        ("kaiming", (), dict(mode="fan_out", nonlinearity="tanh"), 25 / 90_000),
        ("xavier", (), {}, 2 / 10_250),
        ("xavier", (2,), {}, 8 / 10_250),
        ("xavier", (), dict(gain=2), 8 / 10_250),
    ],
)
@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_the_variance_is_that_of_the_papers(name, args, options, variance, kind):
    fill = getattr(init, f"{name}_{kind}_")
    assert fill(W, *args, **options, rng=rng()) is W
    assert_allclose(W.var(), variance, rtol=0.02)
    assert abs(W.mean()) < 3 * math.sqrt(variance / W.size)
    largest = np.abs(W).max() / math.sqrt(variance)
    assert largest > 4 if kind == "normal" else 1.73 < largest <= math.sqrt(3)


def test_uniform_and_normal_take_pytorchs_arguments():
    assert init.uniform_(W, 2, b=4, rng=rng()).min() >= 2
    assert_allclose([W.mean(), W.var(), W.max()], [3, 4 / 12, 4], rtol=0.01)
    assert init.normal_(W, 5, std=0.1, rng=rng()) is W
    assert_allclose([W.mean(), W.std()], [5, 0.1], rtol=0.01)


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"), [(0, 1, -2, 2), (1, 2, 0, 3), (0, 0.02, -2, 2), (0, 1, 3, 9), (0, 1, 4, math.inf)]
)
def test_a_truncated_normal_is_the_normal_between_its_limits(mean, std, a, b):
    w = init.trunc_normal_(np.empty(20_000), mean, std, a, b, rng=rng())
    assert a <= w.min() <= w.max() <= b

    def above(t):
        """The share of the whole normal distribution that is above t."""
        return 0.5 * math.erfc((t - mean) / std / math.sqrt(2))

    for share in (0.1, 0.5, 0.9):
        t = np.quantile(w, 1 - share)
        assert_allclose((above(t) - above(b)) / (above(a) - above(b)), share, rtol=0.1)


def test_values_that_are_given():
    t = mc.Parameter(np.empty((2, 3), np.float32))
    assert init.constant_(t, 0.5) is t
    assert_array_equal(t.data, np.full((2, 3), 0.5, np.float32), strict=True)
    assert_array_equal(init.ones_(t).data, np.ones((2, 3)))
    assert_array_equal(init.zeros_(t).data, np.zeros((2, 3)))
    assert_array_equal(init.eye_(t).data, [[1, 0, 0], [0, 1, 0]])
    assert_array_equal(init.ones_(np.empty(2, np.int64)), [1, 1])


@pytest.mark.parametrize(("O", "C", "groups", "nd"), [(4, 4, 1, 1), (6, 3, 2, 2), (2, 5, 1, 2), (8, 2, 2, 3)])
def test_a_convolution_with_a_dirac_weight_passes_on_its_channels(O, C, groups, nd):
    layer = getattr(mc, f"Conv{nd}d")(C * groups, O, 3, padding=1, groups=groups, bias=False, rng=rng())
    assert init.dirac_(layer.weight, groups) is layer.weight
    x = rng().normal(size=(2, groups, C, *[5] * nd)).astype(np.float32)
    kept = min(C, O // groups)
    y = layer(x.reshape(2, groups * C, *[5] * nd)).data.reshape(2, groups, O // groups, *[5] * nd)
    assert_array_equal(y[:, :, :kept], x[:, :, :kept])
    assert not y[:, :, kept:].any()


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (6, 2, 2, 2), (2, 3, 3)])
def test_orthogonal_rows_or_columns(shape):
    m = init.orthogonal_(np.empty(shape), gain=2, rng=rng()).reshape(shape[0], -1)
    product = m @ m.T if m.shape[0] < m.shape[1] else m.T @ m
    assert_allclose(product, 4 * np.eye(min(m.shape)), atol=1e-14)


def test_orthogonal_matrices_are_all_equally_likely():
    source = rng()
    traces = [np.trace(init.orthogonal_(np.empty((3, 3)), rng=source)) for _ in range(4000)]
    assert abs(np.mean(traces)) < 0.06  # with signs as QR leaves them, far from 0
    assert_allclose(np.var(traces), 1, rtol=0.1)


def test_a_share_of_each_column_is_0():
    w = init.sparse_(np.empty((50, 400)), 0.33, 0.5, rng=rng())
    assert_array_equal((w == 0).sum(0), 17)  # 16.5, upwards
    assert_allclose(w[w != 0].std(), 0.5, rtol=0.02)
    assert_allclose((w == 0).mean(1), 0.34, atol=0.1)  # anywhere in the column


RANDOM = ["uniform_", "normal_", "trunc_normal_", "orthogonal_", "kaiming_uniform_", "kaiming_normal_",
          "xavier_uniform_", "xavier_normal_"]  # fmt: skip


@pytest.mark.parametrize("name", RANDOM)
def test_rng_may_be_left_out_and_a_recorded_use_is_told(name):
    fill = getattr(init, name)
    a, b = (fill(np.empty((4, 5), np.float32)) for _ in range(2))
    assert not np.array_equal(a, b)
    x = mc.Parameter(np.ones((4, 5)))
    y = (x * x).sum()
    fill(x, rng=rng())
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward()
    assert fill(np.empty((0, 5))).shape == (0, 5)
    assert fill(np.empty((5, 0))).shape == (5, 0)
    with pytest.raises(TypeError) as raised:
        fill(W, rng=0)
    assert str(raised.value) == (
        f"{name}: rng must be a numpy.random.Generator, not 0. Pass np.random.default_rng(seed)."
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layers_start_with_the_same_bits_as_ever(dtype):
    draw, bound = rng(), math.sqrt(6 / ((1 + math.sqrt(5) ** 2) * 27))
    layer = mc.Conv2d(3, 8, 3, rng=rng(), dtype=dtype)
    assert_array_equal(layer.weight.data, draw.uniform(-bound, bound, (8, 3, 3, 3)).astype(dtype), strict=True)
    bound = 1 / math.sqrt(27)
    assert_array_equal(layer.bias.data, draw.uniform(-bound, bound, 8).astype(dtype), strict=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: init.kaiming_normal_(np.zeros(3)),
         "init: fan-in and fan-out need a weight of two or more axes, not shape (3,)."),
        (lambda: init.kaiming_normal_(W, mode="fan"),
         'kaiming_normal_: mode must be "fan_in" or "fan_out", not \'fan\'.'),
        (lambda: init.kaiming_uniform_(W, "relu"), "kaiming_uniform_: a must be a number, not 'relu'."),
        (lambda: init.calculate_gain("gelu"),
         'calculate_gain: nonlinearity must be "linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", '
         '"conv_transpose2d", "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu" or "selu", not \'gelu\'.'),
        (lambda: init.calculate_gain("leaky_relu", True), "calculate_gain: param must be a number, not True."),
        (lambda: init.xavier_normal_(W, -1), "xavier_normal_: gain must be at least 0, not -1."),
        (lambda: init.uniform_(W, 2, 1),
         "uniform_: a must not be greater than b, and neither infinite, but a=2.0 and b=1.0."),
        (lambda: init.normal_(W, 0, -1), "normal_: std must be at least 0, not -1."),
        (lambda: init.trunc_normal_(W, std=0),
         "trunc_normal_: std must be positive and a not greater than b, but std=0.0, a=-2.0, b=2.0."),
        (lambda: init.orthogonal_(np.zeros(3)),
         "init: fan-in and fan-out need a weight of two or more axes, not shape (3,)."),
        (lambda: init.eye_(W), "eye_: tensor must have 2 axes, not shape (400, 10, 5, 5)."),
        (lambda: init.dirac_(np.zeros((2, 2))), "dirac_: tensor must have 3 or 4 or 5 axes, not shape (2, 2)."),
        (lambda: init.dirac_(np.zeros((3, 2, 3)), 2),
         "dirac_: groups=2 does not divide the 3 filters of shape (3, 2, 3)."),
        (lambda: init.normal_(np.zeros(2, int)),
         "normal_: tensor must be a floating point array, not dtype int64. Use tensor.astype(np.float32)."),
        (lambda: init.zeros_([1, 2]), "zeros_: tensor must be an array or a Tensor, not list. Use np.empty."),
        (lambda: init.ones_(np.broadcast_to(1.0, 3)),
         "ones_: tensor is read-only, and cannot be filled. Pass a copy."),
    ],
)  # fmt: skip
def test_errors(call, message):
    with pytest.raises((TypeError, ValueError)) as raised:
        call()
    assert str(raised.value) == message
