import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

nan, inf = np.nan, np.inf
OF_PYTHON = dict(
    square=lambda x: x * x, reciprocal=lambda x: 1 / x, rsqrt=lambda x: x**-0.5, expm1=math.expm1, log1p=math.log1p,
    log2=math.log2, log10=math.log10, sin=math.sin, cos=math.cos, floor=math.floor, ceil=math.ceil, round=round,
    sign=lambda x: (x > 0) - (x < 0),
)  # fmt: skip
STEPS = ("sign", "floor", "ceil", "round")


@pytest.mark.parametrize("name", OF_PYTHON)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_are_those_of_python(name, dtype):
    x = np.array([0.5, 1, 1.5, 2.5, 3e-5, 40], dtype)
    y = getattr(F, name)(x)
    assert y.dtype == dtype
    assert_allclose(y, [OF_PYTHON[name](v) for v in x.tolist()], rtol=5e-7 if dtype == np.float32 else 1e-14)


@given(st.sampled_from(sorted({*OF_PYTHON} - {*STEPS})), array_shapes(min_dims=0, min_side=0), st.integers(0, 99))
def test_gradients(name, shape, seed):
    mc.gradcheck(getattr(F, f"{name}_vjp"), np.random.default_rng(seed).uniform(0.5, 2, shape))


def test_ints_become_float32_where_there_are_fractions_and_stay_ints_where_not():
    x = np.array([3, -2])
    assert {name: getattr(F, name)(x).dtype.kind for name in OF_PYTHON} == {
        name: "i" if name in (*STEPS, "square") else "f" for name in OF_PYTHON
    }
    assert F.log2(x).dtype == np.float32
    assert_array_equal(F.sign(np.array([True, False])), [True, False], strict=True)
    assert_array_equal(F.sign(np.array([200, 0], np.uint8)), np.array([1, 0], np.uint8), strict=True)
    y = F.floor(x)
    y[0] = 9
    assert x[0] == 3  # a new array, as in PyTorch


def test_numbers_that_are_none_as_in_pytorch():
    x = np.array([nan, -0.0, inf, -inf])
    assert_array_equal(F.sign(x), [0, 0, 1, -1])
    assert_array_equal(F.floor(x), x)
    assert_array_equal(F.log1p(np.array([-1.0, -2.0])), [-inf, nan])
    assert_array_equal(F.reciprocal(np.array([0.0, -0.0])), [inf, -inf])
    assert_array_equal(F.rsqrt_vjp(np.array([4.0, 0.0]))[1](np.ones(2))[0], [-1 / 16, -inf])


def test_halves_are_rounded_to_even_at_any_decimal():
    assert_array_equal(F.round(np.array([-0.5, 0.5, 1.5, 2.5])), [-0.0, 0, 2, 2])
    assert_array_equal(F.round(np.array([0.25, 0.75, 12.345]), decimals=1), [0.2, 0.8, 12.3])
    assert_array_equal(F.round(np.array([25.0, 35, 123]), decimals=-1), [20, 40, 120])


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.square(np.array([True])), TypeError,
         "square: not defined for bool. Convert with .astype(np.int64), or use ~, & and ^ on masks."),
        (lambda: F.sin(2.0), TypeError, "sin: x must be an array or a Tensor, not float. Use np.asarray."),
        (lambda: F.round(np.ones(1), decimals=1.5), TypeError, "round: decimals must be an int, not 1.5."),
        (lambda: F.round(np.ones(1), decimals=301), ValueError, "round: decimals must be from -300 to 300, not 301."),
        (lambda: F.round(np.ones(1, int), decimals=1), TypeError,
         "round: decimals=1 goes with floats, not int64. Use x.astype(np.float32)."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
