import itertools
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

RNG = np.random.default_rng(0)
seeds = st.integers(0, 2**32)
nan, inf = np.nan, np.inf


@given(
    st.sampled_from(["add", "sub", "mul", "div", "pow", "maximum", "minimum"]),
    mutually_broadcastable_shapes(num_shapes=2),
    seeds,
)
def test_gradients_of_two_with_broadcasting(name, shapes, seed):
    rng = np.random.default_rng(seed)
    mc.gradcheck(getattr(F, f"{name}_vjp"), *(rng.uniform(0.5, 2, shape) for shape in shapes.input_shapes))


@given(st.sampled_from(["neg", "abs", "exp", "log", "sqrt"]), array_shapes(min_dims=0, min_side=0), seeds)
def test_gradients_of_one(name, shape, seed):
    mc.gradcheck(getattr(F, f"{name}_vjp"), np.random.default_rng(seed).uniform(0.5, 2, shape))


@given(mutually_broadcastable_shapes(num_shapes=3), seeds)
def test_gradients_of_three_with_broadcasting(shapes, seed):
    rng = np.random.default_rng(seed)
    x, y, z = (rng.standard_normal(shape) for shape in shapes.input_shapes)
    mc.gradcheck(F.clamp_vjp, x, y, z)
    mc.gradcheck(F.clip_vjp, x, min=-0.5, max=0.5)
    mc.gradcheck(F.where_vjp, z > 0, x, y)


def gradients(f, *arrays):
    """What the sum of f leaves in each array, as PyTorch's answers below were made."""
    tensors = [mc.Tensor(np.array(a, np.float32), requires_grad=True) for a in arrays]
    f(*tensors).sum().backward()
    return [t.grad for t in tensors]


@pytest.mark.parametrize(
    ("f", "arrays", "expected"),
    [
        (
            operator.pow, ([0, 0, -2, 0, 4], [0, 2, 3, -1, 0.5]),
            ([0, 0, 12, -inf, 0.25], [0, 0, nan, -inf, 2 * np.log(4)]),
        ),
        (F.abs, ([nan, 0, -1, 2],), ([0, 0, -1, 1],)),
        (F.sqrt, ([0, 4],), ([inf, 0.25],)),
        (F.log, ([0, -2, inf],), ([inf, -0.5, 0],)),
        (F.maximum, ([nan, 0, 1, -1], [0, 0, 0, 0]), ([1, 0.5, 1, 0], [1, 0.5, 0, 1])),
        (F.minimum, ([nan, 0, 1, -1], [0, 0, 0, 0]), ([1, 0.5, 0, 1], [1, 0.5, 1, 0])),
        (lambda x: F.clamp(x, 0, 1), ([nan, 0, 1, 2],), ([0, 1, 1, 0],)),
        (lambda x: F.clamp(x, 1, 0), ([nan, 0, 1, 2],), ([0, 0, 0, 0],)),
        (
            F.clamp, ([nan, 0, 1, 2, 0, 0.5], [0, 0, 0, 0, nan, 1], [1, 1, 1, 1, 1, 0]),
            ([0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 1]),
        ),
        (operator.truediv, ([1, 0, -1], [0, 0, 0]), ([inf, inf, inf], [-inf, nan, inf])),
        (F.exp, ([1000, -1000, nan],), ([inf, 0, nan],)),
    ],
)  # fmt: skip
def test_corners_as_in_pytorch(f, arrays, expected):
    for dx, e in zip(gradients(f, *arrays), expected, strict=True):
        assert_allclose(dx, e, rtol=1e-6)


def test_values_at_corners_come_without_warnings():
    x = np.array([0.0, -1, inf, nan, 1000, -1000])
    assert_array_equal(F.log(x[:4]), [-inf, nan, inf, nan])
    assert_array_equal(F.sqrt(x[:4]), [0, nan, inf, nan])
    assert_array_equal(F.exp(x), [1, np.exp(-1), inf, nan, inf, 0])
    assert_array_equal(F.div(np.array([1.0, -1, 0]), 0), [inf, -inf, nan])
    assert_array_equal(F.pow(np.array([0.0, 1000]), -200.0), [inf, 0])
    assert_array_equal(F.clamp(np.array([nan, 0, 1, 2]), 1, 0), [nan, 0, 0, 0])
    assert_array_equal(F.clamp(np.array([5.0, -5]), max=np.array([1.0, nan])), [1, nan])
    assert_array_equal(F.mul(np.array([inf, 1e308]), np.array([0, 10])), [nan, inf])


