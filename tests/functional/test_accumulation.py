import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

nan, inf = np.nan, np.inf


@given(array_shapes(max_dims=3, max_side=4), st.data(), st.integers(0, 99))
def test_values_and_gradients_with_zeros_among_the_numbers(shape, data, seed):
    x = np.random.default_rng(seed).integers(-1, 3, shape) / 1
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    assert_array_equal(F.prod(x, dim), np.prod(x, dim))
    assert_array_equal(F.cumsum(x, dim), np.cumsum(x, dim))
    assert_array_equal(F.cumprod(x, dim), np.cumprod(x, dim))
    assert_allclose(F.logsumexp(x, dim), np.log(np.exp(x).sum(dim)))
    for f_vjp in (F.prod_vjp, F.cumsum_vjp, F.cumprod_vjp, F.logsumexp_vjp):
        mc.gradcheck(f_vjp, x, dim=dim)
    mc.gradcheck(F.prod_vjp, x)


def test_no_axis_and_no_numbers():
    two = np.array(2.0)
    for f in (F.prod, F.cumsum, F.cumprod, F.logsumexp):
        assert_array_equal(f(two, 0), 2)
        assert np.shape(f(two, 0)) == ()
    assert F.prod(two) == 2
    nothing = np.zeros((2, 0))
    assert_array_equal(F.prod(nothing, 1), [1, 1])
    assert_array_equal(F.logsumexp(nothing, 1), [-inf, -inf])
    assert F.cumsum(nothing, 1).shape == F.cumprod(nothing, 0).shape == (2, 0)
    assert F.prod(np.ones((2, 3)), keepdim=True).shape == (1, 1)


def test_ints_and_bools_as_int64():
    x = np.array([200, 2], np.uint8)
    assert F.prod(x) == 400
    for f in (F.prod, F.cumsum, F.cumprod):
        assert f(x, 0).dtype == f(x > 3, 0).dtype == np.int64
    assert F.logsumexp(x, 0).dtype == np.float32


def test_the_slope_of_a_product_is_the_product_of_the_others():
    """Where PyTorch divides the whole product by each number, and so finds NaN beside inf."""
    for f_vjp in (F.prod_vjp, F.cumprod_vjp):
        y, vjp = f_vjp(np.array([2.0, inf, nan]), 0)
        (dx,) = vjp(np.ones(3) if np.ndim(y) else np.array(1.0))
        assert np.isnan(dx[:2]).all()
        assert dx[2] == inf
    assert_array_equal(F.prod_vjp(np.array([0.0, 3, 5]))[1](np.array(1.0))[0], [15, 0, 0])
    assert_array_equal(F.prod_vjp(np.array([0.0, 0, 5]))[1](np.array(1.0))[0], [0, 0, 0])


def test_logsumexp_of_large_and_infinite_numbers():
    for x, expected in [([1000, 1000], 1000 + np.log(2)), ([inf, 1], inf), ([-inf, -inf], -inf), ([nan, 1], nan)]:
        assert_allclose(F.logsumexp(np.array(x, float), 0), expected)
    assert_allclose(F.logsumexp_vjp(np.array([-1000.0, -1000]), 0)[1](np.array(1.0))[0], [0.5, 0.5])
    x = np.array([[1.0, -inf], [2.0, 3.0]])
    assert_allclose(F.logsumexp(x, (0, 1)), np.log(np.exp(x).sum()))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.cumsum(np.ones(2), 1), ValueError, "cumsum: dim=1 is not an axis of x, whose shape is (2,)."),
        (lambda: F.cumprod([1.0], 0), TypeError, "cumprod: x must be an array or a Tensor, not list. Use np.asarray."),
        (lambda: F.prod(np.ones(2), (0,)), TypeError, "prod: dim must be an int, not (0,)."),
        (lambda: F.prod(np.ones(2), 0, 1), TypeError, "prod: keepdim must be True or False, not 1."),
        (lambda: F.logsumexp(np.ones(2), (0, 0)), ValueError,
         "logsumexp: dim=(0, 0) names an axis twice. Name each once."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
