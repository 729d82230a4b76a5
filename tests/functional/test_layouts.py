"""How an array lies in memory changes no answer, and no input is written to."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn.functional as F

RNG = np.random.default_rng(0)
X, Q, T = RNG.standard_normal((6, 4)), RNG.uniform(0.1, 0.9, (6, 4)), RNG.integers(0, 4, 6)


def strided(a):
    wide = np.zeros((2 * len(a), *a.shape[1:]), a.dtype)
    wide[::2] = a
    return wide[::2]


def frozen(a):
    a = a.copy()
    a.flags.writeable = False
    return a


@pytest.mark.parametrize("layout", [np.asfortranarray, strided, frozen])
@pytest.mark.parametrize(
    ("name", "arrays"),
    [
        ("cross_entropy", (X, T)), ("cross_entropy", (X, Q)), ("nll_loss", (X, T)), ("mse_loss", (X, Q)),
        ("huber_loss", (X, Q)), ("kl_div", (X, Q)), ("binary_cross_entropy_with_logits", (X, Q)),
        ("binary_cross_entropy", (Q, Q)), ("embedding", (T % 6, X)), ("linear", (X, Q)), ("matmul", (X, Q.T)),
        ("bilinear", (X, X, RNG.standard_normal((3, 4, 4)))), ("max", (X,)), ("var", (X,)), ("pow", (Q, X)),
        ("norm", (X,)), ("normalize", (X,)), ("prod", (X,)), ("tril", (X,)), ("cosine_similarity", (X, Q)),
        ("pairwise_distance", (X, Q)), ("scaled_dot_product_attention", (X, Q, X)), ("multi_margin_loss", (X, T)),
        ("gaussian_nll_loss", (X, X, Q)), ("poisson_nll_loss", (X, Q)), ("triplet_margin_loss", (X, Q, -Q)),
        ("cosine_embedding_loss", (X, Q, 1 - 2 * (T > 1))), ("log1p", (Q,)),
    ],
)  # fmt: skip
def test_layouts(layout, name, arrays):
    f_vjp = getattr(F, f"{name}_vjp")
    y, vjp = f_vjp(*arrays)
    other = [layout(a) for a in arrays]
    before = [a.copy() for a in other]
    y2, vjp2 = f_vjp(*other)
    assert_allclose(y2, y, rtol=1e-13)
    dy = RNG.standard_normal(np.shape(y))
    for a, b in zip(vjp(dy), vjp2(layout(dy) if dy.ndim else dy), strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert_allclose(b, a, rtol=1e-12, atol=1e-14)
    for a, b in zip(other, before, strict=True):
        assert_array_equal(a, b)
