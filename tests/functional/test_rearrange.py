import numpy as np
import pytest
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F

X = np.arange(6.0).reshape(2, 3)


def test_repeated_numbers_get_the_sum_of_all_gradients():
    x = mc.Tensor(np.ones((2, 1)), requires_grad=True)
    F.expand(x, (5, -1, 3)).sum().backward()
    assert_array_equal(x.grad, [[15], [15]])
    x = mc.Tensor(np.ones(2), requires_grad=True)
    (F.repeat(x, (3, 2)) * np.arange(12.0).reshape(3, 4)).sum().backward()
    assert_array_equal(x.grad, [0 + 2 + 4 + 6 + 8 + 10, 1 + 3 + 5 + 7 + 9 + 11])


def test_shapes_and_single_numbers():
    one = np.array(7.0)
    assert F.broadcast_to(one, (2, 0, 3)).shape == (2, 0, 3)
    assert F.expand(one, ()) == F.flip(one, (0,)) == F.roll(one, 3) == F.repeat(one, ()) == 7
    assert_array_equal(F.repeat(one, 3), [7, 7, 7])
    assert_array_equal(F.repeat(X, (1, 2)), np.concatenate([X, X], 1))
    assert F.repeat(X, (2, 0, 1)).shape == (2, 0, 3)
    assert F.repeat(X > 2, (1, 1)).dtype == bool


def test_flip_and_roll_put_each_number_where_it_belongs():
    assert_array_equal(F.flip(X, -1), X[:, ::-1])
    assert_array_equal(F.flip(X, ()), X)
    assert_array_equal(F.roll(X, (1, -1), (0, 1)), [[4, 5, 3], [1, 2, 0]])
    assert_array_equal(F.roll(X, 2), [[4, 5, 0], [1, 2, 3]])
    for y in (F.flip(X, 0), F.roll(X, 0)):
        y[...] = -1
    assert X[0, 1] == 1  # both gave new arrays


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda: F.expand(X, (2, 4)), ValueError,
         "broadcast_to: x of shape (2, 3) does not fit into shape (2, 4). Counted from the last axis, a size must be "
         "that of x, or any if that is 1; -1 keeps what is there."),
        (lambda: F.broadcast_to(X, (-1, 2, 3)), ValueError,
         "broadcast_to: x of shape (2, 3) does not fit into shape (-1, 2, 3). Counted from the last axis, a size must "
         "be that of x, or any if that is 1; -1 keeps what is there."),
        (lambda: F.broadcast_to(X, (2, 3.0)), TypeError, "broadcast_to: each of shape must be an int, not 3.0."),
        (lambda: F.broadcast_to(X, 3), ValueError,
         "broadcast_to: x of shape (2, 3) does not fit into shape (3,). Counted from the last axis, a size must be "
         "that of x, or any if that is 1; -1 keeps what is there."),
        (lambda: F.repeat(X, 2), ValueError,
         "repeat: repeats=(2,) must have a number for each axis of x, whose shape is (2, 3)."),
        (lambda: F.repeat(X, (1, -1)), ValueError, "repeat: each of repeats must be at least 0, not -1."),
        (lambda: F.flip(X, (0, 0)), ValueError, "flip: dim=(0, 0) names an axis twice. Name each once."),
        (lambda: F.roll(X, (1, 2)), ValueError,
         "roll: shifts=(1, 2) and dims=None do not fit. Pass one shift for each axis."),
        (lambda: F.roll(X, 1, (0, 1)), ValueError,
         "roll: shifts=(1,) and dims=(0, 1) do not fit. Pass one shift for each axis."),
        (lambda: F.roll(X, 1, 2), ValueError, "roll: dim=2 is not an axis of x, whose shape is (2, 3)."),
    ],
)  # fmt: skip
def test_errors(f, error, message):
    with pytest.raises(error) as raised:
        f()
    assert str(raised.value) == message
