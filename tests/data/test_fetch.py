"""MNIST from a server of our own, from the cache, from MINICNN_DATA; and all that can go wrong on the way."""

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
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=root)) as httpd:
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
    assert str(error.value) == (
        f"mnist/{IMAGES}: expected sha256 {SHA256[IMAGES]}, but found no connection to {mirrors[0]}{IMAGES}; "
        f"no connection to {mirrors[1]}{IMAGES}." + ways_out(cache)
    )
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
