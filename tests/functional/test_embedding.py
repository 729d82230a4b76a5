import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F


@given(array_shapes(min_dims=0, min_side=0, max_side=3), st.integers(1, 4), st.integers(0, 3), st.integers(0, 2**32))
def test_values_and_gradients(shape, V, D, seed):
    rng = np.random.default_rng(seed)
    x, weight = rng.integers(0, V, shape), rng.standard_normal((V, D))
    assert_array_equal(F.embedding(x, weight), np.eye(V)[x] @ weight)  # a table is a product with one-hot vectors
    mc.gradcheck(F.embedding_vjp, x, weight)


@pytest.mark.parametrize("padding_idx", [1, -2])
def test_the_padding_gets_no_gradient(padding_idx):
    weight = mc.Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)
    y = F.embedding(np.array([[0, 1], [2, 2]]), weight, padding_idx)
    assert_array_equal(y.data[0, 1], [3, 4])
    y.sum().backward()
    assert_array_equal(weight.grad, [[1, 1], [0, 0], [2, 2]])


W = np.zeros((5, 2))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            (np.array([0, 5]), W), ValueError,
            "embedding: x must be from 0 to V − 1 = 4, but goes from 0 to 5. "
            "Pass a larger num_embeddings to Embedding.",
        ),
        (
            (np.array(-1), W), ValueError,
            "embedding: x must be from 0 to V − 1 = 4, but goes from -1 to -1. "
            "Pass a larger num_embeddings to Embedding.",
        ),
        (
            (np.array([0.0]), W), TypeError,
            "embedding: x must hold row numbers as ints, not dtype float64. Use x.astype(np.int64).",
        ),
        ((np.array([0]), W[0]), ValueError, "embedding: weight must have the two axes (V, D), not shape (2,)."),
        ((np.array([0]), W, 5), ValueError, "embedding: padding_idx=5 is no row of the 5 there are."),
        ((np.array([0]), W, -6), ValueError, "embedding: padding_idx must be at least -5, not -6."),
        (
            (np.array([0]), W.astype(int)), TypeError,
            "embedding: weight must be a floating point array, not dtype int64. Use weight.astype(np.float32).",
        ),
    ],
)  # fmt: skip
def test_errors(arguments, error, message):
    with pytest.raises(error) as raised:
        F.embedding(*arguments)
    assert str(raised.value) == message


def test_one_hot_vectors_are_rows_of_the_identity():
    x = np.array([[0, 2], [1, 1]])
    assert_array_equal(F.one_hot(x), np.eye(3)[x])
    assert_array_equal(F.one_hot(x.astype(np.uint8), 5), np.eye(5, dtype=np.int64)[x], strict=True)
    assert_array_equal(F.one_hot(np.array(1)), [0, 1])
    y = F.one_hot(mc.Tensor(x))
    assert isinstance(y, mc.Tensor)
    assert y.dtype == np.int64
    assert F.one_hot(np.zeros((0, 2), int), 3).shape == (0, 2, 3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((np.array([0, 2]), 2), ValueError,
         "one_hot: numbers of x must be from 0 to num_classes − 1, but num_classes=2 and they go from 0 to 2. "
         "Number the classes from 0, and pass num_classes."),
        ((np.array([-1, 2]),), ValueError,
         "one_hot: numbers of x must be from 0 to num_classes − 1, but num_classes=-1 and they go from -1 to 2. "
         "Number the classes from 0, and pass num_classes."),
        ((np.zeros(0, int),), ValueError,
         "one_hot: numbers of x must be from 0 to num_classes − 1, but num_classes=-1 and they are none. "
         "Number the classes from 0, and pass num_classes."),
        ((np.ones(2),), TypeError,
         "one_hot: x must hold class numbers as ints, not float64. Use x.astype(np.int64)."),
        ((np.ones(2, int), 2.0), TypeError, "one_hot: num_classes must be an int, not 2.0."),
    ],
)  # fmt: skip
def test_one_hot_errors(arguments, error, message):
    with pytest.raises(error) as raised:
        F.one_hot(*arguments)
    assert str(raised.value) == message
