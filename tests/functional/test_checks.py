"""What every operation refuses alike, and in the same words: dtypes, lists, bools for ints, huge numbers."""

import numpy as np
import pytest

import minicnn as mc
import minicnn.functional as F

X, W = np.ones((1, 2, 5, 5)), np.ones((3, 2, 3, 3))


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble, ">f4"])
def test_only_float32_and_float64(dtype):
    x = X.astype(dtype)
    for f in (F.relu, F.silu, F.softmax, lambda x: F.max_pool2d(x, 2), lambda x: F.mse_loss(x, x)):
        with pytest.raises(TypeError, match=rf"^\w+: x must be float32 or float64, not {x.dtype}. Use x.astype"):
            f(x)
    with pytest.raises(TypeError, match=f"^Tensor: data must be one regular array of numbers, not dtype {x.dtype}"):
        mc.Tensor(x)


@pytest.mark.parametrize("dtype", [np.float16, complex, object, "datetime64[s]", "U1"])
def test_dtypes_that_are_not_there(dtype):
    x = np.zeros((2, 2), np.int64).astype(dtype)
    for f in (F.abs, F.sum, lambda x: F.reshape(x, -1), lambda x: F.cat([x, x]), lambda x: F.pad(x, (1, 1))):
        with pytest.raises(TypeError, match=r"^\w+: .* must be of float32, float64, ints or bools, not "):
            f(x)
    for y in (1.0, X):
        with pytest.raises(TypeError, match=r"^add: every operand must be of float32, float64, ints or bools, not "):
            F.add(x, y)


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.conv2d(X.tolist(), W), TypeError,
         "conv2d: x must be an array or a Tensor, not list. Use np.float32(x)."),
        (lambda: F.conv2d([X[0, 0].tolist()] * 2, W), TypeError,
         "conv2d: x must be an array or a Tensor, not list. Use np.float32(x)."),
        (lambda: F.linear(None, W), TypeError,
         "linear: x must be an array or a Tensor, not NoneType. Pass an array of float32."),
        (lambda: F.pixel_shuffle(None, 2), TypeError,
         "pixel_shuffle: x must be an array or a Tensor, not NoneType. Use np.asarray."),
        (lambda: F.split([1, 2], 1), TypeError, "split: x must be an array or a Tensor, not list. Use np.asarray."),
        (lambda: F.conv2d(X, W, stride=True), TypeError,
         "conv2d: stride must be an int or a pair of ints, not True."),
        (lambda: F.conv2d(X, W, groups=True), TypeError, "conv2d: groups must be an int, not True."),
        (lambda: F.softmax(X, dim=True), TypeError, "softmax: dim must be an int, not True."),
        (lambda: F.max_pool2d(X, [1, [2]]), TypeError,
         "max_pool2d: kernel_size must be an int or a pair of ints, not [1, [2]]."),
        (lambda: F.max_pool2d(X, 2, stride=2**31), ValueError,
         "max_pool2d: stride must be less than 2**31, not 2147483648."),
        (lambda: F.chunk(X, 2**63), ValueError, "chunk: chunks must be less than 2**63, not 9223372036854775808."),
        (lambda: F.elu(X, alpha=[1, [2]]), TypeError, "elu: alpha must be a number, not [1, [2]]."),
        (lambda: F.smooth_l1_loss(X, X, beta=np.nan), ValueError,
         "smooth_l1_loss: beta must be at least 0, not nan."),
        (lambda: F.max_pool2d(X[:, :0], 2), ValueError,
         "max_pool2d: x of shape (1, 0, 5, 5) has no channels or no pixels. Only N may be 0."),
        (lambda: F.var(X, correction=(1, 2)), TypeError, "var: correction must be a number, not (1, 2)."),
        (lambda: F.dropout(X, rng=0), TypeError,
         "dropout: rng must be a numpy.random.Generator, not 0. Pass np.random.default_rng(seed)."),
        (lambda: mc.Linear(2, 2, rng=0), TypeError,
         "init: rng must be a numpy.random.Generator, not 0. Pass np.random.default_rng(seed)."),
        (lambda: F.pad(X, (1, 1), value="1"), TypeError, "pad: value must be a number, not '1'."),
        (lambda: F.pad(X, (-6, 6)), ValueError, "pad: (-6, 6) cuts off more than the 5 entries of axis 3."),
        (lambda: F.interpolate(X, scale_factor="2"), TypeError,
         "interpolate: scale_factor must be a number, not '2'."),
        (lambda: F.interpolate(X, scale_factor=np.inf), ValueError,
         "interpolate: scale_factor must be positive, one or 2 numbers, not inf."),
        (lambda: F.max_unpool2d(X, X.astype(int), 2, output_size=10), TypeError,
         "max_unpool2d: output_size must be a tuple of ints, not 10."),
        (lambda: F.cross_entropy(X, X, ignore_index="3"), TypeError,
         "cross_entropy: ignore_index must be an int, not '3'."),
        (lambda: F.nll_loss(X, X, ignore_index=None), TypeError, "nll_loss: ignore_index must be an int, not None."),
        (lambda: F.cross_entropy(X, X, label_smoothing=None), TypeError,
         "cross_entropy: label_smoothing must be a number, not None."),
        (lambda: F.permute(X, 3), TypeError, "permute: dims must be a tuple of ints, not 3."),
        (lambda: F.squeeze(X, np.float64(1)), TypeError, "squeeze: dim must be an int, not np.float64(1.0)."),
        (lambda: F.reshape(X, [1, [2]]), TypeError, "reshape: shape must hold ints, not [1, [2]]."),
        (lambda: mc.LayerNorm([1, [2]]), TypeError,
         "LayerNorm: each of normalized_shape must be an int, not [2]."),
        (lambda: mc.Sequential(mc.ReLU())["0"], TypeError, "Sequential: index must be an int or a slice, not '0'."),
        (lambda: mc.ModuleDict(3), TypeError, "ModuleDict: modules must be a dict of Modules, not int."),
        (lambda: mc.Conv2d("3", 2, 3), TypeError, "Conv2d: in_channels must be an int, not '3'."),
        (lambda: mc.Conv2d(2, 2, 3, groups=None), TypeError, "Conv2d: groups must be an int, not None."),
        (lambda: mc.Conv2d(2, 2, "3"), TypeError, "Conv2d: kernel_size must be an int or a pair of ints, not '3'."),
        (lambda: mc.Linear(2, 2).register_forward_hook(3), TypeError,
         "register_hook: the hook must be a function, not int."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message


def test_infinite_numbers_pass_without_warnings():
    """As in PyTorch, also where ∞ − ∞ makes them NaN; the tests turn warnings into errors."""
    x = np.array([[[[np.inf, -np.inf, 1.0]]]])
    for f in (F.hardswish, F.silu, F.tanh, lambda x: F.adaptive_avg_pool2d(x, 1), lambda x: F.leaky_relu(x, 0.0)):
        t = mc.Tensor(x, True)
        y = f(t)
        assert np.array_equal(f(x), y.data, equal_nan=True)
        y.backward(np.full(y.shape, np.inf))
    assert np.isnan(F.einsum("ij,jk->ik", x[0, 0], np.ones((3, 1)))).all()
    assert np.isnan(F.adaptive_avg_pool2d(x, 1)).all()
