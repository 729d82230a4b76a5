"""The look of the book's matplotlib figures: one palette, one rc dictionary, a few helpers.

Colours are those of Okabe and Ito, which people with any common colour blindness can tell apart. A dark page has
another shade of each (`--still-…` in book.css); pure black and white, and pictures, are left as they are.
Draw figures 5.6 inches wide: that fills the text column, and their words can be read on a phone.
"""

from contextlib import contextmanager

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgba

from minicnn.figures.stills import show_as_svg

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
    "paper": "#FEFEFE",
    "blue word": "#00629B",  # dark enough to be read, and for words of paper on it
    "vermilion word": "#B34700",
    "green word": "#00694D",
    "purple word": "#8F3D6B",
}

# Signed values: blue below zero, vermilion above, and at zero the paper shows. Odd: zero has a colour of its own.
_BELOW, _ABOVE = to_rgba(COLORS["blue"]), to_rgba(COLORS["vermilion"])
_STOPS = [(0, _BELOW), (0.5, (*_BELOW[:3], 0)), (0.5, (*_ABOVE[:3], 0)), (1, _ABOVE)]
SIGNED = LinearSegmentedColormap.from_list("signed", _STOPS, N=65)

RC = {
    "figure.figsize": (5.6, 2.6),
    "figure.dpi": 100,
    "figure.facecolor": COLORS["paper"],
    "figure.constrained_layout.use": True,
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.titlepad": 5,
    "axes.facecolor": "none",
    "axes.titlelocation": "left",
    "axes.labelcolor": COLORS["ink"],
    "axes.edgecolor": COLORS["grey"],
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": mpl.cycler(color=[COLORS[c] for c in ("blue", "vermilion", "green", "purple", "orange", "sky")]),
    "grid.color": COLORS["line"],
    "grid.linewidth": 0.5,
    "text.color": COLORS["ink"],
    "xtick.color": COLORS["grey"],
    "ytick.color": COLORS["grey"],
    "xtick.labelcolor": COLORS["ink"],
    "ytick.labelcolor": COLORS["ink"],
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "image.interpolation": "none",  # an SVG holds each pixel once
    "image.cmap": "gray",
}


def use_style():
    """Use the book's style for every figure from here on, as SVG in notebooks (whose first cell calls this)."""
    plt.rcParams.update(RC)
    show_as_svg()


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
    is_signed = cmap == "signed"
    if is_signed:  # the largest still light enough for its number, in ink
        cmap, largest = SIGNED, (np.abs(array).max() or 1.0) / 0.65
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
        ink = "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else "black"
        text = fmt(value) if fmt else f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "−")
        ax.text(j, i, text, ha="center", va="center", fontsize=fontsize, color=COLORS["ink"] if is_signed else ink)
    if box is not None:
        row, column, height, width = box
        for colour, line in (("paper", 4.5), ("ink", 2.2)):
            outline = plt.Rectangle((column - 0.5, row - 0.5), width, height, fill=False, clip_on=False)
            outline.set(edgecolor=COLORS[colour], linewidth=line, zorder=3)
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
        In inches; by default 5.6 wide, and as high as the maps need.

    Returns
    -------
    matplotlib.figure.Figure
    """
    maps = [np.asarray(m) for m in maps]
    columns = min(columns, len(maps))
    rows = -(-len(maps) // columns)
    height, width = maps[0].shape[:2]
    size = figsize or (5.6, rows * (5.6 / columns * height / width + (0.25 if titles else 0.06)))
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for ax in axes.flat[len(maps) :]:
        ax.set_axis_off()
    cmaps = [cmap] * len(maps) if isinstance(cmap, str) else cmap
    for k, (ax, picture, name) in enumerate(zip(axes.flat, maps, cmaps, strict=False)):
        _clear(ax, titles[k] if titles else None)
        largest = np.quantile(np.abs(picture), 0.99) or 1.0  # a few glaring pixels must not make all others pale
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


def direct_labels(ax, lines):
    """Write the name of each line at its right end, in its colour; names that are too near make room.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With the limits that it will have, and room for the names on the right.
    lines : dict
        {line: name}.

    Example
    -------
    >>> _, ax = plt.subplots()
    >>> direct_labels(ax, {ax.plot([1, 2], [3, 4])[0]: "loss"})
    >>> [text.get_text() for text in ax.texts]
    ['loss']
    """
    gap, below = 12 * ax.figure.dpi / 72, -np.inf
    for line, name in sorted(lines.items(), key=lambda item: item[0].get_ydata()[-1]):
        end = line.get_xydata()[-1]
        height = ax.transData.transform(end)[1]
        below = max(height, below + gap)
        place = {"xytext": (6, (below - height) * 72 / ax.figure.dpi), "textcoords": "offset points", "va": "center"}
        word = COLORS.get(f"{_name(line.get_color())} word", COLORS["ink"])
        ax.annotate(name, end, **place, color=word, annotation_clip=False)


def _name(colour):
    return next((name for name, code in COLORS.items() if mpl.colors.same_color(code, colour)), "ink")


def powers_of_ten(axis):
    """Ticks of a logarithmic axis as 10⁻⁶, in plain letters.

    Parameters
    ----------
    axis : matplotlib.axis.Axis
        `ax.xaxis` or `ax.yaxis`.

    Example
    -------
    >>> _, ax = plt.subplots()
    >>> powers_of_ten(ax.yaxis)
    >>> ax.yaxis.get_major_formatter()(1e-6)
    '10⁻⁶'
    """
    axis.set_major_formatter(lambda value, _: "10" + f"{round(np.log10(value))}".translate(_RAISED))


def indexed(letter, number):
    """x₁ in plain letters.

    Parameters
    ----------
    letter : str
    number : int

    Example
    -------
    >>> indexed("dy", 12)
    'dy₁₂'
    """
    return letter + f"{number}".translate(_LOWERED)


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
