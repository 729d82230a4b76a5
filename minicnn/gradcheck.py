"""Compare a pull-back with finite differences."""

from inspect import signature

import numpy as np


def gradcheck(f_vjp, *arrays, rng=None, directions=3, step=1e-6, tolerance=1e-6, **options):
    r"""Check ``vjp`` of ``y, vjp = f_vjp(*arrays, **options)`` numerically, in float64.

    For a random weight ``c`` of the output and a random direction ``u`` of one input, the slope of
    :math:`\varphi(t) = \langle c, f(x + t u) \rangle` at 0 is :math:`\langle \mathrm{vjp}(c), u \rangle`. It is
    compared with the central difference :math:`(\varphi(h) - \varphi(-h)) / 2h`, whose error is of order :math:`h^2`.

    Parameters
    ----------
    f_vjp : callable
        ``f_vjp(*arrays, **options) -> (y, vjp)``; ``vjp(dy)`` gives one gradient for each array (None: not checked).
    arrays : ndarray or None
        Inputs. Floating point ones are copied to float64 and checked; the others are passed on.
    rng : numpy.random.Generator, optional
        For ``c`` and ``u``; a fixed seed if left out.
    directions : int
        Random directions tried for each input.
    step, tolerance : float
        h above; and the largest ``|difference| / (1 + |slope|)`` that passes.

    Returns
    -------
    float
        The largest ``|difference| / (1 + |slope|)`` seen.

    Raises
    ------
    AssertionError
        Names the first input whose gradient is wrong, the entry that is most wrong, and both values there.

    Example
    -------
    >>> def square_vjp(x):
    ...     return x**2, lambda dy: (3 * x * dy,)
    >>> gradcheck(square_vjp, np.array([1.0, 5.0]))
    Traceback (most recent call last):
    AssertionError: gradcheck: square_vjp has a wrong gradient for argument 0 (x): at index ...
    """
    rng = np.random.default_rng(0) if rng is None else rng
    arrays = [np.array(a, np.float64) if _is_float(a) else a for a in arrays]
    y, vjp = f_vjp(*arrays, **options)
    c = rng.standard_normal(np.shape(y))
    gradients = vjp(c)
    if isinstance(gradients, tuple) and all(extra is None for extra in gradients[len(arrays) :]):
        gradients = gradients[: len(arrays)]  # optional arrays that were left out, such as a bias
    if not isinstance(gradients, tuple) or len(gradients) != len(arrays):
        raise AssertionError(
            f"gradcheck: the pull-back of {f_vjp.__name__} must return a tuple of {len(arrays)} gradients, one for "
            f"each array, not {_describe(gradients)}."
        )
    worst = 0.0
    for k, (x, dx) in enumerate(zip(arrays, gradients, strict=True)):
        if dx is None or not _is_float(x):
            continue
        if np.shape(dx) != x.shape:
            raise AssertionError(
                f"gradcheck: {f_vjp.__name__} gives a gradient of shape {np.shape(dx)} for {_name(f_vjp, k)} of "
                f"shape {x.shape}. They must be equal."
            )

        def slope(u, k=k, x=x):
            up, down = (
                np.sum(c * f_vjp(*arrays[:k], x + t * u, *arrays[k + 1 :], **options)[0]) for t in (step, -step)
            )
            return (up - down) / (2 * step)

        for _ in range(directions):
            u = rng.standard_normal(x.shape)
            numeric = slope(u)
            error = abs(np.sum(dx * u) - numeric) / (1 + abs(numeric))
            if not error <= tolerance:  # also when it is NaN
                raise AssertionError(_most_wrong_entry(f_vjp, k, x, dx, slope))
            worst = max(worst, error)
    return float(worst)


def _most_wrong_entry(f_vjp, k, x, dx, slope):
    numeric = np.empty_like(x)
    for i in np.ndindex(x.shape):
        unit = np.zeros_like(x)
        unit[i] = 1
        numeric[i] = slope(unit)
    difference = np.abs(dx - numeric)
    i = np.unravel_index(np.argmax(np.where(np.isnan(difference), np.inf, difference)), x.shape)
    i = tuple(int(j) for j in i)
    return (
        f"gradcheck: {f_vjp.__name__} has a wrong gradient for {_name(f_vjp, k)}: at index {i} the pull-back says "
        f"{dx[i]:.6g}, finite differences say {numeric[i]:.6g}."
    )


def _name(f_vjp, k):
    names = list(signature(f_vjp).parameters)
    return f"argument {k} ({names[k]})" if k < len(names) else f"argument {k}"


def _is_float(a):
    return isinstance(a, (np.ndarray, np.generic)) and a.dtype.kind == "f"


def _describe(gradients):
    return f"{len(gradients)}" if isinstance(gradients, tuple) else type(gradients).__name__
