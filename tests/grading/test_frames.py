"""Whatever bytes come out of the sandbox, reading them gives a message or Broken, and takes little memory."""

import contextlib
import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minicnn.grading import frames


def read(data):
    return frames.unpack(frames.exactly(io.BytesIO(data).read))


def framed(text, data=b""):
    return struct.pack(">II", len(text), len(data)) + text + data


@pytest.mark.parametrize("dtype", sorted(frames.DTYPES))
def test_what_is_sent_arrives(dtype):
    arrays = [np.arange(6).reshape(2, 3).astype(dtype), np.array(1, dtype), np.zeros((0, 5), dtype)]
    got = read(frames.pack({"a": [1, "ü", None], "arrays": arrays}))
    assert got["a"] == [1, "ü", None]
    for want, array in zip(arrays, got["arrays"], strict=True):
        np.testing.assert_array_equal(array, want, strict=True)


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">II", 2**32 - 1, 0),
        struct.pack(">II", 2, 2**32 - 1) + b"{}",
        framed(b"{}"),
        framed(b"[]"),
        framed(b"5"),
        framed(b"\xff"),
        framed(b"[" * 10**6),
        framed(b'{"arrays": 5}'),
        framed(b'{"arrays": {"a": 1}}'),
        framed(b'{"arrays": [["object", [1]]]}', bytes(8)),
        framed(b'{"arrays": [["float64", [2]]]}', bytes(8)),
        framed(b'{"arrays": [["float64", [1]]]}', bytes(16)),
        framed(b'{"arrays": [["float64", [-1]]]}', bytes(8)),
        framed(b'{"arrays": [["float64", [true]]]}', bytes(8)),
        framed(b'{"arrays": [["float64", [1e0]]]}', bytes(8)),
        framed(b'{"arrays": [["float64", [4611686018427387904, 4]]]}'),
        framed(b'{"arrays": [["float64", "12"]]}', bytes(8)),
        framed(b'{"arrays": [[["float64"], [1]]]}', bytes(8)),
        framed(b'{"arrays": [["int8", [' + b"1," * 40 + b"1]]]}", bytes(1)),
        framed(b'{"arrays": [["int8", [' + b"9" * 5000 + b"]]]}", bytes(1)),
    ],
    ids=range(20),
)
def test_what_is_no_message_is_broken(data):
    with pytest.raises(frames.Broken):
        read(data)


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_any_bytes_are_a_message_or_broken(text, data):
    for whole in (text, framed(text, data), framed(b'{"arrays": [' + text + b"]}", data)):
        with contextlib.suppress(frames.Broken, EOFError):
            assert isinstance(read(whole), dict)


def test_too_large_an_answer_is_not_sent():
    with pytest.raises(frames.Broken, match="an answer of 8 MB is too large to look at; 4 MB do"):
        frames.pack({"arrays": [np.zeros(10**6)]})
