import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

X, T = np.random.default_rng(0).standard_normal((6, 4)), np.array([0, 1, 2, 3, 0, 2])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_gradients(reduction):
    mc.gradcheck(F.cross_entropy_vjp, X, T, reduction=reduction)
    mc.gradcheck(F.mse_loss_vjp, X, 2 * X + 1, reduction=reduction)


def test_cross_entropy_by_its_definition():
    p = np.exp(X) / np.exp(X).sum(1, keepdims=True)
    assert_allclose(F.cross_entropy(X, T), -np.mean([np.log(p[n, t]) for n, t in enumerate(T)]), rtol=1e-14)


def test_even_scores_cost_log_K():
    assert_allclose(F.cross_entropy(np.zeros((3, 10)), np.array([0, 5, 9])), np.log(10))


def test_cross_entropy_of_huge_scores_is_finite():
    assert F.cross_entropy(np.array([[1e4, 0.0]]), np.array([1])) == 1e4
    _, vjp = F.cross_entropy_vjp(np.array([[1e4, 0.0]]), np.array([1]))
    assert_array_equal(vjp(1.0)[0], [[1, -1]])


@pytest.mark.parametrize(
    ("x", "target", "error", "message"),
    [
        (
            X, T + 1, ValueError,
            "cross_entropy: targets must be from 0 to K − 1 = 3, but they go from 1 to 4. "
            "Number the classes from 0, or give the last layer more outputs.",
        ),
        (
            X, T[:5], ValueError,
            "cross_entropy: x of shape (6, 4) needs a target of shape (6,) with class numbers or (6, 4) with "
            "probabilities, not (5,).",
        ),
        (
            X, T / 1, TypeError,
            "cross_entropy: target must hold class numbers as ints, not dtype float64. Use target.astype(np.int64).",
        ),
    ],
)  # fmt: skip
def test_cross_entropy_errors(x, target, error, message):
    with pytest.raises(error) as raised:
        F.cross_entropy(x, target)
    assert str(raised.value) == message


def test_other_errors():
    with pytest.raises(ValueError) as raised:
        F.mse_loss(X, X[0])
    assert str(raised.value) == "mse_loss: x and target must have one shape, not (6, 4) and (4,)."
    with pytest.raises(ValueError) as raised:
        F.mse_loss(X, X, "average")
    assert str(raised.value) == 'mse_loss: reduction must be "mean", "sum" or "none", not \'average\'.'
