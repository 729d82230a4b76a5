import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F
from tests.reference import conv as reference

RNG = np.random.default_rng(0)
pairs = lambda least, most: st.tuples(st.integers(least, most), st.integers(least, most))  # noqa: E731


@st.composite
def problems(draw):
    """A convolution whose window fits: arrays x, w, b and its options."""
    groups, stride, dilation, kernel = draw(st.integers(1, 3)), draw(pairs(1, 3)), draw(pairs(1, 3)), draw(pairs(1, 3))
    padding = draw(pairs(0, 3))
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    size = [max(s - 2 * p, 1) + draw(st.integers(0, 4)) for s, p in zip(spans, padding, strict=True)]
    CG, OG, N = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    arrays = [rng.standard_normal(s) for s in [(N, CG * groups, *size), (OG * groups, CG, *kernel), (OG * groups,)]]
    return arrays, dict(stride=stride, padding=padding, dilation=dilation, groups=groups)


@given(problems())
def test_forward_equals_the_loops(problem):
    arrays, options = problem
    assert_allclose(F.conv2d(*arrays, **options), reference.conv2d(*arrays, **options), rtol=1e-12, atol=1e-12)


@given(problems())
def test_gradients(problem):
    arrays, options = problem
    mc.gradcheck(F.conv2d_vjp, *arrays, **options)


def test_worked_examples_of_the_sources():
    edge = np.repeat([[10.0, 10, 10, 0, 0, 0]], 6, axis=0)[None, None]
    y = F.conv2d(edge, np.repeat([[1.0, 0, -1]], 3, axis=0)[None, None])
    assert_array_equal(y[0, 0], [[0, 30, 30, 0]] * 4)
    ramp = np.arange(1.0, 26).reshape(1, 1, 5, 5)
    rise = np.repeat([[-1.0, 0, 1]], 3, axis=0)[None, None]
    assert_array_equal(F.conv2d(ramp, rise)[0, 0], np.full((3, 3), 6.0))
    assert F.conv2d(ramp, rise, padding=1).shape == (1, 1, 5, 5)


def test_contiguous_or_not_makes_no_difference():
    rng = np.random.default_rng(0)
    x, w, b = rng.standard_normal((2, 3, 6, 7)), rng.standard_normal((4, 3, 3, 2)), rng.standard_normal(4)
    y, vjp = F.conv2d_vjp(x, w, b)
    dy = rng.standard_normal(y.shape)
    wide = np.zeros((2, 3, 12, 7))
    wide[:, :, ::2] = x
    frozen = x.copy()
    frozen.flags.writeable = False
    for x2 in (np.asfortranarray(x), wide[:, :, ::2], frozen):
        y2, vjp2 = F.conv2d_vjp(x2, np.asfortranarray(w), b)
        assert_array_equal(y, y2)
        for a, a2 in zip(vjp(dy), vjp2(np.asfortranarray(dy)), strict=True):
            assert_array_equal(a, a2)


def test_an_infinite_weight_and_no_image():
    _, vjp = F.conv2d_vjp(np.zeros((0, 2, 4, 4)), np.full((4, 1, 3, 3), np.inf), groups=2)
    dx, dw, _ = vjp(np.zeros((0, 4, 2, 2)))
    assert dx.shape == (0, 2, 4, 4)
    assert_array_equal(dw, np.zeros((4, 1, 3, 3)))


def test_only_the_gradients_that_are_needed():
    x, w = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    _, vjp = F.conv2d_vjp(x, w, needs=(False, True, False))
    dx, dw, db = vjp(np.ones((1, 1, 2, 2)))
    assert (dx, db) == (None, None)
    assert_array_equal(dw, np.full((1, 1, 2, 2), 4.0))


