"""The peak counts what it does, and leaves nothing out."""

import numpy as np
import pytest
from numba.core import config

from minicnn.kernels import peak, simd
from minicnn.kernels.running.jit import parallel_for

compiled = pytest.mark.skipif(bool(config.DISABLE_JIT), reason="intrinsics are compiled")


@compiled
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_sum_of_every_row_is_computed(dtype):
    x = peak.numbers(3, dtype)
    x[:, 1:] = 0  # s = 0.5 s + 0.5, three times: from 0.5 to 15/16, from 0 to 7/8
    x[2] = 1  # 1, 2, 3, 4
    parallel_for(peak.peak, 3, x, 3)
    lanes = simd.BYTES // x.itemsize
    sums = x[:, peak.SUMS : peak.SUMS + lanes]
    np.testing.assert_array_equal(sums[:2], 15 / 16 + 7 / 8 * (peak.SUMS - 1))
    np.testing.assert_array_equal(sums[2], 4 * peak.SUMS)


@compiled
def test_a_multiplication_and_an_addition_are_two_operations():
    x = peak.numbers(8)
    assert peak.operations(x, 100) == 2 * 8 * 100 * peak.SUMS * simd.BYTES // 4


@compiled
def test_sums_stay_finite_however_long_they_run():
    x = peak.numbers(2)
    for _ in range(3):
        parallel_for(peak.peak, 2, x, 10_000)
    assert np.isfinite(x).all()
