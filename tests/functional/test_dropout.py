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


@pytest.mark.parametrize(
    ("f", "shape"),
    [
        (F.dropout1d, (200, 50, 3)),
        (F.dropout2d, (200, 50, 2, 3)),
        (F.dropout3d, (200, 50, 2, 1, 3)),
        (F.dropout1d, (10_000, 3)),
        (F.dropout2d, (10_000, 2, 3)),
        (F.dropout3d, (10_000, 2, 1, 3)),
        (F.drop_path, (10_000, 3)),
        (F.drop_path, (10_000, 1, 2, 2)),
        (F.drop_path, (10_000,)),
    ],
)
def test_channels_or_samples_are_dropped_as_a_whole(f, shape):
    x = np.ones(shape, np.float32)
    y = f(x, 0.3, rng=np.random.default_rng(1))
    assert y.dtype == np.float32
    units = y.reshape(10_000, -1)
    assert_array_equal(units, np.broadcast_to(units[:, :1], units.shape))
    assert_array_equal(np.unique(units), np.array([0, 1 / 0.7], np.float32))
    assert abs(np.mean(units == 0) - 0.3) < 0.02
    assert abs(y.mean() - 1) < 0.02
    assert_array_equal(f(x, training=False), x)
    assert_array_equal(f(x, 1), np.zeros(shape))
    assert f(x[:0]).shape == (0, *shape[1:])


@pytest.mark.parametrize("f_vjp", [F.dropout1d_vjp, F.dropout2d_vjp, F.dropout3d_vjp, F.drop_path_vjp])
def test_gradients_of_channels_and_samples(f_vjp):
    axes = {"dropout1d_vjp": 3, "dropout2d_vjp": 4}.get(f_vjp.__name__, 5)
    x = X[:96].reshape((4, 3, 2, 2, 2)[: axes - 1] + (-1,))
    for each in (x, x[0]):
        y, vjp = f_vjp(each, rng=np.random.default_rng(1))
        assert_array_equal(vjp(each)[0], y)


def test_layers_of_channels_and_samples():
    x = np.ones((4, 8, 3, 3))
    for layer, f, text in [
        (mc.Dropout2d(0.3, rng=np.random.default_rng(1)), F.dropout2d, "Dropout2d(p=0.3, inplace=False)"),
        (mc.StochasticDepth(0.3, rng=np.random.default_rng(1)), F.drop_path, "StochasticDepth(p=0.3)"),
    ]:
        assert repr(layer) == text
        assert_array_equal(layer(x), f(x, 0.3, rng=np.random.default_rng(1)))
        assert layer.eval()(x) is x
    assert (mc.Dropout1d(rng=np.random.default_rng(0))(x[0]) == 0).any()
    assert (mc.Dropout3d(rng=np.random.default_rng(0))(x[None]) == 0).any()
    assert mc.Dropout1d().p == mc.Dropout3d().p == 0.5


@pytest.mark.parametrize("name", ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d"])
def test_inplace_stands_where_pytorch_has_it_and_changes_nothing(name):
    x = X[:96].reshape({"Dropout2d": (4, 6, 2, 2), "Dropout3d": (2, 6, 2, 2, 2)}.get(name, (4, 6, 4)))
    f, layer, before = getattr(F, name.lower()), getattr(mc, name), x.copy()
    y = f(x, 0.3, rng=np.random.default_rng(1))
    assert_array_equal(f(x, 0.3, True, True, rng=np.random.default_rng(1)), y)
    assert_array_equal(layer(0.3, True, rng=np.random.default_rng(1))(x), y)
    assert_array_equal(x, before)
    assert repr(layer(0.3, inplace=True)) == f"{name}(p=0.3, inplace=True)"
    with pytest.raises(TypeError, match=f"^{name.lower()}: inplace must be True or False, not 0.5.$"):
        f(x, 0.3, True, 0.5)


def test_nan_is_not_lost():
    assert np.isnan(F.dropout(np.array([np.nan]), 1.0)).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.dropout(X, 1.5), "dropout: p must be a probability from 0 to 1, not 1.5."),
        (lambda: F.drop_path(X, -0.5), "drop_path: p must be a probability from 0 to 1, not -0.5."),
        (lambda: F.dropout(X, "half"), "dropout: p must be a number, not 'half'."),
        (lambda: mc.Dropout(1.5), "Dropout: p must be a probability from 0 to 1, not 1.5."),
        (lambda: mc.Dropout2d(np.nan), "Dropout2d: p must be a probability from 0 to 1, not nan."),
        (
            lambda: F.dropout(np.arange(3, dtype=np.int64)),
            "dropout: x must be a floating point array, not dtype int64. Use x.astype(np.float32).",
        ),
        (
            lambda: F.dropout1d(X),
            "dropout1d: x must have shape (N, C, L), or (C, L) for one image, not (10000,).",
        ),
        (lambda: F.drop_path(np.array(1.0)), "drop_path: x must have shape (N, …), not (). Pass a batch of samples."),
    ],
)
def test_errors(call, message):
    with pytest.raises((TypeError, ValueError)) as raised:
        call()
    assert str(raised.value) == message
