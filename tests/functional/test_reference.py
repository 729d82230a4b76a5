"""The reference is the code of chapter 9, and what conv2d computes is what it says."""

import ast
import inspect
from pathlib import Path

import nbformat
import numpy as np
import pytest
from numpy.testing import assert_allclose

import minicnn.functional as F
from minicnn.functional import reference

CHAPTER = Path(__file__).resolve().parents[2] / "book/learning/09-backpropagation.ipynb"


def test_it_is_the_code_of_chapter_9_word_for_word():
    cells = [c.source for c in nbformat.read(CHAPTER, as_version=4).cells if c.cell_type == "code"]
    (cell,) = (source for source in cells if source.startswith("def my_conv2d_vjp("))
    _, _, in_chapter = cell.partition("\n")
    definition, docstring, in_library = inspect.getsource(reference.conv2d_vjp).split("\n", 2)
    assert definition.replace("def ", "def my_") == cell.splitlines()[0]
    assert ast.literal_eval(docstring.strip())
    assert in_library.rstrip() == in_chapter[: len(in_library.rstrip())]


@pytest.mark.parametrize("seed", range(8))
def test_conv2d_computes_what_it_says(seed):
    rng = np.random.default_rng(seed)
    (N, C, O, K), stride, padding = rng.integers(1, 6, 4), int(rng.integers(1, 4)), int(rng.integers(0, 3))
    x, w = rng.standard_normal((N, C, *rng.integers(K, 12, 2))), rng.standard_normal((O, C, K, rng.integers(1, K + 1)))
    b = rng.standard_normal(O)
    (y, vjp), (expected, back) = (f(x, w, b, stride, padding) for f in (F.conv2d_vjp, reference.conv2d_vjp))
    dy = rng.standard_normal(y.shape)
    for got, wanted in zip((y, *vjp(dy)), (expected, *back(dy)), strict=True):
        assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)
