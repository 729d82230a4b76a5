"""What `check` says about answers right, unusual, wrong in every way, and missing."""

import inspect

import numpy as np
import pytest

import minicnn as mc
from minicnn.exercises import check
from minicnn.exercises.chapters.ch02_convolution.forward import conv2d as right

# ---------------------------------------------------------------- right


def einsum(x, w):
    return np.einsum("ijkl,kl->ij", np.lib.stride_tricks.sliding_window_view(x, w.shape), w)


def python_lists(x, w):
    rows, columns = len(x) - len(w) + 1, len(x[0]) - len(w[0]) + 1
    return [
        [sum(x[i + k][j + l] * w[k][l] for k in range(len(w)) for l in range(len(w[0]))) for j in range(columns)]
        for i in range(rows)
    ]


UNUSUAL = {
    "einsum": einsum,
    "python lists": python_lists,
    "float32": lambda x, w: einsum(x.astype(np.float32), w.astype(np.float32)),
    "whole numbers": lambda x, w: einsum(x, w).astype(int),
    "a Tensor": lambda x, w: mc.Tensor(einsum(x, w)),
    "a view": lambda x, w: np.pad(einsum(x, w), 1)[1:-1, 1:-1],
    "not contiguous": lambda x, w: np.asfortranarray(einsum(x, w)),
    "other names": lambda image, kernel: einsum(image, kernel),
    "more options": lambda x, w, *, stride=1, padding=0: einsum(x, w),
    "a matrix": lambda x, w: einsum(x, w).view(np.matrix),
    "big-endian": lambda x, w: einsum(x, w).astype(">f8"),
    "long double": lambda x, w: einsum(x, w).astype(np.longdouble),
    "an object": type("Sliding", (), {"__call__": lambda self, x, w: einsum(x, w)})(),
}


@pytest.mark.parametrize("style", UNUSUAL)
def test_unusual_but_right(style):
    assert check("conv2d_forward", UNUSUAL[style]).points == 4


def test_compiled_by_numba():
    import numba

    source = numba.njit(right)
    assert check("conv2d_forward", source).points == 4


def test_scalars_may_be_arrays_of_one_number():
    given = [np.array(24), np.array([28]), 13.0, np.float32(112)]
    assert check("output_size", given).points == 4
    assert check("output_size", np.array([24, 28, 13, 112])).points == 4


# ---------------------------------------------------------------- wrong


def wrong_shape(x, w):
    return x


def wrong_rows(x, w):
    return right(x, w).T


def nothing(x, w):
    y = right(x, w)  # noqa: F841


def not_a_number(x, w):
    return right(x, w) * np.nan


def infinite(x, w):
    y = right(x, w)
    y[0, 0] = np.inf
    return y


def changes_x(x, w):
    y = right(x, w)
    x[:] = 0
    return y


def raises(x, w):
    return x[99, 0]


def deep(x, w):
    return raises(x, w)


def leaves(x, w):
    raise SystemExit


def words(x, w):
    return "thirty"


def ragged(x, w):
    return [[1, 2], [3]]


def objects(x, w):
    return np.array([None] * 3)


def function(x, w):
    return right


def half_done(x, w):
    return x * ...


def not_written(x, w):
    raise NotImplementedError


def truth(x, w):
    return right(x, w) > 0


def twice(x, w):
    return 2 * right(x, w)


def minus(x, w):
    return -right(x, w)


def zero(x, w):
    return 0 * right(x, w)


def line(f, text):
    lines, start = inspect.getsourcelines(f)
    return start + next(k for k, source in enumerate(lines) if text in source)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (wrong_shape, "The shape is (5, 5), but (3, 3) was expected."),
        (nothing, "Your code returns None. Is there a `return` missing?"),
        (not_a_number, "9 of 9 numbers are NaN: somewhere a division by 0, an overflow, or the log of 0."),
        (infinite, "1 of 9 numbers are infinite: somewhere a division by 0, an overflow, or the log of 0."),
        (changes_x, "Your code changes its argument x in place. Work on a copy of it."),
        (leaves, f"Your code raises SystemExit in line {line(leaves, 'raise')}, `raise SystemExit`."),
        (words, "Here comes text; numbers were expected."),
        (ragged, "Here comes a list of lists whose lengths differ; an array was expected."),
        (objects, "Here comes an array of dtype object; numbers were expected."),
        (function, "Here comes an object of type conv2d; numbers were expected."),
        (truth, "Here comes True or False; numbers were expected."),
        (twice, "Every number is 2 times the expected one."),
        (minus, "Every number is the negative of the expected one."),
        (zero, "All your numbers are 0."),
        (lambda x: x, "Your code raises TypeError: <lambda>() takes 1 positional argument but 2 were given"),
        *(
            (
                f,
                f"Your code raises IndexError in line {line(raises, '99')}, `return x[99, 0]`: "
                "index 99 is out of bounds for axis 0 with size 5",
            )
            for f in (raises, deep)
        ),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_each_way_of_being_wrong_has_its_sentence(answer, message):
    (first, *_) = check("conv2d_forward", answer).outcomes
    assert first.message.replace(f"{__name__}.", "") == message
    assert first.state == "failed"


def test_axes_swapped():
    second = check("conv2d_forward", wrong_rows).outcomes[1]
    assert second.message == "The shape is (4, 3), but (3, 4) was expected. Are two axes swapped?"


@pytest.mark.parametrize("answer", [not_written, lambda x, w: ..., lambda x, w: (..., 1), ...])
def test_unattempted_is_said_kindly(answer):
    report = check("conv2d_forward", answer)
    assert repr(report) == (
        "Slide the window (`conv2d_forward`): not attempted yet, 4 points to win. Replace the `...` and run the cell "
        'again.\n`hint("conv2d_forward")` gives a hint.'
    )


def test_dots_that_are_left_are_found():
    text = repr(check("conv2d_forward", half_done))
    assert f"There is still a `...` in line {line(half_done, '...')}, `return x * ...`." in text


def test_library_s_own_answer_is_not_to_be_used():
    def borrowed(x, w):
        return mc.functional.conv2d(x[None, None], w[None, None])[0, 0]

    message = check("conv2d_forward", borrowed).outcomes[0].message
    assert message.endswith(": conv2d is what you are asked to write here: do without minicnn's.")
    assert mc.functional.conv2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2))).shape == (1, 1, 1, 1)  # is back
