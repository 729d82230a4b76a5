"""exp and its relatives for one number, as formulas of plain arithmetic in float32: then a loop of them does 8 or 16
numbers at once, where one call each of the C library's functions would do one. In float64 those are called.

Errors are at most 2 units in the last place, of `normal_cdf` for x < −3 up to x² / 4. Without "reassoc": the order of
operations matters.
"""

import math

import numpy as np
from numba import types
from numba.core import config
from numba.extending import overload

from .running.atomics import helper

F = np.float32
PLAIN = dict(fastmath={"contract"}, error_model="numpy")  # left out, the flags of the caller would count
LOG2_E, LOG_2, LOG_2_REST = F(1.44269504), F(0.693359375), F(-2.12194440e-4)  # LOG_2 has few digits: n · LOG_2 is exact
SQRT_HALF, SQRT_1_2PI = math.sqrt(0.5), math.sqrt(0.5 / math.pi)


def _in_float32(formula):
    """Decorates the Python function that float64 uses; `formula` takes its place in kernels for float32."""

    def decorate(f):
        @overload(f, jit_options=PLAIN)
        def choose(x):
            return formula if x == types.float32 else f

        if config.DISABLE_JIT and hasattr(np, f.__name__):  # that of plain Python would raise an OverflowError
            return lambda x: getattr(np, f.__name__)(np.float64(x))
        return f

    return decorate


@helper(**PLAIN)
def _parts(x):
    """(q, n) with exp(x) = (1 + q) 2ⁿ and small q, from a Taylor series; |x| < 127."""
    n = np.floor(x * LOG2_E + F(0.5))
    r = (x - n * LOG_2) - n * LOG_2_REST  # |r| ≤ log(2) / 2
    s = F(1 / 120) + r * (F(1 / 720) + r * F(1 / 5040))
    s = F(1 / 2) + r * (F(1 / 6) + r * (F(1 / 24) + r * s))
    return r + r * r * s, np.int32(n if abs(n) < F(200) else F(0))  # NaN has no int


@helper(**PLAIN)
def _two_to_the(n):
    return np.int32((n + np.int32(127)) << np.int32(23)).view(np.float32)  # float32 keeps its exponent in these bits


def _exp(x):
    x = F(-104) if x < F(-104) else x
    x = F(89) if x > F(89) else x
    q, n = _parts(x)
    half = n >> np.int32(1)  # in two steps: the results reach further than powers of 2 can be written in one
    return (F(1) + q) * _two_to_the(half) * _two_to_the(n - half)


def _expm1(x):
    q, n = _parts(F(-20) if x < F(-20) else x)
    power = _two_to_the(n)
    return power * q + (power - F(1))


def _log1p(x):
    # 2 artanh(s) with s = x / (2 + x) ≤ 1/3
    s = x / (F(2) + x)
    z = s * s
    rest = F(1 / 9) + z * (F(1 / 11) + z * (F(1 / 13) + z * (F(1 / 15) + z * F(1 / 17))))
    return F(2) * s + F(2) * s * z * (F(1 / 3) + z * (F(1 / 5) + z * (F(1 / 7) + z * rest)))


def _normal_cdf(x):
    # A polynomial in t, times exp(−x²/2), is Φ(−|x|) up to a factor of 1 ± 2e-8. Fitted for |x| < 14.5; below, it is 0
    t = F(1) / (F(1) + F(0.21) * abs(x))
    q = F(0.34499388930576724) + t * (
        F(-0.3265000003317154) + t * (F(0.2818080566558107) + t * F(-0.07129557396351316))
    )
    q = F(0.06956929026171287) + t * (F(0.12347399579678117) + t * (F(-0.0907772971583208) + t * q))
    tail = _exp_32(F(-0.5) * x * x) * t * (F(0.08371514762029499) + t * (F(0.08501250122321546) + t * q))
    return F(1) - tail if x > F(0) else tail


_exp_32 = helper(**PLAIN)(_exp)


@_in_float32(_exp)
def exp(x):
    """e to the power x."""
    return math.exp(x)


@_in_float32(_expm1)
def expm1(x):
    """exp(x) − 1 for x ≤ 0, exact also for tiny x."""
    return math.expm1(x)


@_in_float32(_log1p)
def log1p(x):
    """log(1 + x) for 0 ≤ x ≤ 1, exact also for tiny x."""
    return math.log1p(x)


@_in_float32(_normal_cdf)
def normal_cdf(x):
    """Φ(x), the share of the standard normal distribution below x; exact also where it is tiny."""
    return 0.5 * math.erfc(-SQRT_HALF * x)
