"""The look of the book's matplotlib figures: one palette, one rc dictionary, two helpers.

Colours are those of Okabe and Ito, which people with any common colour blindness can tell apart.
Draw figures 7 inches wide, the width of the text column; leave narrower ones to the page.
"""

from contextlib import contextmanager

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

COLORS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "ink": "#1F2933",
    "grey": "#6B7280",
    "line": "#D5DAE1",
}

# Signed values: blue below zero, white at zero, vermilion above. Odd, so that zero has a colour of its own.
SIGNED = LinearSegmentedColormap.from_list("signed", [COLORS["blue"], "white", COLORS["vermilion"]], N=65)

RC = {
    "figure.figsize": (7, 2.8),
    "figure.dpi": 144,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.labelcolor": COLORS["ink"],
    "axes.edgecolor": COLORS["grey"],
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": mpl.cycler(color=[COLORS[c] for c in ("blue", "vermilion", "green", "purple", "orange", "sky")]),
    "grid.color": COLORS["line"],
    "grid.linewidth": 0.6,
    "text.color": COLORS["ink"],
    "xtick.color": COLORS["grey"],
    "ytick.color": COLORS["grey"],
    "xtick.labelcolor": COLORS["ink"],
    "ytick.labelcolor": COLORS["ink"],
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "image.interpolation": "nearest",
    "image.cmap": "gray",
}


def use_style():
    """Use the book's style for every figure from here on (a notebook's first cell calls this)."""
    plt.rcParams.update(RC)


@contextmanager
def book_style():
    """Use the book's style inside a `with` block only."""
    with mpl.rc_context(RC):
        yield


def show_array(ax, array, *, title=None, cmap="gray", vmin=None, vmax=None, box=None, fmt=None, fontsize=9):
    """Draw a small matrix as coloured cells with its numbers written in them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    array : array_like, shape (H, W) or (W,)
    title : str, optional
    cmap : str or Colormap, default "gray"
        "signed" gives blue for negative, white for zero, vermilion for positive.
    vmin, vmax : float, optional
        Values at the two ends of the colour map; by default the extremes (symmetric for "signed").
    box : tuple (row, column, height, width), optional
        A patch to outline.
    fmt : callable, optional
        Turns a number into the text in its cell; `str` of the rounded number by default.

    Returns
    -------
    matplotlib.axes.Axes
    """
    array = np.atleast_2d(np.asarray(array, dtype=float))
    if cmap == "signed":
        cmap, largest = SIGNED, np.abs(array).max() or 1.0
        vmin, vmax = -largest if vmin is None else vmin, largest if vmax is None else vmax
    image = ax.imshow(array, cmap=cmap, vmin=vmin, vmax=vmax)
    _clear(ax, title)
    rows, columns = array.shape
    ax.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
    ax.grid(True, which="minor", color=COLORS["grey"], linewidth=0.6)
    ax.tick_params(which="both", length=0)
    for (i, j), value in np.ndenumerate(array):
        red, green, blue, _ = image.cmap(image.norm(value))
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
        text = fmt(value) if fmt else f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "−")
        ax.text(j, i, text, ha="center", va="center", fontsize=fontsize, color="white" if dark else "black")
    if box is not None:
        row, column, height, width = box
        for colour, line in (("white", 4.5), (COLORS["ink"], 2.2)):
            outline = plt.Rectangle((column - 0.5, row - 0.5), width, height, fill=False, clip_on=False)
            outline.set(edgecolor=colour, linewidth=line, zorder=3)
            ax.add_patch(outline)
    return ax


def show_feature_maps(maps, titles=None, *, columns=4, cmap="gray", limits=None, figsize=None):
    """Draw images and feature maps in a grid, without axes.

    Parameters
    ----------
    maps : sequence of array_like, each of shape (H, W) or (H, W, 3)
    titles : sequence of str, optional
    columns : int, default 4
    cmap : str or sequence of str, default "gray"
        One for all maps, or one for each. "signed" centres a map on zero: blue negative, vermilion positive.
    limits : tuple (low, high), optional
        Values at the two ends of every map that is not signed; by default its own extremes.
    figsize : tuple, optional
        In inches; by default 7 wide, and as high as the maps need.

    Returns
    -------
    matplotlib.figure.Figure
    """
    maps = [np.asarray(m) for m in maps]
    columns = min(columns, len(maps))
    rows = -(-len(maps) // columns)
    height, width = maps[0].shape[:2]
    size = figsize or (7, rows * (7 / columns * height / width + (0.3 if titles else 0.06)))
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for ax in axes.flat[len(maps) :]:
        ax.set_axis_off()
    cmaps = [cmap] * len(maps) if isinstance(cmap, str) else cmap
    for k, (ax, picture, name) in enumerate(zip(axes.flat, maps, cmaps, strict=False)):
        _clear(ax, titles[k] if titles else None)
        largest = np.abs(picture).max() or 1.0
        low, high = (-largest, largest) if name == "signed" else limits or (None, None)
        ax.imshow(picture, cmap=SIGNED if name == "signed" else name, vmin=low, vmax=high)
    return figure


def _clear(ax, title):
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(False)
    ax.set_anchor("N")
    for spine in ax.spines.values():
        spine.set(visible=True, color=COLORS["line"])
    if title:
        ax.set_title(title)
