"""CIFAR-10: the official archive, or JPEG copies of a part of it, whichever is asked for."""

import io
import tarfile

import numpy as np

from ..checks import flag, one_of
from ..extras import need
from .datasets import DataFileError, _fetch
from .loader import ArrayDataset

CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def cifar10(train=True, *, copy="official", mirror=None):
    """Return CIFAR-10: small colour photos of ten kinds, 50,000 to learn from, or 10,000 to be tested on.

    Parameters
    ----------
    train : bool
        True for the 50,000, False for the 10,000.
    copy : {"official", "jpeg"}
        "official": the archive ``cifar10/cifar-10-binary.tar.gz`` of the authors, 170 MB, found or fetched as `mnist`
        is. "jpeg": ``cifar10_jpeg/train.npz`` and ``test.npz``, which somebody has to have put into MINICNN_DATA or
        the cache: the photos after a lossy compression, all to be tested on, but only 2,500 of 5,000 of each kind to
        learn from, kind after kind. What is learned from them is not to be compared with published numbers; the data
        set says so, too. Needs Pillow.
    mirror : str, optional
        Address of a folder with ``cifar10/`` in it, instead of the authors'.
        Default: the environment variable MINICNN_MIRROR, if set.

    Returns
    -------
    ArrayDataset
        Images of shape (N, 3, 32, 32): red, green and blue, float32 in [0, 1]; labels 0 to 9. `note` is None, or says
        what is missing.

    Raises
    ------
    DataFileError
        If a file is missing, truncated or damaged and cannot be fetched.

    References
    ----------
    Krizhevsky, Learning multiple layers of features from tiny images, technical report, University of Toronto, 2009.

    Example
    -------
    >>> cifar10()  # doctest: +SKIP
    ArrayDataset(50000 images of shape (3, 32, 32), 10 classes)
    >>> cifar10(copy="jpeg").note  # doctest: +SKIP
    'JPEG copies, with loss; 25,000 of the 50,000 training images'
    """
    part = "train" if flag("cifar10", "train", train) else "test"
    one_of("cifar10", "copy", copy, "official", "jpeg")
    if copy == "jpeg":
        return _jpeg(part, mirror)
    try:
        return _official(part, mirror)
    except DataFileError as error:
        raise DataFileError(
            f'{error} Or pass copy="jpeg" for lossy copies, half of the training images, if you have cifar10_jpeg/.'
        ) from None


def _official(part, mirror):
    """Six files of records of 3,073 bytes: the label, then 32 × 32 of red, green and blue."""
    content = io.BytesIO(_fetch("cifar10/cifar-10-binary.tar.gz", mirror))
    names = [f"data_batch_{k}.bin" for k in range(1, 6)] if part == "train" else ["test_batch.bin"]
    with tarfile.open(fileobj=content, mode="r:gz") as archive:
        files = {file.name.split("/")[-1]: archive.extractfile(file).read() for file in archive if file.isfile()}
    records = np.frombuffer(b"".join(files[name] for name in names), np.uint8).reshape(-1, 3073)
    return _dataset(records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0])


def _jpeg(part, mirror):
    """One file: all pictures' bytes in a row, where each begins, and the labels."""
    open_picture = need('cifar10(copy="jpeg")', "PIL.Image", "data").open
    with np.load(io.BytesIO(_fetch(f"cifar10_jpeg/{part}.npz", mirror))) as file:
        content, offsets, labels = file["jpeg"].tobytes(), file["offsets"].tolist(), file["labels"]
    parts = zip(offsets[:-1], offsets[1:], strict=True)
    photos = np.stack([np.asarray(open_picture(io.BytesIO(content[a:b]))) for a, b in parts])  # (N, 32, 32, 3)
    whole, kind = (50_000, "training") if part == "train" else (10_000, "test")
    count = f"{len(photos):,} of the {whole:,}" if len(photos) < whole else f"all {whole:,}"
    note = f"JPEG copies, with loss; {count} {kind} images"
    return _dataset(np.ascontiguousarray(photos.transpose(0, 3, 1, 2)), labels, note)


def _dataset(images, labels, note=None):
    return ArrayDataset(images / np.float32(255), labels.astype(np.int64), CIFAR10, note=note)
