"""The pictures of the backpropagation chapter show the library's numbers."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import minicnn.functional as F
from minicnn.figures import backprop

rng = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def numbers(ax, shape):
    return np.array([float(t.get_text().replace("−", "-")) for t in ax.texts]).reshape(shape)


@pytest.mark.parametrize(("stride", "padding", "size"), [(1, 0, 5), (2, 1, 5), (2, 0, 7), (3, 2, 5)])
def test_four_steps_end_in_the_input_gradient(stride, padding, size):
    x, w = np.zeros((1, 1, size, size)), rng.integers(-2, 3, (1, 1, 3, 3)) * 1.0
    y, vjp = F.conv2d_vjp(x, w, stride=stride, padding=padding)
    dy = rng.integers(-2, 3, y.shape) * 1.0
    figure = backprop.input_gradient_steps(dy[0, 0], w[0, 0], stride, padding)
    axes = {ax.get_title()[0]: ax for ax in figure.axes}
    padded = numbers(axes["4"], (size + 2 * padding,) * 2)
    inside = slice(padding, padding + size)
    np.testing.assert_array_equal(padded[inside, inside], vjp(dy)[0][0, 0])


def test_pooling_routes_outline_the_winners():
    x = rng.permutation(16).reshape(4, 4) * 1.0
    y, vjp = F.max_pool2d_vjp(x[None, None], 2)
    (dx,) = vjp(np.ones_like(y))
    figure = backprop.pooling_routes(x, np.ones((2, 2)), dx[0, 0], dx[0, 0])
    outlined = {(round(p.get_y() + 0.5), round(p.get_x() + 0.5)) for p in figure.axes[0].patches}
    assert outlined == {(int(i), int(j)) for i, j in np.argwhere(dx[0, 0])}


def test_matrix_has_a_colour_for_each_weight_and_its_transpose_beside():
    lit = np.eye(16).reshape(16, 1, 4, 4)
    A = F.conv2d(lit, np.arange(1.0, 10).reshape(1, 1, 3, 3)).reshape(16, 4).T
    figure = backprop.matrix_and_transpose(A)
    shown = {ax.get_title(): np.asarray(ax.images[0].get_array()) for ax in figure.axes}
    np.testing.assert_array_equal(shown["A, transposed"], shown["A"].T)
    np.testing.assert_array_equal(np.unique(shown["A"]), np.arange(10))
    assert len(set(backprop.NINE)) == 9


def test_arrows_of_one_input_and_of_one_weight():
    figure = backprop.conv1d_paths([1, 2, 0, 3], [2, -1], [1, -2, 3])
    arrows = [[a.arrow_patch for a in ax.texts if getattr(a, "arrow_patch", None)] for ax in figure.axes]
    assert [sum(arrow.get_alpha() == 1 for arrow in panel) for panel in arrows] == [2, 3]
    assert [len(panel) for panel in arrows] == [6, 6]  # the others are pale


def test_maps_and_curves_are_drawn():
    maps = [rng.standard_normal((n, n)) for n in (8, 3, 6)]
    assert [len(ax.images) for ax in backprop.gradient_panels(*maps, *maps).axes] == [1] * 6
    figure = backprop.difference_errors(np.logspace(-8, 0, 9), {"a": np.ones(9), "b": np.ones(9)})
    assert {"a", "b"} < {text.get_text() for text in figure.axes[0].texts}  # at the ends of the lines
    assert len(backprop.loss_curves({"right": [2, 1], "wrong": [2, 1.5]}).axes[0].lines) == 2