def test_nan_and_inf_reach_exactly_the_windows_that_see_them():
    x = np.zeros((1, 1, 6, 6))
    x[0, 0, 2, 3] = np.nan
    y = F.conv2d(x, np.ones((1, 1, 3, 3)))
    seen = np.zeros((4, 4), bool)
    seen[0:3, 1:4] = True
    assert_array_equal(np.isnan(y[0, 0]), seen)
    x[0, 0, 2, 3] = np.inf
    assert_array_equal(np.isposinf(F.conv2d(x, np.ones((1, 1, 3, 3)))[0, 0]), seen)


@pytest.mark.parametrize("nd", [1, 2, 3])
def test_transposed_is_the_pull_back_of_the_convolution(nd):
    rng = np.random.default_rng(nd)
    options = dict(stride=(2, 1, 3)[:nd], padding=(1, 0, 2)[:nd], dilation=(1, 2, 1)[:nd], groups=2)
    x, w = rng.standard_normal((2, 4, *(6, 7, 6)[:nd])), rng.standard_normal((6, 2, *(3, 2, 3)[:nd]))
    y, vjp = getattr(F, f"conv{nd}d_vjp")(x, w, **options)
    dx = vjp(y)[0]
    transposed = getattr(F, f"conv_transpose{nd}d")
    shortage = tuple(n - m for n, m in zip(x.shape[2:], transposed(y, w, **options).shape[2:], strict=True))
    assert_allclose(transposed(y, w, output_padding=shortage, **options), dx, rtol=1e-12, atol=1e-12)
    mc.gradcheck(
        getattr(F, f"conv_transpose{nd}d_vjp"), y, w, rng.standard_normal(4), output_padding=shortage, **options
    )


@pytest.mark.parametrize("nd", [1, 3])
def test_gradients_in_other_dimensions(nd):
    rng = np.random.default_rng(nd)
    arrays = [rng.standard_normal(s) for s in [(2, 4, *(6, 5, 7)[:nd]), (6, 2, *(3, 2, 3)[:nd]), (6,)]]
    mc.gradcheck(getattr(F, f"conv{nd}d_vjp"), *arrays, stride=(2, 1, 2)[:nd], padding=1, dilation=2, groups=2)


def test_one_image_without_a_batch():
    x, w, b = RNG.standard_normal((3, 6, 7)), RNG.standard_normal((4, 3, 3, 2)), RNG.standard_normal(4)
    assert_array_equal(F.conv2d(x, w, b), F.conv2d(x[None], w, b)[0])
    mc.gradcheck(F.conv2d_vjp, x, w, b)
    mc.gradcheck(F.conv_transpose2d_vjp, x, w[:3], b[:3])
    t = mc.Tensor(w, requires_grad=True)
    F.conv2d(x, t, b).sum().backward()  # x itself needs no gradient
    assert_allclose(t.grad, F.conv2d_vjp(x, w, b)[1](np.ones((4, 4, 6)))[1])


@pytest.mark.parametrize(
    ("w", "options", "error", "message"),
    [
        (
            np.zeros((4, 2, 3, 3)), {}, ValueError,
            "conv_transpose2d: x has C=3 channels but w of shape (4, 2, 3, 3) expects 4. "
            "Pass in_channels=3 to ConvTranspose2d.",
        ),
        (
            np.zeros((3, 2, 3, 3)), dict(groups=2), ValueError,
            "conv_transpose2d: w of shape (3, 2, 3, 3) has 3 channels, which groups=2 does not divide. "
            "Choose in_channels as a multiple of groups.",
        ),
        (
            np.zeros((3, 2, 3, 3)), dict(output_padding=1), ValueError,
            "conv_transpose2d: output_padding must be smaller than stride or dilation, but output_padding=(1, 1), "
            "stride=(1, 1) and dilation=(1, 1). Use a larger stride, or none of it.",
        ),
        (
            np.zeros((3, 2, 3, 3)), dict(padding=5), ValueError,
            "conv_transpose2d: nothing is left of the output of (10, 10) after padding=(5, 5) is cut off on each side. "
            "Use less padding or a larger image.",
        ),
        (
            np.zeros((3, 2, 3)), {}, ValueError,
            "conv_transpose2d: w must have shape (C, O/groups, KH, KW), not (3, 2, 3).",
        ),
    ],
)  # fmt: skip
def test_errors_of_the_transposed(w, options, error, message):
    with pytest.raises(error) as raised:
        F.conv_transpose2d(np.zeros((2, 3, 8, 8)), w, **options)
    assert str(raised.value) == message


