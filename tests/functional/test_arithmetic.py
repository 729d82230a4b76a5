import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

RNG = np.random.default_rng(0)
SHAPES = [((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 1), (1, 4)), ((2, 3, 4), (3, 1)), ((), (2, 2)), ((1,), (3,))]


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "pow"])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_gradients_with_broadcasting(name, shapes):
    x, y = (RNG.uniform(0.5, 2, s) for s in shapes)
    mc.gradcheck(getattr(F, f"{name}_vjp"), x, y)


@pytest.mark.parametrize(
    "shapes", [((3, 4), (4, 2)), ((4,), (4,)), ((3, 4), (4,)), ((5, 1, 3, 4), (2, 4, 6)), ((4,), (2, 4, 3))]
)
def test_matmul(shapes):
    mc.gradcheck(F.matmul_vjp, *(RNG.standard_normal(s) for s in shapes))


@pytest.mark.parametrize("dim", [None, 0, -1, (0, 2)])
@pytest.mark.parametrize("keepdim", [False, True])
def test_sum_and_mean(dim, keepdim):
    x = RNG.standard_normal((3, 4, 2))
    mc.gradcheck(F.sum_vjp, x, dim=dim, keepdim=keepdim)
    mc.gradcheck(F.mean_vjp, x, dim=dim, keepdim=keepdim)


def test_shapes():
    x = RNG.standard_normal((2, 3, 4))
    mc.gradcheck(F.reshape_vjp, x, shape=(4, -1))
    mc.gradcheck(F.permute_vjp, x, dims=(2, 0, -2))
    mc.gradcheck(F.flatten_vjp, x, start_dim=0, end_dim=1)
    mc.gradcheck(F.log_vjp, np.abs(x) + 1)
    with pytest.raises(ValueError) as raised:
        F.flatten(x, 2, 1)
    assert str(raised.value) == (
        "flatten: start_dim=2 must not come after end_dim=1, and both must be axes of x, whose shape is (2, 3, 4)."
    )


def test_power_at_its_corners_as_in_pytorch():
    x = mc.Tensor([0.0, 0.0, -2.0], requires_grad=True)
    y = mc.Tensor([0.0, 2.0, 3.0], requires_grad=True)
    (x**y).backward(np.ones(3))
    assert_array_equal(x.grad, [0, 0, 12])
    assert_array_equal(y.grad, [0, 0, np.nan])


def test_operators_are_numpys():
    a, b = RNG.uniform(1, 2, (2, 3)).astype(np.float32), RNG.uniform(1, 2, 3).astype(np.float32)
    x, y = mc.Tensor(a), mc.Tensor(b)
    for tensor, array in [
        (x + y, a + b), (x - y, a - b), (x * y, a * b), (x / y, a / b), (x**2, a**2), (-x, -a), (x @ y, a @ b),
        (x + b, a + b), (a - y, a - b), (a / y, a / b), (a @ y, a @ b), (2 - x, 2 - a), (2 / x, 2 / a), (2**x, 2**a),
        (x.T, a.T), (x.reshape(3, 2), a.reshape(3, 2)), (x.reshape((6,)), a.reshape(6)), (x.flatten(), a.ravel()),
        (x.permute(1, 0), a.T), (x.sum(0), a.sum(0)), (x.mean(), a.mean()), (x.exp(), np.exp(a)), (x.log(), np.log(a)),
    ]:  # fmt: skip
        assert isinstance(tensor, mc.Tensor)
        assert tensor.dtype == np.float32
        assert_allclose(tensor.data, array, rtol=1e-6)


def test_numbers_do_not_change_the_dtype():
    x = mc.Tensor(np.ones(2, np.float32), requires_grad=True)
    for y in (x * 0.5, np.float64(0.5) * x, x / np.float64(2), x ** np.float64(2), 1.0 + x):
        assert y.dtype == np.float32
    with pytest.raises(TypeError, match="unsupported operand"):
        x + "one"
