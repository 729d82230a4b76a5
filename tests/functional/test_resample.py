"""Interpolation: gradients of drawn problems, Pillow's images, and numbers by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

import minicnn as mc
import minicnn.functional as F

MODES = {1: ["linear"], 2: ["bilinear", "bicubic"], 3: ["trilinear"]}


@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.data())
def test_gradients_and_the_sum_of_the_weights(old, data):
    mode = data.draw(st.sampled_from(["nearest", "nearest-exact", "area", *MODES[len(old)]]))
    options = dict(mode=mode)
    if mode in MODES[len(old)]:
        options["align_corners"] = data.draw(st.booleans())
    if mode in MODES[2]:
        options["antialias"] = data.draw(st.booleans())
    x = np.random.default_rng(0).standard_normal((2, 1, *old))
    size = tuple(data.draw(st.integers(1, 2 * n)) for n in old)
    mc.gradcheck(F.interpolate_vjp, x, size=size, **options)
    mc.gradcheck(F.interpolate_vjp, x, scale_factor=1.7, **options)
    assert_allclose(F.interpolate(np.ones_like(x), size, **options), np.ones((2, 1, *size)), rtol=1e-12)


@pytest.mark.parametrize("size", [(3, 4), (5, 20), (40, 7), (1, 1)])
@pytest.mark.parametrize(("mode", "pillows"), [("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)])
def test_antialiasing_is_pillows(mode, pillows, size):
    x = np.random.default_rng(0).random((13, 17), np.float32)
    expected = np.asarray(Image.fromarray(x).resize(size[::-1], pillows))
    y = F.interpolate(x[np.newaxis, np.newaxis], size, mode=mode, antialias=True)
    assert_allclose(y[0, 0], expected, rtol=1e-5, atol=1e-6)


def test_bicubic_by_hand():
    """Half-way between two pixels they have the weight 19/32, and the next ones −3/32."""
    x = np.array([[[[1.0, 2.0, 4.0, 8.0]]]])
    y = F.interpolate(x, (1, 7), mode="bicubic", align_corners=True)
    assert_allclose(y[0, 0, 0, ::2], [1, 2, 4, 8])
    assert_allclose(y[0, 0, 0, 3], (19 * (2 + 4) - 3 * (1 + 8)) / 32)
    assert_allclose(y[0, 0, 0, 1], (19 * (1 + 2) - 3 * (1 + 4)) / 32)  # beyond the edge it stays 1


def test_area_is_average_pooling():
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 6))
    assert_allclose(F.interpolate(x, (2, 2), mode="area"), F.avg_pool2d(x, (2, 3)))
    assert_allclose(F.interpolate(x, scale_factor=0.5, mode="area"), F.avg_pool2d(x, 2))


def test_the_nearest_pixel():
    x = np.arange(5.0).reshape(1, 1, 5)
    assert F.interpolate(x, 3).tolist() == [[[0, 1, 3]]]
    assert F.interpolate(x, 3, mode="nearest-exact").tolist() == [[[0, 2, 4]]]


def test_nearest_pixel_as_pytorch_rounds_it():
    """Pixel 41 of 82 stands at 0.99999999 or at 1, as one rounds; PyTorch's float32 says 1 only from pixel 42 on."""
    y = F.interpolate(np.array([[[0.0, 1.0]]]), size=82)
    assert y.sum() == 40
    assert y[0, 0, 42] == 1


def test_a_factor_that_is_rounded_down():
    """3 · 1.5 gives 4 pixels. Their step is 1/1.5, so the last one lies before the end, or 3/4 if that is wanted."""
    x = np.array([[[0.0, 1.0, 2.0]]])
    assert_allclose(F.interpolate(x, scale_factor=1.5, mode="linear"), [[[0, 0.5, 7 / 6, 11 / 6]]])
    options = dict(scale_factor=1.5, mode="linear", recompute_scale_factor=True)
    assert_array_equal(F.interpolate(x, **options), F.interpolate(x, 4, mode="linear"))


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "area", "bilinear", "bicubic"])
def test_nan_and_infinity_stay_where_they_are_seen(mode):
    x = np.zeros((1, 1, 1, 8))
    x[..., 0], x[..., 7] = np.nan, np.inf
    y, vjp = F.interpolate_vjp(x, (1, 16), mode=mode)
    assert np.isnan(y[..., 0]).all()
    assert_array_equal(y[..., 6:10], 0)
    assert not np.isfinite(y[..., 15]).any()
    dy = np.zeros(y.shape)
    dy[..., 0] = np.nan
    assert_array_equal(vjp(dy)[0][..., 4:], 0)


X = np.zeros((2, 3, 4, 5))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.interpolate(X), ValueError,
         "interpolate: give either size or scale_factor, not both and not neither."),
        (lambda: F.interpolate(X[0], 3, mode="bicubic"), ValueError,
         "interpolate: mode for x of shape (3, 4, 5) must be \"nearest\", \"nearest-exact\", \"area\" or \"linear\", "
         "not 'bicubic'."),
        (lambda: F.interpolate(X, 3, align_corners=False), ValueError,
         'interpolate: align_corners goes with bilinear and bicubic only, not with "nearest". Leave it out.'),
        (lambda: F.interpolate(X[0], 3, mode="linear", antialias=True), ValueError,
         'interpolate: antialias goes with bilinear and bicubic only, not with "linear". Leave it out.'),
        (lambda: F.interpolate(X, 3, mode="bilinear", align_corners=1), TypeError,
         "interpolate: align_corners must be True or False, not 1."),
        (lambda: F.interpolate(X, 3, recompute_scale_factor=True), ValueError,
         "interpolate: recompute_scale_factor goes with scale_factor only, not with size."),
        (lambda: F.interpolate(X[0], scale_factor=(1, 2)), ValueError,
         "interpolate: scale_factor must be positive, one or 1 numbers, not (1, 2)."),
        (lambda: F.interpolate(X, scale_factor=0.1), ValueError,
         "interpolate: scale_factor=0.1 leaves no pixel of (4, 5). Use a larger one."),
        (lambda: F.interpolate(X[0, 0], 3), ValueError,
         "interpolate: x must have shape (N, C, …) with one to three axes of pixels, not (4, 5)."),
        (lambda: F.interpolate(X[:, :, :0], 3), ValueError,
         "interpolate: x of shape (2, 3, 0, 5) has no channels or no pixels. Only N may be 0."),
        (lambda: mc.Upsample(scale_factor=(2, "3")), TypeError, "Upsample: scale_factor must be a number, not '3'."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message


def test_upsampling_layers():
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    for layer, options in [
        (mc.Upsample(7, mode="bicubic", align_corners=True), dict(size=7, mode="bicubic", align_corners=True)),
        (mc.Upsample(None, 1.3, "area", None, True), dict(scale_factor=1.3, mode="area")),
        (mc.UpsamplingNearest2d(scale_factor=(2, 3)), dict(scale_factor=(2, 3))),
        (mc.UpsamplingBilinear2d(9), dict(size=9, mode="bilinear", align_corners=True)),
    ]:
        assert_array_equal(layer(x), F.interpolate(x, **options))
