import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

nan, inf = np.nan, np.inf
RNG = np.random.default_rng(0)
A, B, C = RNG.standard_normal((3, 6, 4))
T, ROWS = RNG.choice([-1, 1], (6, 4)), RNG.choice([-1, 1], 6)


def each(f, *arrays):
    """f for the numbers, or rows, one after the other."""
    return np.array([f(*items) for items in zip(*arrays, strict=True)])


def cosine(a, b):
    return a @ b / np.sqrt((a @ a + 1e-12) * (b @ b + 1e-12))


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (F.soft_margin_loss(A[0], T[0], "none"), each(lambda x, t: np.log(1 + np.exp(-t * x)), A[0], T[0])),
        (F.hinge_embedding_loss(A[0], T[0], 0.3, "none"),
         each(lambda x, t: x if t == 1 else max(0, 0.3 - x), A[0], T[0])),
        (F.margin_ranking_loss(A[0], B[0], T[0], 0.2, "none"),
         each(lambda a, b, t: max(0, 0.2 + (b - a if t == 1 else a - b)), A[0], B[0], T[0])),
        (F.cosine_embedding_loss(A, B, ROWS, 0.1, "none"),
         each(lambda a, b, t: 1 - cosine(a, b) if t == 1 else max(0, cosine(a, b) - 0.1), A, B, ROWS)),
        (F.triplet_margin_loss(A, B, C, reduction="none"),
         each(lambda a, p, n: max(0, 1 + np.linalg.norm(a - p + 1e-6) - np.linalg.norm(a - n + 1e-6)), A, B, C)),
        (F.triplet_margin_loss(A, B, C, 0.5, 1, swap=True, reduction="none"),
         each(lambda a, p, n: max(0, 0.5 + abs(a - p + 1e-6).sum()
              - min(abs(a - n + 1e-6).sum(), abs(p - n + 1e-6).sum())), A, B, C)),
        (F.multi_margin_loss(A, T[:, 0] + 1, 2, 0.5, reduction="none"),
         each(lambda x, t: sum(max(0, 0.5 - x[t] + x[k]) ** 2 for k in range(4) if k != t) / 4, A, T[:, 0] + 1)),
    ],
)  # fmt: skip
def test_values_one_after_the_other(loss, expected):
    assert_allclose(loss, expected, rtol=1e-7)


@given(st.sampled_from(["mean", "sum", "none"]), st.integers(0, 2**32))
def test_gradients(reduction, seed):
    rng = np.random.default_rng(seed)
    a, b, c = rng.standard_normal((3, 6, 4))
    classes, weight = rng.integers(0, 4, 6), rng.uniform(0.5, 2, 4)
    mc.gradcheck(F.soft_margin_loss_vjp, a, T, reduction=reduction)
    mc.gradcheck(F.hinge_embedding_loss_vjp, a, T, reduction=reduction)
    mc.gradcheck(F.margin_ranking_loss_vjp, a, b, T, margin=0.2, reduction=reduction)
    mc.gradcheck(F.cosine_embedding_loss_vjp, a, b, ROWS, margin=-0.2, reduction=reduction)
    mc.gradcheck(F.triplet_margin_loss_vjp, a, b, c, swap=True, reduction=reduction)
    mc.gradcheck(lambda x: _first(F.multi_margin_loss_vjp(x, classes, 2, 0.5, weight, reduction)), a)


def _first(y_and_vjp):
    y, vjp = y_and_vjp
    return y, lambda dy: vjp(dy)[:1]


def test_a_margin_that_is_kept_costs_nothing_and_one_just_kept_still_pulls():
    """Where a loss begins to be 0, PyTorch's slope is that of the other side."""
    x, t = np.array([0.5, 1, 2]), -np.ones(3)
    y, vjp = F.hinge_embedding_loss_vjp(x, t, reduction="none")
    assert_array_equal(y, [0.5, 0, 0])
    assert_array_equal(vjp(np.ones(3))[0], [-1, -1, 0])
    y, vjp = F.margin_ranking_loss_vjp(x, x - 1, -t, 1, "none")
    assert_array_equal(y, [0, 0, 0])
    assert_array_equal(vjp(np.ones(3))[0], [-1, -1, -1])


def test_large_scores_do_not_overflow():
    x = np.array([1000.0, -1000, inf, -inf])
    y, vjp = F.soft_margin_loss_vjp(x, np.ones(4), "none")
    assert_array_equal(y, [0, 1000, 0, inf])
    assert_array_equal(vjp(np.ones(4))[0], [0, -1, 0, -1])


def test_one_sample_none_at_all_and_weights_of_classes():
    assert F.cosine_embedding_loss(A[0], B[0], np.array(-1)) >= 0
    assert F.triplet_margin_loss(A[0], B[0], C[0]) >= 0
    one = F.multi_margin_loss(A[0], np.array(2))
    assert one == F.multi_margin_loss(A[:1], np.array([2]))
    assert_allclose(F.multi_margin_loss(A[0], np.array(2), weight=np.array([1.0, 1, 3, 1])), 3 * one)
    assert np.isnan(F.multi_margin_loss(A[:0], np.zeros(0, int)))
    assert F.soft_margin_loss(A[:0], T[:0], "sum") == 0
    assert np.isnan(F.hinge_embedding_loss(np.array([nan]), np.array([1])))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.soft_margin_loss(A, (T + 1) / 2), ValueError,
         "soft_margin_loss: target must hold 1 and -1 only. If it holds 0 and 1, pass 2 * target - 1."),
        (lambda: F.hinge_embedding_loss(A, T[0]), ValueError,
         "hinge_embedding_loss: for x of shape (6, 4), target must have shape (6, 4), not (4,)."),
        (lambda: F.soft_margin_loss(A, mc.Tensor(T / 1, requires_grad=True)), RuntimeError,
         "soft_margin_loss: target has no gradient, as in PyTorch. Pass target.detach()."),
        (lambda: F.margin_ranking_loss(A, B[0], T), ValueError,
         "margin_ranking_loss: x1 and x2 must have one shape, not (6, 4) and (4,)."),
        (lambda: F.cosine_embedding_loss(A, B, T), ValueError,
         "cosine_embedding_loss: for x of shape (6, 4), target must have shape (6,), not (6, 4)."),
        (lambda: F.cosine_embedding_loss(A[None], B[None], T), ValueError,
         "cosine_embedding_loss: x1 and x2 must have shape (N, D), or (D,) for one pair, not (1, 6, 4)."),
        (lambda: F.triplet_margin_loss(A, B, C[:1]), ValueError,
         "triplet_margin_loss: anchor and positive and negative must have one shape, not (6, 4) and (6, 4) and "
         "(1, 4)."),
        (lambda: F.triplet_margin_loss(A, B, C, margin=0), ValueError,
         "triplet_margin_loss: margin must be greater than 0, not 0."),
        (lambda: F.triplet_margin_loss(A, B, C, p=None), TypeError,
         "triplet_margin_loss: p must be a number, not None."),
        (lambda: F.multi_margin_loss(A, ROWS), ValueError,
         "multi_margin_loss: targets must be from 0 to K − 1 = 3, but they go from -1 to 1. "
         "Number the classes from 0, or give the last layer more outputs."),
        (lambda: F.multi_margin_loss(A, T[:, 0] + 1, p=3), ValueError,
         "multi_margin_loss: p must be 1 or 2, not 3."),
        (lambda: F.multi_margin_loss(A[None], T[None]), ValueError,
         "multi_margin_loss: x must have shape (N, K), or (K,) for one sample, with K ≥ 1, not (1, 6, 4)."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
