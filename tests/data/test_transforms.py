"""resize against a loop over pixels and against PyTorch; pad_to against placing by hand."""

from math import floor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minicnn.data import pad_to, resize

GOLDEN = Path(__file__).parents[1] / "golden" / "resize.npz"


def resize_pixel_by_pixel(image, out_h, out_w):
    """One output pixel at a time; the weight of an input pixel falls off with its distance, to 0 at 1."""
    h, w = image.shape
    out = np.zeros((out_h, out_w))
    for i in range(out_h):
        for j in range(out_w):
            y, x = (i + 0.5) * h / out_h - 0.5, (j + 0.5) * w / out_w - 0.5
            for a in range(floor(y), floor(y) + 2):
                for b in range(floor(x), floor(x) + 2):
                    inside = image[min(max(a, 0), h - 1), min(max(b, 0), w - 1)]  # the edge goes on outside
                    out[i, j] += inside * (1 - abs(y - a)) * (1 - abs(x - b))
    return out


sizes = st.integers(1, 9)


@settings(deadline=None, max_examples=100)
@given(sizes, sizes, sizes, sizes, st.integers(0, 1000))
def test_resize_is_the_naive_bilinear_one(h, w, out_h, out_w, seed):
    image = np.random.default_rng(seed).standard_normal((h, w))
    np.testing.assert_allclose(
        resize(image, (out_h, out_w)), resize_pixel_by_pixel(image, out_h, out_w), rtol=1e-12, atol=1e-12
    )


def test_resize_equals_pytorch():
    golden = np.load(GOLDEN)
    names = [name for name in golden if name != "x"]
    assert len(names) >= 5
    for name in names:
        y = golden[name]
        out = resize(golden["x"], y.shape[-2:])
        assert out.dtype == np.float32
        np.testing.assert_allclose(out, y, rtol=0, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("leading", [(), (3,), (2, 3), (0, 1)])
def test_resize_treats_each_image_alone(leading):
    images = np.random.default_rng(0).standard_normal((*leading, 4, 5))
    out = resize(images, (7, 3))
    assert out.shape == (*leading, 7, 3)
    for index in np.ndindex(leading):
        np.testing.assert_array_equal(out[index], resize(images[index], (7, 3)))


def test_resize_to_the_same_size_changes_nothing():
    images = np.random.default_rng(0).standard_normal((2, 1, 8, 8)).astype(np.float32)
    np.testing.assert_array_equal(resize(images, 8), images)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8, np.int64])
def test_resize_keeps_the_dtype(dtype):
    assert resize(np.ones((1, 2, 2), dtype), np.int64(3)).dtype == dtype


def test_resize_rounds_whole_numbers():
    np.testing.assert_array_equal(resize(np.array([[0, 255]], np.uint8), (1, 4)), [[0, 64, 191, 255]])


def test_resize_of_a_read_only_transposed_view():
    x = np.arange(12.0).reshape(3, 4)
    view = x.T
    view.flags.writeable = False
    np.testing.assert_array_equal(resize(view, (5, 6)), resize(np.ascontiguousarray(x.T), (5, 6)))


@pytest.mark.parametrize(
    ("shape", "size", "top", "left"), [((28, 28), 32, 2, 2), ((2, 3), (5, 4), 1, 0), ((3, 3), 3, 0, 0)]
)
def test_pad_to_puts_the_content_in_the_middle(shape, size, top, left):
    images = np.random.default_rng(0).random((4, 1, *shape)).astype(np.float32)
    height, width = (size, size) if isinstance(size, int) else size
    expected = np.full((4, 1, height, width), 7, np.float32)
    for y in range(shape[0]):
        for x in range(shape[1]):
            expected[:, :, top + y, left + x] = images[:, :, y, x]
    out = pad_to(images, size, value=7)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: resize([1.0, 2.0], 4),
         "resize: images need a height and a width, got shape (2,). Pass shape (N, C, H, W)."),
        (lambda: pad_to(3, 4),
         "pad_to: images need a height and a width, got shape (). Pass shape (N, C, H, W)."),
        (lambda: resize(np.zeros((2, 0, 3)), 4),
         "resize: images of shape (2, 0, 3) have no pixels. Pass height, width ≥ 1."),
        (lambda: resize(np.zeros((2, 2)), 0),
         "resize: size must be one or two whole numbers ≥ 1, got 0. Pass 32 or (32, 24)."),
        (lambda: resize(np.zeros((2, 2)), 2.5),
         "resize: size must be one or two whole numbers ≥ 1, got 2.5. Pass 32 or (32, 24)."),
        (lambda: pad_to(np.zeros((2, 2)), (1, 2, 3)),
         "pad_to: size must be one or two whole numbers ≥ 1, got (1, 2, 3). Pass 32 or (32, 24)."),
        (lambda: pad_to(np.zeros((1, 4, 5)), (6, 4)),
         "pad_to: cannot pad 4×5 images to the smaller 6×4. Use resize to shrink them."),
    ],
)  # fmt: skip
def test_errors(call, message):
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value) == message
