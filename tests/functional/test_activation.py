import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

SETTINGS = [
    ("relu", {}),
    ("relu6", {}),
    ("hardtanh", {}),
    ("hardtanh", dict(min_val=-0.5, max_val=2)),
    ("leaky_relu", {}),
    ("leaky_relu", dict(negative_slope=-0.3)),
    ("hardsigmoid", {}),
    ("hardswish", {}),
    ("tanh", {}),
    ("scaled_tanh", {}),
    ("sigmoid", {}),
    ("silu", {}),
    ("gelu", {}),
    ("gelu", dict(approximate="tanh")),
    ("softplus", {}),
    ("softplus", dict(beta=2, threshold=1)),
    ("elu", {}),
    ("elu", dict(alpha=np.float64(2))),
    ("selu", {}),
    ("celu", {}),
    ("celu", dict(alpha=0.5)),
    ("mish", {}),
    ("logsigmoid", {}),
    ("softsign", {}),
    ("tanhshrink", {}),
    ("hardshrink", {}),
    ("softshrink", dict(lambd=1)),
    ("threshold", dict(threshold=0.1, value=20)),
]
each_setting = pytest.mark.parametrize(("name", "options"), SETTINGS)


def arrays():
    shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)
    return st.tuples(shapes, st.integers(0, 2**32)).map(lambda s: np.random.default_rng(s[1]).normal(0, 3, s[0]))


@each_setting
@given(x=arrays())
def test_gradient(name, options, x):
    mc.gradcheck(getattr(F, f"{name}_vjp"), np.asarray(x), **options)


@given(arrays(), st.booleans())
def test_gradient_of_prelu(x, shared):
    C = x.shape[1] if x.ndim > 1 else 1
    mc.gradcheck(F.prelu_vjp, np.asarray(x), np.linspace(-0.5, 0.5, 1 if shared else C))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("name", "y", "slope"),
    [
        ("relu", [0, 0, 1000], [0, 0, 1]),
        ("relu6", [0, 0, 6], [0, 0, 0]),
        ("hardtanh", [-1, 0, 1], [0, 1, 0]),
        ("leaky_relu", [-10, 0, 1000], [0.01, 0.01, 1]),
        ("hardsigmoid", [0, 0.5, 1], [0, 1 / 6, 0]),
        ("hardswish", [0, 0, 1000], [0, 0.5, 1]),
        ("tanh", [-1, 0, 1], [0, 1, 0]),
        ("scaled_tanh", [-1.7159, 0, 1.7159], [0, 1.7159 * 2 / 3, 0]),
        ("sigmoid", [0, 0.5, 1], [0, 0.25, 0]),
        ("silu", [0, 0, 1000], [0, 0.5, 1]),
        ("gelu", [0, 0, 1000], [0, 0.5, 1]),
        ("softplus", [0, np.log(2), 1000], [0, 0.5, 1]),
        ("elu", [-1, 0, 1000], [0, 1, 1]),
        ("celu", [-1, 0, 1000], [0, 1, 1]),
        ("mish", [0, 0, 1000], [0, 0.6, 1]),
        ("logsigmoid", [-1000, -np.log(2), 0], [1, 0.5, 0]),
        ("softsign", [-1000 / 1001, 0, 1000 / 1001], [1001**-2, 1, 1001**-2]),
        ("tanhshrink", [-999, 0, 999], [1, 0, 1]),
        ("hardshrink", [-1000, 0, 1000], [1, 0, 1]),
        ("softshrink", [-999.5, 0, 999.5], [1, 0, 1]),
        ("selu", [-1.7580993408473766, 0, 1050.7009873554805], [0, 1.7580993408473766, 1.0507009873554805]),
    ],
)
def test_at_minus_1000_and_0_and_1000(name, y, slope, dtype):
    out, vjp = getattr(F, f"{name}_vjp")(np.array([-1000, 0, 1000], dtype))
    (dx,) = vjp(np.ones(3, dtype))
    assert out.dtype == dx.dtype == dtype
    assert_allclose(out, np.array(y, dtype), rtol=2e-7)
    assert_allclose(dx, np.array(slope, dtype), rtol=1e-7)


@pytest.mark.parametrize(
    ("name", "options", "x", "slope"),
    [
        ("relu", {}, [0.0, -0.0], [0, 0]),
        ("relu6", {}, [0, 6], [0, 0]),
        ("hardtanh", {}, [-1, 1], [0, 0]),
        ("hardtanh", dict(min_val=1, max_val=1), [1], [0]),
        ("leaky_relu", dict(negative_slope=-0.5), [0], [-0.5]),
        ("hardsigmoid", {}, [-3, 3], [0, 0]),
        ("hardswish", {}, [-3, 3], [0, 1]),
        ("elu", dict(alpha=2), [0, -0.0], [2, 2]),
        ("celu", dict(alpha=2), [0, -0.0], [1, 1]),
        ("hardshrink", {}, [-0.5, 0.5], [0, 0]),
        ("softshrink", {}, [-0.5, 0.5], [0, 0]),
        ("threshold", dict(threshold=1, value=5), [1], [0]),
        ("softplus", dict(beta=2, threshold=20), [10], [1 / (1 + np.exp(-20))]),
    ],
)
def test_at_a_kink_the_slope_is_pytorchs(name, options, x, slope):
    _, vjp = getattr(F, f"{name}_vjp")(np.array(x, float), **options)
    assert_array_equal(vjp(np.ones(len(x)))[0], slope)


