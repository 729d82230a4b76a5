import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F

shapes = array_shapes(min_dims=1, min_side=0, max_side=4)
seeds = st.integers(0, 2**32)


@given(st.data(), shapes, seeds)
def test_values_and_gradients(data, shape, seed):
    x, n = np.random.default_rng(seed).standard_normal(shape), len(shape)
    i, j = sorted(data.draw(st.tuples(*[st.integers(0, n - 1)] * 2)))
    order = data.draw(st.permutations(range(n)))
    for name, options, expected in [
        ("reshape", dict(shape=shape[::-1]), x.reshape(shape[::-1])),
        (
            "flatten",
            dict(start_dim=i, end_dim=j),
            x.reshape(shape[:i] + (int(np.prod(shape[i : j + 1])),) + shape[j + 1 :]),
        ),
        (
            "unflatten",
            dict(dim=i - n, sizes=(1, shape[i], 1)),
            x.reshape(shape[:i] + (1, shape[i], 1) + shape[i + 1 :]),
        ),
        ("transpose", dict(dim0=i, dim1=j - n), x.swapaxes(i, j)),
        ("permute", dict(dims=order), x.transpose(order)),
        ("squeeze", {}, x.squeeze()),
        ("squeeze", dict(dim=i), x.squeeze(i) if shape[i] == 1 else x),
        ("unsqueeze", dict(dim=i), np.expand_dims(x, i)),
        ("unsqueeze", dict(dim=i - n - 1), np.expand_dims(x, i)),
    ]:
        assert_array_equal(getattr(F, name)(x, **options), expected)
        mc.gradcheck(getattr(F, f"{name}_vjp"), x, **options)


@given(st.data(), shapes, seeds)
def test_joining(data, shape, seed):
    rng, n = np.random.default_rng(seed), len(shape)
    i = data.draw(st.integers(0, n - 1))
    sizes = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    xs = [rng.standard_normal(shape[:i] + (size,) + shape[i + 1 :]) for size in sizes]
    assert_array_equal(F.cat(xs, i - n), np.concatenate(xs, i))
    mc.gradcheck(F.cat_vjp, *xs, dim=i)
    xs = [rng.standard_normal(shape) for _ in sizes]
    assert_array_equal(F.stack(xs, i), np.stack(xs, i))
    assert_array_equal(F.stack(xs, -1), np.stack(xs, -1))
    mc.gradcheck(F.stack_vjp, *xs, dim=i)


def test_joining_dtypes_and_tensors():
    x, n = mc.Tensor([1.0, 2.0], requires_grad=True), mc.Tensor([3])
    y = F.concat((x, n, np.array([True])))
    assert_array_equal(y.data, [1, 2, 3, 1])
    assert y.dtype == np.float32
    y.backward(np.array([1.0, 2, 3, 4]))
    assert_array_equal(x.grad, [1, 2])
    assert F.stack([np.ones(2, np.float32), np.ones(2)]).dtype == np.float64
    assert F.cat([np.zeros(0), np.ones((2, 3))], 1).shape == (2, 3)  # PyTorch lets shape (0,) join anything
    assert F.cat([np.zeros(0)]).shape == (0,)
    assert F.cat([x], dim=0).shape == F.stack([x])[0].shape == (2,)


def test_a_single_number():
    x = np.array(2.0)
    assert (
        F.flatten(x, 0).shape == F.unsqueeze(x, 0).shape == F.reshape(x, -1).shape == F.reshape(x, (1,)).shape == (1,)
    )
    assert F.squeeze(x).shape == F.squeeze(x, -1).shape == F.transpose(x, 0, -1).shape == F.permute(x, ()).shape == ()


def test_views_share_memory():
    x = np.zeros((2, 3, 1))
    for y in (F.reshape(x, 6), F.flatten(x), F.permute(x, (1, 0, 2)), F.transpose(x, 0, 1), F.squeeze(x)):
        assert np.shares_memory(x, y)


X = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (
            lambda: F.reshape(X, (4, -1)), ValueError,
            "reshape: shape=(4, -1) does not fit the 6 numbers of x. "
            "The product of the sizes must; one may be -1 if the others leave no doubt.",
        ),
        (
            lambda: F.reshape(X, (-1, -1)), ValueError,
            "reshape: shape=(-1, -1) does not fit the 6 numbers of x. "
            "The product of the sizes must; one may be -1 if the others leave no doubt.",
        ),
        (lambda: F.reshape(X, (2.5, 2)), TypeError, "reshape: shape must hold ints, not (2.5, 2)."),
        (
            lambda: F.unflatten(X, 1, (2, -1)), ValueError,
            "unflatten: sizes=(2, -1) does not fit the 3 entries of axis 1. "
            "The product of the sizes must; one may be -1 if the others leave no doubt.",
        ),
        (lambda: F.unflatten(X[:, :1], 1, ()), ValueError, "unflatten: sizes is empty. Name at least one size."),
        (lambda: F.unflatten(X[0, 0], 0, (1,)), ValueError, "unflatten: x has no axis to split. Use reshape."),
        (
            lambda: F.flatten(X, 1, 0), ValueError,
            "flatten: start_dim=1 must not come after end_dim=0, and both must be axes of x, whose shape is (2, 3).",
        ),
        (
            lambda: F.flatten(X, 0, 2), ValueError,
            "flatten: start_dim=0 must not come after end_dim=2, and both must be axes of x, whose shape is (2, 3).",
        ),
        (lambda: F.transpose(X, 0, 2), ValueError, "transpose: dim=2 is not an axis of x, whose shape is (2, 3)."),
        (
            lambda: F.permute(X, (0, 0)), ValueError,
            "permute: dims=(0, 0) must name each axis of x, whose shape is (2, 3), once.",
        ),
        (lambda: F.squeeze(X, 2), ValueError, "squeeze: dim=2 is not an axis of x, whose shape is (2, 3)."),
        (
            lambda: F.unsqueeze(X, 3), ValueError,
            "unsqueeze: dim=3 is too large for x of shape (2, 3). At most 2 fits.",
        ),
        (lambda: F.unsqueeze(X, -4), ValueError, "unsqueeze: dim must be at least -3, not -4."),
        (lambda: F.cat([]), ValueError, "cat: the list of arrays is empty. Pass at least one."),
        (
            lambda: F.cat([X, X[0]]), ValueError,
            "cat: shapes may differ in axis 0 only, but they are [(2, 3), (3,)].",
        ),
        (
            lambda: F.cat([X, X[:1]], 1), ValueError,
            "cat: shapes may differ in axis 1 only, but they are [(2, 3), (1, 3)].",
        ),
        (
            lambda: F.cat([X[0, 0]]), ValueError,
            "cat: the arrays need at least one axis, but their shapes are [()]. Use stack.",
        ),
        (lambda: F.cat([X, 2]), TypeError, "cat: every item must be an array or a Tensor, not int. Use np.asarray."),
        (lambda: F.cat([X], 2), ValueError, "cat: dim=2 is not an axis of x, whose shape is (2, 3)."),
        (
            lambda: F.stack([X, X[0]]), ValueError,
            "stack: all arrays must have one shape, but the shapes are [(2, 3), (3,)].",
        ),
        (
            lambda: F.stack([X], 3), ValueError,
            "stack: dim=3 is too large for arrays of shape (2, 3). At most 2 fits.",
        ),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
