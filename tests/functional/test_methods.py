"""Operations as methods and operators of Tensor."""

import operator

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc

RNG = np.random.default_rng(0)


def test_operators_are_numpys():
    a, b = RNG.uniform(1, 2, (2, 3)).astype(np.float32), RNG.uniform(1, 2, 3).astype(np.float32)
    x, y = mc.Tensor(a), mc.Tensor(b)
    for tensor, array in [
        (x + y, a + b), (x - y, a - b), (x * y, a * b), (x / y, a / b), (x**2, a**2), (-x, -a), (x @ y, a @ b),
        (x + b, a + b), (a - y, a - b), (a / y, a / b), (a @ y, a @ b), (2 - x, 2 - a), (2 / x, 2 / a), (2**x, 2**a),
        (x.T, a.T), (x.reshape(3, 2), a.reshape(3, 2)), (x.reshape((6,)), a.reshape(6)), (x.view(-1), a.ravel()),
        (x.flatten(), a.ravel()), (x.permute(1, 0), a.T), (x.permute((1, 0)), a.T), (x.transpose(0, 1), a.T),
        (x.sum(0), a.sum(0)), (x.sum(1, keepdim=True), a.sum(1, keepdims=True)), (x.mean(), a.mean()), (abs(-x), a),
        (x.var(0), a.var(0, ddof=1)), (x.std(correction=0), a.std()), (x.max(), a.max()), (x.min(1)[0], a.min(1)),
        (x.amax((0, 1)), a.max()), (x.amin(0), a.min(0)), (x.exp(), np.exp(a)), (x.log(), np.log(a)),
        (x.sqrt(), np.sqrt(a)), ((-x).abs(), a), (x.clamp(1.2, 1.5), a.clip(1.2, 1.5)),
        (x.clip(max=1.5), a.clip(max=1.5)),
        (x.pow(2), a**2), (x.add(y).sub(y), a), (x.mul(y).div(y), a), (x.neg(), -a), (x.matmul(y), a @ b),
        (x.maximum(y), np.maximum(a, b)), (x.minimum(y), np.minimum(a, b)),
        (x.where(a > 1.5, y), np.where(a > 1.5, a, b)),
        (x.unsqueeze(0).squeeze(), a), (x.unflatten(1, (3, 1)), a[..., None]), (x.split(2, 1)[1], a[:, 2:]),
        (x.chunk(2)[1], a[1:]), (x[1, :2], a[1, :2]),
        (mc.Tensor([2.0]).reshape(()), np.float32(2)),
    ]:  # fmt: skip
        assert isinstance(tensor, mc.Tensor)
        assert tensor.dtype == np.float32
        assert_allclose(tensor.data, array, rtol=2e-6)
    assert_array_equal(x.argmax(1).data, a.argmax(1))
    assert_array_equal(x.argmin().data, a.argmin())


def test_comparisons_give_masks_without_gradient():
    a = np.array([1.0, 2.0, 3.0, np.nan], np.float32)
    x = mc.Tensor(a, requires_grad=True)
    for f in (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge):
        for y in (f(x, 2), f(x, mc.Tensor([2.0])), f(x, np.float64(2)), f(x, np.full(4, 2))):
            assert y.dtype == np.bool_
            assert not y.requires_grad
            assert_array_equal(y.data, f(a, 2))
        assert_array_equal(f(2, x).data, f(2, a))
        assert_array_equal(f(np.full(4, 2), x).data, f(2, a))
    mask = (x > 1) & ~(x > 2) | (x == 1) ^ np.array([False, True, False, False])
    assert_array_equal(mask.data, [True, True, False, False])
    assert_array_equal((mask.data | (x > 2)).data, [True, True, True, False])
    x[mask].sum().backward()
    assert_array_equal(x.grad, [1, 1, 0, 0])


def test_a_tensor_is_a_key_and_can_be_gone_through():
    x = mc.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert {x: "x"}[x] == "x"
    first, second = x
    (first * second).sum().backward()
    assert_array_equal(x.grad, [[3, 4], [1, 2]])
    assert [float(t) for t in x.detach().reshape(-1)] == [1, 2, 3, 4]
    assert (2.0 in x.reshape(-1)) is True
    assert (x == None) is False  # noqa: E711


def test_in_place_operators_make_a_new_tensor():
    x = y = mc.Tensor([1.0, 2.0])
    y += 1
    y *= 2
    y -= 1
    y /= 2
    y **= 2
    assert_array_equal(x.data, [1, 2])
    assert_array_equal(y.data, [2.25, 6.25])
    w = mc.Tensor([3.0, 4.0], requires_grad=True)
    z = w * 2
    z += w
    z.sum().backward()
    assert_array_equal(w.grad, [3, 3])


def test_leaves_change_in_place_without_recording_only():
    w = mc.Tensor([3.0, 4.0], requires_grad=True)
    data = w.data
    with pytest.raises(RuntimeError) as raised:
        w += 1
    assert str(raised.value) == (
        "Tensor: a leaf that requires a gradient cannot be changed in place while operations are recorded. "
        "Write x = x + y, or update it inside no_grad()."
    )
    with mc.no_grad():
        w -= 0.5 * mc.Tensor([2.0, 2.0])
        assert w.data is data
        assert w.is_leaf
        assert_array_equal(data, [2, 3])
        with pytest.raises(ValueError) as raised:
            w += np.ones((2, 2))
        assert str(raised.value) == "Tensor: shape (2,) has no room in place for a result of shape (2, 2)."
        with pytest.raises(TypeError, match="unsupported operand"):
            w += "one"


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (
            lambda: mc.Tensor(np.zeros((2, 3, 4))).T, ValueError,
            "Tensor.T: only matrices are transposed, not shape (2, 3, 4). Use .permute(…).",
        ),
        (lambda: mc.Tensor([1.0]).reshape(2), ValueError, None),
        (
            lambda: list(mc.Tensor(1.0)), TypeError,
            "Tensor: a single number has no items to go through. Use .item().",
        ),
        (
            lambda: mc.Tensor([1.0]) & mc.Tensor([1.0]), TypeError,
            "bitwise_and: only for bools and ints, not float32. Compare first, as in x > 0.",
        ),
        (
            lambda: ~mc.Tensor([1.0]), TypeError,
            "invert: only for bools and ints, not float32. Compare first, as in x > 0.",
        ),
        (
            lambda: bool(mc.Tensor([1.0, 2.0]) > 0), ValueError,
            "Tensor: shape (2,) is not one number. Reduce it first, by .sum() or .amax().",
        ),
        (lambda: mc.Tensor([1.0]) + "one", TypeError, "unsupported operand type(s) for +: 'Tensor' and 'str'"),
        (lambda: mc.Tensor([1.0]) @ 2, TypeError, "matmul: y must be an array or a Tensor, not int. Use np.asarray."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert message in (None, str(raised.value))
