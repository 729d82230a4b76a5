"""Starting values for weights. Each function fills an array or a Parameter in place, and returns it."""

import math

import numpy as np

from .. import calls
from ..chance import generator
from ..tensor import Tensor, increment_version


def fan(weight):
    """(fan_in, fan_out): how many numbers enter one output, and how many outputs one input enters.

    Example
    -------
    >>> fan(np.zeros((16, 6, 5, 5)))  # Conv2d(6, 16, 5)
    (150, 400)
    """
    if np.ndim(weight) < 2:
        raise ValueError(f"init: fan-in and fan-out need a weight of two or more axes, not shape {np.shape(weight)}.")
    taps = math.prod(weight.shape[2:])
    return weight.shape[1] * taps, weight.shape[0] * taps


def _fill(weight, values):
    """Put values into an array or a Tensor; return it."""
    array = weight.data if isinstance(weight, Tensor) else weight
    array[...] = values
    if isinstance(weight, Tensor):
        increment_version(weight)
    return weight


def uniform_(weight, low=0.0, high=1.0, *, rng):
    """Uniform from `low` to `high`.

    Example
    -------
    >>> uniform_(np.empty(3), -1, 1, rng=np.random.default_rng(0)).round(2)
    array([ 0.27, -0.46, -0.92])
    """
    return _fill(weight, rng.uniform(low, high, weight.shape))


def normal_(weight, mean=0.0, std=1.0, *, rng):
    """Normal with the given mean and standard deviation.

    Example
    -------
    >>> normal_(np.empty(3), rng=np.random.default_rng(0)).round(2)
    array([ 0.13, -0.13,  0.64])
    """
    return _fill(weight, rng.normal(mean, std, weight.shape))


def kaiming_uniform_(weight, a=0.0, *, rng):
    """Uniform with variance 2 / ((1 + a²) fan_in): keeps the scale of a ReLU network's activations (slope a for x < 0).

    References
    ----------
    He et al., Delving deep into rectifiers, arXiv:1502.01852, equation 15.

    Example
    -------
    >>> w = kaiming_uniform_(np.empty((100, 600)), rng=np.random.default_rng(0))
    >>> bool(abs(w.std() - (2 / 600) ** 0.5) < 0.001)
    True
    """
    bound = math.sqrt(6 / ((1 + a * a) * fan(weight)[0]))
    return uniform_(weight, -bound, bound, rng=rng)


def kaiming_normal_(weight, a=0.0, *, rng):
    """Normal with variance 2 / ((1 + a²) fan_in). See `kaiming_uniform_`.

    Example
    -------
    >>> w = kaiming_normal_(np.empty((100, 600)), rng=np.random.default_rng(0))
    >>> bool(abs(w.std() - (2 / 600) ** 0.5) < 0.001)
    True
    """
    return normal_(weight, 0.0, math.sqrt(2 / ((1 + a * a) * fan(weight)[0])), rng=rng)


def xavier_uniform_(weight, gain=1.0, *, rng):
    """Uniform with variance 2 gain² / (fan_in + fan_out): for tanh and linear networks.

    References
    ----------
    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010,
    equation 16.

    Example
    -------
    >>> w = xavier_uniform_(np.empty((100, 600)), rng=np.random.default_rng(0))
    >>> bool(abs(w.std() - (2 / 700) ** 0.5) < 0.001)
    True
    """
    bound = gain * math.sqrt(6 / sum(fan(weight)))
    return uniform_(weight, -bound, bound, rng=rng)


def xavier_normal_(weight, gain=1.0, *, rng):
    """Normal with variance 2 gain² / (fan_in + fan_out). See `xavier_uniform_`.

    Example
    -------
    >>> w = xavier_normal_(np.empty((100, 600)), rng=np.random.default_rng(0))
    >>> bool(abs(w.std() - (2 / 700) ** 0.5) < 0.001)
    True
    """
    return normal_(weight, 0.0, gain * math.sqrt(2 / sum(fan(weight))), rng=rng)


def _default_(weight, bias, rng):
    """PyTorch's defaults for Conv2d and Linear: weight and bias uniform within ± 1/√fan_in."""
    rng = generator("init", rng)
    kaiming_uniform_(weight, math.sqrt(5), rng=rng)
    if bias is not None:
        bound = 1 / math.sqrt(fan(weight)[0])
        uniform_(bias, -bound, bound, rng=rng)


__all__ = [
    "fan", "kaiming_normal_", "kaiming_uniform_", "normal_", "uniform_", "xavier_normal_", "xavier_uniform_",
]  # fmt: skip
calls.explain(globals())
