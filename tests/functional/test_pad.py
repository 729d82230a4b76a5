"""Padding against NumPy's, and against what PyTorch gives and refuses where one side is cut off."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F

NUMPYS = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@st.composite
def problems(draw, least=0):
    """Images, a mode, and sides that this mode allows; at least `least`."""
    size, mode = draw(st.lists(st.integers(3, 5), min_size=1, max_size=3)), draw(st.sampled_from([*NUMPYS]))
    x, sides = np.random.default_rng(0).standard_normal((2, 1, *size)), []
    for n in size:
        before, after = (draw(st.integers(least, n - 1)) for _ in range(2))
        left = n + min(before, 0) + min(after, 0)
        sides.append((min(before, left), min(after, left)) if mode == "circular" else (before, after))
    return x, mode, sides


def flat(sides):
    return tuple(side for pair in reversed(sides) for side in pair)


@given(problems())
def test_padding_is_numpys(problem):
    x, mode, sides = problem
    assert_array_equal(F.pad(x, flat(sides), mode), np.pad(x, [(0, 0), (0, 0), *sides], NUMPYS[mode]))


@given(problems(least=-1))
def test_gradients_also_where_a_side_is_cut_off(problem):
    x, mode, sides = problem
    mc.gradcheck(F.pad_vjp, x, pad=flat(sides), mode=mode)


@pytest.mark.parametrize(
    ("mode", "sides", "expected"),
    [
        ("constant", (-5, 2), [0, 0]),
        ("reflect", (-2, 3), [3, 4, 5, 4, 3, 2]),  # mirrors what was cut off, too
        ("reflect", (4, -4), [5, 4, 3, 2, 1]),
        ("reflect", (-6, 2), [3]),
        ("replicate", (8, -6), [1] * 7),
        ("replicate", (-6, 8), [5] * 7),
        ("circular", (-2, 3), [3, 4, 5, 3, 4, 5]),  # continues what is left
        ("circular", (3, -2), [1, 2, 3, 1, 2, 3]),
        ("circular", (-3, -2), []),
    ],
)
def test_negative_sides_are_pytorchs(mode, sides, expected):
    assert F.pad(np.array([[[1.0, 2, 3, 4, 5]]]), sides, mode).tolist() == [[expected]]


X = np.zeros((2, 3, 4, 5))


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.pad(X, (1,)), TypeError,
         "pad: pad must be ints in pairs (before, after), last axis first, not (1,)."),
        (lambda: F.pad(X, (1, 1), "mirror"), ValueError,
         "pad: mode must be \"constant\", \"reflect\", \"replicate\" or \"circular\", not 'mirror'."),
        (lambda: F.pad(X[0, 0], (1, 1, 1, 1), "reflect"), ValueError,
         'pad: (1, 1, 1, 1) names 2 axes, but mode "reflect" pads at most 1 of x with shape (4, 5).'),
        (lambda: F.pad(X, (5, -1), "reflect"), ValueError,
         'pad: mode "reflect" can add at most 4 entries to each side of axis 3 with 5, not (5, -1).'),
        (lambda: F.pad(X, (5, -1), "circular"), ValueError,
         'pad: mode "circular" can add at most 4 entries to each side of axis 3 with 5, not (5, -1).'),
        (lambda: F.pad(X, (-3, -3)), ValueError, "pad: (-3, -3) cuts off more than the 5 entries of axis 3."),
        (lambda: F.pad(X, (-6, 8), "circular"), ValueError, "pad: (-6, 8) cuts off more than the 5 entries of axis 3."),
        (lambda: F.pad(X, (-3, -2), "replicate"), ValueError,
         'pad: mode "replicate" leaves nothing of axis 3 with 5 entries and (-3, -2).'),
        (lambda: F.pad(X[..., :0], (1, 1), "replicate"), ValueError,
         'pad: mode "replicate" leaves nothing of axis 3 with 0 entries and (1, 1).'),
        (lambda: F.pad(X, (1, 1), "reflect", 3), ValueError,
         'pad: value goes with mode "constant" only, not with "reflect". Leave it out.'),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message


def test_pad_of_nothing():
    x = np.ones((0, 2, 3))
    assert F.pad(x, (1, 1), "reflect").shape == (0, 2, 5)
    assert F.pad(x, ()).shape == x.shape
