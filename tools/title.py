"""Make the title picture, and the card that others show when a page is linked: the name, as an edge kernel sees it.

pip install brotli matplotlib
python tools/title.py      book/_static/title.png, card.png
"""

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties

import minicnn as mc
import minicnn.functional as F

STATIC = Path(__file__).parents[1] / "book/_static"
EDGE = np.array([[1.0, 0, -1], [1, 0, -1], [1, 0, -1]])


def face(name, size, folder):
    """One of the book's fonts (tools/fonts.py), as matplotlib wants it."""
    font = TTFont(STATIC / f"fonts/{name}.woff2")
    font.flavor = None
    font.save(folder / f"{name}.ttf")
    return FontProperties(fname=folder / f"{name}.ttf", size=size)


def pixels(font, text="minicnn", height=44, width=176):
    """The word as a grey picture, ink 1 and paper 0, with few and large pixels."""
    figure = plt.figure(figsize=(width / 100, height / 100), dpi=100)
    figure.text(0.5, 0.58, text, fontproperties=font, ha="center", va="center")
    figure.canvas.draw()
    picture = 1 - np.asarray(figure.canvas.buffer_rgba())[:, :, 0] / 255
    plt.close(figure)
    return picture


def seen(picture):
    """What the edge kernel makes of ink on paper: orange and blue, clear where there is no edge (H, W, 4)."""
    edges = F.conv2d(np.pad(picture, 1)[None, None], EDGE[None, None])[0, 0] / 3
    colours = np.where(edges[..., None] > 0, mpl.colors.to_rgb("#0072B2"), mpl.colors.to_rgb("#D55E00"))
    return np.dstack([colours, np.abs(edges).clip(0, 1)])


def main(folder):
    edges = seen(pixels(face("title", 30, folder)))
    rows, columns = np.nonzero(edges[..., 3])
    edges = edges[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    large = np.kron(edges, np.ones((6, 6, 1)))
    plt.imsave(STATIC / "title.png", large, metadata={"Software": None})

    with mc.figures.book_style():
        card, (top, bottom) = plt.subplots(2, figsize=(12, 6.3), dpi=100, height_ratios=[3, 1], layout="constrained")
        top.imshow(edges, interpolation="nearest")
        bottom.text(0.5, 0.6, "Convolutional neural networks you can read", font=face("title", 34, folder), ha="center")
        for ax in (top, bottom):
            ax.set_axis_off()
        card.savefig(STATIC / "card.png", metadata={"Software": None})


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        main(Path(folder))