X, W, B = np.zeros((2, 3, 8, 8)), np.zeros((16, 3, 3, 3)), np.zeros(16)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (
            (X, np.zeros((16, 4, 3, 3))), {}, ValueError,
            "conv2d: x has C=3 channels but w of shape (16, 4, 3, 3) with groups=1 expects 4. "
            "Pass in_channels=3 to Conv2d.",
        ),
        (
            (X[0, 0], W), {}, ValueError,
            "conv2d: x must have shape (N, C, H, W), or (C, H, W) for one image, not (8, 8).",
        ),
        (
            (X.astype(np.uint8), W), {}, TypeError,
            "conv2d: x must be a floating point array, not dtype uint8. Use x.astype(np.float32).",
        ),
        (([1.0], W), {}, TypeError, "conv2d: x must be an array or a Tensor, not list. Use np.float32(x)."),
        ((X, W[0]), {}, ValueError, "conv2d: w must have shape (O, C/groups, KH, KW), not (3, 3, 3)."),
        (
            (X, W.astype(np.float32)), {}, TypeError,
            "conv2d: all arrays must have one dtype, but x is float64, w is float32. Convert one with .astype(…).",
        ),
        (
            (X, W, np.zeros(3)), {}, ValueError,
            "conv2d: b must hold one number for each of the 16 output channels, so shape (16,), not (3,).",
        ),
        (
            (X, W[:, :1]), dict(groups=3), ValueError,
            "conv2d: w of shape (16, 1, 3, 3) has 16 filters, which groups=3 does not divide. "
            "Choose out_channels as a multiple of groups.",
        ),
        ((X, W), dict(groups=0), ValueError, "conv2d: groups must be at least 1, not 0."),
        ((X, W), dict(groups=1.5), TypeError, "conv2d: groups must be an int, not 1.5."),
        ((X, W), dict(stride=0), ValueError, "conv2d: stride must be at least 1, not 0."),
        ((X, W), dict(dilation=0), ValueError, "conv2d: dilation must be at least 1, not 0."),
        ((X, W), dict(padding=(1, -1)), ValueError, "conv2d: padding must be at least 0, not (1, -1)."),
        ((X, W), dict(stride=(1, 2, 3)), TypeError, "conv2d: stride must be an int or a pair of ints, not (1, 2, 3)."),
        ((X, W), dict(stride=1.5), TypeError, "conv2d: stride must be an int or a pair of ints, not 1.5."),
        (
            (X, np.zeros((16, 3, 0, 3))), {}, ValueError,
            "conv2d: w of shape (16, 3, 0, 3) has an axis of size 0. Every axis needs at least 1.",
        ),
        (
            (X, np.zeros((1, 3, 5, 5))), dict(dilation=2), ValueError,
            "conv2d: the window of 9×9 is larger than the padded input of 8×8. "
            "Use a smaller kernel or dilation, more padding, or a larger image.",
        ),
        (
            (X, W), dict(padding="full"), ValueError,
            "conv2d: padding must be \"valid\", \"same\", or a number of pixels, not 'full'.",
        ),
        (
            (X, W), dict(padding="same", stride=2), ValueError,
            'conv2d: padding="same" goes with stride 1 only, not (2, 2). Pass a number of pixels.',
        ),
    ],
)  # fmt: skip
def test_errors(arguments, options, error, message):
    with pytest.raises(error) as raised:
        F.conv2d(*arguments, **options)
    assert str(raised.value) == message
