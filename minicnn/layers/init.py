"""Starting values for weights. Each function fills an array or a Tensor in place, unrecorded, and returns it.

`tensor` is an ndarray or a Tensor of any dtype where the values are given, of floating point where chance makes them;
`rng` is the numpy.random.Generator where chance comes from, that of `manual_seed` if left out.
"""

import math

import numpy as np

from .. import calls
from ..chance import generator
from ..checks import floating, number, one_of, whole
from ..tensor import Tensor, increment_version

__all__ = [
    "calculate_gain", "constant_", "dirac_", "eye_", "fan", "kaiming_normal_", "kaiming_uniform_", "normal_", "ones_",
    "orthogonal_", "sparse_", "trunc_normal_", "uniform_", "xavier_normal_", "xavier_uniform_", "zeros_",
]  # fmt: skip

GAINS = {"linear": 1} | {f"conv{kind}{nd}d": 1 for kind in ("", "_transpose") for nd in (1, 2, 3)}
GAINS |= dict(sigmoid=1, tanh=5 / 3, relu=math.sqrt(2), leaky_relu=None, selu=3 / 4)


def fan(tensor):
    """(fan_in, fan_out): how many numbers enter one output, and how many outputs one input enters.

    Example
    -------
    >>> fan(np.zeros((16, 6, 5, 5)))  # Conv2d(6, 16, 5)
    (150, 400)
    """
    _check("init", tensor, floats=False)
    if tensor.ndim < 2:
        raise ValueError(f"init: fan-in and fan-out need a weight of two or more axes, not shape {tensor.shape}.")
    taps = math.prod(tensor.shape[2:])
    return tensor.shape[1] * taps, tensor.shape[0] * taps


_calculate_fan_in_and_fan_out = fan  # its name in PyTorch: private, but much used


def calculate_gain(nonlinearity, param=None):
    """By how much weights must be larger than 1/√fan, so that the activation after them keeps the scale of its inputs.

    Parameters
    ----------
    nonlinearity : str
        "linear", "sigmoid" or the name of a convolution: 1. "tanh": 5/3. "relu": √2. "leaky_relu": √(2 / (1 + a²)).
        "selu": 3/4.
    param : float, optional
        The slope a of "leaky_relu"; 0.01 if left out.

    Raises
    ------
    TypeError, ValueError
        If there is no such nonlinearity, or its slope is no number.

    Example
    -------
    >>> calculate_gain("leaky_relu", 1)
    1.0
    """
    one_of("calculate_gain", "nonlinearity", nonlinearity, *GAINS)
    if nonlinearity != "leaky_relu":
        return GAINS[nonlinearity]
    slope = 0.01 if param is None else number("calculate_gain", "param", param)
    return math.sqrt(2 / (1 + slope**2))


def uniform_(tensor, a=0.0, b=1.0, *, rng=None):
    """Uniform from `a` to `b`.

    Example
    -------
    >>> uniform_(np.empty(3), -1, 1, rng=np.random.default_rng(0)).round(2)
    array([ 0.27, -0.46, -0.92])
    """
    _check("uniform_", tensor)
    a, b = number("uniform_", "a", a), number("uniform_", "b", b)
    if not 0 <= b - a < math.inf:
        raise ValueError(f"uniform_: a must not be greater than b, and neither infinite, but a={a} and b={b}.")
    return _fill("uniform_", tensor, generator("uniform_", rng).uniform(a, b, tensor.shape))


def normal_(tensor, mean=0.0, std=1.0, *, rng=None):
    """Normal with the given mean and standard deviation.

    Example
    -------
    >>> normal_(np.empty(3), rng=np.random.default_rng(0)).round(2)
    array([ 0.13, -0.13,  0.64])
    """
    _check("normal_", tensor)
    mean, std = number("normal_", "mean", mean), number("normal_", "std", std, 0)
    return _fill("normal_", tensor, generator("normal_", rng).normal(mean, std, tensor.shape))


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, *, rng=None):
    """Normal with the given mean and standard deviation, but only from `a` to `b`: others are thrown again.

    Example
    -------
    >>> w = trunc_normal_(np.empty(1000), std=2, rng=np.random.default_rng(0))
    >>> bool(np.abs(w).max() <= 2)
    True
    """
    _check("trunc_normal_", tensor)
    mean, std = number("trunc_normal_", "mean", mean), number("trunc_normal_", "std", std)
    a, b = number("trunc_normal_", "a", a), number("trunc_normal_", "b", b)
    if not (std > 0 and a <= b):
        raise ValueError(f"trunc_normal_: std must be positive and a not greater than b, but std={std}, a={a}, b={b}.")
    rng, values, left = generator("trunc_normal_", rng), np.empty(tensor.size), np.arange(tensor.size)
    peak = min(max(mean, a), b)  # where the density is highest
    low, high = max(a, peak - 10 * std), min(b, peak + 10 * std)  # further out, it is below e⁻⁵⁰ of that
    while left.size:
        x = values[left] = rng.uniform(low, high, left.size)
        density = np.exp((((peak - mean) / std) ** 2 - ((x - mean) / std) ** 2) / 2)  # 1 at the peak
        left = left[rng.random(left.size) >= density]
    return _fill("trunc_normal_", tensor, values.reshape(tensor.shape))


