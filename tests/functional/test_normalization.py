import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core import config
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

X = np.random.default_rng(0).normal(3, 2, (4, 6, 5, 3))


@st.composite
def problems(draw, least_axes=0):
    """x (N, C, …) with that many more axes at least, weight and bias (or None), and eps."""
    C = draw(st.integers(1, 4))
    shape = (draw(st.integers(2, 4)), C, *[draw(st.integers(2, 3)) for _ in range(draw(st.integers(least_axes, 3)))])
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    parameters = [rng.standard_normal(C) if draw(st.booleans()) else None for _ in range(2)]
    return rng.normal(1, 2, shape), *parameters, draw(st.sampled_from([0.01, 0.5]))


@given(problems(), st.booleans())
def test_gradient_of_batch_norm(problem, training):
    x, weight, bias, eps = problem
    C = x.shape[1]
    statistics = (None, None) if training else (np.linspace(-1, 1, C), np.linspace(1, 2, C))

    def batch_norm_vjp(x, weight, bias):
        return F.batch_norm_vjp(x, *statistics, weight, bias, training, eps=eps)

    mc.gradcheck(batch_norm_vjp, x, weight, bias)


@given(problems(), st.data())
def test_gradient_of_group_norm(problem, data):
    x, weight, bias, eps = problem
    groups = data.draw(st.sampled_from([g for g in range(1, x.shape[1] + 1) if x.shape[1] % g == 0]))
    if x.size > len(x) * groups:  # a group of one number has no gradient
        mc.gradcheck(lambda x, w, b: F.group_norm_vjp(x, groups, w, b, eps), x, weight, bias)


@given(problems(1), st.booleans())
def test_gradient_of_instance_norm(problem, own):
    x, weight, bias, eps = problem
    ones = np.ones(x.shape[1])
    mc.gradcheck(lambda x, w, b: F.instance_norm_vjp(x, 0 * ones, ones, w, b, own, 0, eps), x, weight, bias)


@given(problems(), st.data())
def test_gradient_of_layer_norm(problem, data):
    x, weight, bias, eps = problem
    shape = x.shape[-data.draw(st.integers(1, x.ndim)) :]
    weight, bias = (None if a is None else np.resize(a, shape) for a in (weight, bias))
    mc.gradcheck(lambda x, w, b: F.layer_norm_vjp(x, shape, w, b, eps), x, weight, bias)


@given(problems(), st.data())
def test_gradient_of_rms_norm(problem, data):
    x, weight, _, eps = problem
    shape = x.shape[-data.draw(st.integers(1, x.ndim)) :]
    weight = None if weight is None else np.resize(weight, shape)
    mc.gradcheck(lambda x, w: F.rms_norm_vjp(x, shape, w, eps), x, weight)


def test_rms_norm_makes_the_mean_square_1():
    assert_allclose((F.rms_norm(X, (5, 3)) ** 2).mean((2, 3)), 1)
    tiny = np.full((2, 3), 1e-4, np.float32)  # whose square is below eps, that of float32
    assert_allclose(F.rms_norm(tiny, (3,)), 1e-4 / np.sqrt(1e-8 + 2.0**-23) * np.ones((2, 3)), rtol=1e-6)
    assert_array_equal(F.rms_norm(np.zeros((2, 3)), (3,)), np.zeros((2, 3)))
    assert F.rms_norm(np.zeros((0, 3)), (3,)).shape == (0, 3)
    assert np.isnan(F.rms_norm(np.array([[np.nan, 1.0], [1.0, 1.0]]), (2,))).tolist() == [[True] * 2, [False] * 2]


@pytest.mark.parametrize(
    ("f", "axes"),
    [
        (lambda x: F.batch_norm(x, None, None, training=True), (0, 2, 3)),
        (lambda x: F.layer_norm(x, x.shape[1:]), (1, 2, 3)),
        (lambda x: F.layer_norm(x, x.shape[2:]), (2, 3)),
        (lambda x: F.group_norm(x, 1), (1, 2, 3)),
        (F.instance_norm, (2, 3)),
    ],
)
def test_mean_is_0_and_variance_1_over_the_axes_taken_together(f, axes):
    y = f(X)
    assert_allclose(y.mean(axes), 0, atol=1e-14)
    assert_allclose(y.var(axes), 1, rtol=1e-4)
    assert_allclose(y, (X - X.mean(axes, keepdims=True)) / np.sqrt(X.var(axes, keepdims=True) + 1e-5), atol=1e-13)


