"""What the operations demand of their inputs. Each error says where, the rule, the values, and the repair."""

import operator
from functools import lru_cache, wraps

import numpy as np

from .calls import explained
from .tensor import DTYPES

SHAPES = {1: "(N, C, L)", 2: "(N, C, H, W)", 3: "(N, C, D, H, W)"}
FLOATS = {np.dtype(np.float32), np.dtype(np.float64)}


def pull_back(f_vjp):
    """f_vjp with a pull-back that checks its dy: kernels trust that it has the shape of y."""
    where = f_vjp.__name__.removesuffix("_vjp")

    @wraps(f_vjp)
    def checked(*args, **options):
        try:
            y, vjp = f_vjp(*args, **options)
        except TypeError as error:
            raise explained(where, f_vjp, args, options, error) from None
        first = y[0] if isinstance(y, tuple) else y
        shape, dtype = np.shape(first), first.dtype

        def vjp_of(dy):
            dy = np.asarray(dy)
            if dy.shape != shape or dy.dtype.kind not in "fiub":
                raise ValueError(
                    f"{where}: dy must have the shape {shape} of y and hold numbers, but it has shape {dy.shape} and "
                    f"dtype {dy.dtype}. Pass one number for each entry of y."
                )
            return vjp(dy.astype(dtype, copy=False) if dtype.kind == "f" else dy)

        return y, vjp_of

    checked.explains = True
    return checked


def whole(where, name, value, least):
    """An int of at least `least`."""
    if type(value) is int and least <= value < 2**63:
        return value
    try:
        n = _int(value)
    except TypeError:
        raise TypeError(f"{where}: {name} must be an int, not {value!r}.") from None
    if n < least:
        raise ValueError(f"{where}: {name} must be at least {least}, not {value!r}.")
    if n >= 2**63:
        raise ValueError(f"{where}: {name} must be less than 2**63, not {value!r}.")
    return n


def _int(value):
    """An int as such; no True or False, which are more likely meant for another argument."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError
    return operator.index(value)


def flag(where, name, value):
    """True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{where}: {name} must be True or False, not {value!r}.")
    return bool(value)


def per_axis(where, name, value, nd, least):
    """An int, or one for each of the `nd` axes, as a tuple; each at least `least`."""
    each = (value,) * nd if type(value) is int else value
    if (
        type(each) is tuple
        and len(each) == nd
        and {*map(type, each)} == {int}
        and least <= min(each) <= max(each) < 2**31
    ):
        return each  # nothing to do, as nearly always: layers call this in every step
    try:
        each = (value,) * nd if np.ndim(value) == 0 else tuple(value)
        each = tuple(map(_int, each))
    except (TypeError, ValueError):  # ValueError: a list in a list
        each = ()
    if len(each) != nd:
        many = {1: "", 2: " or a pair of ints", 3: " or three ints", 4: " or four ints", 6: " or six ints"}[nd]
        raise TypeError(f"{where}: {name} must be an int{many}, not {value!r}.")
    if min(each) < least:
        raise ValueError(f"{where}: {name} must be at least {least}, not {value!r}.")
    if max(each) >= 2**31:
        raise ValueError(f"{where}: {name} must be less than 2**31, not {value!r}.")
    return each


def images(where, nd, x):
    """x must be a floating point batch of images with `nd` axes after N and C."""
    floating(where, "x", x)
    if x.ndim != nd + 2:
        raise ValueError(
            f"{where}: x must have shape {SHAPES[nd]}, or {SHAPES[nd].replace('N, ', '')} for one image, not {x.shape}."
        )


def channels(where, x):
    """Only the batch may be empty: x (N, C, …) must have channels and pixels."""
    if 0 in x.shape[1:]:
        raise ValueError(f"{where}: x of shape {x.shape} has no channels or no pixels. Only N may be 0.")


def floating(where, name, x):
    """x must be an array of floating point numbers."""
    if type(x) is np.ndarray and x.dtype in FLOATS:
        return
    if not isinstance(x, (np.ndarray, np.generic)):
        repair = f"Use np.float32({name})." if isinstance(x, (list, tuple)) else "Pass an array of float32."
        raise TypeError(f"{where}: {name} must be an array or a Tensor, not {type(x).__name__}. {repair}")
    if x.dtype.kind != "f":
        rule = f"{where}: {name} must be a floating point array, not dtype {x.dtype}."
        raise TypeError(f"{rule} Use {name}.astype(np.float32).")
    if x.dtype not in DTYPES:
        raise TypeError(f"{where}: {name} must be float32 or float64, not {x.dtype}. Use {name}.astype(np.float32).")


def number(where, name, value, least=-np.inf):
    """A number of at least `least`, as a Python float, which changes no array's dtype."""
    if type(value) not in (int, float):
        dtype = np.dtype(type(value)) if isinstance(value, (int, float)) else getattr(value, "dtype", None)
        if getattr(dtype, "kind", "?") not in "fiu" or np.ndim(value) != 0:
            raise TypeError(f"{where}: {name} must be a number, not {value!r}.")
    if least > -np.inf and not value >= least:
        raise ValueError(f"{where}: {name} must be at least {least}, not {value!r}.")
    return float(value)


