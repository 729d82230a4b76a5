"""The images the book learns from: two sets that come with scikit-learn, and three that are fetched once.

MNIST, Fashion-MNIST and CIFAR-10 are looked for under their official file names, first in the folder that the
environment variable MINICNN_DATA names, then in the user's cache, then on the mirrors below. All three
hold ``mnist/`` and ``fashion_mnist/`` with four files each, ``cifar10/`` with one, and nothing is used before its
checksum is right.
"""

import gzip
import hashlib
import os
import struct
from pathlib import Path

import numpy as np

from ..checks import flag
from ..extras import need
from .loader import ArrayDataset
from .transforms import resize

DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip

MIRRORS = {
    "mnist": (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    "fashion_mnist": (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    "cifar10": ("https://www.cs.toronto.edu/~kriz/",),
    "cifar10_jpeg": (),
}

SHA256 = {
    "mnist": {
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
    "fashion_mnist": {
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
    "cifar10": {
        "cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    },
    "cifar10_jpeg": {
        "train.npz": "c2b6ca2af426b4dc09917e3d5466d2234a15604b47a5b5c0489ba01c02b1f8e5",
        "test.npz": "4973920593b8c799d57a6f542a99ded65daff94462a3459b1374614e9aa2f3b3",
    },
}


class DataFileError(OSError):
    """A data file is missing or damaged; the message says which, what was found, and the three ways out.

    Example
    -------
    >>> issubclass(DataFileError, OSError)
    True
    """


def digits(size=8):
    """Return the 1,797 handwritten digits of the UCI repository, which come with scikit-learn.

    Parameters
    ----------
    size : int
        Height and width in pixels. The originals are 8 × 8; other sizes are made by `resize`.

    Returns
    -------
    ArrayDataset
        Images of shape (1797, 1, size, size), float32 in [0, 1] with bright strokes; labels 0 to 9.

    References
    ----------
    Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998.

    Example
    -------
    >>> digits(size=32)
    ArrayDataset(1797 images of shape (1, 32, 32), 10 classes)
    """
    raw = need("digits", "sklearn.datasets", "data").load_digits()  # here, because it takes a second to import
    images = (raw.images / 16).astype(np.float32)[:, None]  # (1797, 1, 8, 8), 17 grey levels
    return ArrayDataset(images if size == 8 else resize(images, size), raw.target, DIGITS)


def sample_photo(name="china"):
    """Return one of the two colour photos that come with scikit-learn.

    Parameters
    ----------
    name : {"china", "flower"}
        A temple in China, or a dahlia.

    Returns
    -------
    ndarray, shape (427, 640, 3), uint8
        Height, width and the three colours red, green and blue, 0 to 255.

    Raises
    ------
    ValueError
        If there is no photo of that name.

    Example
    -------
    >>> sample_photo("china").shape
    (427, 640, 3)
    """
    if name not in ("china", "flower"):
        raise ValueError(f'sample_photo: there is no photo {name!r}. Pass "china" or "flower".')
    need("sample_photo", "PIL", "data")  # with which scikit-learn reads it
    return np.array(need("sample_photo", "sklearn.datasets", "data").load_sample_image(f"{name}.jpg"))


def mnist(train=True, *, mirror=None):
    """Return MNIST: 60,000 handwritten digits to learn from, or 10,000 to be tested on.

    Parameters
    ----------
    train : bool
        True for the 60,000, False for the 10,000.
    mirror : str, optional
        Address of a folder with ``mnist/`` in it, instead of the official mirrors.
        Default: the environment variable MINICNN_MIRROR, if set.

    Returns
    -------
    ArrayDataset
        Images of shape (N, 1, 28, 28), float32 in [0, 1] with bright strokes; labels 0 to 9.

    Raises
    ------
    DataFileError
        If a file is missing, truncated or damaged and cannot be fetched.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998.

    Example
    -------
    >>> mnist()  # doctest: +SKIP
    ArrayDataset(60000 images of shape (1, 28, 28), 10 classes)
    """
    return _idx_dataset("mnist", train, mirror, DIGITS)


def fashion_mnist(train=True, *, mirror=None):
    """Return Fashion-MNIST: pictures of clothes, as many, as large and in the same files as MNIST.

    Parameters, errors and shapes are those of `mnist`; ``classes`` holds the ten names.

    References
    ----------
    Xiao, Rasul and Vollgraf, "Fashion-MNIST", arXiv:1708.07747, 2017.

    Example
    -------
    >>> fashion_mnist(train=False)  # doctest: +SKIP
    ArrayDataset(10000 images of shape (1, 28, 28), 10 classes)
    """
    return _idx_dataset("fashion_mnist", train, mirror, CLOTHES)


def cache_folder():
    """Return the folder that keeps downloaded files: one per user, where the system wants caches."""
    return Path(need("data", "pooch", "data").os_cache("minicnn"))


def _idx_dataset(folder, train, mirror, classes):
    part = "train" if flag(folder, "train", train) else "t10k"
    images, labels = (
        parse_idx(gzip.decompress(_fetch(f"{folder}/{part}-{kind}-ubyte.gz", mirror)))
        for kind in ("images-idx3", "labels-idx1")
    )  # (N, 28, 28) and (N,)
    return ArrayDataset(images[:, None].astype(np.float32) / 255, labels.astype(np.int64), classes)


def parse_idx(content):
    """Unpack MNIST's idx format: two zeros, an 8 for bytes, the number of axes, their lengths, the values.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    ndarray of uint8, read-only

    Raises
    ------
    ValueError
        If the first four bytes are not those of idx, or there are more or fewer values than the header says.

    Example
    -------
    >>> parse_idx(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]))
    array([7, 8, 9], dtype=uint8)
    """
    if len(content) < 4 or content[:3] != b"\0\0\x08":
        raise ValueError(f"parse_idx: an idx file of bytes starts with 00 00 08, not {content[:4].hex(' ')}.")
    axes = content[3]
    start = 4 + 4 * axes
    if len(content) < start:
        raise ValueError(f"parse_idx: the header needs {start} bytes, but there are {len(content)}.")
    shape = struct.unpack(f">{axes}I", content[4:start])
    values = np.frombuffer(content, np.uint8, offset=start)
    if values.size != np.prod(shape, dtype=np.int64):
        raise ValueError(f"parse_idx: the header announces shape {shape}, but {values.size} values follow.")
    return values.reshape(shape)


def _fetch(name, mirror):
    """Return the bytes of a file from MINICNN_DATA, the cache or a mirror, checked; or say what to do."""
    folder = os.environ.get("MINICNN_DATA")
    if folder and (path := Path(folder, name)).is_file():
        try:
            return _checked(path.read_bytes(), name)
        except OSError as error:  # better said than passed over: this folder was asked for
            raise _error(name, [f"{error} at {path}"]) from error
    cached, problems = cache_folder() / name, []
    if cached.is_file():
        try:
            return _checked(cached.read_bytes(), name)
        except OSError as error:
            problems.append(f"{error} at {cached}")
    requests = need("data", "requests", "data")

    mirror = mirror or os.environ.get("MINICNN_MIRROR")
    folder, file = name.split("/")
    for url in [f"{mirror.rstrip('/')}/{name}"] if mirror else [site + file for site in MIRRORS[folder]]:
        try:
            return _download(url, name, cached)
        except requests.ConnectionError:  # its own text is long and says no more
            problems.append(f"no connection to {url}")
        except OSError as error:  # the other errors of requests, too
            problems.append(f"{error} at {url}")
    raise _error(name, problems)


def _download(url, name, cached):
    """Fetch into a temporary file beside its place; it gets its name only once it is known to be good."""
    pooch = need("data", "pooch", "data")
    cached.parent.mkdir(parents=True, exist_ok=True)
    part = cached.with_name(f"{cached.name}.{os.getpid()}.part")
    try:
        pooch.HTTPDownloader(progressbar=True, chunk_size=65536)(url, str(part), None)
        content = _checked(part.read_bytes(), name)
        part.replace(cached)
        return content
    finally:
        part.unlink(missing_ok=True)


def _checked(content, name):
    found = hashlib.sha256(content).hexdigest()
    if found != _expected(name):
        raise DataFileError(f"sha256 {found} (truncated or damaged: {len(content):,} bytes)")
    return content


def _expected(name):
    folder, file = name.split("/")
    return SHA256[folder][file]


def _error(name, problems):
    now = os.environ.get("MINICNN_DATA") or "unset"
    return DataFileError(
        f"{name}: expected sha256 {_expected(name)}, but found {'; '.join(problems) or 'no file'}. Three ways out: "
        f"(1) set MINICNN_DATA (now {now}) to a folder that holds {name}; "
        f"(2) put the file by hand at {cache_folder() / name}; "
        f"(3) try again with a network, or set MINICNN_MIRROR to the address of a folder that serves {name}."
    )
