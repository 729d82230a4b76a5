import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F

nan, inf = np.nan, np.inf
X = np.arange(6.0).reshape(2, 3)


@given(array_shapes(max_dims=3, max_side=4), st.data(), st.booleans(), st.integers(0, 99))
def test_sorted_as_python_sorts_and_gradients_go_to_the_source(shape, data, descending, seed):
    rng = np.random.default_rng(seed)
    x, dim = rng.integers(-2, 3, shape) / 1, data.draw(st.integers(-len(shape), len(shape) - 1))
    values, indices = F.sort(x, dim, descending)
    lines, places = (np.moveaxis(a, dim, -1).reshape(-1, shape[dim]) for a in (x, indices))
    for line, place in zip(lines.tolist(), places.tolist(), strict=True):
        assert place == sorted(range(len(line)), key=line.__getitem__, reverse=descending)  # Python's sort is stable
    assert_array_equal(values, np.take_along_axis(x, indices, dim))
    k = data.draw(st.integers(0, shape[dim]))
    best, where = F.topk(x, k, dim, largest=descending)
    first = tuple(slice(k if i == dim % len(shape) else None) for i in range(len(shape)))
    assert_array_equal(best, values[first])
    assert_array_equal(where, indices[first])
    distinct = rng.permutation(x.size).reshape(shape) / 1

    def values_vjp(x):
        (values, _), vjp = F.sort_vjp(x, dim, descending)
        return values, vjp

    mc.gradcheck(values_vjp, distinct)


def test_nan_is_the_largest_number():
    x = np.array([nan, 1, inf, -inf, nan, 1])
    assert_array_equal(F.sort(x)[1], [3, 1, 5, 2, 0, 4])
    assert_array_equal(F.sort(x, descending=True, stable=True)[1], [0, 4, 2, 1, 5, 3])
    assert_array_equal(F.topk(x, 3)[0], [nan, nan, inf])


def test_tensors_of_indices_and_ints():
    x = mc.Tensor(X, requires_grad=True)
    values, indices = F.topk(x, 2)
    assert indices.dtype == np.int64
    assert not indices.requires_grad
    F.gather(x, 1, index=indices).sum().backward()  # the index as a Tensor, by name
    assert_array_equal(x.grad, [[0, 1, 1], [0, 1, 1]])
    assert_array_equal(F.sort(np.array([200, 3], np.uint8), descending=True)[0], [200, 3])
    assert_array_equal(F.sort(np.array(5.0))[1], 0)


def test_gather_takes_each_entry_as_its_rule_says():
    index = np.random.default_rng(0).integers(0, 3, (2, 7))
    expected = [[X[i, index[i, j]] for j in range(7)] for i in range(2)]
    y, vjp = F.gather_vjp(X, -1, index)
    assert_array_equal(y, expected)
    assert_array_equal(vjp(np.ones((2, 7)))[0], [np.bincount(row, minlength=3) for row in index])
    assert_array_equal(F.gather(X, 0, np.array([[1]], np.int32)), [[3]])
    assert F.gather(X, 0, np.zeros((0, 3), int)).shape == (0, 3)


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.gather(X, 1, X), TypeError,
         "gather: index must hold ints, not float64. Use index.astype(np.int64)."),
        (lambda: F.gather(X, 1, np.array([0])), ValueError,
         "gather: index of shape (1,) must have as many axes as x, whose shape is (2, 3), and be no longer, except "
         "along axis 1."),
        (lambda: F.gather(X, 1, np.zeros((3, 1), int)), ValueError,
         "gather: index of shape (3, 1) must have as many axes as x, whose shape is (2, 3), and be no longer, except "
         "along axis 1."),
        (lambda: F.gather(X, 1, np.array([[0, -1]])), IndexError,
         "gather: index must be from 0 to 2 along axis 1, but goes from -1 to 0."),
        (lambda: F.topk(X, 4), ValueError, "topk: k=4 is more than the 3 entries along axis -1 of x of shape (2, 3)."),
        (lambda: F.topk(X, True), TypeError, "topk: k must be an int, not True."),
        (lambda: F.sort(X, 0, 1), TypeError, "sort: descending must be True or False, not 1."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
