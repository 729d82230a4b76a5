import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

X = np.random.default_rng(0).standard_normal(10_000)


def test_keeps_the_expected_value_and_drops_the_share_p():
    y = F.dropout(X, 0.3, rng=np.random.default_rng(1))
    assert abs(np.mean(y == 0) - 0.3) < 0.02
    assert_allclose(y[y != 0], (X / 0.7)[y != 0])


def test_gradient_passes_where_the_number_was_kept():
    y, vjp = F.dropout_vjp(X, 0.3, rng=np.random.default_rng(1))
    assert_array_equal(vjp(X)[0], y)


def test_does_nothing_at_test_time_or_with_p_0():
    assert F.dropout(X, 0.5, training=False) is X
    assert F.dropout(X, 0.0) is X
    assert_array_equal(F.dropout(X, 1.0), np.zeros_like(X))


def test_the_layer_follows_train_and_eval():
    layer = mc.Sequential(mc.Dropout(0.5, rng=np.random.default_rng(0)))
    assert (layer(X) == 0).any()
    assert layer.eval()(X) is X
    assert (layer.train()(X) == 0).any()


def test_the_same_rng_gives_the_same_numbers_in_float32():
    a, b = (F.dropout(X.astype(np.float32), rng=np.random.default_rng(7)) for _ in range(2))
    assert a.dtype == np.float32
    assert_array_equal(a, b)


def test_errors():
    for f in (lambda: F.dropout(X, 1.5), lambda: mc.Dropout(1.5)):
        with pytest.raises(ValueError, match=r"ropout: p must be a probability from 0 to 1, not 1\.5\.$"):
            f()
