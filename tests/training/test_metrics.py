"""accuracy and the confusion matrix, counted one sample at a time."""

import math

import numpy as np
import pytest

from minicnn import Tensor, accuracy, confusion_matrix

rng = np.random.default_rng(0)
SCORES, LABELS = rng.standard_normal((50, 4)), rng.integers(0, 4, 50)


def counted(scores, labels):
    table = [[0] * 4 for _ in range(4)]
    for row, label in zip(scores.tolist(), labels.tolist(), strict=True):
        table[label][row.index(max(row))] += 1
    return table


@pytest.mark.parametrize("form", [lambda s: s, Tensor, lambda s: s.argmax(1)])
def test_equals_counting(form):
    table = counted(SCORES, LABELS)
    assert confusion_matrix(form(SCORES), LABELS).tolist() == table
    assert accuracy(form(SCORES), LABELS) == sum(table[i][i] for i in range(4)) / 50


def test_rows_are_the_truth():
    assert confusion_matrix(np.array([1]), np.array([0])).tolist() == [[0, 1], [0, 0]]


def test_number_of_classes():
    assert confusion_matrix(np.array([0]), np.array([0]), num_classes=3).shape == (3, 3)
    assert confusion_matrix(np.zeros((1, 5)), np.array([0])).shape == (5, 5)
    assert confusion_matrix(np.uint8([0, 200]), np.uint8([0, 200])).shape == (201, 201)  # no overflow
    assert confusion_matrix(np.uint8([0, 200]), np.uint8([0, 200]))[200, 200] == 1


def test_nothing_to_count():
    assert math.isnan(accuracy(np.zeros((0, 3)), np.zeros(0, int)))
    assert confusion_matrix(np.zeros((0, 3)), np.zeros(0, int)).tolist() == [[0] * 3] * 3


@pytest.mark.parametrize("measure", [accuracy, confusion_matrix])
@pytest.mark.parametrize(("scores", "labels"), [((3, 2), (2,)), ((3,), (3, 1)), ((3, 2, 2), (3,)), ((), ())])
def test_shapes_must_fit(measure, scores, labels):
    with pytest.raises(ValueError) as error:
        measure(np.zeros(scores, int), np.zeros(labels, int))
    assert str(error.value) == (
        f"{measure.__name__}: scores of shape {scores} do not fit labels of shape {labels}. "
        "Pass scores (N, K) or predicted classes (N,), and labels (N,)."
    )


@pytest.mark.parametrize(("labels", "span"), [([0, 3], "0 to 3"), ([-1, 2], "-1 to 2")])
def test_class_that_does_not_fit(labels, span):
    with pytest.raises(ValueError) as error:
        confusion_matrix(np.zeros((2, 3)), np.array(labels))
    assert str(error.value) == (
        f"confusion_matrix: classes must be from 0 to 2, but they go from {span}. "
        "Number them from 0, or pass a larger num_classes."
    )
