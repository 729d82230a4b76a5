"""What training looked like: loss and accuracy, epoch by epoch."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from .style import COLORS, book_style


def curves(history):
    """Draw the loss, and the accuracy if there is one, of each epoch: in training, and on the validation data.

    What training measures is a mean over the epoch, while the network was still learning; validation comes after it.
    So it may be the better of the two in the first epochs.

    Parameters
    ----------
    history : History
        From `fit`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no epoch in it.

    Example
    -------
    >>> figure = curves(mc.History(train_loss=[2, 1], train_accuracy=[0.3, 0.6], lr=[0.1, 0.1]))
    >>> [ax.get_title(loc="left") for ax in figure.axes]
    ['Loss', 'Accuracy in %']
    """
    if not len(history):
        raise ValueError("curves: the history holds no epoch. Pass what fit(…) returned, after at least one.")
    percent = [100 * np.asarray(values) for values in (history.train_accuracy, history.val_accuracy)]
    panels = [("Loss", history.train_loss, history.val_loss), ("Accuracy in %", *percent)]
    panels = [panel for panel in panels if np.isfinite(panel[1]).any()]
    with book_style():
        figure, axes = plt.subplots(1, len(panels), squeeze=False)
        for ax, (title, *lines) in zip(axes[0], panels, strict=True):
            styles = [("training", "blue", "o"), ("validation", "vermilion", "s")]
            for values, (name, colour, marker) in zip(lines, styles, strict=True):
                if len(values):
                    epochs = np.arange(1, len(values) + 1)
                    ax.plot(epochs, values, marker, ls="-", ms=3.5, color=COLORS[colour], label=name)
            ax.set(title=title, xlabel="epoch")
            ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes[0, 0].legend()
    return figure
