import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

X = np.random.default_rng(0).standard_normal((3, 4, 5))


@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid", "softmax", "log_softmax", "exp", "neg"])
def test_gradients(name):
    mc.gradcheck(getattr(F, f"{name}_vjp"), X)


@pytest.mark.parametrize("dim", [0, 1, 2, -1, -3])
def test_gradients_along_each_axis(dim):
    mc.gradcheck(F.softmax_vjp, X, dim=dim)
    mc.gradcheck(F.log_softmax_vjp, X, dim=dim)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_numbers(dtype):
    x = np.array([-1000, 0, 1000], dtype)
    for f, expected in [
        (F.relu, [0, 0, 1000]),
        (F.tanh, [-1, 0, 1]),
        (F.sigmoid, [0, 0.5, 1]),
        (F.softmax, [0, 0, 1]),
        (F.log_softmax, [-2000, -1000, 0]),
    ]:
        y = f(x)
        assert y.dtype == dtype
        assert_array_equal(y, expected)


def test_sigmoid_keeps_its_precision_where_it_is_small():
    assert_allclose(F.sigmoid(np.array([-50.0])), np.exp(-50.0), rtol=1e-15)


@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid", "softmax", "log_softmax"])
def test_nan_is_not_lost(name):
    assert np.isnan(getattr(F, name)(np.array([1.0, np.nan]))[1])


def test_softmax_of_infinities():
    assert_array_equal(F.softmax(np.array([-np.inf, 0.0])), [0, 1])
    with np.errstate(invalid="ignore"):
        assert np.isnan(F.softmax(np.array([-np.inf, -np.inf]))).all()


def test_errors():
    with pytest.raises(ValueError) as raised:
        F.softmax(X, dim=3)
    assert str(raised.value) == "softmax: dim=3 is not an axis of x, whose shape is (3, 4, 5)."
    with pytest.raises(TypeError) as raised:
        F.sigmoid(np.arange(3))
    assert str(raised.value) == (
        f"sigmoid: x must be a floating point array, not dtype {np.arange(3).dtype}. Use x.astype(np.float32)."
    )
