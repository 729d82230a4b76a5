"""Vectors of pixels (rows.py), and of channels for dw (channels.py), as in test_engine.py."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import minicnn.functional as F
from minicnn.functional.convolution import channels, packing, rows, strips
from minicnn.kernels import simd
from tests.kernels.convolutions import (
    agree_with_plain_loops,
    geometry,
    job,
    needs_vectors,
    only,
    same_on_any_number_of_threads,
)

pytestmark = needs_vectors


@pytest.fixture(autouse=True)
def _everywhere(monkeypatch):
    """However short the rows and however few the channels."""
    only(monkeypatch, rows, channels)
    monkeypatch.setattr(rows, "filled_by", lambda job: 1.0)
    monkeypatch.setattr(channels, "FASTER", np.inf)


@pytest.mark.parametrize("buffer", [1 << 20, 1 << 12], ids=["whole images", "bands of rows"])
@pytest.mark.parametrize("seed", range(40))
def test_any_convolution(seed, buffer, monkeypatch):
    monkeypatch.setattr(packing, "BUFFER", buffer)
    shapes = geometry(np.random.default_rng(seed), 7, (70, 40, 12))
    agree_with_plain_loops(monkeypatch, shapes, (np.float32, np.float64)[seed % 2])


@pytest.mark.parametrize(
    ("x", "w", "options"),
    [
        ((3, 5, 32, 32), (9, 5, 1, 1), {}),  # rows as long as the image, used where they are
        ((2, 40, 3, 5), (17, 40, 1, 1), {}),
        ((2, 6, 21, 32), (7, 6, 5, 5), {}),  # no padding: used where they are
        ((2, 6, 9, 18), (12, 3, 3, 3), dict(padding=1, groups=2)),  # a vector and a bit; 6 channels in a group
        ((1, 2, 4, 33), (3, 2, 3, 3), dict(padding=5, stride=2)),  # windows that see nothing but padding
        ((2, 3, 40), (10, 3, 3), dict(stride=3, dilation=2, padding=1)),  # pixels are dealt to three planes
        ((2, 3, 6, 7, 17), (4, 3, 2, 3, 3), dict(padding=1, stride=(1, 2, 1))),
        ((2, 34, 10, 9), (9, 34, 3, 3), dict(padding=1)),  # two vectors of channels and two more
    ],
)
def test_what_is_special(x, w, options, monkeypatch):
    agree_with_plain_loops(monkeypatch, (x, w, options), np.float32)


@pytest.mark.parametrize("stride", [1, 2])
def test_same_bits_on_any_number_of_threads(stride):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((5, 6, 17, 33)).astype("f"), rng.standard_normal((10, 6, 3, 3)).astype("f")
    same_on_any_number_of_threads(x, w, stride=stride, padding=1)


def test_nothing_beside_an_image_is_read_or_written():
    """x and dy at the end of their memory, y in the middle of numbers that must stay."""
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((1, 3, 5, 18)).astype("f"), rng.standard_normal((5, 3, 3, 3)).astype("f")
    around = np.full(3 * x.size, np.nan, np.float32)
    inside = around[x.size : 2 * x.size].reshape(x.shape)
    inside[...] = x
    y, vjp = F.conv2d_vjp(inside, w)
    expected, vjp_ = F.conv2d_vjp(x, w)
    assert_array_equal(y, expected)
    for got, wanted in zip(vjp(y), vjp_(y), strict=True):
        assert_array_equal(got, wanted)


def test_weight_gradient_of_many_pixels_is_exact():
    """A million products one after the other in float32 would be 1e-5 off; sums of sums are not."""
    rng = np.random.default_rng(0)
    shapes = (64, 16, 130, 130), (64, 8, 128, 128), (8, 16, 3, 3)
    x, dy, w = (rng.standard_normal(shape, np.float32) for shape in shapes)
    dw = F.conv2d_vjp(x, w, needs=(False, True, False))[1](dy)[1]
    exact = F.conv2d_vjp(x.astype(float), w.astype(float), needs=(False, True, False))[1](dy.astype(float))[1]
    assert np.sqrt(np.mean((dw - exact) ** 2) / np.mean(exact**2)) < 1e-6


@pytest.mark.skipif(simd.NAME != "avx512", reason="the numbers are for vectors of 16")
@pytest.mark.parametrize(
    ("x", "w", "padding", "filled", "expected"),
    [
        ((64, 16, 32, 32), (16, 16, 3, 3), 1, 1, True),
        ((1, 32, 16, 16), (32, 32, 3, 3), 1, 0.5, True),
        ((64, 16, 8, 8), (16, 16, 3, 3), 1, 1, False),  # half of each vector would be empty
        ((1, 16, 8, 8), (16, 16, 3, 3), 1, 0.2, True),
        ((64, 64, 8, 8), (64, 64, 1, 1), 0, 1, True),  # one row of 64
        ((64, 6, 14, 14), (16, 6, 5, 5), 0, 1, False),
    ],
)
def test_rows_take_over_where_they_pay(x, w, padding, filled, expected, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(strips, "of", lambda job: strips.Strips(1, job.g, filled=filled))
    assert callable(rows.plan(job(x, w, padding=padding))) == expected


@pytest.mark.skipif(simd.NAME != "avx512", reason="the numbers are for vectors of 16")
def test_channels_take_over_where_they_pay(monkeypatch):
    monkeypatch.undo()
    for number, images_filled, expected in [
        (16, 1, True),
        (6, 1, False),
        (6, 0.5, True),
        (12, 1, True),
        (33, 1, False),
    ]:
        monkeypatch.setattr(strips, "of", lambda job, filled=images_filled: strips.Strips(1, job.g, filled=filled))
        seen = job((1, number, 8, 8), (8, number, 3, 3), "grad_weight")
        assert callable(channels.plan(seen)) == expected
