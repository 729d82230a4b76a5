"""Pooling with a p-norm: against plain loops, other pooling, and what there is at 0 and below."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F
from tests.functional.test_dimensions import windows
from tests.reference.windows import taps


@given(windows(), st.sampled_from([1, 2, 2.5, -1, np.inf, -np.inf]), st.booleans())
def test_norms_of_windows(problem, p, ceil_mode):
    nd, x, window, _ = problem
    x, kernel, stride = x + 0.5, window["kernel_size"], window["stride"]
    options = dict(norm_type=p, kernel_size=kernel, stride=stride)
    out, triples = taps(x.shape[2:], kernel, stride, (1,) * nd)
    seen = {}
    for o, _, pixel in triples:
        seen.setdefault(o, []).append(x[:, :, *pixel])
    expected = [np.linalg.norm(np.stack(pixels, -1), p, -1) for pixels in seen.values()]
    y = getattr(F, f"lp_pool{nd}d")(x, **options)
    assert_allclose(y, np.stack(expected, -1).reshape(*x.shape[:2], *out), rtol=1e-10)
    mc.gradcheck(getattr(F, f"lp_pool{nd}d_vjp"), x, **options, ceil_mode=ceil_mode)


def test_a_window_that_sticks_out_counts_as_a_whole_one():
    assert_array_equal(F.lp_pool1d(np.array([[1.0, 2.0, 5.0]]), 1, 2, ceil_mode=True), [[3, 10]])


def test_negative_numbers_cancel():
    x = np.array([[-3.0, 1.0, 1.0, -1.0]])
    assert_array_equal(F.lp_pool1d(x, 1, 2), [[-2, 0]])
    assert_array_equal(F.lp_pool1d(x, 3, 2), [[np.nan, 0]])


@pytest.mark.parametrize("p", [1, 2, 3])
def test_the_gradient_is_0_where_the_sum_is(p):
    _, vjp = F.lp_pool2d_vjp(np.zeros((1, 1, 2, 4)), p, 2)
    assert_array_equal(vjp(np.ones((1, 1, 1, 2)))[0], np.zeros((1, 1, 2, 4)))


def test_a_layer_pools_images_and_one_image():
    x = np.random.default_rng(0).standard_normal((2, 3, 6, 7))
    layer = mc.LPPool2d(2, (2, 3), 2, ceil_mode=True)
    assert_array_equal(layer(x), F.lp_pool2d(x, 2, (2, 3), 2, True))
    assert_array_equal(layer(x[0]), layer(x)[0])


X = np.zeros((2, 3, 4, 5))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.lp_pool2d(X, 0, 2), ValueError,
         "lp_pool2d: norm_type must not be 0, as there is no 0th root. Use 1, 2 or np.inf."),
        (lambda: F.lp_pool2d(X, "2", 2), TypeError, "lp_pool2d: norm_type must be a number, not '2'."),
        (lambda: F.lp_pool2d(X, 2, 5), ValueError,
         "lp_pool2d: the window of 5×5 is larger than the padded input of 4×5. Use a smaller kernel or dilation, more "
         "padding, or a larger image."),
        (lambda: F.lp_pool1d(X, 2, 2), ValueError,
         "lp_pool1d: x must have shape (N, C, L), or (C, L) for one image, not (2, 3, 4, 5)."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
