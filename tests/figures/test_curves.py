"""The curves of a training: what is drawn is what the history holds."""

import io

import matplotlib as mpl
import numpy as np
import pytest

import minicnn as mc
from minicnn.figures import COLORS, curves

EPOCHS = 20
FALLING = (2.3 * 0.85 ** np.arange(EPOCHS)).tolist()
RISING = (1 - 0.9 * 0.8 ** np.arange(EPOCHS)).tolist()
HISTORY = mc.History(train_loss=FALLING, train_accuracy=RISING, val_loss=FALLING[::-1], val_accuracy=RISING[::-1])


def drawn(ax):
    """The numbers of each line, by its name."""
    return {line.get_label(): (line.get_xdata().tolist(), line.get_ydata().tolist()) for line in ax.lines}


def test_training_and_validation_are_drawn_over_the_epochs():
    loss, accuracy = curves(HISTORY).axes
    epochs = list(range(1, EPOCHS + 1))
    assert drawn(loss) == {"training": (epochs, FALLING), "validation": (epochs, FALLING[::-1])}
    percent = [100 * a for a in RISING]
    assert drawn(accuracy) == {"training": (epochs, percent), "validation": (epochs, percent[::-1])}
    assert [text.get_text() for text in loss.get_legend().get_texts()] == ["training", "validation"]
    assert [line.get_color() for line in loss.lines] == [COLORS["blue"], COLORS["vermilion"]]
    assert [ax.get_xlabel() for ax in (loss, accuracy)] == ["epoch", "epoch"]


def test_only_what_was_measured_is_drawn():
    (loss,) = curves(mc.History(train_loss=[1.0, 0.5], train_accuracy=[np.nan, np.nan])).axes
    assert drawn(loss) == {"training": ([1, 2], [1, 0.5])}
    loss, accuracy = curves(mc.History(train_loss=[1.0], train_accuracy=[0.5])).axes
    assert drawn(accuracy) == {"training": ([1], [50])}
    assert all(tick == round(tick) for tick in loss.get_xticks())  # no half epochs


def test_the_picture_is_small_and_the_readers_style_is_left_alone():
    before = dict(mpl.rcParams)
    figure = curves(HISTORY)
    for kind in ("png", "svg"):
        content = io.BytesIO()
        figure.savefig(content, format=kind)
        assert 5_000 < content.tell() <= 60_000, kind
    assert dict(mpl.rcParams) == before


def test_an_empty_history():
    with pytest.raises(ValueError) as error:
        curves(mc.History())
    assert str(error.value) == ("curves: the history holds no epoch. Pass what fit(…) returned, after at least one.")
