"""Sums of products: matmul and einsum, as forward passes and their pull-backs."""

import re
import string

import numpy as np

from .. import checks
from ..operation import differentiable
from .broadcasting import array, broadcast_shape, form, no_bools, quiet, unbroadcast

__all__ = ["bmm", "einsum", "einsum_vjp", "matmul", "matmul_vjp", "mm"]


@quiet
def matmul_vjp(x, y):
    """The matrix product x @ y of (…, N, K) and (…, K, M), with broadcasting of the leading axes; vectors as in NumPy.

    Example
    -------
    >>> matmul(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    array([[11.]])
    """
    checks.same_dtype("matmul", x=array("matmul", x), y=array("matmul", y, "y"))
    no_bools("matmul", x)
    if x.ndim == 0 or y.ndim == 0:
        raise ValueError(f"matmul: x and y need at least one axis, not shapes {x.shape} and {y.shape}. Use *.")
    a = x if x.ndim > 1 else x[np.newaxis, :]  # (…, N, K)
    b = y if y.ndim > 1 else y[:, np.newaxis]  # (…, K, M)
    if a.shape[-1] != b.shape[-2]:
        raise ValueError(
            f"matmul: x of shape {x.shape} has {a.shape[-1]} columns, but y of shape {y.shape} has {b.shape[-2]} rows. "
            "The numbers must be equal: transpose one of them."
        )
    leading = broadcast_shape("matmul", a.shape[:-2], b.shape[:-2])

    of_a, of_b, shapes = form(a), form(b), (x.shape, y.shape)

    @quiet
    def vjp(dz):
        dz = np.reshape(dz, (*leading, a.shape[-2], b.shape[-1]))
        da, db = unbroadcast(dz @ b.swapaxes(-1, -2), of_a), unbroadcast(a.swapaxes(-1, -2) @ dz, of_b)
        return tuple(None if d is None else d.reshape(shape) for d, shape in zip((da, db), shapes, strict=True))

    return np.matmul(x, y), vjp


@quiet
def einsum_vjp(*arrays, equation):
    """See `einsum`, which takes the equation first.

    Example
    -------
    >>> y, vjp = einsum_vjp(np.array([1.0, 2.0]), np.array([3.0, 4.0]), equation="i,i->")
    >>> y, vjp(1.0)
    (array(11.), (array([3., 4.]), array([1., 2.])))
    """
    for k, x in enumerate(arrays):
        array("einsum", x, f"array {k}")
    checks.same_dtype("einsum", **{f"array {k}": x for k, x in enumerate(arrays)})
    terms, result = _parse(equation, arrays)
    y = np.einsum(f"{','.join(terms)}->{result}", *arrays, optimize=True)
    # a copy, so that changing y does not change x: np.einsum may give a view
    y = np.array(y) if len(arrays) == 1 else y
    forms = [form(x) for x in arrays]
    arrays = arrays if len(arrays) > 1 else [None]  # each is needed for the others' gradients only

    @quiet
    def vjp(dy):
        return tuple(_gradient(k, np.asarray(dy)) for k in range(len(arrays)))

    def _gradient(k, dy):
        x, term = forms[k], terms[k]
        if x is None:
            return None
        others = [*terms[:k], *terms[k + 1 :], result]
        letters = "".join(dict.fromkeys(term))
        # dx sums over every letter that is not its own. Along those that only x has, it is the same everywhere
        shared = [c for c in letters if x.shape[term.index(c)] != 1 and any(c in other for other in others)]
        alone = "".join(c for c in letters if c not in shared)
        shared = "".join(shared)
        dx = np.zeros(x.shape, dy.dtype)
        # a view, of the diagonal where a letter comes twice; with an axis more, as of no axis NumPy makes a copy
        place = np.einsum(f"...{term}->...{alone}{shared}", dx[np.newaxis])
        place[...] = np.einsum(f"{','.join(others)}->{shared}", *arrays[:k], *arrays[k + 1 :], dy, optimize=True)
        return dx

    return y, vjp


def _parse(equation, arrays):
    """The terms of the equation, with letters in place of the dots, and its result."""
    text = equation.replace(" ", "") if isinstance(equation, str) else None
    if text is None or not re.fullmatch(r"((\.\.\.|[a-zA-Z,])*)(->(\.\.\.|[a-zA-Z])*)?", text):
        raise ValueError(
            f"einsum: the equation must be made of letters, commas, '...' and one '->', as in \"ij,jk->ik\", not "
            f"{equation!r}."
        )
    left, arrow, result = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(arrays):
        raise ValueError(f"einsum: {equation!r} speaks of {len(terms)} arrays, but there are {len(arrays)}.")
    if max(part.count("...") for part in [*terms, result]) > 1:
        raise ValueError(f"einsum: {equation!r} has '...' twice in one term. Use it once.")
    free = [c for c in string.ascii_letters if c not in text]
    most = max(x.ndim - len(term.replace("...", "")) for term, x in zip(terms, arrays, strict=True))
    dots = "".join(free[: max(most, 0)])
    full = []
    for term, x in zip(terms, arrays, strict=True):
        n = x.ndim - len(term.replace("...", ""))
        if n < 0 or (n > 0 and "..." not in term):
            raise ValueError(f"einsum: {term!r} in {equation!r} does not name the axes of an array of shape {x.shape}.")
        full.append(term.replace("...", dots[len(dots) - n :]))
    used = "".join(full)
    if not arrow:
        result = ("..." if "..." in left else "") + "".join(
            sorted(c for c in set(left) - {",", "."} if used.count(c) == 1)
        )
    result = result.replace("...", dots if "..." in left else "")
    if len(set(result)) < len(result) or not set(result) <= set(used):
        raise ValueError(f"einsum: the result of {equation!r} may name only letters of the terms, each once.")
    sizes = {}
    for term, x in zip(full, arrays, strict=True):
        for c, n in zip(term, x.shape, strict=True):
            twice = term.count(c) > 1 and n != x.shape[term.index(c)]
            if twice or (n != 1 and sizes.get(c, n) not in (1, n)):
                raise ValueError(
                    f"einsum: a letter must have one size, or 1, but in {equation!r} one has several, for shapes "
                    f"{', '.join(str(a.shape) for a in arrays)}."
                )
            sizes[c] = n if sizes.get(c, 1) == 1 else sizes[c]
    return full, result


def einsum(equation, *arrays):
    """Sums of products over named axes: "ij,jk->ik" is the product of two matrices.

    Letters that the result does not name are summed over; "..." stands for any axes, which broadcast. Without "->",
    the result has the letters that come once, in alphabetical order.

    Parameters
    ----------
    equation : str
        For each array a letter for each axis; then "->" and the letters of the result.
    arrays : ndarray
        Of one dtype.

    Returns
    -------
    ndarray
        With one axis for each letter of the result.

    Raises
    ------
    TypeError, ValueError
        If the equation does not fit the arrays, or dtypes differ.

    Example
    -------
    >>> einsum("ij,ij->i", np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 1.0], [0.0, 1.0]]))
    array([3., 4.])
    """
    return _einsum(*arrays, equation=equation)


matmul = differentiable(matmul_vjp, arrays=2)
mm = bmm = matmul
_einsum = differentiable(einsum_vjp, arrays=None)
