import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, basic_indices, integer_array_indices
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F

shapes = array_shapes(min_dims=1, max_dims=4, max_side=4)


@given(st.data(), shapes, st.integers(0, 2**32))
def test_views(data, shape, seed):
    index = data.draw(basic_indices(shape, allow_newaxis=True))
    x = np.random.default_rng(seed).standard_normal(shape)
    items = index if isinstance(index, tuple) else (index,)
    if any(isinstance(i, slice) and (i.step or 1) < 0 for i in items):
        with pytest.raises(IndexError, match="step of a slice must be at least 1"):
            F.getitem(x, index)
    else:
        assert_array_equal(F.getitem(x, index), x[index])
        mc.gradcheck(F.getitem_vjp, x, index=index)


@given(st.data(), shapes, st.integers(0, 2**32))
def test_arrays_of_ints(data, shape, seed):
    index = data.draw(integer_array_indices(shape))
    x = np.random.default_rng(seed).standard_normal(shape)
    assert_array_equal(F.getitem(x, index), x[index])
    mc.gradcheck(F.getitem_vjp, x, index=index)


@given(shapes, st.integers(0, 2**32))
def test_masks(shape, seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    for k in range(len(shape) + 1):
        mask = rng.random(shape[:k]) < 0.5
        assert_array_equal(F.getitem(x, mask), x[mask])
        mc.gradcheck(F.getitem_vjp, x, index=mask)


X = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("index", "shape"),
    [
        ((0, slice(None), [1, 2]), (3, 2)),  # NumPy says (2, 3)
        ((slice(None), 0, [1, 2]), (2, 2)),
        (([0, 1], slice(None), [1, 2]), (2, 3)),
        (([0, 1], None, [1, 2]), (2, 1, 4)),
        (True, (1, 2, 3, 4)),
        (False, (0, 2, 3, 4)),
        ((0, True, [1, 2]), (2, 4)),
        ((..., [0, 1]), (2, 3, 2)),
        ((None, 1, ..., None), (1, 3, 4, 1)),
        (np.array(1), (3, 4)),
        ([], (0, 3, 4)),
        ((), (2, 3, 4)),
    ],
    ids=str,
)
def test_shapes_as_in_pytorch(index, shape):
    assert mc.Tensor(X)[index].shape == shape
    mc.gradcheck(F.getitem_vjp, X, index=index)


def test_gradients_add_where_an_entry_is_taken_twice():
    x = mc.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    index = mc.Tensor(np.array([2, 2, 0]))
    x[index].backward(np.array([1.0, 10, 100]))
    assert_array_equal(x.grad, [100, 0, 11])


def test_a_view_where_it_can_be():
    x = mc.Tensor(X)
    assert np.shares_memory(x[1, :2].data, X)
    assert not np.shares_memory(x[[1]].data, X)
    assert x[0, 0, 0].item() == 0
    assert mc.Tensor(np.arange(3))[[2, 0]].dtype.kind == "i"


@given(st.integers(0, 9), st.integers(1, 5), st.data())
def test_split_and_chunk(n, size, data):
    x = np.arange(2.0 * n).reshape(2, n)
    parts = F.split(x, size, -1)
    assert [p.shape[1] for p in parts[:-1]] == [size] * (len(parts) - 1)
    assert_array_equal(np.concatenate(parts, 1), x)
    assert len(parts) == max(-(-n // size), 1)
    parts = F.chunk(x, size, 1)
    assert len(parts) <= size
    assert len({p.shape[1] for p in parts[:-1]}) <= 1
    assert_array_equal(np.concatenate(parts, 1), x)
    cut = data.draw(st.integers(0, n))
    t = mc.Tensor(x, requires_grad=True)
    left, right = F.split(t, [cut, n - cut], 1)
    (left.sum() + 2 * right.sum()).backward()
    assert_array_equal(t.grad, [[1] * cut + [2] * (n - cut)] * 2)


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: X_[2], IndexError, "getitem: index 2 is out of range for axis 0 of x of shape (2, 3, 4)."),
        (lambda: X_[0, -4], IndexError, "getitem: index -4 is out of range for axis 1 of x of shape (2, 3, 4)."),
        (lambda: X_[0, 0, 0, 0], IndexError, "getitem: 4 indices are too many for x of shape (2, 3, 4)."),
        (
            lambda: X_[[0, 2]], IndexError,
            "getitem: the index does not fit x of shape (2, 3, 4): index 2 is out of bounds for axis 0 with size 2.",
        ),
        (
            lambda: X_[[0, 1], [0, 1, 2]], IndexError,
            "getitem: the index does not fit x of shape (2, 3, 4): shape mismatch: indexing arrays could not be "
            "broadcast together with shapes (2,) (3,).",
        ),
        (
            lambda: X_[:, np.array([True, False])], IndexError,
            "getitem: a mask of shape (2,) does not fit the axes of size (3,) of x.",
        ),
        (
            lambda: X_[::-1], IndexError,
            "getitem: the step of a slice must be at least 1, not -1. Index with an array.",
        ),
        (
            lambda: X_[1.0], IndexError,
            "getitem: an index must be an int, slice, None, ..., or array of ints or bools, not 1.0.",
        ),
        (
            lambda: X_[np.array([1.0])], IndexError,
            "getitem: an array that is an index must hold ints (not uint8) or bools, not float64.",
        ),
        (
            lambda: X_[np.array([1], np.uint8)], IndexError,
            "getitem: an array that is an index must hold ints (not uint8) or bools, not uint8.",
        ),
        (
            lambda: F.split(X, [1, 2], 2), ValueError,
            "split: the sizes [1, 2] must not be negative, and sum to the 4 of axis 2.",
        ),
        (lambda: F.split(X, 0), ValueError, "split: split_size_or_sections must be at least 1, not 0."),
        (lambda: F.chunk(X, 0), ValueError, "chunk: chunks must be at least 1, not 0."),
        (lambda: F.chunk(X[0, 0, 0], 1), ValueError, "chunk: x has no axis to cut. Use unsqueeze first."),
        (lambda: F.split(X, 1, 3), ValueError, "split: dim=3 is not an axis of x, whose shape is (2, 3, 4)."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message


X_ = mc.Tensor(X)


def test_empty_mask():
    """An array of bools is a mask also when it is empty; an empty list holds ints."""
    x = np.ones((2, 0, 3))
    assert F.getitem(x, x > 0).shape == (0,)
    assert F.getitem(x, []).shape == (0, 0, 3)
