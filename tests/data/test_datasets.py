"""The sets in scikit-learn, those that are fetched (here from a server of our own), and the real files."""

import functools
import gzip
import hashlib
import http.server
import os
import socket
import struct
import threading
from pathlib import Path

import numpy as np
import pytest

import minicnn.data.datasets as ds

IMAGES, LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"
PIXELS = np.random.default_rng(0).integers(0, 256, (6, 28, 28), np.uint8)
ANSWERS = np.array([7, 2, 1, 0, 4, 1], np.uint8)


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


FILES = {IMAGES: gzip.compress(idx(PIXELS), mtime=0), LABELS: gzip.compress(idx(ANSWERS), mtime=0)}
SHA256 = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def send_header(self, key, value):
        if key == "Content-Length" and "/cut/" in self.path:  # promises more than it sends
            value = str(int(value) + 100)
        super().send_header(key, value)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, no settings, and MNIST's test set replaced by six pictures of noise."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(ds, "cache_folder", lambda: folder)
    monkeypatch.setitem(ds.SHA256, "mnist", SHA256)
    monkeypatch.delenv("MINICNN_DATA", raising=False)
    monkeypatch.delenv("MINICNN_MIRROR", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return folder


@pytest.fixture
def server(tmp_path):
    """The address of a local server, and the folder that it serves."""
    root = tmp_path / "server"
    root.mkdir()
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=root)
    ) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}", root
        httpd.shutdown()
        thread.join()


def put(folder, files=FILES):
    """Write the files of MNIST into folder/mnist."""
    (folder / "mnist").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / "mnist" / name).write_bytes(content)


def held(folder):
    """The files anywhere in a folder, by name."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def assert_is_ours(data):
    np.testing.assert_array_equal(data.images, PIXELS[:, None].astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(data.labels, ANSWERS)
    assert data.images.dtype == np.float32
    assert data.labels.dtype == np.int64
    assert data.classes == tuple("0123456789")


def closed_address():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{s.getsockname()[1]}"


def ways_out(cache, now="unset"):
    return (
        f" Three ways out: (1) set MINICNN_DATA (now {now}) to a folder that holds mnist/{IMAGES}; "
        f"(2) put the file by hand at {cache / 'mnist' / IMAGES}; "
        f"(3) try again with a network, or set MINICNN_MIRROR to the address of a folder that serves "
        f"mnist/{IMAGES}."
    )


def damaged(content, source):
    found = hashlib.sha256(content).hexdigest()
    return (
        f"mnist/{IMAGES}: expected sha256 {SHA256[IMAGES]}, but found sha256 {found} "
        f"(truncated or damaged: {len(content):,} bytes) at {source}"
    )


# --- download and cache ---------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["argument", "environment", "official"])
def test_download_then_cached_use_without_network(cache, server, monkeypatch, how, capfd):
    address, root = server
    put(root)
    if how == "environment":
        monkeypatch.setenv("MINICNN_MIRROR", address + "/")
    if how == "official":  # the second mirror is asked when the first does not answer
        monkeypatch.setitem(ds.MIRRORS, "mnist", (closed_address() + "/", address + "/mnist/"))
    assert_is_ours(ds.mnist(train=False, mirror=address if how == "argument" else None))
    assert "100%" in capfd.readouterr().err  # a progress bar
    assert held(cache) == [IMAGES, LABELS]

    assert_is_ours(ds.mnist(train=False, mirror=closed_address()))
    assert capfd.readouterr().err == ""


def test_the_two_sets_do_not_share_files(cache, server, monkeypatch):
    """Fashion-MNIST uses MNIST's file names: with MNIST in the cache it must still fetch its own."""
    address, root = server
    put(cache)
    clothes = {IMAGES: gzip.compress(idx(255 - PIXELS)), LABELS: gzip.compress(idx(ANSWERS[::-1]))}
    monkeypatch.setitem(
        ds.SHA256, "fashion_mnist", {name: hashlib.sha256(c).hexdigest() for name, c in clothes.items()}
    )
    put(root, clothes)
    (root / "mnist").rename(root / "fashion_mnist")
    data = ds.fashion_mnist(train=False, mirror=address)
    np.testing.assert_array_equal(data.labels, ANSWERS[::-1])
    assert data.classes[9] == "Ankle boot"
    assert_is_ours(ds.mnist(train=False))


