"""Is an answer the expected one; and if not, in which way does it differ?"""

from dataclasses import dataclass

import numpy as np

from .proxy import BLANK, Blank, Handle, leaves

TOLERANCE = {"d": 1e-6, "f": 1e-4}  # float64 and float32; relative to the largest expected number
MOST = 100_000  # numbers in lists that are looked at


@dataclass
class Difference:
    """One way in which an answer differs. `want` and `got` are arrays if they can be shown, `wrong` marks entries."""

    kind: str  # blank, none, type, shape, nan, value
    text: str
    want: object = None
    got: object = None
    wrong: object = None


class _Unfit(Exception):
    pass


def difference(want, got, rtol=None):
    """None if `got` is as good as `want`, else a Difference. `rtol` replaces the tolerance of floats.

    An expected None is not compared. Lists, tuples and arrays are the same, and so are dtypes, if the numbers agree.
    """
    if want is None:
        return None
    if isinstance(got, Blank) or (isinstance(got, list) and any(item is BLANK for item in got)):
        return Difference("blank", "")
    if got is None:
        return Difference("none", "Your code returns None. Is there a `return` missing?")
    if isinstance(want, Handle):
        ok = isinstance(got, Handle) and "array" not in got.type
        return None if ok else Difference("type", f"Here comes {_what(got)}; an object or a function was expected.")
    if isinstance(want, str):
        same = isinstance(got, str) and got.strip().lower() == want.lower()
        return None if same else Difference("value", f"Here comes {_what(got)}, not {want!r}.", want, got)
    if isinstance(want, dict):
        return _parts(want, got if isinstance(got, dict) else {}, rtol)
    if isinstance(want, list) and not _is_numeric(want):
        several = isinstance(got, list) or isinstance(got, np.ndarray) and got.ndim
        if not several or len(got) != len(want):
            count = f"{len(got)} value{'s' * (len(got) != 1)}" if several else _what(got)
            return Difference("type", f"Here comes {count}; {len(want)} values were expected.")
        return _parts(dict(enumerate(want)), dict(enumerate(got)), rtol)
    return _numbers(np.asarray(want), got, rtol)


def as_array(value):
    """An array of bools, ints or floats, or _Unfit with what it is instead."""
    if isinstance(value, (Handle, str, dict)) or value is None:
        raise _Unfit(f"Here comes {_what(value)}; numbers were expected.")
    for count, leaf in enumerate(leaves(value)):  # one long text would make all entries of an array as long
        if isinstance(leaf, str):
            raise _Unfit("Here comes a list of things that are no numbers; numbers were expected.")
        if count == MOST:
            raise _Unfit(f"Here comes a list of more than {MOST:,} values; an array was expected.")
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError):
        raise _Unfit("Here comes a list of lists whose lengths differ; an array was expected.") from None
    if array.dtype.kind not in "biuf":
        raise _Unfit("Here comes a list of things that are no numbers; numbers were expected.")
    return array


def _numbers(want, got, rtol):
    try:
        got = as_array(got)
    except _Unfit as unfit:
        return Difference("type", str(unfit))
    if want.ndim == 0 and got.size == 1:
        got = got.reshape(())
    if got.shape != want.shape:
        swapped = " Are two axes swapped?" if want.ndim > 1 and sorted(got.shape) == sorted(want.shape) else ""
        text = f"The shape is {got.shape}, but {want.shape} was expected.{swapped}"
        return Difference("shape", text, want, got)
    if want.dtype.kind == "b" and got.dtype.kind != "b":
        if not np.isin(got, (0, 1)).all():
            return Difference("type", f"Here comes {_what(got)}; True or False was expected.")
        got = got.astype(bool)
    if want.dtype.kind == "b":
        wrong = got != want
    elif got.dtype.kind == "b":
        return Difference("type", "Here comes True or False; numbers were expected.")
    else:
        wrong = _wrong(want, got, rtol)
    if not wrong.any():
        return None
    kind, text = _words(want, got, wrong)
    return Difference(kind, text, want, got, wrong)


