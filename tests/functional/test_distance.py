import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

nan, inf = np.nan, np.inf
RNG = np.random.default_rng(0)
X = RNG.uniform(0.5, 2, (2, 3, 4)) * RNG.choice([-1, 1], (2, 3, 4))


@pytest.mark.parametrize("p", [0, 0.5, 1, 2, 3, -1, inf, -inf])
def test_norms_are_numpys(p):
    for dim in (0, 1, -1):
        assert_allclose(F.norm(X, p, dim), np.linalg.norm(X, p, dim))
    assert_allclose(F.norm(X, p), np.linalg.norm(X.ravel(), p))
    assert_allclose(
        F.norm(X, p, (0, 2), keepdim=True).ravel(), [np.linalg.norm(x.ravel(), p) for x in X.swapaxes(0, 1)]
    )
    mc.gradcheck(F.norm_vjp, X, p=p, dim=1)


def test_the_norm_of_zeros_has_a_gradient_of_0_and_equal_numbers_share_that_of_the_largest():
    for p in (0, 0.5, 1, 2, 3, inf, -inf, "fro"):
        y, vjp = F.norm_vjp(np.zeros(3), p)
        assert y == 0
        assert_array_equal(vjp(np.array(1.0))[0], [0, 0, 0])
    assert_array_equal(F.norm_vjp(np.array([2.0, -2, 1]), inf)[1](np.array(1.0))[0], [0.5, -0.5, 0])
    assert_array_equal(F.norm_vjp(np.array([nan, 1.0]), inf)[1](np.array(1.0))[0], [0, 0])  # as in PyTorch
    assert F.norm(np.zeros((0, 3))) == 0
    assert F.norm(np.zeros((0, 3)), inf, 1).shape == (0,)


def test_normalize_leaves_short_vectors_short():
    x = np.array([[3.0, 4.0], [0, 0], [1e-13, 0]])
    assert_allclose(F.normalize(x), [[0.6, 0.8], [0, 0], [0.1, 0]])
    assert_allclose(F.normalize_vjp(x)[1](np.ones((3, 2)))[0][1:], np.full((2, 2), 1e12))
    mc.gradcheck(F.normalize_vjp, X, p=3, dim=2)
    assert_allclose(F.normalize(X, p=1, dim=(0, 1, 2)), X / np.abs(X).sum())
    assert F.normalize(X.astype(np.float32)).dtype == np.float32


@given(mutually_broadcastable_shapes(num_shapes=2, min_dims=1, min_side=1), st.integers(0, 99))
def test_distances_and_angles_with_broadcasting(shapes, seed):
    rng = np.random.default_rng(seed)
    a, b = (rng.uniform(0.5, 2, shape) for shape in shapes.input_shapes)
    full_a, full_b = np.broadcast_arrays(a, b)
    assert_allclose(F.pairwise_distance(a, b), np.linalg.norm(full_a - full_b + 1e-6, axis=-1), rtol=1e-9)
    lengths = np.linalg.norm(full_a, axis=0) * np.linalg.norm(full_b, axis=0)
    assert_allclose(F.cosine_similarity(a, b, 0), (full_a * full_b).sum(0) / lengths)
    mc.gradcheck(F.pairwise_distance_vjp, a, b, p=3, eps=0.1)
    mc.gradcheck(F.cosine_similarity_vjp, a, b, dim=-1)


def test_a_vector_of_zeros_has_no_angle_but_a_gradient():
    y, vjp = F.cosine_similarity_vjp(np.zeros(2), np.array([3.0, 4.0]), dim=0)
    assert y == 0
    assert_allclose(vjp(np.array(1.0))[0], [0.6e8, 0.8e8])  # as in PyTorch: divided by eps
    assert_array_equal(vjp(np.array(1.0))[1], [0, 0])


def test_ints_and_two_dtypes():
    ones = np.ones((2, 3), np.float32)
    assert F.cosine_similarity(ones, ones.astype(int)).dtype == np.float32
    assert F.pairwise_distance(ones, ones.astype(np.float64)).dtype == np.float64
    a, b = mc.Tensor(ones, True), mc.Tensor(ones.astype(np.float64), True)
    F.pairwise_distance(a, b).sum().backward()
    assert (a.grad.dtype, b.grad.dtype) == (np.float32, np.float64)


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.norm(X, "nuc"), TypeError, "norm: p must be a number, not 'nuc'."),
        (lambda: F.norm(X, nan), ValueError, "norm: p must not be NaN. The usual one is 2."),
        (lambda: F.norm(X > 0), TypeError,
         "norm: x must be a floating point array, not dtype bool. Use x.astype(np.float32)."),
        (lambda: F.norm(X[:, :0], inf, 1), ValueError,
         "norm: the norm of nothing is not defined for p=inf, but x has shape (2, 0, 4). Use p=2."),
        (lambda: F.normalize(X[0, 0]), ValueError, "normalize: dim=1 is not an axis of x, whose shape is (4,)."),
        (lambda: F.normalize(X, eps="0"), TypeError, "normalize: eps must be a number, not '0'."),
        (lambda: F.cosine_similarity(X, X[0, 0, :3]), ValueError,
         "cosine_similarity: shapes (2, 3, 4) and (3,) do not broadcast. Counted from the last axis, sizes must be "
         "equal, or one be 1."),
        (lambda: F.cosine_similarity(X, X, 3), ValueError,
         "cosine_similarity: dim=3 is not an axis of x, whose shape is (2, 3, 4)."),
        (lambda: F.pairwise_distance(X, X, "fro2"), TypeError, "pairwise_distance: p must be a number, not 'fro2'."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
