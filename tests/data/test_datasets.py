"""The data sets themselves: the idx format, the two in scikit-learn, the real files of the other two."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest

import minicnn.data.datasets as ds


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


SIX = np.array([7, 2, 1, 0, 4, 1], np.uint8)


# --- the idx format -------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3,), (2, 5), (2, 3, 4), (0, 28, 28)])
def test_idx_round_trip(shape):
    array = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    np.testing.assert_array_equal(ds.parse_idx(idx(array)), array, strict=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an idx file of bytes starts with 00 00 08, not ."),
        (b"\x1f\x8b\x08\x08abc", "an idx file of bytes starts with 00 00 08, not 1f 8b 08 08."),
        (b"\0\0\x0d\x01\0\0\0\0", "an idx file of bytes starts with 00 00 08, not 00 00 0d 01."),
        (b"\0\0\x08\x03\0\0\0\x01", "the header needs 16 bytes, but there are 8."),
        (idx(SIX)[:-1], "the header announces shape (6,), but 5 values follow."),
        (idx(SIX) + b"\0", "the header announces shape (6,), but 7 values follow."),
    ],
)
def test_idx_errors(content, message):
    with pytest.raises(ValueError) as error:
        ds.parse_idx(content)
    assert str(error.value) == f"parse_idx: {message}"


# --- in scikit-learn ------------------------------------------------------------------------------


def test_digits():
    data = ds.digits()
    assert data.images.shape == (1797, 1, 8, 8)
    assert data.images.dtype == np.float32
    assert (data.images.min(), data.images.max()) == (0, 1)
    assert np.unique(data.images).size == 17
    assert data.labels[:10].tolist() == list(range(10))
    assert np.bincount(data.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert data.classes[3] == "3"


def test_larger_digits_show_the_same():
    small, large = ds.digits().images, ds.digits(size=32).images
    assert large.shape == (1797, 1, 32, 32)
    assert large.dtype == np.float32
    assert 0 <= large.min() < large.max() <= 1
    np.testing.assert_allclose(large.mean((1, 2, 3)), small.mean((1, 2, 3)), atol=0.005)


def test_sample_photos():
    for name in ("china", "flower"):
        photo = ds.sample_photo(name)
        assert photo.shape == (427, 640, 3)
        assert photo.dtype == np.uint8
        photo[0, 0] = 0  # may be written to
    assert (ds.sample_photo()[0, 0] != 0).any()  # without a trace in the next one
    assert not np.array_equal(ds.sample_photo("china"), ds.sample_photo("flower"))
    with pytest.raises(ValueError) as error:
        ds.sample_photo("cat")
    assert str(error.value) == 'sample_photo: there is no photo \'cat\'. Pass "china" or "flower".'


# --- the real files -------------------------------------------------------------------------------


def real(name):
    folder = os.environ.get("MINICNN_DATA")
    if not folder or not Path(folder, name).is_dir():
        pytest.skip(f"set MINICNN_DATA to a folder that holds {name}/")
    return getattr(ds, name)


@pytest.mark.data
def test_real_mnist():
    train = real("mnist")()
    assert train.images.shape == (60000, 1, 28, 28)
    assert train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(train.labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert round(float(train.images.mean(dtype=np.float64)), 4) == 0.1307
    assert round(float(train.images.std(dtype=np.float64)), 4) == 0.3081
    test = ds.mnist(train=False)
    assert test.images.shape == (10000, 1, 28, 28)
    assert test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.data
def test_real_fashion_mnist():
    for train, n, first in [
        (True, 60000, ["Ankle boot", "T-shirt/top", "T-shirt/top", "Dress"]),
        (False, 10000, ["Ankle boot", "Pullover", "Trouser", "Trouser"]),
    ]:
        data = real("fashion_mnist")(train)
        assert data.images.shape == (n, 1, 28, 28)
        assert np.bincount(data.labels).tolist() == [n // 10] * 10
        assert [data.classes[label] for label in data.labels[:4]] == first
        if train:
            assert round(float(data.images.mean(dtype=np.float64)), 4) == 0.2860
            assert round(float(data.images.std(dtype=np.float64)), 4) == 0.3530