def one_of(where, name, value, *words):
    """One of the given words."""
    if not (isinstance(value, str) and value in words):
        *first, last = (f'"{word}"' for word in words)
        raise ValueError(f"{where}: {name} must be {', '.join(first)} or {last}, not {value!r}.")


def probability(where, p):
    """A number from 0 to 1."""
    if not 0 <= number(where, "p", p) <= 1:
        raise ValueError(f"{where}: p must be a probability from 0 to 1, not {p!r}.")
    return float(p)


def same_dtype(where, **arrays):
    """All arrays must have one dtype: minicnn never changes precision behind your back."""
    if len({a.dtype for a in arrays.values() if a is not None}) > 1:
        found = ", ".join(f"{name} is {a.dtype}" for name, a in arrays.items() if a is not None)
        raise TypeError(f"{where}: all arrays must have one dtype, but {found}. Convert one with .astype(…).")


def axis(where, x, dim):
    """The axis `dim` of x, counted from 0. A single number counts as having one axis, as in PyTorch."""
    try:
        d = _int(dim)
    except TypeError:
        raise TypeError(f"{where}: dim must be an int, not {dim!r}.") from None
    n = max(x.ndim, 1)
    if not -n <= d < n:
        raise ValueError(f"{where}: dim={dim} is not an axis of x, whose shape is {x.shape}.")
    return d % n


def axes(where, x, dim):
    """The axes `dim` (an int, or several) of x, counted from 0; all of them for None or ()."""
    dims = tuple(dim) if isinstance(dim, (tuple, list)) else (dim,)
    if dim is None or not dims:
        return tuple(range(x.ndim))
    each = tuple(axis(where, x, d) for d in dims)
    if len(set(each)) < len(each):
        raise ValueError(f"{where}: dim={dim} names an axis twice. Name each once.")
    return each if x.ndim else ()


def output_size(where, size, kernel, stride, dilation):
    """Windows along each axis of a padded size: floor((size − dilation·(kernel − 1) − 1) / stride) + 1."""
    span = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
    if any(s > n for s, n in zip(span, size, strict=True)):
        window, room = ("×".join(map(str, each)) for each in (span, size))
        raise ValueError(
            f"{where}: the window of {window} is larger than the padded input of {room}. "
            "Use a smaller kernel or dilation, more padding, or a larger image."
        )
    return tuple((n - s) // t + 1 for n, s, t in zip(size, span, stride, strict=True))


def filters(where, nd, x, w, b, groups, transposed=False):
    """Shapes and dtypes of a convolution's input, weight and bias. Returns the number of output channels."""
    images(where, nd, x)
    floating(where, "w", w)
    if b is not None:
        floating(where, "b", b)
    same_dtype(where, x=x, w=w, b=b)
    groups = whole(where, "groups", groups, 1)
    return _shapes_of_filters(where, nd, x.shape, w.shape, None if b is None else b.shape, groups, transposed)


@lru_cache(maxsize=1024)
def _shapes_of_filters(where, nd, x, w, b, groups, transposed):
    """What `filters` asks of shapes. Those that fit are remembered, so that a layer checks them once."""
    first_two = "(C, O/groups, " if transposed else "(O, C/groups, "
    if len(w) != nd + 2:
        taps = SHAPES[nd].removeprefix("(N, C, ").replace("L", "K").replace(", ", ", K")
        taps = taps if nd == 1 else f"K{taps}"
        raise ValueError(f"{where}: w must have shape {first_two}{taps}, not {w}.")
    if 0 in w:
        raise ValueError(f"{where}: w of shape {w} has an axis of size 0. Every axis needs at least 1.")
    layer = where[0].upper() + where[1:]
    if transposed:
        layer = layer.replace("_t", "T")
        if x[1] != w[0]:
            raise ValueError(
                f"{where}: x has C={x[1]} channels but w of shape {w} expects {w[0]}. Pass in_channels={x[1]} to "
                f"{layer}."
            )
        divided, name, O = "channels", "in_channels", w[1] * groups
    else:
        divided, name, O = "filters", "out_channels", w[0]
    if w[0] % groups:
        raise ValueError(
            f"{where}: w of shape {w} has {w[0]} {divided}, which groups={groups} does not divide. Choose {name} as a "
            "multiple of groups."
        )
    if not transposed and x[1] != w[1] * groups:
        raise ValueError(
            f"{where}: x has C={x[1]} channels but w of shape {w} with groups={groups} expects {w[1] * groups}. Pass "
            f"in_channels={x[1]} to {layer}."
        )
    if b is not None and b != (O,):
        raise ValueError(
            f"{where}: b must hold one number for each of the {O} output channels, so shape ({O},), not {b}."
        )
    return O
