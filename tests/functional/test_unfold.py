"""Columns of windows: against plain loops, and as what makes a convolution a matrix product."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F
from tests.functional.test_conv import pairs
from tests.reference.windows import taps


@st.composite
def problems(draw):
    """Images, and a window that fits."""
    kernel, stride, dilation, padding = draw(pairs(1, 3)), draw(pairs(1, 3)), draw(pairs(1, 2)), draw(pairs(0, 2))
    size = [d * (k - 1) + draw(st.integers(1, 4)) for d, k in zip(dilation, kernel, strict=True)]
    x = np.random.default_rng(draw(st.integers(0, 2**32))).standard_normal((draw(st.integers(0, 2)), 2, *size))
    return x, dict(kernel_size=kernel, dilation=dilation, padding=padding, stride=stride)


@given(problems())
def test_every_window_is_a_column(problem):
    x, window = problem
    sides = [(p, p) for p in window["padding"]]
    padded = np.pad(x, [(0, 0), (0, 0), *sides])
    out, triples = taps(padded.shape[2:], window["kernel_size"], window["stride"], window["dilation"])
    y = F.unfold(x, **window)
    columns = y.reshape(len(x), 2, *window["kernel_size"], *out)
    for o, k, seen in triples:
        assert_array_equal(columns[:, :, *k, *o], padded[:, :, *seen])
    mc.gradcheck(F.unfold_vjp, x, **window)
    mc.gradcheck(F.fold_vjp, y, output_size=x.shape[2:], **window)


@given(problems())
def test_a_convolution_is_a_product_with_the_columns(problem):
    x, window = problem
    w = np.random.default_rng(0).standard_normal((3, 2, *window.pop("kernel_size")))
    y = F.conv2d(x, w, **window)
    columns = F.unfold(x, w.shape[2:], **window)
    assert_allclose((w.reshape(3, -1) @ columns).reshape(y.shape), y, rtol=1e-10, atol=1e-12)


def test_fold_adds_where_windows_overlap():
    x = np.arange(20.0).reshape(1, 4, 5)
    columns, counts = F.unfold(x, 2), F.unfold(np.ones_like(x), 2)
    assert_array_equal(F.fold(counts, (4, 5), 2)[0, :2], [[1, 2, 2, 2, 1], [2, 4, 4, 4, 2]])
    assert_array_equal(F.fold(columns, (4, 5), 2) / F.fold(counts, (4, 5), 2), x)


def test_nan_stays_in_its_windows():
    x = np.zeros((1, 1, 3, 3))
    x[0, 0, 0, 0] = np.nan
    columns = F.unfold(x, 2)
    assert np.isnan(columns).tolist() == [[[True, False, False, False]] + [[False] * 4] * 3]
    assert np.isnan(F.fold(columns, 3, 2)).sum() == 1


X = np.zeros((2, 3, 4, 5))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.unfold(X[0, 0], 2), ValueError,
         "unfold: x must have shape (N, C, H, W), or (C, H, W) for one image, not (4, 5)."),
        (lambda: F.unfold(X.astype(int), 2), TypeError,
         "unfold: x must be a floating point array, not dtype int64. Use x.astype(np.float32)."),
        (lambda: F.unfold(X, (2, 6)), ValueError,
         "unfold: the window of 2×6 is larger than the padded input of 4×5. Use a smaller kernel or dilation, more "
         "padding, or a larger image."),
        (lambda: F.unfold(X, 2, stride=0), ValueError, "unfold: stride must be at least 1, not 0."),
        (lambda: F.unfold(X[:, :0], 2), ValueError,
         "unfold: x of shape (2, 0, 4, 5) has no channels or no pixels. Only N may be 0."),
        (lambda: F.fold(np.zeros((2, 8, 12)), 4, 2), ValueError,
         "fold: x must have shape (N, C·4, 9) or (C·4, 9), as an image of (4, 4) has 9 windows of 4 pixels, not "
         "(2, 8, 12). Pass the output_size and the settings of unfold."),
        (lambda: F.fold(np.zeros((7, 9)), 4, 2), ValueError,
         "fold: x must have shape (N, C·4, 9) or (C·4, 9), as an image of (4, 4) has 9 windows of 4 pixels, not "
         "(7, 9). Pass the output_size and the settings of unfold."),
        (lambda: F.fold(X[0], (4, 5, 6), 2), TypeError,
         "fold: output_size must be an int or a pair of ints, not (4, 5, 6)."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
