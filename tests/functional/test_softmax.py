import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

INF = np.inf
X = np.zeros((2, 3))
INT = np.arange(3)
each_function = pytest.mark.parametrize("f", [F.softmax, F.log_softmax, F.softmin], ids=lambda f: f.__name__)


def arrays():
    shapes = st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple)
    return st.tuples(shapes, st.integers(0, 2**32)).map(lambda s: np.random.default_rng(s[1]).normal(0, 3, s[0]))


@given(arrays(), st.data())
def test_gradient_of_softmax_along_each_axis(x, data):
    dim = data.draw(st.integers(-x.ndim, x.ndim - 1))
    mc.gradcheck(F.softmax_vjp, x, dim=dim)
    mc.gradcheck(F.log_softmax_vjp, x, dim=dim)
    mc.gradcheck(F.softmin_vjp, x, dim=dim)


def test_softmax_at_1000_and_infinity():
    for dtype in (np.float32, np.float64):
        x = np.array([-1000, 0, 1000], dtype)
        assert_array_equal(F.softmax(x, 0), np.array([0, 0, 1], dtype), strict=True)
        assert_array_equal(F.log_softmax(x, 0), np.array([-2000, -1000, 0], dtype), strict=True)
    nan = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_array_equal(F.softmax(np.array([-INF, 0.0]), 0), [0, 1])
        assert_array_equal(F.log_softmax(np.array([-INF, 0.0]), 0), [-INF, 0])
        for row in ([-INF, -INF], [INF, 1000], [nan, 1000]):
            assert_array_equal(F.softmax(np.array(row), 0), [nan, nan])
            assert_array_equal(F.log_softmax(np.array(row), 0), [nan, nan])
    for shape in ((), (0,), (2, 0)):
        for dim in (0, -1):
            assert F.softmax(np.ones(shape), dim).shape == F.log_softmax(np.ones(shape), dim).shape == shape


@each_function
def test_without_dim_it_is_pytorchs_old_rule(f):
    """dim = 0 for 0, 1 or 3 axes, else 1."""
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 3, 2))
    for axes, dim in enumerate([0, 0, 1, 0, 1, 1]):
        part = x[(0,) * (5 - axes)]
        assert_array_equal(f(part), f(part, dim))
        layer = dict(softmax=mc.Softmax, log_softmax=mc.LogSoftmax, softmin=mc.Softmin)[f.__name__]
        assert_array_equal(layer()(part), f(part, dim))


def test_softmin_is_softmax_of_the_negative():
    x = np.random.default_rng(0).normal(size=(4, 5))
    assert_allclose(F.softmin(x, 1), np.exp(-x) / np.exp(-x).sum(1, keepdims=True), rtol=1e-14)


@each_function
def test_dtype_converts_x_first(f):
    x = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    assert_array_equal(f(x, 1, dtype=np.float64), f(x.astype(np.float64), 1), strict=True)
    assert_array_equal(f(np.float64(x), 1, dtype="float32"), f(x, 1), strict=True)
    assert_array_equal(f(np.arange(3), 0, dtype=np.float32), f(np.arange(3, dtype=np.float32), 0), strict=True)
    t = mc.Tensor(x, requires_grad=True)
    f(t, 1, dtype=np.float64).backward(np.ones((4, 5)))
    assert t.grad.dtype == np.float32
    assert_allclose(t.grad, getattr(F, f"{f.__name__}_vjp")(x, 1)[1](np.ones((4, 5)))[0], atol=1e-5)


def test_softmax2d_is_over_the_channels_of_each_pixel():
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype(np.float32)
    assert_array_equal(mc.Softmax2d()(x), F.softmax(x, 1), strict=True)
    assert_array_equal(mc.Softmax2d()(mc.Tensor(x[0])).data, F.softmax(x[0], 0), strict=True)
    assert repr(mc.Softmax2d()) == "Softmax2d()"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.softmax(X, 2), "softmax: dim=2 is not an axis of x, whose shape is (2, 3)."),
        (lambda: F.log_softmax(X, -3), "log_softmax: dim=-3 is not an axis of x, whose shape is (2, 3)."),
        (lambda: F.softmax(X, 0.5), "softmax: dim must be an int, not 0.5."),
        (lambda: F.softmin(X, 2), "softmin: dim=2 is not an axis of x, whose shape is (2, 3)."),
        (lambda: F.softmax(X, 1, dtype=int), "softmax: dtype must be np.float32 or np.float64, not <class 'int'>."),
        (lambda: F.softmin(X, 1, dtype="half"), "softmin: dtype must be np.float32 or np.float64, not 'half'."),
        (
            lambda: F.softmin(INT, 0),
            "softmin: x must be a floating point array, not dtype int64. Use x.astype(np.float32).",
        ),
        (
            lambda: F.softmax([1.0], 0, dtype=np.float32),
            "softmax: x must be an array or a Tensor, not list. Use np.asarray.",
        ),
        (
            lambda: mc.Softmax2d()(X),
            "Softmax2d: x must have shape (N, C, H, W), or (C, H, W) for one image, not (2, 3). Use Softmax(dim) for "
            "others.",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises((TypeError, ValueError)) as raised:
        call()
    assert str(raised.value) == message
