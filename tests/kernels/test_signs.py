"""What ReLU let through is remembered bit by bit, whatever the number of numbers."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from minicnn.kernels.running.jit import jit, parallel_for
from minicnn.kernels.signs import WORD, let_through, remember


@jit
def there_and_back(start, stop, y, signs, g, kept):
    for a in range(start, stop):
        remember(y[a], signs[a])
        let_through(g[a], signs[a], kept[a])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [0, 1, 31, 32, 33, 64, 100])
def test_only_what_was_positive_or_nan_goes_back(n, dtype):
    rng = np.random.default_rng(n)
    y, g = (rng.standard_normal((3, n)).astype(dtype) for _ in range(2))
    special = [0.0, -0.0, np.nan, np.inf, -np.inf, np.finfo(dtype).smallest_subnormal]
    y.reshape(-1)[::3][: len(special)] = special[: len(y.reshape(-1)[::3])]
    g[-1:] = np.nan  # must not come through where the bit is 0
    kept, signs = np.ones_like(g), np.full((3, -(-n // WORD)), 0xDEADBEEF, np.uint32)
    parallel_for(there_and_back, 3, y, signs, g, kept)
    assert_array_equal(kept, np.where(~(y <= 0), g, 0))
    bits = np.unpackbits(signs.view(np.uint8), axis=1, bitorder="little")
    assert_array_equal(bits[:, :n], ~(y <= 0))
    assert not bits[:, n:].any()
