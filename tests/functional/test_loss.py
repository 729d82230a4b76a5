import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

X, T = np.random.default_rng(0).standard_normal((6, 4)), np.array([0, 1, 2, 3, 0, 2])
nan, inf = np.nan, np.inf
reductions = st.sampled_from(["mean", "sum", "none"])


@st.composite
def problems(draw):
    """Scores, targets of both kinds, and weights, for samples with any number of axes of pixels, or none at all."""
    K, pixels = draw(st.integers(1, 4)), draw(st.lists(st.integers(1, 3), max_size=2))
    shape = draw(st.sampled_from([(K,), (draw(st.integers(1, 3)), K, *pixels)]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    axis = min(len(shape) - 1, 1)
    p = rng.uniform(0.1, 1, shape)
    target = rng.integers(0, K, shape[:axis] + shape[axis + 1 :])
    weight = rng.uniform(0.5, 2, K) if draw(st.booleans()) else None
    return rng.standard_normal(shape), target, p / p.sum(axis, keepdims=True), weight


@given(problems(), reductions, st.sampled_from([0.0, 0.2, 1.0]))
def test_gradients(problem, reduction, smoothing):
    x, target, p, weight = problem
    options = dict(reduction=reduction, label_smoothing=smoothing)
    mc.gradcheck(lambda x: without_weight(F.cross_entropy_vjp(x, target, weight, **options)), x)
    mc.gradcheck(lambda x, p: without_weight(F.cross_entropy_vjp(x, p, weight, **options), 2), x, p)
    mc.gradcheck(lambda x: without_weight(F.nll_loss_vjp(x, target, weight, reduction=reduction)), x)


def without_weight(answer, arrays=1):
    y, vjp = answer
    return y, lambda dy: vjp(dy)[:arrays]


@given(problems(), st.sampled_from([0.0, 0.2]))
def test_cross_entropy_by_its_definition(problem, smoothing):
    x, target, p, weight = problem
    axis = min(x.ndim - 1, 1)
    scores = np.moveaxis(x, axis, -1).reshape(-1, x.shape[axis])
    log_p = np.log(np.exp(scores) / np.exp(scores).sum(1, keepdims=True))
    w = np.ones(scores.shape[1]) if weight is None else weight
    one_hot = np.eye(scores.shape[1])[target.ravel()]
    for t, q, count in [
        (target, one_hot, w[target].sum()),
        (p, np.moveaxis(p, axis, -1).reshape(scores.shape), len(scores)),
    ]:
        each = -(((1 - smoothing) * q + smoothing / len(w)) * w * log_p).sum(1)
        assert_allclose(F.cross_entropy(x, t, weight, label_smoothing=smoothing), each.sum() / count)
        none = F.cross_entropy(x, t, weight, reduction="none", label_smoothing=smoothing)
        assert none.shape == target.shape
        assert_allclose(np.ravel(none), each, atol=1e-12)
    assert_allclose(F.nll_loss(x, target, weight), -(one_hot * w * scores).sum() / w[target].sum(), atol=1e-12)


def test_ignored_targets_do_not_count():
    t = np.array([0, -100, 2, -100, 0, 2])
    kept = t >= 0
    for weight in (None, np.array([1.0, 2, 3, 4])):
        for smoothing in (0.0, 0.1):
            y, vjp = F.cross_entropy_vjp(X, t, weight, label_smoothing=smoothing)
            assert_allclose(y, F.cross_entropy(X[kept], t[kept], weight, label_smoothing=smoothing))
            assert_array_equal(vjp(1.0)[0][~kept], 0)
    assert F.cross_entropy(X, t, reduction="none")[1] == 0
    assert_allclose(F.nll_loss(X, T, ignore_index=2), F.nll_loss(X[T != 2], T[T != 2]))


def test_the_mean_of_none_is_nan_but_its_gradient_is_not():
    for smoothing in (0.0, 0.1):
        y, vjp = F.cross_entropy_vjp(X, np.full(6, -100), label_smoothing=smoothing)
        assert np.isnan(y)
        assert_array_equal(vjp(1.0)[0], np.zeros_like(X))
    assert np.isnan(F.cross_entropy(X[:0], T[:0]))
    assert F.cross_entropy(X[:0], T[:0], reduction="sum") == 0
    y, vjp = F.cross_entropy_vjp(X, np.zeros(6, int), np.array([0.0, 1, 1, 1]))  # as in PyTorch
    assert np.isnan(y)
    assert np.isnan(vjp(1.0)[0]).all()


def test_even_scores_cost_log_K():
    assert_allclose(F.cross_entropy(np.zeros((3, 10)), np.array([0, 5, 9])), np.log(10))


def test_cross_entropy_of_huge_scores_is_finite():
    assert F.cross_entropy(np.array([[1e4, 0.0]]), np.array([1])) == 1e4
    _, vjp = F.cross_entropy_vjp(np.array([[1e4, 0.0]]), np.array([1]))
    assert_array_equal(vjp(1.0)[0], [[1, -1]])
    assert F.cross_entropy(np.array([-inf, 0]), np.array(1)) == 0
    assert F.cross_entropy(np.array([-inf, 0]), np.array(0)) == inf
    assert np.isnan(F.cross_entropy(np.array([nan, 0]), np.array(1)))
    assert np.isnan(F.cross_entropy(np.array([-inf, 0]), np.array([0.0, 1])))  # 0 · ∞, as in PyTorch


@given(reductions, st.sampled_from([(), (3,), (2, 3)]), st.integers(0, 2**32), st.booleans(), st.booleans())
def test_gradients_of_binary(reduction, shape, seed, weighted, yes):
    rng = np.random.default_rng(seed)
    x, p, q = rng.standard_normal(shape), rng.uniform(0.05, 0.95, shape), rng.uniform(0.05, 0.95, shape)
    w, pos = (rng.uniform(0.5, 2, shape[-1:]) if use else None for use in (weighted, yes))
    mc.gradcheck(lambda x, p: without_weight(F.binary_cross_entropy_with_logits_vjp(x, p, w, reduction, pos), 2), x, p)
    mc.gradcheck(lambda q, p: without_weight(F.binary_cross_entropy_vjp(q, p, w, reduction), 2), q, p)
    if not yes:
        assert_allclose(
            F.binary_cross_entropy_with_logits(x, p, w, reduction),
            F.binary_cross_entropy(F.sigmoid(x), p, w, reduction),
        )


def test_binary_at_its_corners_as_in_pytorch():
    loss = F.binary_cross_entropy_with_logits
    x, t = np.array([1000.0, -1000, nan, inf, -inf]), np.array([1.0, 1, 1, 0, 0])
    assert_array_equal(loss(x, t, reduction="none"), [0, 1000, nan, inf, nan])
    assert_array_equal(F.binary_cross_entropy_with_logits_vjp(x, t, reduction="sum")[1](1.0)[0], [0, -1, nan, 1, 0])
    x, t = np.array([0.0, 1, 0, 1]), np.array([0.0, 1, 1, 0])
    y, vjp = F.binary_cross_entropy_vjp(x, t, reduction="none")
    assert_array_equal(y, [0, 0, 100, 100])
    assert_array_equal(vjp(np.ones(4))[0], [0, 0, -1e12, 1e12])


@given(st.sampled_from(["mean", "sum", "none", "batchmean"]), st.sampled_from([(3,), (2, 3)]), st.integers(0, 2**32))
def test_kl_div(reduction, shape, seed):
    rng = np.random.default_rng(seed)
    x, t = rng.standard_normal(shape), rng.uniform(0.1, 1, shape)
    mc.gradcheck(F.kl_div_vjp, x, t, reduction=reduction)
    mc.gradcheck(F.kl_div_vjp, x, np.log(t), reduction=reduction, log_target=True)
    assert_allclose(F.kl_div(x, t, reduction), F.kl_div(x, np.log(t), reduction, log_target=True))
    each = t * (np.log(t) - x)
    by = dict(mean=each.mean(), sum=each.sum(), none=each, batchmean=each.sum() / shape[0])
    assert_allclose(F.kl_div(x, t, reduction), by[reduction])


def test_kl_div_at_its_corners():
    assert_array_equal(F.kl_div(np.array([-1.0, -1, -inf]), np.array([0.0, -1, 0.5]), "none"), [0, nan, inf])
    assert np.isnan(F.kl_div(np.zeros((0, 2)), np.zeros((0, 2)), "batchmean"))


Q = np.full((6, 4), 0.25)


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (
            lambda: F.cross_entropy(X, T + 1), ValueError,
            "cross_entropy: targets must be from 0 to K − 1 = 3, but they go from 1 to 4. "
            "Number the classes from 0, or give the last layer more outputs.",
        ),
        (
            lambda: F.cross_entropy(X, T[:5]), ValueError,
            "cross_entropy: x of shape (6, 4) needs a target of shape (6,) with class numbers or (6, 4) with "
            "probabilities, not (5,).",
        ),
        (
            lambda: F.nll_loss(X, T[:5]), ValueError,
            "nll_loss: x of shape (6, 4) needs a target of shape (6,) with class numbers, not (5,).",
        ),
        (
            lambda: F.cross_entropy(X, T / 1), TypeError,
            "cross_entropy: target must hold class numbers as ints, not dtype float64. Use target.astype(np.int64).",
        ),
        (
            lambda: F.cross_entropy(X, Q > 0), TypeError,
            "cross_entropy: target must be a floating point array, not dtype bool. Use target.astype(np.float32).",
        ),
        (
            lambda: F.cross_entropy(X, Q, ignore_index=0), ValueError,
            "cross_entropy: ignore_index=0 goes with class numbers, not with probabilities.",
        ),
        (
            lambda: F.cross_entropy(X, T, label_smoothing=1.5), ValueError,
            "cross_entropy: label_smoothing must be from 0 to 1, not 1.5.",
        ),
        (
            lambda: F.cross_entropy(X, T, np.ones(3)), ValueError,
            "cross_entropy: weight must hold one number for each of the K=4 classes, so shape (4,), not (3,).",
        ),
        (
            lambda: F.cross_entropy(X, T, np.ones(4, np.float32)), TypeError,
            "cross_entropy: all arrays must have one dtype, but x is float64, weight is float32. "
            "Convert one with .astype(…).",
        ),
        (
            lambda: F.cross_entropy(X, T, mc.Tensor(np.ones(4), requires_grad=True)), RuntimeError,
            "cross_entropy: weight has no gradient, as in PyTorch. Pass weight.detach().",
        ),
        (
            lambda: F.cross_entropy(X[0, 0], T[0]), ValueError,
            "cross_entropy: x must have shape (N, K, …), or (K,) for one sample, not ().",
        ),
        (
            lambda: F.cross_entropy(X, T, reduction="average"), ValueError,
            'cross_entropy: reduction must be "mean", "sum" or "none", not \'average\'.',
        ),
        (
            lambda: F.kl_div(X, X[0]), ValueError,
            "kl_div: x and target must have one shape, not (6, 4) and (4,).",
        ),
        (
            lambda: F.binary_cross_entropy_with_logits(X, Q, np.ones(3)), ValueError,
            "binary_cross_entropy_with_logits: weight of shape (3,) does not broadcast to x's (6, 4).",
        ),
        (
            lambda: F.binary_cross_entropy_with_logits(X, Q, pos_weight=mc.Tensor(np.ones(4), True)), RuntimeError,
            "binary_cross_entropy_with_logits: pos_weight has no gradient, as in PyTorch. Pass pos_weight.detach().",
        ),
        (
            lambda: F.binary_cross_entropy(X, Q), ValueError,
            "binary_cross_entropy: x must hold probabilities, from 0 to 1. Apply sigmoid first.",
        ),
        (
            lambda: F.binary_cross_entropy(Q, nan * Q), ValueError,
            "binary_cross_entropy: target must hold probabilities, from 0 to 1. Apply sigmoid first.",
        ),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_losses_that_overflow_give_infinity_without_a_warning(smoothing):
    x, target = np.array([[3e38, 0.0]] * 2, np.float32), np.array([1, 1])
    y, vjp = F.cross_entropy_vjp(x, target, reduction="sum", label_smoothing=smoothing)
    assert y == np.inf
    assert_allclose(vjp(np.float32(1))[0], [[1 - smoothing / 2, smoothing / 2 - 1]] * 2)
