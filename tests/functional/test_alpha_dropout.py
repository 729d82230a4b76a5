import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

LOWEST = F.selu(np.array(-1e9))


@pytest.mark.parametrize("p", [0.05, 0.5, 0.9])
def test_mean_and_variance_stay(p):
    x = np.random.default_rng(0).standard_normal(400_000)
    y = F.alpha_dropout(x, p, True, rng=np.random.default_rng(1))
    assert abs(y.mean()) < 0.02
    assert abs(y.var() - 1) < 0.02


def test_what_is_dropped_becomes_the_least_value_of_selu_before_all_is_scaled():
    x = np.random.default_rng(0).standard_normal(1000)
    y, vjp = F.alpha_dropout_vjp(x, 0.3, True, rng=np.random.default_rng(1))
    (slope,) = vjp(np.ones(1000))
    kept = slope > 0
    assert abs(kept.mean() - 0.7) < 0.05
    a, b = slope.max(), y[~kept][0] - slope.max() * LOWEST
    assert_allclose(y, a * np.where(kept, x, LOWEST) + b)
    assert_array_equal(slope[kept], a)


def test_channels_are_dropped_as_a_whole():
    y = F.feature_alpha_dropout(np.ones((200, 50, 2, 3)), 0.3, True, rng=np.random.default_rng(1)).reshape(10_000, 6)
    assert_array_equal(y, np.broadcast_to(y[:, :1], y.shape))
    assert abs(np.mean(y[:, 0] < 0) - 0.3) < 0.02


def test_not_while_testing_and_nothing_left_of_p_1():
    x = np.ones((2, 3), np.float32)
    for f in (F.alpha_dropout, F.feature_alpha_dropout):
        assert f(x) is f(x, 0.0, True) is x
        assert_array_equal(f(x, 1.0, True), 0 * x, strict=True)
        assert f(x, 0.5, True).dtype == np.float32
    layer = mc.AlphaDropout(0.5, inplace=True, rng=np.random.default_rng(0))
    assert (layer(x) != x).any()
    assert layer.eval()(x) is x
    assert repr(layer) == "AlphaDropout(p=0.5, inplace=True)"


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.alpha_dropout(np.ones(3), 1.5), ValueError,
         "alpha_dropout: p must be a probability from 0 to 1, not 1.5."),
        (lambda: F.alpha_dropout(np.ones(3, int)), TypeError,
         "alpha_dropout: x must be a floating point array, not dtype int64. Use x.astype(np.float32)."),
        (lambda: F.feature_alpha_dropout(np.ones(3)), ValueError,
         "feature_alpha_dropout: x must have shape (N, C, …), not (3,). Use alpha_dropout."),
        (lambda: mc.FeatureAlphaDropout(-1), ValueError,
         "FeatureAlphaDropout: p must be a probability from 0 to 1, not -1."),
        (lambda: mc.AlphaDropout(0.5, 1), TypeError, "AlphaDropout: inplace must be True or False, not 1."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
