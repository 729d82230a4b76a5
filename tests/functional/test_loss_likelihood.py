import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

import minicnn as mc
import minicnn.functional as F

RNG = np.random.default_rng(0)
X, T = RNG.standard_normal((2, 6, 4))
V, COUNTS = RNG.uniform(0.5, 2, (6, 4)), RNG.poisson(4, (6, 4)) / 1


def test_gaussian_with_its_constant_is_the_logarithm_of_the_density():
    full = F.gaussian_nll_loss(X, T, V, full=True, reduction="none")
    assert_allclose(full, -stats.norm.logpdf(T, X, np.sqrt(V)))
    assert_allclose(F.gaussian_nll_loss(X, T, V, reduction="none"), full - math.log(2 * math.pi) / 2)


def test_poisson_with_its_constant_is_nearly_the_logarithm_of_the_probability():
    rate = np.exp(X)
    full = F.poisson_nll_loss(X, COUNTS, full=True, reduction="none")
    assert_allclose(full, -stats.poisson.logpmf(COUNTS, rate), atol=0.09)  # Stirling's formula
    assert_allclose(F.poisson_nll_loss(rate, COUNTS, False, True, reduction="none"), full, rtol=1e-6)


@given(st.sampled_from(["mean", "sum", "none"]), st.booleans(), st.integers(0, 2**32))
def test_gradients(reduction, full, seed):
    rng = np.random.default_rng(seed)
    x, t = rng.standard_normal((2, 6, 4))
    for shape in [(6, 4), (6,), (6, 1), (1, 4)]:
        mc.gradcheck(F.gaussian_nll_loss_vjp, x, t, rng.uniform(0.5, 2, shape), full=full, reduction=reduction)
    counts = rng.uniform(1.5, 9, (6, 4))
    mc.gradcheck(F.poisson_nll_loss_vjp, x, counts, full=full, reduction=reduction)
    mc.gradcheck(F.poisson_nll_loss_vjp, counts, counts, log_input=False, full=full, reduction=reduction)


def test_a_variance_for_all_or_for_each_row():
    each = F.gaussian_nll_loss(X, T, np.full(X.shape, 0.7))
    for var in (0.7, np.full(6, 0.7), np.full((6, 1), 0.7), np.full((1, 4), 0.7)):
        assert_allclose(F.gaussian_nll_loss(X, T, var), each)
    var = mc.Tensor(np.zeros(6), requires_grad=True)  # below eps, which counts instead; but the slope stays
    loss = F.gaussian_nll_loss(X, X + 1, var, eps=0.5, reduction="sum")
    loss.backward()
    assert_allclose(loss.item(), 24 * (math.log(0.5) + 2) / 2)
    assert_allclose(var.grad, 4 * (2 - 4) / 2)


def test_counts_of_0_have_no_constant():
    y, vjp = F.poisson_nll_loss_vjp(np.zeros(3), np.array([0.0, 1.0, 1.0]), full=True, reduction="none")
    assert_array_equal(y, [1, 1, 1])
    assert_array_equal(vjp(np.ones(3))[1], [0, 0, 0])


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.gaussian_nll_loss(X, T, V[:, :2]), ValueError,
         "gaussian_nll_loss: var of shape (6, 2) does not fit x of shape (6, 4). Pass one for each."),
        (lambda: F.gaussian_nll_loss(X, T, V[0]), ValueError,
         "gaussian_nll_loss: var of shape (4,) does not fit x of shape (6, 4). Pass one for each."),
        (lambda: F.gaussian_nll_loss(X, T, -V), ValueError,
         "gaussian_nll_loss: var must not be negative. Let the network predict its logarithm, and pass exp(…)."),
        (lambda: F.gaussian_nll_loss(X, T, "1"), TypeError, "gaussian_nll_loss: var must be a number, not '1'."),
        (lambda: F.gaussian_nll_loss(X, T, V.astype(np.float32)), TypeError,
         "gaussian_nll_loss: all arrays must have one dtype, but x is float64, var is float32. "
         "Convert one with .astype(…)."),
        (lambda: F.poisson_nll_loss(X, COUNTS.astype(int)), TypeError,
         "poisson_nll_loss: target must be a floating point array, not dtype int64. Use target.astype(np.float32)."),
        (lambda: F.poisson_nll_loss(X, COUNTS, log_input=1), TypeError,
         "poisson_nll_loss: log_input must be True or False, not 1."),
        (lambda: F.poisson_nll_loss(X, COUNTS[0]), ValueError,
         "poisson_nll_loss: x and target must have one shape, not (6, 4) and (4,)."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