def _wrong(want, got, rtol):
    """Where two arrays of numbers differ by more than the rounding of the less precise dtype."""
    if rtol is None and want.dtype.kind in "iu" and got.dtype.kind in "iu":
        return want != got
    w, g = want.astype(np.float64), got.astype(np.float64)
    finite = np.abs(w[np.isfinite(w)])
    rtol = rtol or max(TOLERANCE.get(a.dtype.char, 1e-4 if a.dtype.kind == "f" else 0) for a in (want, got)) or 1e-6
    return ~np.isclose(g, w, rtol=rtol, atol=rtol * (finite.max(initial=0) or 1), equal_nan=True)


def _words(want, got, wrong):
    if want.dtype.kind == "b":
        return "value", f"{got} instead of {want}." if want.ndim == 0 else f"{_count(wrong)}."
    for is_odd, name in ((np.isnan, "NaN"), (np.isinf, "infinite")):
        if odd := int(np.sum(is_odd(got) & wrong)):
            many = f"{odd} of {got.size} numbers are" if got.size > 1 else "The number is"
            return "nan", f"{many} {name}: somewhere a division by 0, an overflow, or the log of 0."
    with np.errstate(all="ignore"):
        off = (got.astype(np.float64) - want.astype(np.float64))[wrong]
        ratio = (got / want)[want != 0]
    if not np.isfinite(off).all():
        return "value", f"{_count(wrong)}: NaN or infinite was expected there."
    if want.ndim == 0:
        return "value", f"{show(got)} is {show(abs(off[0]))} too {'large' if off[0] > 0 else 'small'}."
    text = f"{_count(wrong)}; the largest difference is {show(np.abs(off).max())}."
    if not got.any():
        text = "All your numbers are 0."
    elif got.dtype == np.float16 and np.allclose(got, want, rtol=2e-3):
        text = "The numbers are right but too coarse: float16 holds three digits. Use float32 or float64."
    elif ratio.size > 1 and np.ptp(ratio) < 1e-3 * abs(ratio[0]) and not wrong[want == 0].any():
        factor = (
            "the negative of the expected one"
            if abs(ratio[0] + 1) < 1e-3
            else f"{show(ratio[0])} times the expected one"
        )
        text = f"Every number is {factor}."
    elif got.dtype.kind in "iu" and np.array_equal(got, np.trunc(want)):
        text = "Your numbers are whole, cut off: the array that you fill has an integer dtype."
    return "value", text


def _parts(want, got, rtol):
    """The first difference among parts; every part is named by its key, or as the first, second … value."""
    for key, part in want.items():
        if key not in got:
            return Difference("type", f"There is no {key!r} in your answer.")
        if found := difference(part, got[key], rtol):
            ordinals = ["first", "second", "third", "fourth", "fifth"]
            where = f"{key!r}" if isinstance(key, str) else f"the {ordinals[key] if key < 5 else f'{key + 1}th'} value"
            found.text = f"In {where}: {found.text[:1].lower()}{found.text[1:]}" if found.text else ""
            return found
    return None


def show(number):
    """A number in at most four digits, without a needless point."""
    number = float(number) + 0.0  # -0 becomes 0
    return f"{number:.0f}" if number == round(number) and abs(number) < 1e9 else f"{number:.4g}"


def _count(wrong):
    return f"{int(wrong.sum())} of {wrong.size} numbers {'is' if wrong.sum() == 1 else 'are'} wrong"


def _is_numeric(value):
    """Whether nested lists hold numbers only, in rows of equal length: an array, and not several values."""
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except ValueError:
        return False


def _what(value):
    if isinstance(value, Handle):
        return f"an {value.type}" if value.type.startswith("array") else f"an object of type {value.type}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.ndim else f"the number {show(value)}"
    return {str: "text", dict: "a dict", list: "a list", type(None): "None"}.get(type(value), f"the value {value}")