def test_group_norm_lies_between_layer_norm_and_instance_norm():
    assert_allclose(F.group_norm(X, 1), F.layer_norm(X, X.shape[1:]), rtol=1e-12)
    assert_allclose(F.group_norm(X, 6), F.instance_norm(X), rtol=1e-12)


def test_running_statistics_move_in_place_with_the_unbiased_variance():
    mean, var = np.full(6, 2.0), np.full(6, 3.0)
    F.batch_norm(X, mean, var, training=True, momentum=0.25)
    assert_allclose(mean, 0.75 * 2 + 0.25 * X.mean((0, 2, 3)))
    assert_allclose(var, 0.75 * 3 + 0.25 * X.var((0, 2, 3), ddof=1))
    before = mean.copy(), var.copy()
    y = F.batch_norm(X, mean, var)
    assert_array_equal((mean, var), before)
    assert_allclose(y[:, 1], (X[:, 1] - mean[1]) / np.sqrt(var[1] + 1e-5))


def test_running_statistics_of_instance_norm_are_averages_over_the_samples():
    mean, var = np.zeros(6), np.ones(6)
    F.instance_norm(X, mean, var, momentum=0.25)
    assert_allclose(mean, 0.25 * X.mean((0, 2, 3)))
    assert_allclose(var, 0.75 + 0.25 * X.var((2, 3), ddof=1).mean(0))
    assert_array_equal(F.instance_norm(X, mean, var, use_input_stats=False), F.batch_norm(X, mean, var))


def test_a_gradient_uses_the_statistics_of_its_own_forward_pass():
    mean, var = np.zeros(6), np.ones(6)
    _, vjp = F.batch_norm_vjp(X, mean, var)
    expected = vjp(X)[0]
    mean[...], var[...] = 5, 7
    assert_array_equal(vjp(X)[0], expected)


def test_statistics_of_large_numbers_with_small_variance_in_float32():
    x = (1e4 + np.random.default_rng(0).standard_normal((50_000, 2))).astype(np.float32)
    mean, var = np.zeros(2, np.float32), np.zeros(2, np.float32)
    y = F.batch_norm(x, mean, var, training=True, momentum=1)
    assert y.dtype == mean.dtype == np.float32
    exact = x.astype(np.float64)
    assert_allclose(mean, exact.mean(0), rtol=1e-7)
    assert_allclose(var, exact.var(0, ddof=1), rtol=3e-6 if config.DISABLE_JIT else 1e-6)
    assert_allclose(y, (exact - exact.mean(0)) / np.sqrt(exact.var(0) + 1e-5), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: F.batch_norm(x, None, None, training=True),
        lambda x: F.layer_norm(x, x.shape[2:]),
        lambda x: F.group_norm(x, 2),
        F.instance_norm,
        lambda x: F.local_response_norm(x, 3),
    ],
)
def test_views_read_only_arrays_1000_nan_and_nothing(f):
    x = X.copy()
    x.flags.writeable = False
    for view in (x.transpose(0, 1, 3, 2), x[:, ::-1, ::2], x.astype(np.float32)[::2]):
        y = f(view)
        assert y.dtype == view.dtype
        assert_array_equal(y, f(view.copy()))
    assert np.isfinite(f(np.where(X > 3, 1000.0, -1000.0))).all()
    x = X.copy()
    x[1, 2, 3, 0] = np.nan
    y = f(x)
    assert np.isnan(y[1, 2, 3, 0])
    assert not np.isnan(y).all()
    for shape in ((0, 6, 5), (2, 6, 0), (0, 6, 3, 2)):
        assert f(np.zeros(shape)).shape == shape


