"""LeNet-5 drawn with its shapes, and LeNet-5 running in the page, every unit open to look inside."""

import base64
import io

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from minicnn.figures.interactive import InteractiveFigure
from minicnn.figures.style import COLORS

# Sixteen colours of the still picture, from zero to the largest number: those of the live one (lenet_drawing.js).
GREYS = np.linspace(0, 255, 16)[:, None] * [1, 1, 1]
PAPER_TO_VERMILION = (244, 246, 248) + np.linspace(0, 1, 16)[:, None] ** 0.7 * (
    np.subtract((213, 94, 0), (244, 246, 248))
)
LAYERS = ("conv1", "conv2", "fc1", "fc2", "fc3")


def draw_network(steps, *, figsize=(7, 2.4)):
    """Draw what each step of a network made of one image: maps as stacked pictures, vectors as columns of cells.

    Parameters
    ----------
    steps : dict of str to ndarray
        What was done, and what came out: shape (1, C, H, W) or (1, K). The printed shapes are those of the arrays.
    figsize : tuple
        In inches.

    Returns
    -------
    matplotlib.figure.Figure

    Example
    -------
    >>> figure = draw_network({"input": np.zeros((1, 1, 8, 8)), "scores": np.zeros((1, 10))})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['input', '1×8×8', 'scores', '10']
    >>> plt.close(figure)
    """
    figure, ax = plt.subplots(figsize=figsize)
    ax.set_axis_off()
    ax.grid(False)
    left, tallest = 0.0, max(a.shape[-1] for a in steps.values() if a.ndim == 4)
    for name, array in steps.items():
        a = np.asarray(array)[0]
        width = _draw_maps(ax, a, left) if a.ndim == 3 else _draw_column(ax, a, left, tallest)
        shape = "×".join(str(n) for n in a.shape)
        middle = left + width / 2
        ax.text(middle, tallest * 0.83, name, ha="center", va="bottom", fontsize=11)
        ax.text(middle, -tallest * 0.87, shape, ha="center", va="top", fontsize=11, weight="bold")
        left += max(width, tallest * 0.16 * len(shape)) + tallest * 0.12
    ax.set(xlim=(-2, left - tallest * 0.1), ylim=(-tallest * 1.02, tallest * 1.15), aspect="equal")
    return figure


def _draw_maps(ax, maps, left):
    """Maps (C, H, W) behind one another, the first in front; returns the width taken."""
    shown, size = maps[:16], maps.shape[-1]
    step = min(2.2, 14 / len(shown)) if len(shown) > 1 else 0
    bottom = -(size + step * (len(shown) - 1)) / 2
    for k in range(len(shown) - 1, -1, -1):
        x, y = left + k * step, bottom + k * step
        box = (x, x + size, y, y + size)
        ax.imshow(shown[k], extent=box, vmin=0, vmax=shown[k].max() or 1, zorder=20 - k, aspect="auto")
        ax.add_patch(plt.Rectangle((x, y), size, size, fill=False, edgecolor="white", linewidth=0.7, zorder=20.5 - k))
    return size + step * (len(shown) - 1)


def _draw_column(ax, values, left, tallest):
    """A vector (K,) as one column of cells, as tall as the logarithm of its length."""
    height, width = tallest * 1.55 * np.log(len(values)) / np.log(400), tallest * 0.14
    box = (left, left + width, -height / 2, height / 2)
    low, high = min(values.min(), 0), values.max()
    ax.imshow(values[:, None], extent=box, vmin=low, vmax=high or 1, aspect="auto", zorder=2)
    ax.add_patch(plt.Rectangle((left, -height / 2), width, height, fill=False, edgecolor=COLORS["grey"], zorder=3))
    return width


