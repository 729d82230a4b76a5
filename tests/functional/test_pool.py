import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F
from tests.functional.test_conv import pairs
from tests.reference import conv as reference


@st.composite
def problems(draw):
    """Distinct numbers (so that a maximum has a gradient), and a window that fits."""
    kernel, stride, dilation = draw(pairs(1, 3)), draw(pairs(1, 3)), draw(pairs(1, 2))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    size = [d * (k - 1) + 1 + draw(st.integers(0, 4)) for d, k in zip(dilation, kernel, strict=True)]
    shape = (draw(st.integers(1, 2)), draw(st.integers(1, 3)), *size)
    x = np.random.default_rng(draw(st.integers(0, 2**32))).permutation(np.prod(shape)).reshape(shape) / 10
    return x, kernel, stride, padding, dilation


@given(problems())
def test_max(problem):
    x, *window = problem
    assert_array_equal(F.max_pool2d(x, *window), reference.max_pool2d(x, *window))
    names = ("kernel_size", "stride", "padding", "dilation")
    mc.gradcheck(F.max_pool2d_vjp, x, **dict(zip(names, window, strict=True)))


@given(problems(), st.booleans())
def test_average(problem, count_include_pad):
    x, kernel, stride, padding, _ = problem
    options = dict(stride=stride, padding=padding, count_include_pad=count_include_pad)
    assert_allclose(F.avg_pool2d(x, kernel, **options), reference.avg_pool2d(x, kernel, **options), rtol=1e-12)
    mc.gradcheck(F.avg_pool2d_vjp, x, kernel_size=kernel, **options)


@pytest.mark.parametrize("window", [(2, 2, 0), (3, 2, 0), (3, 2, 1)], ids=str)
@pytest.mark.parametrize("size", [(3, 4), (6, 10), (9, 5), (20, 33), (3, 70)], ids=str)
def test_common_windows(size, window):
    """They have kernels of their own, for rows of any length."""
    rng = np.random.default_rng(0)
    x, ones = rng.standard_normal((2, 3, *size)), (1, 1)
    kernel, stride, padding = ((n, n) for n in window)
    y, vjp = F.max_pool2d_vjp(x, *window)
    assert_array_equal(y, reference.max_pool2d(x, kernel, stride, padding, ones))
    dy = rng.standard_normal(y.shape)
    (dx,) = vjp(dy)
    assert_allclose((dx * x).sum(), (dy * y).sum())  # each dy is where its y came from
    y, vjp = F.avg_pool2d_vjp(x, *window)
    assert_allclose(y, reference.avg_pool2d(x, kernel, stride, padding, True))
    assert_allclose((vjp(dy)[0] * x).sum(), (dy * y).sum())


def test_worked_example_4x4_to_2x2():
    x = np.array([[[[1.0, 3, 2, 1], [4, 6, 5, 0], [7, 2, 9, 8], [1, 0, 3, 4]]]])
    assert_array_equal(F.max_pool2d(x, 2)[0, 0], [[6, 5], [7, 9]])
    assert_array_equal(F.avg_pool2d(x, 2)[0, 0], [[3.5, 2], [2.5, 6]])


def test_of_equal_numbers_the_first_gets_the_whole_gradient():
    _, vjp = F.max_pool2d_vjp(np.ones((1, 1, 2, 4)), 2)
    assert_array_equal(vjp(np.array([[[[5.0, 7.0]]]]))[0][0, 0], [[5, 0, 7, 0], [0, 0, 0, 0]])


def test_overlapping_windows_add_their_gradients():
    x = np.array([[[[1.0, 9, 2]]]])
    assert_array_equal(F.max_pool2d_vjp(x, (1, 2), stride=1)[1](np.array([[[[1.0, 10.0]]]]))[0], [[[[0, 11, 0]]]])
    assert_array_equal(F.avg_pool2d_vjp(x, (1, 2), stride=1)[1](np.array([[[[2.0, 4.0]]]]))[0], [[[[1, 3, 2]]]])


def test_nan_and_minus_infinity():
    x = np.full((1, 1, 2, 4), -np.inf)
    x[0, 0, 1, 1] = np.nan
    assert_array_equal(F.max_pool2d(x, 2), [[[[np.nan, -np.inf]]]])
    assert_array_equal(F.avg_pool2d(x, 2), [[[[np.nan, -np.inf]]]])


