import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

nan, inf = np.nan, np.inf


@st.composite
def problems(draw):
    """An array of different numbers, and axes of it."""
    shape = draw(array_shapes(min_dims=1, max_dims=4, max_side=4))
    x = np.random.default_rng(draw(st.integers(0, 2**32))).permutation(np.prod(shape)).reshape(shape) / 7
    axes = st.integers(-len(shape), len(shape) - 1)
    several = st.lists(axes, unique_by=lambda i: i % len(shape)).map(tuple)
    return x, draw(axes | several | st.none()), draw(st.booleans())


@given(problems())
def test_values_and_gradients(problem):
    x, dim, keepdim = problem
    axes = dim if dim != () else None
    for name, expected in [
        ("sum", x.sum(axes, keepdims=keepdim)), ("mean", x.mean(axes, keepdims=keepdim)),
        ("amax", x.max(axes, keepdims=keepdim)), ("amin", x.min(axes, keepdims=keepdim)),
    ]:  # fmt: skip
        assert_allclose(getattr(F, name)(x, dim, keepdim), expected, rtol=1e-13, atol=1e-13)
        mc.gradcheck(getattr(F, f"{name}_vjp"), x, dim=dim, keepdim=keepdim)
    assert_allclose(F.var(x, dim, correction=0, keepdim=keepdim), x.var(axes, keepdims=keepdim), atol=1e-12)
    assert_allclose(F.std(x, dim, correction=0, keepdim=keepdim), x.std(axes, keepdims=keepdim), atol=1e-12)
    mc.gradcheck(F.var_vjp, x, dim=dim, keepdim=keepdim, correction=-1)
    if x.std(axes).all():
        mc.gradcheck(F.std_vjp, x, dim=dim, keepdim=keepdim, correction=0)


@given(problems())
def test_extremes_along_one_axis(problem):
    x, dim, keepdim = problem
    if isinstance(dim, int):
        for name in ("max", "min"):
            values, indices = getattr(F, name)(x, dim, keepdim)
            assert_array_equal(values, getattr(np, name)(x, dim, keepdims=keepdim))
            assert_array_equal(indices, getattr(np, f"arg{name}")(x, dim, keepdims=keepdim))
            assert_array_equal(indices, getattr(F, f"arg{name}")(x, dim, keepdim))
            mc.gradcheck(lambda x, name=name: first(getattr(F, f"{name}_vjp")(x, dim, keepdim)), x)
    elif dim is None:
        mc.gradcheck(F.max_vjp, x)
        assert F.argmin(x) == x.argmin()
        assert F.argmax(x, keepdim=True).shape == (1,) * x.ndim


def first(answer):
    (values, _), vjp = answer
    return values, vjp


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (F.max, [1, 1, 0], [0.5, 0.5, 0]),
        (F.amax, [1, 1, 0], [0.5, 0.5, 0]),
        (lambda x: F.max(x, 0)[0], [1, 1, 0], [1, 0, 0]),
        (F.max, [nan, 1, nan], [0.5, 0, 0.5]),
        (F.amax, [nan, 1, nan], [nan, nan, nan]),
        (lambda x: F.min(x, 0)[0], [3, nan, nan], [0, 1, 0]),
        (F.var, [1], [nan]),
        (lambda x: F.var(x, 0, correction=3), [1, 2], [1, -1]),
        (F.std, [1, 1], [0, 0]),
        (lambda x: F.var(x, 0, correction=2), [1, 2], [-inf, inf]),
    ],
)
def test_corners_as_in_pytorch(f, x, expected):
    x = mc.Tensor(np.array(x, np.float32), requires_grad=True)
    f(x).backward()
    assert_array_equal(x.grad, expected)


def test_of_nothing():
    empty = np.zeros((0, 3))
    assert F.sum(empty) == 0
    assert np.isnan(F.mean(empty))
    assert_array_equal(F.mean(empty, 0), [nan] * 3)
    assert F.mean(empty, 1).shape == (0,)
    assert np.isnan(F.var(empty))
    assert_array_equal(F.var(np.zeros((2, 1)), 1), [nan, nan])
    assert F.var(np.array([1.0, 2]), correction=2) == inf


def test_a_single_number_has_an_axis_for_pytorch():
    x = np.array(2.0)
    assert (F.sum(x, 0), F.mean(x, -1), F.amax(x, (0,)), F.max(x, 0), F.argmax(x, 0)) == (2, 2, 2, (2, 0), 0)
    assert F.argmin(np.array(3), -1, True) == 0


def test_ints_and_bools():
    n = np.array([[1, 2], [3, 4]], np.int32)
    assert F.sum(n, 0).dtype == F.sum(n > 1).dtype == np.int64
    assert F.sum(n > 1) == 3
    assert F.max(n).dtype == np.int32
    assert_array_equal(F.amax(n > 1, 1), [True, True])
    t = mc.Tensor(n).argmax(0)
    assert isinstance(t, mc.Tensor)
    assert_array_equal(t.data, [1, 1])


X = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.sum(X, 2), ValueError, "sum: dim=2 is not an axis of x, whose shape is (2, 3)."),
        (lambda: F.sum(X, (0, -2)), ValueError, "sum: dim=(0, -2) names an axis twice. Name each once."),
        (lambda: F.sum(X, 1.5), TypeError, "sum: dim must be an int, not 1.5."),
        (
            lambda: F.mean(np.arange(3)), TypeError,
            "mean: x must be a floating point array, not dtype int64. Use x.astype(np.float32).",
        ),
        (
            lambda: F.max(np.zeros((0, 3))), ValueError,
            "max: x of shape (0, 3) has nothing to choose from along dim. Use a larger x.",
        ),
        (
            lambda: F.argmin(np.zeros((0, 3)), 0), ValueError,
            "argmin: x of shape (0, 3) has nothing to choose from along dim. Use a larger x.",
        ),
        (
            lambda: F.max(X, keepdim=True), ValueError,
            "max: keepdim goes with a dim. Pass one, or use amax(x, keepdim=True).",
        ),
        (lambda: F.max(X, X), TypeError, f"max: dim must be an int, not {X!r}."),
        (
            lambda: F.argmax(X > 0), TypeError,
            "argmax: not defined for bool. Convert with .astype(np.int64), or use ~, & and ^ on masks.",
        ),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
