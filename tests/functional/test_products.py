import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

seeds = st.integers(0, 2**32)


@given(mutually_broadcastable_shapes(signature=np.matmul.signature), seeds)
def test_matmul(shapes, seed):
    rng = np.random.default_rng(seed)
    x, y = (rng.standard_normal(shape) for shape in shapes.input_shapes)
    assert_allclose(F.matmul(x, y), x @ y)
    mc.gradcheck(F.matmul_vjp, x, y)


def test_matmul_of_ints_and_nan():
    n = np.arange(4).reshape(2, 2)
    assert_array_equal(F.matmul(n, n), n @ n)
    assert np.isnan(F.matmul(np.array([np.nan, 1]), np.array([0.0, 1])))
    x = np.array([[1.0, np.inf]])
    assert_array_equal(F.matmul(x, np.array([[0.0, 1], [1, 1]])), [[np.inf, np.inf]])


@st.composite
def equations(draw):
    """An equation, and arrays that it fits: letters may come twice in a term, and sizes be 1 where another is not."""
    sizes = {c: draw(st.integers(0, 3)) for c in "abcX"}
    terms = draw(st.lists(st.text("abcX", max_size=3), min_size=1, max_size=3))
    used = sorted(set("".join(terms)))
    dots = draw(st.booleans())
    rng = np.random.default_rng(draw(seeds))
    arrays = []
    for term in terms:
        ones = {c for c in term if draw(st.integers(0, 4)) == 0}
        before = draw(st.sampled_from([(), (2,), (3, 1), (3, 2)])) if dots else ()
        arrays.append(rng.standard_normal((*before, *(1 if c in ones else sizes[c] for c in term))))
    result = "".join(draw(st.permutations(used)))[: draw(st.integers(0, 4))]
    if dots:
        terms = [f"...{term}" for term in terms]
    return f"{','.join(terms)}->{'...' * dots}{result}", arrays


def naive_einsum(equation, arrays):
    """The sum over all values of all letters, one after the other; only for equations without dots."""
    left, _, result = equation.partition("->")
    sizes = {}
    for term, x in zip(left.split(","), arrays, strict=True):
        for c, n in zip(term, x.shape, strict=True):
            sizes[c] = n if sizes.get(c, 1) == 1 else sizes[c]
    y = np.zeros([sizes[c] for c in result])
    for values in np.ndindex(*sizes.values()):
        at = dict(zip(sizes, values, strict=True))
        product = 1.0
        for term, x in zip(left.split(","), arrays, strict=True):
            product *= x[tuple(at[c] if n > 1 else 0 for c, n in zip(term, x.shape, strict=True))]
        y[tuple(at[c] for c in result)] += product
    return y


@given(equations())
def test_einsum(problem):
    equation, arrays = problem
    if "." not in equation:
        assert_allclose(F.einsum(equation, *arrays), naive_einsum(equation, arrays), atol=1e-12)
    mc.gradcheck(F.einsum_vjp, *arrays, equation=equation)


def test_einsum_by_example():
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    assert_array_equal(F.einsum("ij,jk", a, b), a @ b)
    assert_array_equal(F.einsum("ba", a), a.T)  # the result in alphabetical order …
    assert_array_equal(F.einsum("bA", a), a.T)  # … where capitals come first
    assert_array_equal(F.einsum("ij,ij", a, a), (a * a).sum())
    assert_array_equal(F.einsum("... i -> ...", a), a.sum(1))
    assert_array_equal(F.einsum("...ij->ij", np.ones((5, 2, 3))), np.full((2, 3), 5.0))
    assert F.einsum("i,i", np.arange(3), np.arange(3)) == 5
    y = F.einsum("ij->ji", a)
    assert not np.shares_memory(y, a)


A, V = np.zeros((2, 3)), np.zeros(3)


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (
            lambda: F.matmul(A, A), ValueError,
            "matmul: x of shape (2, 3) has 3 columns, but y of shape (2, 3) has 2 rows. "
            "The numbers must be equal: transpose one of them.",
        ),
        (
            lambda: F.matmul(A, V[0]), ValueError,
            "matmul: x and y need at least one axis, not shapes (2, 3) and (). Use *.",
        ),
        (
            lambda: F.matmul(A, V.astype(np.float32)), TypeError,
            "matmul: all arrays must have one dtype, but x is float64, y is float32. Convert one with .astype(…).",
        ),
        (
            lambda: F.matmul(A > 0, V > 0), TypeError,
            "matmul: not defined for bool. Convert with .astype(np.int64), or use ~, & and ^ on masks.",
        ),
        (
            lambda: F.matmul(np.zeros((2, 1, 3)), np.zeros((3, 3, 1))), ValueError,
            "matmul: shapes (2,) and (3,) do not broadcast. "
            "Counted from the last axis, sizes must be equal, or one be 1.",
        ),
        (
            lambda: F.einsum("i1", A), ValueError,
            "einsum: the equation must be made of letters, commas, '...' and one '->', as in \"ij,jk->ik\", not 'i1'.",
        ),
        (
            lambda: F.einsum(1, A), ValueError,
            "einsum: the equation must be made of letters, commas, '...' and one '->', as in \"ij,jk->ik\", not 1.",
        ),
        (lambda: F.einsum("ij,j", A), ValueError, "einsum: 'ij,j' speaks of 2 arrays, but there are 1."),
        (lambda: F.einsum("......", A), ValueError, "einsum: '......' has '...' twice in one term. Use it once."),
        (
            lambda: F.einsum("i,j", A, V), ValueError,
            "einsum: 'i' in 'i,j' does not name the axes of an array of shape (2, 3).",
        ),
        (
            lambda: F.einsum("ij->ik", A), ValueError,
            "einsum: the result of 'ij->ik' may name only letters of the terms, each once.",
        ),
        (
            lambda: F.einsum("i->ii", V), ValueError,
            "einsum: the result of 'i->ii' may name only letters of the terms, each once.",
        ),
        (
            lambda: F.einsum("ij,i", A, V), ValueError,
            "einsum: a letter must have one size, or 1, but in 'ij,i' one has several, for shapes (2, 3), (3,).",
        ),
        (
            lambda: F.einsum("ii", A[:1]), ValueError,
            "einsum: a letter must have one size, or 1, but in 'ii' one has several, for shapes (1, 3).",
        ),
        (
            lambda: F.einsum("i,i", V, V.astype(int)), TypeError,
            "einsum: all arrays must have one dtype, but array 0 is float64, array 1 is int64. "
            "Convert one with .astype(…).",
        ),
        (
            lambda: F.einsum("i,i", V, [1, 2, 3]), TypeError,
            "einsum: array 1 must be an array or a Tensor, not list. Use np.asarray.",
        ),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
