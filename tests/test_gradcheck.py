import numpy as np
import pytest

import minicnn as mc
import minicnn.functional as F

X = np.array([[1.0, 2.0], [3.0, 4.0]])


def test_right_gradients_pass_and_float32_is_checked_in_float64():
    assert mc.gradcheck(F.mul_vjp, X.astype(np.float32), X) < 1e-8


def test_the_wrong_argument_and_entry_are_named():
    def f_vjp(a, b):
        wrong = np.array([[0.0, 0], [0, 1]])
        return a * b, lambda dy: (dy * b, dy * a + wrong)

    with pytest.raises(AssertionError, match=r"f_vjp has a wrong gradient for argument 1 \(b\): at index \(1, 1\)"):
        mc.gradcheck(f_vjp, X, X)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_inf_do_not_pass(value):
    with pytest.raises(AssertionError, match=r"at index \(0, 1\)"):
        mc.gradcheck(lambda x: (x * 1, lambda dy: (dy * np.array([[1, value], [1, 1]]),)), X)


def test_a_missing_sum_over_broadcasting_is_seen():
    with pytest.raises(AssertionError) as raised:
        mc.gradcheck(lambda a, b: (a + b, lambda dy: (dy, dy)), X, X[0])
    assert str(raised.value) == (
        "gradcheck: <lambda> gives a gradient of shape (2, 2) for argument 1 (b) of shape (2,). They must be equal."
    )


def test_the_pull_back_must_return_a_tuple():
    for gradients, found in [(X, "ndarray"), ((X, X), "2")]:
        with pytest.raises(AssertionError) as raised:
            mc.gradcheck(lambda x, g=gradients: (x * 1, lambda dy: g), X)
        assert str(raised.value) == (
            f"gradcheck: the pull-back of <lambda> must return a tuple of 1 gradients, one for each array, not {found}."
        )


def test_none_and_integers_are_not_checked():
    mc.gradcheck(F.cross_entropy_vjp, X, np.array([0, 1]))
    mc.gradcheck(F.linear_vjp, X, X, None)
    mc.gradcheck(F.linear_vjp, X, X)  # a bias that is left out
