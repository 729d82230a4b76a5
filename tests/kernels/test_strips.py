"""Few large images, cut into strips for the engine, against the plain loops, as in test_engine.py."""

import numpy as np
import pytest

from minicnn.functional.convolution import images, strips
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
def _engine(monkeypatch):
    only(monkeypatch, images)
    monkeypatch.setattr(images, "pays", lambda job: True)


@pytest.mark.parametrize("seed", range(40))
def test_strips_and_plain_loops_agree(seed, monkeypatch):
    shapes, dtype, cut = geometry(np.random.default_rng(seed), 7, (30, 30, 9)), (np.float32, np.float64)[seed % 2], []
    real = strips.cut
    monkeypatch.setattr(strips, "cut", lambda *args: cut.append(1) or real(*args))
    agree_with_plain_loops(monkeypatch, shapes, dtype)
    rows = shapes[0][2]
    assert cut or shapes[0][0] > 5 or rows < 12 or simd.NAME != "avx512"


def test_same_bits_on_any_number_of_threads():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 6, 33, 9)).astype("f"), rng.standard_normal((10, 6, 3, 3)).astype("f")
    same_on_any_number_of_threads(x, w, padding=1)


@pytest.mark.skipif(simd.NAME != "avx512", reason="the numbers are for vectors of 16")
@pytest.mark.parametrize(
    ("N", "rows", "count"),
    [(1, 32, 16), (1, 5, 5), (4, 32, 4), (8, 14, 2), (16, 32, 1), (24, 32, 1), (3, 28, 5), (1, 1, 1), (0, 8, 1)],
)
def test_how_many_strips(N, rows, count):
    """As few as make the work least; none where they save less than a third of it."""
    assert strips.of(job((N, 1, rows + 2, 9), (1, 1, 3, 3))).count == count