DTYPES = {name: np.dtype(name) for name in ("float64", "float32", "int64", "int32", "uint8", "bool")}
ORDER = ["bool", "uint8", "int32", "int64", "float32", "float64"]  # of two arrays with axes, the later one wins


@pytest.mark.parametrize("pair", list(itertools.product(DTYPES, repeat=2)), ids="-".join)
def test_dtypes_meet_as_in_pytorch(pair):
    a, b = (np.ones(2, DTYPES[name]) for name in pair)
    assert F.mul(a, b).dtype == max(pair, key=ORDER.index)
    kinds = ["b", "ui", "f"]
    kind = [next(i for i, k in enumerate(kinds) if x.dtype.kind in k) for x in (a, b)]
    # an array without axes changes only the kind
    assert F.mul(a, b[0]).dtype == F.mul(a, np.array(b[0])).dtype == (b.dtype if kind[1] > kind[0] else a.dtype)


@pytest.mark.parametrize("name", DTYPES)
def test_numbers_change_only_the_kind(name):
    x = mc.Tensor(np.ones(2, DTYPES[name]))
    floating = x.dtype.kind == "f"
    for y in (x * 0.5, np.float64(0.5) * x, x / np.float64(2), x ** np.float64(2), 1.0 + x, x / 2, 2 / x, F.exp(x)):
        assert y.dtype == (x.dtype if floating else np.float32)
    for y in (x * 2, 2 * x, x + np.int64(2), F.where(np.array([True, False]), x, 2)):
        assert y.dtype == (np.int64 if name == "bool" else x.dtype)
    assert (x * True).dtype == x.dtype


def test_gradients_have_the_dtypes_of_their_inputs():
    x, y = mc.Tensor(np.ones(2, np.float32), True), mc.Tensor(np.ones((3, 1)), True)
    z = x * y + x**y - F.where(np.array(True), x, y) / F.maximum(x, y)
    assert z.dtype == np.float64
    z.sum().backward()
    assert (x.grad.dtype, y.grad.dtype) == (np.float32, np.float64)
    n = mc.Tensor(np.arange(2))
    (x * n + F.cat([n, x]).sum()).sum().backward()  # ints need no gradient


def test_inputs_are_left_alone():
    x = RNG.standard_normal((3, 4))
    before = x.copy()
    x.flags.writeable = False
    for f in (F.neg, F.abs, F.exp, lambda a: F.clamp(a, 0), lambda a: F.add(a, 1), lambda a: F.maximum(a, a.T[:1].T)):
        y = f(x)
        assert_array_equal(f(np.asfortranarray(x)), y)
        assert_array_equal(f(np.repeat(x, 2, 1)[:, ::2]), y)
    assert_array_equal(x, before)


X = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (
            lambda: F.add(X, np.zeros(2)), ValueError,
            "add: shapes (2, 3) and (2,) do not broadcast. "
            "Counted from the last axis, sizes must be equal, or one be 1.",
        ),
        (
            lambda: F.mul([1.0], 2), TypeError,
            "mul: every operand must be an array or a Tensor, not list. Use np.asarray.",
        ),
        (
            lambda: F.sub(X > 0, X), TypeError,
            "sub: not defined for bool. Convert with .astype(np.int64), or use ~, & and ^ on masks.",
        ),
        (
            lambda: F.neg(X > 0), TypeError,
            "neg: not defined for bool. Convert with .astype(np.int64), or use ~, & and ^ on masks.",
        ),
        (lambda: F.exp(2.0), TypeError, "exp: x must be an array or a Tensor, not float. Use np.asarray."),
        (
            lambda: F.pow(np.arange(3), -1), ValueError,
            "pow: an int to a negative power is no int. Use x.astype(np.float32).",
        ),
        (lambda: F.clamp(X), ValueError, "clamp: min and max are both None. Pass at least one of them."),
        (lambda: F.maximum(X, 0), TypeError, "maximum: y must be an array or a Tensor, not int. Use np.asarray."),
        (
            lambda: F.where(X, X, X), TypeError,
            "where: condition must be an array of bool, not float64. Compare, as in x > 0.",
        ),
        (
            lambda: F.where(np.array([True, False]), X, X), ValueError,
            "where: shapes (2,) and (2, 3) and (2, 3) do not broadcast. "
            "Counted from the last axis, sizes must be equal, or one be 1.",
        ),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message


def test_unsigned_ints_to_a_negative_power():
    with pytest.raises(ValueError, match="^pow: an int to a negative power is no int"):
        F.pow(np.array([4], np.uint8), -1)  # −1 is 255 there
