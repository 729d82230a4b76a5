import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

nan, inf = np.nan, np.inf
reductions = st.sampled_from(["mean", "sum", "none"])
SETTINGS = [
    ("mse_loss", {}), ("l1_loss", {}), ("smooth_l1_loss", {}), ("smooth_l1_loss", dict(beta=0.3)),
    ("smooth_l1_loss", dict(beta=0)), ("huber_loss", {}), ("huber_loss", dict(delta=0.3)),
]  # fmt: skip


@given(st.sampled_from(SETTINGS), reductions, st.sampled_from([(), (3,), (2, 3)]), st.integers(0, 2**32), st.booleans())
def test_gradients(setting, reduction, shape, seed, weighted):
    name, options = setting
    x, t, w = np.random.default_rng(seed).uniform(0.5, 2, (3, *shape))
    f_vjp = getattr(F, f"{name}_vjp")
    if name == "smooth_l1_loss":
        mc.gradcheck(f_vjp, x, t, reduction=reduction, **options)
    else:
        by_place = lambda x, t, w=None: f_vjp(x, t, reduction, weight=w, **options)  # noqa: E731
        mc.gradcheck(by_place, x, t, w if weighted else None)


@pytest.mark.parametrize(
    ("name", "options", "expected", "slopes"),
    [
        ("mse_loss", {}, [0, 0.25, 4, 9, nan, inf], [0, 1, -4, 6, nan, inf]),
        ("l1_loss", {}, [0, 0.5, 2, 3, nan, inf], [0, 1, -1, 1, 0, 1]),
        ("smooth_l1_loss", {}, [0, 0.125, 1.5, 2.5, nan, inf], [0, 0.5, -1, 1, nan, 1]),
        ("smooth_l1_loss", dict(beta=2), [0, 0.0625, 1, 2, nan, inf], [0, 0.25, -1, 1, nan, 1]),
        ("smooth_l1_loss", dict(beta=0), [0, 0.5, 2, 3, nan, inf], [0, 1, -1, 1, 0, 1]),
        ("huber_loss", {}, [0, 0.125, 1.5, 2.5, nan, inf], [0, 0.5, -1, 1, nan, 1]),
        ("huber_loss", dict(delta=2), [0, 0.125, 2, 4, nan, inf], [0, 0.5, -2, 2, nan, 2]),
    ],
)
def test_values_and_slopes_as_in_pytorch(name, options, expected, slopes):
    d = np.array([0, 0.5, -2, 3, nan, inf])
    y, vjp = getattr(F, f"{name}_vjp")(d, np.zeros(6), "none", **options)
    assert_array_equal(y, expected)
    dx, dt = vjp(np.ones(6))[:2]
    assert_array_equal(dx, slopes)
    assert_array_equal(dt, -dx)


def test_weights():
    x, t, w = np.array([1.0, 3.0]), np.zeros(2), np.array([1.0, 3.0])
    assert F.mse_loss(x, t, weight=w) == (1 + 27) / 4
    assert F.l1_loss(x, t, weight=w) == (1 + 9) / 4
    assert F.huber_loss(x, t, weight=w) == (0.5 + 7.5) / 2  # PyTorch divides this one by the number
    assert F.mse_loss(x, t, "sum", w) == 28
    tw = mc.Tensor(w, requires_grad=True)
    F.mse_loss(x, t, weight=tw).backward()
    assert_allclose(tw.grad, [(1 - 7) / 4, (9 - 7) / 4])


def test_of_nothing():
    empty = np.zeros((0, 3))
    for name, options in SETTINGS:
        assert np.isnan(getattr(F, name)(empty, empty, **options))
        assert getattr(F, name)(empty, empty, "sum", **options) == 0


X = np.zeros((6, 4))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (
            lambda: F.mse_loss(X, X[0]), ValueError,
            "mse_loss: x and target must have one shape, not (6, 4) and (4,).",
        ),
        (
            lambda: F.mse_loss(X, X, "average"), ValueError,
            'mse_loss: reduction must be "mean", "sum" or "none", not \'average\'.',
        ),
        (
            lambda: F.l1_loss(X, X.astype(np.float32)), TypeError,
            "l1_loss: all arrays must have one dtype, but x is float64, target is float32. "
            "Convert one with .astype(…).",
        ),
        (
            lambda: F.l1_loss(X, X.astype(int)), TypeError,
            "l1_loss: target must be a floating point array, not dtype int64. Use target.astype(np.float32).",
        ),
        (
            lambda: F.mse_loss(X, X, weight=X[0]), ValueError,
            "mse_loss: weight must have the shape of x, (6, 4), not (4,).",
        ),
        (
            lambda: F.smooth_l1_loss(X, X, beta=-1), ValueError,
            "smooth_l1_loss: beta must be at least 0, not -1.",
        ),
        (
            lambda: F.huber_loss(X, X, delta=0), ValueError,
            "huber_loss: delta must be greater than 0, not 0.0. For abs(x − t) use l1_loss.",
        ),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
