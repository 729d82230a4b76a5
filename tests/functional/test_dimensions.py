"""Windows in one, two and three dimensions: gradients of drawn problems, and sizes against PyTorch's formulas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F


@st.composite
def windows(draw, most=4):
    """nd, distinct numbers (N, C, *size), and a kernel, stride, padding and dilation that fit."""
    nd = draw(st.integers(1, 3))
    each = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(nd))  # noqa: E731
    kernel, stride, dilation = each(1, 3), each(1, 3), each(1, 2)
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    size = tuple(d * (k - 1) + draw(st.integers(1, most)) for d, k in zip(dilation, kernel, strict=True))
    shape = (draw(st.integers(1, 2)), draw(st.integers(1, 2)), *size)
    x = np.random.default_rng(draw(st.integers(0, 2**32))).permutation(np.prod(shape)).reshape(shape) / 7
    return nd, x, dict(kernel_size=kernel, stride=stride, padding=padding), dilation


@given(windows(), st.booleans())
def test_max_pooling(problem, ceil_mode):
    nd, x, window, dilation = problem
    options = dict(**window, dilation=dilation, ceil_mode=ceil_mode)
    mc.gradcheck(getattr(F, f"max_pool{nd}d_vjp"), x, **options)
    y, index = getattr(F, f"max_pool{nd}d")(x, **options, return_indices=True)
    flat = x.reshape(*x.shape[:2], -1)
    assert_array_equal(np.take_along_axis(flat, index.reshape(*x.shape[:2], -1), 2).reshape(y.shape), y)


@given(windows(), st.booleans(), st.booleans(), st.sampled_from([None, 3]))
def test_average_pooling(problem, ceil_mode, count_include_pad, divisor):
    nd, x, window, _ = problem
    options = dict(ceil_mode=ceil_mode, count_include_pad=count_include_pad, divisor_override=divisor)
    mc.gradcheck(getattr(F, f"avg_pool{nd}d_vjp"), x, **window, **options)


@given(windows(), st.integers(1, 2), st.integers(1, 2), st.sampled_from(["numbers", "same", "valid"]))
def test_convolution(problem, groups, per_group, padding):
    nd, x, window, dilation = problem
    rng = np.random.default_rng(0)
    x = np.concatenate([x] * groups, axis=1)
    kernel, stride = window["kernel_size"], (1,) * nd if padding == "same" else window["stride"]
    weight = rng.standard_normal((groups * per_group, x.shape[1] // groups, *kernel))
    padding = window["padding"] if padding == "numbers" else padding
    options = dict(stride=stride, padding=padding, dilation=dilation, groups=groups)
    mc.gradcheck(getattr(F, f"conv{nd}d_vjp"), x, weight, rng.standard_normal(len(weight)), **options)


@given(windows(most=2), st.integers(1, 2), st.data())
def test_transposed_convolution(problem, groups, data):
    nd, x, window, dilation = problem
    rng = np.random.default_rng(0)
    x = np.concatenate([x] * groups, axis=1)
    weight = rng.standard_normal((x.shape[1], 2, *window["kernel_size"]))
    room = [max(s, d) - 1 for s, d in zip(window["stride"], dilation, strict=True)]
    extra = tuple(data.draw(st.integers(0, r)) for r in room)
    options = dict(stride=window["stride"], output_padding=extra, groups=groups, dilation=dilation)
    mc.gradcheck(getattr(F, f"conv_transpose{nd}d_vjp"), x, weight, rng.standard_normal(2 * groups), **options)


@given(windows(), st.data())
def test_adaptive_pooling(problem, data):
    nd, x, _, _ = problem
    out = tuple(data.draw(st.integers(1, n + 2)) for n in x.shape[2:])
    for kind in ("avg", "max"):
        mc.gradcheck(getattr(F, f"adaptive_{kind}_pool{nd}d_vjp"), x, output_size=out)
    y, index = getattr(F, f"adaptive_max_pool{nd}d")(x, out, return_indices=True)
    flat = x.reshape(*x.shape[:2], -1)
    assert_array_equal(np.take_along_axis(flat, index.reshape(*x.shape[:2], -1), 2).reshape(y.shape), y)


X = np.zeros((2, 3, 4, 5))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (
            lambda: F.adaptive_avg_pool2d(X, -1), ValueError,
            "adaptive_avg_pool2d: output_size must be at least 0, not (-1, -1).",
        ),
        (
            lambda: F.adaptive_max_pool2d(X, (1, 2, 3)), TypeError,
            "adaptive_max_pool2d: output_size must be an int or a pair of ints, not (1, 2, 3).",
        ),
        (
            lambda: F.adaptive_avg_pool2d(X[:, :, :0], 1), ValueError,
            "adaptive_avg_pool2d: x of shape (2, 3, 0, 5) has no pixels. Every axis after C needs at least 1.",
        ),
        (
            lambda: F.max_pool3d(X[0, 0], 2), ValueError,
            "max_pool3d: x must have shape (N, C, D, H, W), or (C, D, H, W) for one image, not (4, 5).",
        ),
        (
            lambda: F.avg_pool2d(X, 2, divisor_override=0), ValueError,
            "avg_pool2d: divisor_override must be at least 1, not 0.",
        ),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda words: F.mse_loss(X, X, words), 'mse_loss: reduction must be "mean", "sum" or "none"'),
        (lambda words: F.pad(X, (1, 1), words), 'pad: mode must be "constant", "reflect", "replicate" or "circular"'),
        (lambda words: F.gelu(X, words), 'gelu: approximate must be "none" or "tanh"'),
        (
            lambda words: mc.Conv2d(1, 1, 1, padding_mode=words),
            'Conv2d: padding_mode must be "zeros", "reflect", "replicate" or "circular"',
        ),
    ],
)
@pytest.mark.parametrize("words", [np.array(["mean", "tanh"]), ["zeros"], None, 3])
def test_an_option_is_one_word(f, message, words):
    with pytest.raises(ValueError) as raised:
        f(words)
    assert str(raised.value) == f"{message}, not {words!r}."
