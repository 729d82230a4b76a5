"""Gradient clipping, with PyTorch's factor max_norm / (norm + 1e-6)."""

import numpy as np
import pytest

import minicnn as mc


def three(dtype=np.float64):
    """Two parameters whose gradients have norm 13 together, and one without a gradient."""
    a, b, c = (mc.Parameter(np.zeros(2, dtype)) for _ in range(3))
    a.grad, b.grad = np.array([3, -4], dtype), np.array([0, 12], dtype)
    return [a, b, c]


@pytest.mark.parametrize(("norm_type", "norm"), [(2, 13), (1, 19), (np.inf, 12)])
def test_norm(norm_type, norm):
    params = three()
    assert mc.clip_grad_norm_(iter(params), 6.5, norm_type) == pytest.approx(norm, rel=1e-15)
    np.testing.assert_allclose(params[0].grad, np.array([3, -4]) * 6.5 / (norm + 1e-6), rtol=1e-15)
    np.testing.assert_allclose(params[1].grad, np.array([0, 12]) * 6.5 / (norm + 1e-6), rtol=1e-15)
    assert params[2].grad is None


def test_short_gradients_are_left_alone():
    params = three(np.float32)
    assert mc.clip_grad_norm_(params, 13.1) == 13
    assert params[0].grad.tolist() == [3, -4]
    assert params[0].grad.dtype == np.float32
    assert mc.clip_grad_norm_(params[0], 1) == 5
    assert mc.clip_grad_norm_([], 1) == 0


def test_the_norm_is_a_float_with_pytorchs_item():
    norm = mc.clip_grad_norm_(three(), 1)
    assert isinstance(norm, float)
    assert type(norm.item()) is float
    assert (norm.item(), repr(norm), f"{norm:.2f}", norm > 12) == (13, "13.0", "13.00", True)


def test_norm_that_is_not_finite():
    params = three()
    params[0].grad[0] = np.inf
    with pytest.raises(FloatingPointError) as raised:
        mc.clip_grad_norm_(params, 1, error_if_nonfinite=True)
    assert str(raised.value) == (
        "clip_grad_norm_: the norm of the gradients is inf. Look for the first loss that is not finite."
    )
    assert mc.clip_grad_norm_(params, 1) == np.inf
    np.testing.assert_array_equal([p.grad for p in params[:2]], [[np.nan, 0], [0, 0]])
    params[0].grad[0] = np.nan
    assert np.isnan(mc.clip_grad_norm_(params, 1))
    assert np.isnan(params[1].grad).all()


def test_value():
    params = three()
    arrays = [p.grad for p in params]
    mc.clip_grad_value_(params, 3.5)
    assert params[0].grad.tolist() == [3, -3.5]
    assert params[1].grad.tolist() == [0, 3.5]
    assert all(p.grad is a for p, a in zip(params, arrays, strict=True))
    mc.clip_grad_value_(params[0], 1)
    assert params[0].grad.tolist() == [1, -1]


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda p: mc.clip_grad_norm_([p, 3], 1), "clip_grad_norm_: parameters must be Parameters, not int."),
        (lambda p: mc.clip_grad_norm_(None, 1), "clip_grad_norm_: parameters must be Parameters, not NoneType."),
        (lambda p: mc.clip_grad_norm_([p], None), "clip_grad_norm_: max_norm must be a number, not None."),
        (lambda p: mc.clip_grad_norm_([p], 1, "a"), "clip_grad_norm_: norm_type must be a number, not 'a'."),
        (lambda p: mc.clip_grad_value_([p], "a"), "clip_grad_value_: clip_value must be a number, not 'a'."),
        (lambda p: mc.ExponentialMovingAverage(p), "ExponentialMovingAverage: model must be a Module, not Parameter."),
    ],
)
def test_refusals(f, message):
    with pytest.raises(TypeError) as raised:
        f(mc.Parameter([1.0]))
    assert str(raised.value).removesuffix(" Pass model.parameters().") == message