def test_prelu_takes_its_slope_at_0_and_the_slope_learns_from_nothing_positive():
    dx, dw = F.prelu_vjp(np.array([[-2.0, 0.0, 3.0]]), np.array([0.25]))[1](np.array([[1.0, 1.0, 1.0]]))
    assert_array_equal(dx, [[0.25, 0.25, 1]])
    assert_array_equal(dw, [-2])


@each_setting
def test_nan_is_not_lost(name, options):
    y = getattr(F, name)(np.array([1.0, np.nan]), **options)
    assert_array_equal(np.isnan(y), [False, True])


INF = np.inf


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("relu", [0, INF]),
        ("relu6", [0, 6]),
        ("leaky_relu", [-INF, INF]),
        ("hardsigmoid", [0, 1]),
        ("tanh", [-1, 1]),
        ("sigmoid", [0, 1]),
        ("softplus", [0, INF]),
        ("elu", [-1, INF]),
        ("celu", [-1, INF]),
        ("logsigmoid", [-INF, 0]),
        ("tanhshrink", [-INF, INF]),
        ("hardshrink", [-INF, INF]),
        ("softshrink", [-INF, INF]),
    ],
)
def test_infinities(name, expected):
    assert_array_equal(getattr(F, name)(np.array([-INF, INF])), expected)


@pytest.mark.parametrize("name", ["silu", "gelu", "hardswish", "mish"])
def test_a_product_with_0_at_minus_infinity_is_nan_as_in_pytorch(name):
    with np.errstate(invalid="ignore"):
        assert_array_equal(getattr(F, name)(np.array([-INF, INF])), [np.nan, INF])


def test_precision_is_kept_where_results_are_small():
    assert_allclose(F.sigmoid(np.array([-50.0])), np.exp(-50.0), rtol=1e-15)
    assert_allclose(F.softplus(np.array([-50.0])), np.exp(-50.0), rtol=1e-15)
    assert_allclose(F.elu(np.array([-1e-20])), -1e-20, rtol=1e-15)
    assert_allclose(F.celu(np.array([-1e-20]), 0.5), -1e-20, rtol=1e-15)
    assert_allclose(F.logsigmoid(np.array([50.0])), -np.exp(-50.0), rtol=1e-15)
    assert_allclose(F.mish(np.array([-50.0])), -50 * np.exp(-50.0), rtol=1e-15)
    assert_allclose(F.gelu(np.array([-10.0])), -10 * 7.619853024160495e-24, rtol=1e-13)  # Φ(−10)


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_the_square_of_a_huge_number_is_no_warning(approximate):
    x = np.array([-1e30, 1e30], np.float32)
    y, vjp = F.gelu_vjp(x, approximate)
    assert_array_equal(y, np.array([0, 1e30], np.float32), strict=True)
    assert_array_equal(vjp(np.ones_like(x))[0], np.array([0, 1], np.float32), strict=True)


def test_glu_lets_one_half_through_by_the_other():
    x = np.random.default_rng(0).normal(size=(2, 6, 4))
    a, b = x[:, :3], x[:, 3:]
    assert_allclose(F.glu(x, 1), a / (1 + np.exp(-b)), rtol=1e-14)
    for dim in (0, 1, -1):
        mc.gradcheck(F.glu_vjp, x, dim=dim)


def test_celu_takes_negative_alpha_as_pytorch_does():
    y, vjp = F.celu_vjp(np.array([-1, 0.2]), -2)
    assert_allclose(y, [-1.2974425414002564, 0.2])
    assert_allclose(vjp(np.ones(2))[0], [1.6487212707001282, 1])


BEFORE_INPLACE = dict(
    relu=(), relu6=(), leaky_relu=(0.2,), elu=(2,), celu=(2,), selu=(), hardtanh=(-2, 3), hardsigmoid=(), hardswish=(),
    silu=(), mish=(), threshold=(0.5, 20),
)  # fmt: skip


@pytest.mark.parametrize(("name", "args"), BEFORE_INPLACE.items())
def test_inplace_stands_where_pytorch_has_it_and_changes_nothing(name, args):
    f, x = getattr(F, name), np.random.default_rng(0).normal(0, 4, 20)
    before = x.copy()
    assert_array_equal(f(x, *args, True), f(x, *args))
    assert_array_equal(f(x, *args, inplace=True), f(x, *args))
    assert_array_equal(x, before)
    with pytest.raises(TypeError) as raised:
        f(x, *args, 1)
    assert str(raised.value) == f"{name}: inplace must be True or False, not 1."


