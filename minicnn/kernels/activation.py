"""Special functions that NumPy does not have, on flat arrays. Index i owns y[i]."""

import math

from ._jit import jit


@jit
def normal_cdf(start, stop, x, y):
    """y = Φ(x), the share of the standard normal distribution below x; as erfc it is exact also where it is tiny."""
    for i in range(start, stop):
        y[i] = 0.5 * math.erfc(-math.sqrt(0.5) * x[i])