def constant_(tensor, val):
    """`val` everywhere.

    Example
    -------
    >>> constant_(np.empty(3), 0.5)
    array([0.5, 0.5, 0.5])
    """
    _check("constant_", tensor, floats=False)
    return _fill("constant_", tensor, number("constant_", "val", val))


def ones_(tensor):
    """1 everywhere.

    Example
    -------
    >>> ones_(np.empty(3))
    array([1., 1., 1.])
    """
    _check("ones_", tensor, floats=False)
    return _fill("ones_", tensor, 1)


def zeros_(tensor):
    """0 everywhere.

    Example
    -------
    >>> zeros_(np.empty(3))
    array([0., 0., 0.])
    """
    _check("zeros_", tensor, floats=False)
    return _fill("zeros_", tensor, 0)


def eye_(tensor):
    """1 on the diagonal of a matrix, 0 elsewhere: a Linear with this weight passes on its inputs.

    Example
    -------
    >>> eye_(np.empty((2, 3)))
    array([[1., 0., 0.],
           [0., 1., 0.]])
    """
    _check("eye_", tensor, (2,), floats=False)
    return _fill("eye_", tensor, np.eye(*tensor.shape))


def dirac_(tensor, groups=1):
    """Filters (O, C/groups, …) with a 1 in the middle of channel o for output o of each group: they pass on channels.

    Example
    -------
    >>> w = dirac_(np.empty((2, 2, 3, 3)))
    >>> w[1, 1]
    array([[0., 0., 0.],
           [0., 1., 0.],
           [0., 0., 0.]])
    """
    _check("dirac_", tensor, (3, 4, 5), floats=False)
    O, C = tensor.shape[:2]
    if O % whole("dirac_", "groups", groups, 1):
        raise ValueError(f"dirac_: groups={groups} does not divide the {O} filters of shape {tensor.shape}.")
    values, middle = np.zeros(tensor.shape), tuple(K // 2 for K in tensor.shape[2:])
    for o in range(O if values.size else 0):
        if o % (O // groups) < C:
            values[o, o % (O // groups), *middle] = 1
    return _fill("dirac_", tensor, values)


def orthogonal_(tensor, gain=1, *, rng=None):
    """Orthogonal rows, or columns if they are fewer, of length `gain`; the axes after the first count as one.

    References
    ----------
    Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear neural networks, arXiv:1312.6120.

    Example
    -------
    >>> w = orthogonal_(np.empty((3, 5)), rng=np.random.default_rng(0))
    >>> bool(np.allclose(w @ w.T, np.eye(3)))
    True
    """
    _check("orthogonal_", tensor)
    fan(tensor)  # refuses a single axis
    rng, gain = generator("orthogonal_", rng), number("orthogonal_", "gain", gain)
    if tensor.size == 0:
        return tensor
    a = rng.normal(size=(tensor.shape[0], tensor.size // tensor.shape[0]))
    wide = a.shape[0] < a.shape[1]
    q, r = np.linalg.qr(a.T if wide else a)
    q *= np.sign(np.diag(r))  # else some orthogonal matrices would come up more often than others
    return _fill("orthogonal_", tensor, gain * (q.T if wide else q).reshape(tensor.shape))


def sparse_(tensor, sparsity, std=0.01, *, rng=None):
    """A normal matrix with mean 0, of which a share `sparsity` of each column is set to 0.

    References
    ----------
    Martens, Deep learning via Hessian-free optimization, ICML 2010.

    Example
    -------
    >>> w = sparse_(np.empty((10, 3)), 0.8)
    >>> (w == 0).sum(axis=0)
    array([8, 8, 8])
    """
    _check("sparse_", tensor, (2,))
    rng, std, sparsity = (
        generator("sparse_", rng),
        number("sparse_", "std", std, 0),
        number("sparse_", "sparsity", sparsity, 0),
    )
    values, order = rng.normal(0, std, tensor.shape), rng.random(tensor.shape).argsort(axis=0)
    values[order < math.ceil(sparsity * len(values))] = 0
    return _fill("sparse_", tensor, values)


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", *, rng=None):
    """Uniform with variance gain² / fan: keeps the scale of activations, or of gradients, from layer to layer.

    Parameters
    ----------
    tensor : ndarray or Tensor, shape (O, C, …)
    a : float
        Slope of the leaky ReLU after this layer for negative numbers; 0 for a ReLU.
    mode : {"fan_in", "fan_out"}
        "fan_in" keeps the scale of activations, "fan_out" that of gradients.
    nonlinearity : str
        What comes after this layer: see `calculate_gain`.
    rng : numpy.random.Generator, optional

    Returns
    -------
    tensor

    Raises
    ------
    TypeError, ValueError
        If the tensor has less than two axes, or there is no such mode or nonlinearity.

    References
    ----------
    He et al., Delving deep into rectifiers, arXiv:1502.01852, equation 15.

    Example
    -------
    >>> w = kaiming_uniform_(np.empty((100, 600)), rng=np.random.default_rng(0))
    >>> bool(abs(w.std() - (2 / 600) ** 0.5) < 0.001)
    True
    """
    rng = generator("kaiming_uniform_", rng)
    bound = math.sqrt(3) * _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, rng=rng)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", *, rng=None):
    """Normal with variance gain² / fan. See `kaiming_uniform_`.

    Example
    -------
    >>> w = kaiming_normal_(np.empty((100, 600)), rng=np.random.default_rng(0))
    >>> bool(abs(w.std() - (2 / 600) ** 0.5) < 0.001)
    True
    """
    rng = generator("kaiming_normal_", rng)
    return normal_(tensor, 0, _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity), rng=rng)


def _kaiming_std(where, tensor, a, mode, nonlinearity):
    one_of(where, "mode", mode, "fan_in", "fan_out")
    fan_in, fan_out = fan(tensor)
    gain = calculate_gain(nonlinearity, number(where, "a", a))
    return gain / math.sqrt(max(1, fan_in if mode == "fan_in" else fan_out))  # 0: there is nothing to fill


def xavier_uniform_(tensor, gain=1.0, *, rng=None):
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
    rng = generator("xavier_uniform_", rng)
    bound = math.sqrt(3) * _xavier_std("xavier_uniform_", tensor, gain)
    return uniform_(tensor, -bound, bound, rng=rng)


def xavier_normal_(tensor, gain=1.0, *, rng=None):
    """Normal with variance 2 gain² / (fan_in + fan_out). See `xavier_uniform_`.

    Example
    -------
    >>> w = xavier_normal_(np.empty((100, 600)), rng=np.random.default_rng(0))
    >>> bool(abs(w.std() - (2 / 700) ** 0.5) < 0.001)
    True
    """
    rng = generator("xavier_normal_", rng)
    return normal_(tensor, 0, _xavier_std("xavier_normal_", tensor, gain), rng=rng)


def _xavier_std(where, tensor, gain):
    return number(where, "gain", gain, 0) * math.sqrt(2 / max(1, sum(fan(tensor))))


def _default_(weight, bias, rng):
    """PyTorch's defaults for Conv2d and Linear: weight and bias uniform within ± 1/√fan_in."""
    rng, (fan_in, _) = generator("init", rng), fan(weight)
    bound = math.sqrt(6 / ((1 + math.sqrt(5) ** 2) * fan_in))  # 1/√fan_in but for rounding, which seeded runs repeat
    uniform_(weight, -bound, bound, rng=rng)
    if bias is not None:
        bound = 1 / math.sqrt(fan_in)
        uniform_(bias, -bound, bound, rng=rng)


def _check(where, tensor, axes=None, floats=True):
    """Refuse what is no array, or not of floating point, or has another number of axes than those."""
    array = tensor.data if isinstance(tensor, Tensor) else tensor
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{where}: tensor must be an array or a Tensor, not {type(tensor).__name__}. Use np.empty.")
    if floats:
        floating(where, "tensor", array)
    if axes and array.ndim not in axes:
        many = " or ".join(map(str, axes))
        raise ValueError(f"{where}: tensor must have {many} axes, not shape {array.shape}.")


def _fill(where, tensor, values):
    """Put values into an array or a Tensor; return it."""
    array = tensor.data if isinstance(tensor, Tensor) else tensor
    if not array.flags.writeable:
        raise ValueError(f"{where}: tensor is read-only, and cannot be filled. Pass a copy.")
    array[...] = values
    if isinstance(tensor, Tensor):
        increment_version(tensor)
    return tensor


calls.explain(globals())
