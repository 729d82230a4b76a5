"""A matplotlib figure as one SVG: the same in every run, sharp at any size.

Letters stay letters: the page sets them in its own typeface, and finds them. Matplotlib measures with DejaVu Sans,
which is wider, so that what fits there fits in any book face, even a tenth larger.
"""

import io
import re
import sys

import matplotlib as mpl
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

MANY = 2000  # marks; more are painted as one picture
LARGER = 1.1
FACE = "Georgia, Charter, 'Liberation Serif', 'Times New Roman', serif"


def svg(figure):
    """The figure as SVG text, without date, program or names that nothing refers to.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    str
        From `<svg` to `</svg>`, in one line.

    Example
    -------
    >>> import matplotlib.pyplot as plt
    >>> figure, ax = plt.subplots()
    >>> svg(figure) == svg(figure), "<metadata" in svg(figure)
    (True, False)
    """
    for mark in figure.findobj(lambda artist: isinstance(artist, (Collection, Line2D))):
        points = len(mark.get_offsets()) if isinstance(mark, Collection) else len(mark.get_xdata(orig=False))
        mark.set_rasterized(points > MANY)
    stream = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "minicnn"}):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->|<defs>\s*<style.*?</style>\s*</defs>", "", text, flags=re.S)
    text = re.sub(r"font-size: ([\d.]+)px; font-family: [^;\"]*", _font, text)
    text = re.sub(r' transform="rotate\(-0 [^"]*"', "", text)
    text = re.sub(r"(\.\d{3})\d+", r"\1", text)  # thousandths of a point
    used = set(re.findall(r'(?:#|aria-labelledby=")([\w-]+)[")]', text))
    text = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", text)
    return re.sub(r"\s*\n\s*", " ", text).replace("> <", "><")


def _font(found):
    return f"font-size: {float(found[1]) * LARGER:.4g}px; font-family: {FACE}"


def show_as_svg():
    """Let notebooks show figures as SVG. The PNG beside it is for viewers that show no SVG which nobody vouches for."""
    ipython = sys.modules.get("IPython")  # in a script, nobody imported it
    if shell := ipython and ipython.get_ipython():
        import matplotlib.pyplot as plt

        plt.switch_backend(plt.get_backend())  # it would set the formats when the first figure is made
        shell.display_formatter.formatters["image/svg+xml"].for_type(Figure, svg)
