"""Answers are compared kindly where that is right, and nothing that comes back can break the comparison."""

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from minicnn.exercises.checking.compare import difference
from minicnn.exercises.checking.proxy import BLANK, Handle

THIRDS = np.array([1.0, 2.0, 4.0]) / 3


@pytest.mark.parametrize(
    ("want", "got"),
    [
        (THIRDS, THIRDS.astype(np.float32)),
        (THIRDS, list(THIRDS)),
        (2.0, np.array([[2.0]])),
        (2, 2.0),
        (np.array([1, 2]), np.array([1.0, 2.0])),
        ([1, 2], np.array([1, 2])),
        ([THIRDS, 1.0], [list(THIRDS), 1]),
        ([THIRDS, THIRDS], np.array([THIRDS, THIRDS])),
        ([THIRDS, np.ones(2)], [THIRDS, [1, 1]]),
        (True, np.True_),
        (True, 1),
        ("same", " Same "),
        (np.array([np.nan, 1]), np.array([np.nan, 1])),
        (np.array([np.inf, 1]), np.array([np.inf, 1])),
        ({"a": 1.0}, {"a": 1, "b": 2}),
        (None, 5),
        (Handle(0), Handle(3)),
        (np.ones((0, 3)), np.ones((0, 3))),
    ],
)
def test_same(want, got):
    assert difference(want, got) is None


@pytest.mark.parametrize(
    ("want", "got", "text"),
    [
        (THIRDS, np.array([0, 0, 1]), "Your numbers are whole, cut off: the array that you fill has an integer dtype."),
        (
            THIRDS,
            THIRDS.astype(np.float16),
            "The numbers are right but too coarse: float16 holds three digits. Use float32 or float64.",
        ),
        (THIRDS, THIRDS * 1.001, "Every number is 1.001 times the expected one."),
        (np.array([1, 2]), np.array([1, 3]), "1 of 2 numbers is wrong; the largest difference is 1."),
        (5, 7, "7 is 2 too large."),
        (0.5, 0.25, "0.25 is 0.25 too small."),
        (True, False, "False instead of True."),
        (True, 5, "Here comes the number 5; True or False was expected."),
        ("a", 3, "Here comes the value 3, not 'a'."),
        ([THIRDS, 1.0], [THIRDS, 2], "In the second value: 2 is 1 too large."),
        ([THIRDS, 1.0], [THIRDS], "Here comes 1 value; 2 values were expected."),
        ([THIRDS, 1.0], None, "Your code returns None. Is there a `return` missing?"),
        ({"a": 1}, {"b": 1}, "There is no 'a' in your answer."),
        ({"a": 1}, {"a": 2}, "In 'a': 2 is 1 too large."),
        (Handle(0), np.ones(2), "Here comes an array of shape (2,); an object or a function was expected."),
        (np.array([np.nan, 1]), np.ones(2), "1 of 2 numbers is wrong: NaN or infinite was expected there."),
        (1.0, np.inf, "The number is infinite: somewhere a division by 0, an overflow, or the log of 0."),
        (1.0, 10**400, "Here comes a list of things that are no numbers; numbers were expected."),
    ],
)
def test_different(want, got, text):
    assert difference(want, got).text == text


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just(BLANK)
    | st.builds(Handle, st.integers(0, 9), st.text(max_size=3))
    | hnp.arrays(hnp.boolean_dtypes() | hnp.integer_dtypes() | hnp.floating_dtypes(), hnp.array_shapes(min_dims=0)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
WANTED = [THIRDS, 2.0, 3, True, "a", [1, 2], [THIRDS, 1.0], {"a": 1.0}, Handle(0), np.ones((2, 2)), np.array([np.nan])]


@given(st.sampled_from(WANTED), anything)
def test_nothing_breaks_the_comparison(want, got):
    found = difference(want, got)
    assert found is None or isinstance(found.text, str)


def test_the_worker_needs_numpy_only():
    """So that a sandbox can hold it without any exercise."""
    path = Path(__file__).resolve().parents[2] / "minicnn/exercises/checking/worker.py"
    tree = ast.parse(path.read_text("utf-8"))
    imported = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    assert imported == {"contextlib", "io", "linecache", "math", "numpy", "re", "sys", "warnings"}
    assert [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)] == []