def test_an_empty_batch_leaves_running_statistics_alone_and_has_gradients_of_0():
    for f, axis in ((F.batch_norm_vjp, 0), (F.instance_norm_vjp, 0), (F.batch_norm_vjp, 2)):
        mean, var, ones, x = np.zeros(3), np.ones(3), np.ones(3), np.zeros([0 if i == axis else 3 for i in range(3)])
        y, vjp = f(x, mean, var, ones, ones, True)
        assert y.shape == x.shape
        dx, dw, db = vjp(y)
        assert dx.shape == x.shape
        assert_array_equal([mean, var, dw, db], [[0] * 3, [1] * 3, [0] * 3, [0] * 3])


def test_numbers_far_from_the_first_one_of_their_channel():
    """The sums begin from a channel's first number: that may be far off, infinite, or have a square that overflows."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((8, 5, 300)).astype(np.float32)
    x[0, 0, 0] = 1e6
    x[:, 1] *= 1e30
    x[0, 2, 0] = -np.inf
    x[:, 3] += 1e6
    y, exact = F.batch_norm(x, None, None, training=True), x.astype(np.float64)
    with np.errstate(invalid="ignore"):
        expected = (exact - exact.mean((0, 2), keepdims=True)) / np.sqrt(exact.var((0, 2), keepdims=True) + 1e-5)
    assert_allclose(y, expected, rtol=1e-5, atol=1e-5)


def test_a_channel_of_equal_numbers_becomes_its_bias():
    y = F.batch_norm(np.full((4, 2), 7.0), None, None, np.ones(2), np.array([1.0, 2.0]), True)
    assert_array_equal(y, [[1, 2]] * 4)


ONES = {n: np.ones(n) for n in (3, 6)}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: F.batch_norm(X.astype(np.int64), None, None, training=True),
            "batch_norm: x must be a floating point array, not dtype int64. Use x.astype(np.float32).",
        ),
        (
            lambda: F.batch_norm(X[0, :, 0, 0], ONES[6], ONES[6]),
            "batch_norm: x must have shape (N, C, …), not (6,). Use x[np.newaxis] for one sample.",
        ),
        (
            lambda: F.batch_norm(X, None, None),
            "batch_norm: running_mean and running_var must be given where those of the input are not used. "
            "Call train() first, or keep running statistics with track_running_stats=True.",
        ),
        (
            lambda: F.batch_norm(X, ONES[6], None, training=True),
            "batch_norm: running_mean and running_var must either both be None or neither. Pass both.",
        ),
        (
            lambda: F.batch_norm(X, ONES[3], ONES[3]),
            "batch_norm: for x of shape (4, 6, 5, 3), running_mean must have shape (6,), not (3,). "
            "Pass num_features=6 to the layer.",
        ),
        (
            lambda: F.batch_norm(X, ONES[6], ONES[6], bias=ONES[6][:, None]),
            "batch_norm: for x of shape (4, 6, 5, 3), bias must have shape (6,), not (6, 1). "
            "Pass num_features=6 to the layer.",
        ),
        (
            lambda: F.batch_norm(X.astype(np.float32), ONES[6], ONES[6]),
            "batch_norm: all arrays must have one dtype, but x is float32, running_mean is float64, "
            "running_var is float64. Convert one with .astype(…).",
        ),
        (
            lambda: F.batch_norm(X[:1, :, :1, :1], None, None, training=True),
            "batch_norm: training needs more than 1 value per channel, but x of shape (1, 6, 1, 1) has 1. "
            "Use a larger batch, or call eval() first.",
        ),
        (
            lambda: F.batch_norm(X, None, None, training=True, eps=0),
            "batch_norm: eps must be positive while training, not 0. The usual one is 1e-5.",
        ),
        (lambda: F.batch_norm(X, ONES[6], ONES[6], eps=-1), "batch_norm: eps must be at least 0, not -1."),
        (
            lambda: F.batch_norm(X, ONES[6], ONES[6], momentum=None),
            "batch_norm: momentum must be a number, not None.",
        ),
        (
            lambda: F.batch_norm(X, np.broadcast_to(0.0, 6), ONES[6], training=True),
            "batch_norm: running_mean and running_var change while training, but are read-only. Pass copies.",
        ),
        (
            lambda: F.layer_norm(X, 3),
            "layer_norm: normalized_shape must be a tuple of at least one int, not 3. "
            "Pass x.shape[1:] for all of a sample.",
        ),
        (lambda: F.layer_norm(X, (3.0,)), "layer_norm: each of normalized_shape must be an int, not 3.0."),
        (
            lambda: F.layer_norm(X, (5,)),
            "layer_norm: normalized_shape=(5,) must be the sizes of the last axes of x, whose shape is (4, 6, 5, 3). "
            "Pass (3,) for the last one.",
        ),
        (
            lambda: F.layer_norm(X, (5, 3), ONES[3]),
            "layer_norm: for x of shape (4, 6, 5, 3), weight must have shape (5, 3), not (3,). "
            "Pass normalized_shape=(5, 3) to LayerNorm.",
        ),
        (
            lambda: F.rms_norm(X, (5, 3), ONES[3]),
            "rms_norm: for x of shape (4, 6, 5, 3), weight must have shape (5, 3), not (3,). "
            "Pass normalized_shape=(5, 3) to RMSNorm.",
        ),
        (lambda: F.rms_norm(X, (3,), eps=-1), "rms_norm: eps must be at least 0, not -1."),
        (lambda: F.group_norm(X, 0), "group_norm: num_groups must be at least 1, not 0."),
        (
            lambda: F.group_norm(X, 4),
            "group_norm: num_groups must divide the C=6 channels of x, but num_groups=4.",
        ),
        (
            lambda: F.group_norm(X[:1, :, 0, 0], 6),
            "group_norm: a group needs more than 1 value, but x of shape (1, 6) with num_groups=6 has 1. "
            "Use fewer groups.",
        ),
        (
            lambda: F.group_norm(X, 2, ONES[3]),
            "group_norm: for x of shape (4, 6, 5, 3), weight must have shape (6,), not (3,). "
            "Pass num_channels=6 to the layer.",
        ),
        (
            lambda: F.instance_norm(X[0, 0]),
            "instance_norm: x must have shape (N, C, L), (N, C, H, W) or (N, C, D, H, W), not (5, 3). "
            "Use x[np.newaxis] for one sample.",
        ),
        (
            lambda: F.instance_norm(X[:, :, :1, :1]),
            "instance_norm: a channel needs more than 1 pixel, but x of shape (4, 6, 1, 1) has 1. "
            "Use a larger image, or normalise fewer times.",
        ),
        (
            lambda: F.instance_norm(X, use_input_stats=False),
            "instance_norm: running_mean and running_var must be given where those of the input are not used. "
            "Call train() first, or keep running statistics with track_running_stats=True.",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises((TypeError, ValueError)) as raised:
        call()
    assert str(raised.value) == message


def test_channels_that_are_done_one_after_the_other():
    """Where all channels do not fit into the cache together: the same numbers, and the same bits for any threads."""
    rng, results, before = np.random.default_rng(0), [], mc.get_num_threads()
    x, dy, w = (rng.normal(1, 2, shape).astype(np.float32) for shape in ((8, 5, 40_000), (8, 5, 40_000), (5,)))
    for threads in (1, 2, 3):
        mc.set_num_threads(threads)
        y, vjp = F.batch_norm_relu_vjp(x, None, None, w, w, True, residual=dy)
        results.append((y, *vjp(dy)))
    mc.set_num_threads(before)
    for others in results[1:]:
        [assert_array_equal(got, expected) for got, expected in zip(others, results[0], strict=True)]
    z = (x - x.mean((0, 2), np.float64)[:, None]) / x.std((0, 2), np.float64)[:, None]
    assert_allclose(results[0][0], np.maximum(0, z * w[:, None] + w[:, None] + dy), atol=1e-4)
    kept = dy * (results[0][0] > 0)
    assert_allclose(results[0][2], (kept * z).sum((0, 2)), rtol=1e-3)
    assert_array_equal(results[0][4], kept)
