"""Messages between grading and the sandbox: JSON, and beside it the plain bytes of arrays.

Threat model: whoever reads a message trusts nothing in it. Lengths are limited before memory is taken, dtypes come
from a short list, shapes must fit the bytes. No pickle, and no .npy: its header is Python text. What is inside the
JSON is judged by `minicnn.exercises.checking.proxy`. Loaded on both sides, so it imports nothing of minicnn.
"""

import json
import math
import struct

import numpy as np

JSON_LIMIT, BYTES_LIMIT = 1 << 20, 1 << 22
DTYPES = {"bool", "float16", "float32", "float64", *(f"{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64))}


class Broken(Exception):
    """What arrived is no message, or too large a one."""


def pack(message):
    """The bytes of a dict of JSON values, whose key "arrays" lists arrays."""
    arrays = [np.ascontiguousarray(a).reshape(np.shape(a)) for a in message["arrays"]]
    described = [[a.dtype.name, a.shape] for a in arrays]
    text = json.dumps(message | {"arrays": described}).encode("ascii")
    size, room = sum(a.nbytes for a in arrays), sum(_room(a.shape, a.itemsize) for a in arrays)
    if len(text) > JSON_LIMIT or room > BYTES_LIMIT:
        raise Broken(
            f"an answer of {(len(text) + room) / 1e6:.0f} MB is too large to look at; {BYTES_LIMIT >> 20} MB do"
        )
    return b"".join([struct.pack(">II", len(text), size), text, *(a.tobytes() for a in arrays)])


def unpack(receive):
    """The next message; ``receive(n)`` gives exactly n bytes.

    Raises
    ------
    Broken
        If it is no message.
    """
    length, size = struct.unpack(">II", receive(8))
    if length > JSON_LIMIT or size > BYTES_LIMIT:
        raise Broken("too large")
    text, data = receive(length), receive(size)
    try:
        message, arrays, start, room = json.loads(text), [], 0, 0
        for dtype, shape in message["arrays"]:
            if dtype not in DTYPES or len(shape) > 16 or not all(type(n) is int and n >= 0 for n in shape):
                raise Broken("an array that is none")
            room += _room(shape, np.dtype(dtype).itemsize)
            if room > BYTES_LIMIT:
                raise Broken("too large")
            count = math.prod(shape)
            arrays.append(np.frombuffer(data, dtype, count, start).reshape(shape) if count else np.zeros(shape, dtype))
            start += count * np.dtype(dtype).itemsize
    except (ValueError, TypeError, KeyError, RecursionError, MemoryError, OverflowError) as error:
        raise Broken(str(error)[:100]) from None
    if not isinstance(message, dict) or start != size:
        raise Broken("sizes that do not fit")
    return message | {"arrays": arrays}


def _room(shape, itemsize):
    """The bytes of an array, with an axis of 0 counted as 1: nothing takes no memory, but its views do."""
    return math.prod(max(n, 1) for n in shape) * itemsize


def exactly(read):
    """``receive(n)``, from a ``read(n)`` that may give less; it ends with EOFError."""

    def receive(n):
        parts = []
        while n:
            part = read(min(n, 1 << 16))
            if not part:
                raise EOFError
            parts.append(part)
            n -= len(part)
        return b"".join(parts)

    return receive
