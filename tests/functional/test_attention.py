import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

RNG = np.random.default_rng(0)
Q, K, V = (RNG.standard_normal(shape) for shape in ((2, 3, 4), (2, 5, 4), (2, 5, 6)))
attention, attention_vjp = F.scaled_dot_product_attention, F.scaled_dot_product_attention_vjp


def by_hand(q, k, v, allowed):
    """One query after the other."""
    y = np.zeros((len(q), v.shape[1]))
    for i, query in enumerate(q):
        weights = [math.exp(query @ key / math.sqrt(len(key))) * may for key, may in zip(k, allowed[i], strict=True)]
        if sum(weights):
            y[i] = sum(w * value for w, value in zip(weights, v, strict=True)) / sum(weights)
    return y


def test_one_query_after_the_other():
    mask = RNG.random((2, 3, 5)) < 0.5
    mask[0, 1] = False  # may look nowhere
    assert_allclose(attention(Q, K, V, mask), [by_hand(*each) for each in zip(Q, K, V, mask, strict=True)])
    future = np.tri(3, 5, dtype=bool)
    assert_allclose(attention(Q, K, V, is_causal=True), [by_hand(*each, future) for each in zip(Q, K, V, strict=True)])
    assert_allclose(attention(Q[0], K[0], V[0]), by_hand(Q[0], K[0], V[0], np.ones((3, 5))))


def test_gradients_also_of_a_mask_that_is_added():
    mc.gradcheck(attention_vjp, Q, K, V, RNG.standard_normal((3, 5)))
    mc.gradcheck(attention_vjp, Q, K[:1], V[0], None, is_causal=True, scale=0.3)
    mc.gradcheck(attention_vjp, Q, K, V, RNG.random((2, 1, 5)) < 0.7)


def test_who_may_look_nowhere_gets_0_and_gives_no_gradient():
    mask = np.ones((3, 5), bool)
    mask[1] = False
    for m in (mask, np.where(mask, 0, -np.inf)):
        y, vjp = attention_vjp(Q, K, V, m)
        dq, dk, _, dm = vjp(np.ones(y.shape))
        assert_array_equal(y[:, 1], np.zeros((2, 6)))
        assert_array_equal(dq[:, 1], np.zeros((2, 4)))
        assert np.isfinite(dk).all()
        assert dm is None or not dm[1].any()
    assert_array_equal(attention(Q, K[:, :0], V[:, :0]), np.zeros((2, 3, 6)))  # no keys at all
    assert attention(Q[:0], K[:0], V[:0]).shape == (0, 3, 6)


def test_dropout_of_the_weights():
    ones = np.ones((1, 400, 1))
    y, vjp = attention_vjp(0 * ones, 0 * ones, ones, dropout_p=0.25, rng=np.random.default_rng(0))
    assert 0.98 < y.mean() < 1.02
    assert 0 < y.std() < 0.1
    assert_allclose(vjp(ones)[2].sum(), y.sum())  # the same weights are dropped on the way back
    assert_array_equal(attention(Q, K, V, dropout_p=1.0), np.zeros((2, 3, 6)))


def test_arguments_by_name_in_float32():
    q, k, v = (mc.Tensor(a.astype(np.float32), requires_grad=True) for a in (Q, K, V))
    y = attention(q, value=v, key=k, attn_mask=mc.Tensor(np.ones((3, 5), bool)))
    y.sum().backward()
    assert {a.dtype for a in (y, q.grad, k.grad, v.grad)} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: attention(Q, K, V[:, :4]), ValueError,
         "query, key, value must have shapes (…, L, E), (…, S, E), (…, S, V), not (2, 3, 4), (2, 5, 4), (2, 4, 6)."),
        (lambda: attention(Q[0, 0], K, V), ValueError,
         "query, key, value must have shapes (…, L, E), (…, S, E), (…, S, V), not (4,), (2, 5, 4), (2, 5, 6)."),
        (lambda: attention(Q, K.astype(np.float32), V), TypeError,
         "all arrays must have one dtype, but query is float64, key is float32, value is float64. Convert one with "
         ".astype(…)."),
        (lambda: attention(Q, np.ones((3, 5, 4)), V), ValueError,
         "shapes (2,) and (3,) and (2,) do not broadcast. Counted from the last axis, sizes must be equal, or one be "
         "1."),
        (lambda: attention(Q, K, V, np.ones((5, 3), bool)), ValueError,
         "shapes (5, 3) and (2, 3, 5) do not broadcast. Counted from the last axis, sizes must be equal, or one be 1."),
        (lambda: attention(Q, K, V, np.ones((7, 2, 3, 5), bool)), ValueError,
         "attn_mask of shape (7, 2, 3, 5) does not broadcast to (…, L, S) = (2, 3, 5)."),
        (lambda: attention(Q, K, V, np.ones((3, 5), int)), TypeError,
         "attn_mask must be a floating point array, not dtype int64. Use attn_mask.astype(np.float32)."),
        (lambda: attention(Q, K, V, np.ones((3, 5), bool), is_causal=True), ValueError,
         "attn_mask and is_causal=True do not go together. Put the future into the mask."),
        (lambda: attention(Q, K, V, enable_gqa=True), ValueError,
         "enable_gqa=True is not there. Repeat key and value for each head of query instead."),
        (lambda: attention(Q, K, V, dropout_p=2), ValueError, "p must be a probability from 0 to 1, not 2."),
        (lambda: attention(Q, K, V, scale="1"), TypeError, "scale must be a number, not '1'."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == f"scaled_dot_product_attention: {message}"