@pytest.mark.parametrize("pool", [F.max_pool2d, F.avg_pool2d])
def test_errors(pool):
    name, x = pool.__name__, np.zeros((1, 1, 4, 4))
    with pytest.raises(ValueError) as raised:
        pool(x, 2, padding=2)
    assert str(raised.value) == (
        f"{name}: padding must be at most half of kernel_size, but padding=(2, 2) and kernel_size=(2, 2). "
        "A window of padding alone has nothing to pool."
    )
    with pytest.raises(ValueError) as raised:
        pool(x, 5)
    assert str(raised.value) == (
        f"{name}: the window of 5×5 is larger than the padded input of 4×4. "
        "Use a smaller kernel or dilation, more padding, or a larger image."
    )
    with pytest.raises(TypeError, match=f"^{name}: x must be a floating point array, not dtype int64"):
        pool(x.astype(np.int64), 2)
    with pytest.raises(ValueError, match=f"^{name}: kernel_size must be at least 1, not 0.$"):
        pool(x, 0)


def test_padding_never_wins():
    """Where a window sees nothing but −∞, its first pixel wins, not one of the padding. Indices are PyTorch's."""
    x = mc.Tensor(np.full((1, 1, 3, 3), -np.inf), True)
    y, index = F.max_pool2d(x, 3, 2, 1, return_indices=True)
    assert index.data.tolist() == [[[[0, 1], [3, 4]]]]
    y.backward(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]))
    assert x.grad.tolist() == [[[[1.0, 2.0, 0.0], [3.0, 4.0, 0.0], [0.0, 0.0, 0.0]]]]


def test_ceil_mode_takes_a_window_larger_than_the_image():
    x = np.arange(6.0).reshape(1, 1, 2, 3)
    assert F.max_pool2d(x, 3, 2, ceil_mode=True).tolist() == [[[[5.0]]]]
    assert F.avg_pool2d(x, 3, 2, ceil_mode=True).tolist() == [[[[2.5]]]]  # what sticks out does not count
    with pytest.raises(ValueError, match="^max_pool2d: the window of 3×3 is larger"):
        F.max_pool2d(x, 3, 1, ceil_mode=True)


def test_adaptive_max_pool_of_no_images():
    assert F.adaptive_max_pool2d(np.ones((0, 3, 5, 4)), 2).shape == (0, 3, 2, 2)


def test_a_dilated_window_may_see_nothing():
    """Its taps stand before and behind the image: nothing wins, and nothing gets its gradient."""
    x = np.array([[[1.0, 2.0, 3.0, 4.0]]])
    y, vjp = F.max_pool1d_vjp(x, 2, padding=1, dilation=5)
    assert_array_equal(y, [[[-np.inf]]])
    assert_array_equal(vjp(np.ones((1, 1, 1)))[0], [[[0, 0, 0, 0]]])


@pytest.mark.parametrize("pool", [F.max_pool2d_vjp, F.adaptive_max_pool2d_vjp])
def test_of_several_nan_the_last_gets_the_gradient(pool):
    x = np.array([[[[np.nan, 1.0], [2.0, np.nan], [3.0, 9.0]]]])[:, :, :2]
    assert_array_equal(pool(x, 2 if pool is F.max_pool2d_vjp else 1)[1](np.ones((1, 1, 1, 1)))[0], [[[[0, 0], [0, 1]]]])


@pytest.mark.patient
def test_the_same_bits_with_one_thread():
    code = (
        "import numpy as np, minicnn.functional as F\n"
        "x = np.random.default_rng(0).standard_normal((9, 5, 45, 64)).astype(np.float32)\n"
        "for f, *options in ((F.max_pool2d_vjp, 2), (F.max_pool2d_vjp, 3, 2, 1), (F.avg_pool2d_vjp, 3, 2, 1),\n"
        "                    (F.avg_pool2d_vjp, 2), (F.adaptive_avg_pool2d_vjp, 1), (F.adaptive_avg_pool2d_vjp, 7)):\n"
        "    y, vjp = f(x, *options)\n"
        "    print(y.tobytes().hex()[::97], vjp(y)[0].tobytes().hex()[::97])"
    )
    results = {
        subprocess.run([sys.executable, "-c", code], env={**os.environ, "NUMBA_NUM_THREADS": n}, capture_output=True,
                       text=True, check=True).stdout
        for n in "12"
    }  # fmt: skip
    assert len(results) == 1