@pytest.mark.parametrize("kind", ["truncated", "corrupted"])
def test_bad_download_is_named_and_leaves_nothing(cache, server, kind):
    address, root = server
    good = FILES[IMAGES]
    bad = good[: len(good) // 2] if kind == "truncated" else good[:100] + bytes([good[100] ^ 1]) + good[101:]
    put(root, FILES | {IMAGES: bad})
    with pytest.raises(ds.DataFileError) as error:
        ds.mnist(train=False, mirror=address)
    assert str(error.value) == damaged(bad, f"{address}/mnist/{IMAGES}") + "." + ways_out(cache)
    assert held(cache) == []


def test_connection_that_breaks_off(cache, server):
    address, root = server
    put(root / "cut")
    with pytest.raises(ds.DataFileError) as error:
        ds.mnist(train=False, mirror=f"{address}/cut")
    assert f"mnist/{IMAGES}: expected sha256 {SHA256[IMAGES]}, but found " in str(error.value)
    assert f"at {address}/cut/mnist/{IMAGES}." + ways_out(cache) in str(error.value)
    assert held(cache) == []


def test_file_not_on_the_server(cache, server):
    address, _ = server
    url = f"{address}/mnist/{IMAGES}"
    with pytest.raises(ds.DataFileError) as error:
        ds.mnist(train=False, mirror=address)
    assert str(error.value) == (
        f"mnist/{IMAGES}: expected sha256 {SHA256[IMAGES]}, but found "
        f"404 Client Error: File not found for url: {url} at {url}." + ways_out(cache)
    )
    assert held(cache) == []


def test_no_network_names_every_mirror(cache, monkeypatch):
    mirrors = (closed_address() + "/", closed_address() + "/")
    monkeypatch.setitem(ds.MIRRORS, "mnist", mirrors)
    with pytest.raises(ds.DataFileError) as error:
        ds.mnist(train=False)
    for mirror in mirrors:
        assert f" at {mirror}{IMAGES}" in str(error.value)
    assert str(error.value).endswith(ways_out(cache))
    assert held(cache) == []


def test_a_damaged_file_in_the_cache_is_fetched_again(cache, server):
    address, root = server
    put(root)
    put(cache, FILES | {IMAGES: b"half"})
    assert_is_ours(ds.mnist(train=False, mirror=address))
    assert (cache / "mnist" / IMAGES).read_bytes() == FILES[IMAGES]


def test_a_damaged_file_in_the_cache_without_network(cache):
    put(cache, FILES | {IMAGES: b"half"})
    with pytest.raises(ds.DataFileError) as error:
        ds.mnist(train=False, mirror=closed_address())
    assert str(error.value).startswith(damaged(b"half", cache / "mnist" / IMAGES) + "; ")
    assert (cache / "mnist" / IMAGES).read_bytes() == b"half"  # ours to replace, not to delete


def test_cache_that_cannot_be_written(cache, server):
    address, root = server
    put(root)
    cache.write_bytes(b"a file where the folder should be")  # stops root too, unlike permissions
    with pytest.raises(ds.DataFileError) as error:
        ds.mnist(train=False, mirror=address)
    assert str(cache) in str(error.value)
    assert str(error.value).endswith(ways_out(cache))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_cache(cache, server):
    address, root = server
    put(root)
    cache.mkdir(mode=0o555)
    with pytest.raises(ds.DataFileError, match="Permission denied"):
        ds.mnist(train=False, mirror=address)


def test_read_only_cache_that_holds_the_files(cache, monkeypatch):
    put(cache)
    for path in cache.rglob("*"):
        path.chmod(0o444 if path.is_file() else 0o555)
    monkeypatch.setattr(Path, "mkdir", None)  # any attempt to write fails
    assert_is_ours(ds.mnist(train=False))


def test_the_cache_is_the_users_own():
    folder = ds.cache_folder()
    assert folder.is_absolute()
    assert "minicnn" in folder.parts


# --- MINICNN_DATA ---------------------------------------------------------------------------------


def test_minicnn_data_comes_first(cache, tmp_path, monkeypatch):
    put(tmp_path / "mine")
    monkeypatch.setenv("MINICNN_DATA", str(tmp_path / "mine"))
    assert_is_ours(ds.mnist(train=False, mirror=closed_address()))
    assert not cache.exists()


def test_minicnn_data_with_a_damaged_file(cache, tmp_path, monkeypatch):
    bad = FILES[IMAGES][:-1]
    put(tmp_path / "mine", FILES | {IMAGES: bad})
    put(cache)
    monkeypatch.setenv("MINICNN_DATA", str(tmp_path / "mine"))
    with pytest.raises(ds.DataFileError) as error:
        ds.mnist(train=False)
    assert str(error.value) == (
        damaged(bad, tmp_path / "mine" / "mnist" / IMAGES) + "." + ways_out(cache, now=tmp_path / "mine")
    )


def test_minicnn_data_without_the_file(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("MINICNN_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(ds.DataFileError) as error:
        ds.mnist(train=False, mirror=closed_address())
    assert str(error.value).endswith(ways_out(cache, now=tmp_path / "nowhere"))
    put(cache)
    assert_is_ours(ds.mnist(train=False, mirror=closed_address()))


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
        (idx(ANSWERS)[:-1], "the header announces shape (6,), but 5 values follow."),
        (idx(ANSWERS) + b"\0", "the header announces shape (6,), but 7 values follow."),
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