class LeNetExplorer(InteractiveFigure):
    """LeNet-5 runs in the page: the reader picks a digit, moves it, and asks each unit what it saw and how it added up.

    The weights travel with the page as one character each, one of 91 levels,
    times one scale for each output of a layer: 66 kB.
    `model` holds those very weights, so that the page and the library can be compared.

    Parameters
    ----------
    model : models.LeNet5
        Trained; it is not changed.
    images : array_like, shape (K, 1, 32, 32)
        A few digits, from 0 (black) to 1 (white).
    labels : sequence of int, length K
        The right answers.
    mean, std : float
        The model was trained on ``(images - mean) / std``.

    Raises
    ------
    ValueError
        If the images have another shape, or there is not one label for each.

    Example
    -------
    >>> from minicnn.models import LeNet5
    >>> figure = LeNetExplorer(LeNet5(rng=np.random.default_rng(0)), np.zeros((2, 1, 32, 32)), [3, 8])
    >>> figure.probabilities.shape
    (2, 10)
    """

    module = "lenet.js"
    title = "LeNet-5 from inside"

    def __init__(self, model, images, labels, *, mean=0.0, std=1.0):
        images, self.labels = np.asarray(images), [int(label) for label in labels]
        if images.shape[1:] != (1, 32, 32) or len(images) != len(self.labels) or not len(images):
            raise ValueError(
                f"LeNetExplorer: images must have shape (K, 1, 32, 32) with one label each, not {images.shape} with "
                f"{len(self.labels)} labels. Pass a few digits, such as data.images[:6] and data.labels[:6]."
            )
        self.mean, self.std = round(float(mean), 6), round(float(std), 6)
        self._pixels = np.rint(90 * np.clip(images, 0, 1)).astype(int)  # (K, 1, 32, 32), of 91 levels
        self._packed, state = {}, {}
        for name in LAYERS:
            layer = getattr(model, name)
            weight, bias = layer.weight.data, np.round(layer.bias.data.astype(float), 4)
            rows = weight.reshape(len(weight), -1).astype(float)
            scale = np.round(np.abs(rows).max(1) / 45 + 1e-6, 6)  # one for each output
            whole = np.rint(rows / scale[:, None]).clip(-45, 45).astype(int)
            self._packed[name] = {"w": _characters(whole + 45), "scale": scale.tolist(), "b": bias.tolist()}
            state[f"{name}.weight"] = (whole * scale[:, None]).reshape(weight.shape)
            state[f"{name}.bias"] = bias
        self.model = type(model)(len(state["fc3.bias"]), rng=np.random.default_rng(0))
        self.model.load_state_dict(state)

    @property
    def images(self):
        """The digits as the page has them, of shape (K, 1, 32, 32), from 0 to 1."""
        return self._pixels / 90

    @property
    def inputs(self):
        """What enters the network, of shape (K, 1, 32, 32)."""
        return ((self.images - self.mean) / self.std).astype(np.float32)

    @property
    def probabilities(self):
        """What the figure must arrive at, computed by the library, of shape (K, 10)."""
        from minicnn.functional import softmax

        return softmax(self.model(self.inputs).data, dim=1)

    @property
    def alt(self):
        best = int(self.probabilities[0].argmax())
        return (
            f"A handwritten {self.labels[0]} of 32×32 pixels and what LeNet-5 makes of it: 6 maps of 28×28, the same "
            f"at 14×14, 16 maps of 10×10, the same at 5×5. The network reads a {best}."
        )

    def data(self):
        shared = {"mean": self.mean, "std": self.std, "labels": self.labels}
        return shared | {"pixels": _characters(self._pixels), "layers": self._packed}

    def picture(self):
        from minicnn.functional import avg_pool2d, relu

        c1 = relu(self.model.conv1(self.inputs[:1]).data)
        s2 = avg_pool2d(c1, 2)
        c3 = relu(self.model.conv2(s2).data)
        rows = {
            "input 1×32×32": self.images[0],
            "conv1 + ReLU 6×28×28": c1[0],
            "average pool 6×14×14": s2[0],
            "conv2 + ReLU 16×10×10": c3[0],
            "average pool 16×5×5": avg_pool2d(c3, 2)[0],
        }
        parts, top = [], 0
        for name, maps in rows.items():
            colours = GREYS if top == 0 else PAPER_TO_VERMILION
            strip = np.concatenate([np.pad(m / (maps.max() or 1), 1) for m in maps], axis=1)
            width, height = ((2 if len(maps) < 16 else 1.9) * n for n in strip.shape[::-1])
            parts.append(
                f'<text x="0" y="{top + 12}">{name}</text><image x="0" y="{top + 17}" width="{width:g}" '
                f'height="{height:g}" href="data:image/png;base64,{_png(strip, colours)}"/>'
            )
            top += round(height) + 26
        parts.append(f'<text x="0" y="{top + 12}">output, probability of each digit</text>')
        for digit, p in enumerate(self.probabilities[0]):
            x = 37 * digit
            parts.append(f'<rect x="{x}" y="{top + 17}" width="33" height="6" fill="#e4e8ec"/>')
            parts.append(f'<rect x="{x}" y="{top + 17}" width="{33 * p:.1f}" height="6" fill="{COLORS["blue"]}"/>')
            parts.append(f'<text x="{x}" y="{top + 34}" style="font-size:9px">{digit}: {100 * p:.0f}%</text>')
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 370 {top + 38}"><style>text{{font:11px sans-serif}}'
            f"image{{image-rendering:pixelated}}</style>{''.join(parts)}</svg>"
        )


def _characters(levels):
    """Numbers from 0 to 90 as printable characters that mean nothing in JSON or HTML; lenet_network.js reads them."""
    alphabet = np.array([chr(code) for code in range(33, 127) if chr(code) not in '"<\\'])
    return "".join(alphabet[levels.ravel()])


def _png(array, colours):
    file, image = io.BytesIO(), Image.fromarray(np.rint(15 * np.clip(array, 0, 1)).astype(np.uint8), mode="P")
    image.putpalette(np.rint(colours).astype(np.uint8).tobytes())
    image.save(file, format="png", optimize=True, bits=4)
    return base64.b64encode(file.getvalue()).decode()
