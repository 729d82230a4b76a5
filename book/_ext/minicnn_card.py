"""The card that others show when a page is linked: the book's name, and what an edge kernel makes of it."""

from pathlib import Path


def draw(path):
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np

    import minicnn as mc
    import minicnn.functional as F

    with mc.figures.book_style():
        ink = plt.figure(figsize=(6, 1.5), dpi=60, layout="none")
        ink.text(0.5, 0.55, "minicnn", size=70, weight="bold", ha="center", va="center")
        ink.canvas.draw()
        word = 255.0 - np.asarray(ink.canvas.buffer_rgba())[:, :, 0]
        plt.close(ink)
        edge = np.array([[1.0, 0, -1], [1, 0, -1], [1, 0, -1]])
        seen = F.conv2d(word[None, None], edge[None, None])[0, 0]

        card, axes = plt.subplots(3, figsize=(12, 6.3), dpi=100, height_ratios=[4, 4, 1], layout="constrained")
        for ax in axes:
            ax.set_axis_off()
        axes[0].imshow(-word, cmap="gray")
        axes[1].imshow(seen, cmap=mc.figures.SIGNED, vmin=-1000, vmax=1000)
        axes[2].text(0.5, 0.4, "Convolutional neural networks you can read", size=27, ha="center", family="serif")
        card.savefig(path, metadata={"Software": None})
        plt.close(card)


def make(app, exception):
    if not exception and app.builder.format == "html":
        draw(Path(app.outdir) / "_static/card.png")


def setup(app):
    app.connect("build-finished", make)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