def test_scaled_tanh_maps_1_to_1():
    assert_allclose(F.scaled_tanh(np.array([-1.0, 1.0])), [-1, 1], atol=1e-4)


def test_ints_as_in_pytorch():
    x = np.array([0, 1, 8])
    for f, expected in [(F.relu, [0, 1, 8]), (F.relu6, [0, 1, 6]), (F.hardtanh, [0, 1, 1])]:
        assert f(x).dtype == x.dtype
        assert_array_equal(f(x), expected)
    assert_array_equal(F.hardtanh(x.astype(np.uint8), 0, 5), np.array([0, 1, 5], np.uint8))
    assert_array_equal(F.threshold(x, 0.9, 20.9), np.array([20, 1, 8]), strict=True)
    for f in (F.sigmoid, F.tanh, F.softsign, F.tanhshrink):
        assert f(x).dtype == np.float32
        assert_array_equal(f(x), f(x.astype(np.float32)))


@each_setting
def test_views_and_read_only_arrays(name, options):
    f, x = getattr(F, name), np.random.default_rng(0).normal(0, 4, (4, 6, 5))
    x.flags.writeable = False
    for view in (x.T, x[:, ::-2], x[0], x[0, 0, 0], np.broadcast_to(x[:1], (3, 6, 5))):
        assert_array_equal(f(view, **options), f(view.copy(), **options))


INT = np.arange(3, dtype=np.int64)
X = np.zeros((2, 3))


@pytest.mark.parametrize(
    "name",
    ["leaky_relu", "hardswish", "elu", "selu", "celu", "silu", "gelu", "softplus", "mish", "logsigmoid", "glu",
     "hardshrink", "softshrink", "softmax"],
)  # fmt: skip
def test_ints_are_refused_where_pytorch_refuses_them(name):
    with pytest.raises(TypeError) as raised:
        getattr(F, name)(INT)
    assert str(raised.value) == (
        f"{name}: x must be a floating point array, not dtype int64. Use x.astype(np.float32)."
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: F.relu(INT > 1),
            "relu: x must be a floating point array, not dtype bool. Use x.astype(np.float32).",
        ),
        (
            lambda: F.hardtanh(INT.astype(np.uint8)),
            "hardtanh: x of dtype uint8 cannot be cut off below -1. Use x.astype(np.float32).",
        ),
        (
            lambda: F.hardtanh(X, 2, 1),
            "hardtanh: min_val must not be greater than max_val, but min_val=2 and max_val=1. Exchange them.",
        ),
        (lambda: F.leaky_relu(X, "steep"), "leaky_relu: negative_slope must be a number, not 'steep'."),
        (lambda: F.elu(X, [1, 2]), "elu: alpha must be a number, not [1, 2]."),
        (
            lambda: F.softplus(X, 0),
            "softplus: beta must not be 0. Choose a positive number: the larger, the closer to relu.",
        ),
        (
            lambda: F.celu(X, 0),
            "celu: alpha must not be 0. Choose a positive number: the smaller, the closer to relu.",
        ),
        (
            lambda: F.glu(X),
            "glu: x of shape (2, 3) has no two halves along dim=-1. Pass an even number there.",
        ),
        (
            lambda: F.glu(np.float64(1)),
            "glu: x of shape () has no two halves along dim=-1. Pass an even number there.",
        ),
        (lambda: F.softshrink(X, -1), "softshrink: lambd must be at least 0, not -1."),
        (
            lambda: F.softsign(INT > 1),
            "softsign: not defined for bool. Convert with .astype(np.int64), or use ~, & and ^ on masks.",
        ),
        (
            lambda: F.threshold(INT.astype(np.uint8), -1, 5),
            "threshold: threshold=-1 is no number of x's dtype uint8. Use x.astype(np.float32).",
        ),
        (
            lambda: F.threshold(INT, 0, np.inf),
            "threshold: value=inf is no number of x's dtype int64. Use x.astype(np.float32).",
        ),
        (lambda: F.gelu(X, "erf"), 'gelu: approximate must be "none" or "tanh", not \'erf\'.'),
        (
            lambda: F.prelu(X, np.ones(2)),
            "prelu: weight must have shape (1,) or one number for each of the C=3 channels of x, whose shape is "
            "(2, 3), not shape (2,). Pass num_parameters=3 to PReLU.",
        ),
        (
            lambda: F.prelu(X, np.ones(1, np.float32)),
            "prelu: all arrays must have one dtype, but x is float64, weight is float32. Convert one with .astype(…).",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises((TypeError, ValueError)) as raised:
        call()
    assert str(raised.value) == message


def test_a_slope_that_float32_cannot_hold_is_inf_without_a_warning():
    x = np.array([-1, 2], np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for y in (F.leaky_relu(x, 1e300), F.leaky_relu(mc.Tensor(x), 1e300).data):
            assert_array_equal(y, [-np.inf, 2])
