"""CIFAR-10: both copies, from files made here in the same form, and the real ones where they are."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import minicnn.data.datasets as ds
from minicnn.data import DataFileError, cifar10

PIXELS = np.random.default_rng(0).integers(0, 256, (10, 3, 32, 32), np.uint8)
ANSWERS = np.arange(10, dtype=np.uint8)[::-1]
NAMES = [*[f"data_batch_{k}.bin" for k in range(1, 6)], "test_batch.bin"]
ARCHIVE, JPEG = "cifar10/cifar-10-binary.tar.gz", "cifar10_jpeg/test.npz"


def archive():
    """Two pictures in each training file, four in the last; the files in another order than their numbers."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for k in (3, 0, 5, 1, 2, 4):
            chosen = slice(2 * k, 2 * k + 2) if k < 5 else slice(4)
            body = np.concatenate([ANSWERS[chosen, None], PIXELS[chosen].reshape(-1, 3072)], 1).tobytes()
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{NAMES[k]}")
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return content.getvalue()


def jpegs():
    """Ten pictures of one colour, which a JPEG keeps nearly as it is."""
    bodies = []
    for label in ANSWERS:
        content = io.BytesIO()
        Image.new("RGB", (32, 32), (25 * int(label), 100, 200)).save(content, "jpeg", quality=95)
        bodies.append(content.getvalue())
    offsets = np.cumsum([0, *map(len, bodies)])
    file = io.BytesIO()
    np.savez(file, jpeg=np.frombuffer(b"".join(bodies), np.uint8), offsets=offsets, labels=ANSWERS)
    return file.getvalue()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """MINICNN_DATA, with both copies in it, and an empty cache."""
    for name, content in [(ARCHIVE, archive()), (JPEG, jpegs())]:
        kind, file = name.split("/")
        (tmp_path / kind).mkdir()
        (tmp_path / name).write_bytes(content)
        monkeypatch.setitem(ds.SHA256, kind, {file: hashlib.sha256(content).hexdigest()})
        monkeypatch.setitem(ds.MIRRORS, kind, ())
    monkeypatch.setenv("MINICNN_DATA", str(tmp_path))
    monkeypatch.delenv("MINICNN_MIRROR", raising=False)
    monkeypatch.setattr(ds, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path


def test_the_official_archive(folder):
    for train, pixels, answers in [(True, PIXELS, ANSWERS), (False, PIXELS[:4], ANSWERS[:4])]:
        data = cifar10(train)
        np.testing.assert_array_equal(data.images, pixels.astype(np.float32) / np.float32(255))
        np.testing.assert_array_equal(data.labels, answers)
        assert (data.images.dtype, data.labels.dtype) == (np.float32, np.int64)
        assert (data.classes[0], data.classes[9]) == ("airplane", "truck")
        assert data.note is None


def test_jpeg_copies_say_what_they_are(folder):
    data = cifar10(train=False, copy="jpeg")
    assert data.images.shape == (10, 3, 32, 32)
    expected = np.stack([25 * ANSWERS.astype(int), np.full(10, 100), np.full(10, 200)], 1) / 255
    np.testing.assert_allclose(data.images.mean((2, 3)), expected, atol=0.02)
    np.testing.assert_array_equal(data.labels, ANSWERS)
    assert data.note == "JPEG copies, with loss; 10 of the 10,000 test images"
    assert repr(data) == f"ArrayDataset(10 images of shape (3, 32, 32), 10 classes; {data.note})"
    assert {half.note for half in data.split(0.5, rng=np.random.default_rng(0))} == {data.note}


def test_nothing_is_taken_for_the_official_archive(folder):
    """The copies are there, but who asked for CIFAR-10 must not get something else without a word."""
    (folder / ARCHIVE).unlink()
    with pytest.raises(DataFileError) as error:
        cifar10()
    assert str(error.value) == (
        f"{ARCHIVE}: expected sha256 {ds.SHA256['cifar10']['cifar-10-binary.tar.gz']}, but found no file. Three ways "
        f"out: (1) set MINICNN_DATA (now {folder}) to a folder that holds {ARCHIVE}; "
        f"(2) put the file by hand at {folder / 'cache' / ARCHIVE}; (3) try again with a network, or set "
        f"MINICNN_MIRROR to the address of a folder that serves {ARCHIVE}. "
        'Or pass copy="jpeg" for lossy copies, half of the training images, if you have cifar10_jpeg/.'
    )
    with pytest.raises(ValueError) as error:
        cifar10(copy="png")
    assert str(error.value) == 'cifar10: copy must be "official" or "jpeg", not \'png\'.'


def real(name):
    folder = os.environ.get("MINICNN_DATA")
    if not folder or not Path(folder, name).is_file():
        pytest.skip(f"set MINICNN_DATA to a folder that holds {name}")


@pytest.mark.data
def test_real_jpeg_copies():
    real(JPEG)
    test = cifar10(train=False, copy="jpeg")
    assert test.images.shape == (10000, 3, 32, 32)
    assert np.bincount(test.labels).tolist() == [1000] * 10
    # What is published of the training images, 0.4914, 0.4822, 0.4465, holds for these nearly, too.
    np.testing.assert_allclose(test.images.mean((0, 2, 3), dtype=np.float64), [0.4914, 0.4822, 0.4465], atol=0.006)
    assert test.note == "JPEG copies, with loss; all 10,000 test images"


@pytest.mark.data
@pytest.mark.slow
def test_real_official_archive():
    real(ARCHIVE)
    train = cifar10()
    assert train.images.shape == (50000, 3, 32, 32)
    assert np.bincount(train.labels).tolist() == [5000] * 10
    np.testing.assert_allclose(train.images.mean((0, 2, 3), dtype=np.float64), [0.4914, 0.4822, 0.4465], atol=5e-5)
