import numpy as np
import pytest

import minicnn as mc
import minicnn.functional as F

X, W, B = np.zeros((2, 5)), np.zeros((3, 5)), np.zeros(3)


@pytest.mark.parametrize("leading", [(), (4,), (2, 3)])
def test_gradients(leading):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s) for s in [(*leading, 5), (3, 5), (3,)]]
    mc.gradcheck(F.linear_vjp, *arrays)
    mc.gradcheck(F.linear_vjp, *arrays[:2], None)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            (np.zeros((2, 5, 4)), W), ValueError,
            "linear: the last axis of x, shape (2, 5, 4), must have the I=5 entries that w of shape (3, 5) expects. "
            "Pass in_features=4 to Linear, or flatten x first.",
        ),
        ((X, W[0]), ValueError, "linear: w must have the two axes (O, I), not shape (5,)."),
        (
            (X, W, np.zeros(5)), ValueError,
            "linear: b must hold one number for each of the 3 outputs, so shape (3,), not (5,).",
        ),
        (
            (X.astype(np.float32), W, B), TypeError,
            "linear: all arrays must have one dtype, but x is float32, w is float64, b is float64. "
            "Convert one with .astype(…).",
        ),
    ],
)  # fmt: skip
def test_errors(arguments, error, message):
    with pytest.raises(error) as raised:
        F.linear(*arguments)
    assert str(raised.value) == message
