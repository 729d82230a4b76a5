"""Where results are kept."""

import numpy as np


def empty(shape, dtype):
    """An array whose contents are not set yet."""
    return np.empty(shape, dtype)
