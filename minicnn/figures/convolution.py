"""Move a kernel over a small image and see each product, the sum, and the feature map."""

import numpy as np

from minicnn.figures.interactive import InteractiveFigure, signed

KERNELS = {
    "vertical edge": [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
    "horizontal edge": [[1, 1, 1], [0, 0, 0], [-1, -1, -1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "blur": [[1 / 9, 1 / 9, 1 / 9]] * 3,
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
}


class ConvolutionExplorer(InteractiveFigure):
    """The reader moves a 3×3 kernel over `image`, edits it, and flips it.

    Parameters
    ----------
    image : array_like, shape (H, W)
        A small grey image: 3 to 12 pixels each way, so that every number stays legible.
    kernel : str or array_like of shape (3, 3), default "vertical edge"
        One of `KERNELS`, or your own numbers.
    flip : bool, default False
        Start with the kernel turned by 180°: true convolution.

    Raises
    ------
    ValueError
        If the image is too small or too large, or the kernel is not 3×3.

    Example
    -------
    >>> figure = ConvolutionExplorer([[9, 9, 0], [9, 9, 0], [9, 9, 0]], "vertical edge")
    >>> figure.feature_map
    array([[27.]])
    """

    module = "convolution.js"
    title = "A kernel moving over an image"

    def __init__(self, image, kernel="vertical edge", *, flip=False):
        self.image = np.asarray(image, dtype=float)
        if isinstance(kernel, str) and kernel not in KERNELS:
            raise ValueError(
                f"ConvolutionExplorer: no kernel is named {kernel!r}. Pass one of {', '.join(KERNELS)}, or a 3×3 array."
            )
        self.kernel = np.asarray(KERNELS[kernel] if isinstance(kernel, str) else kernel, dtype=float)
        self.flip = bool(flip)
        if self.image.ndim != 2 or min(self.image.shape) < 3 or max(self.image.shape) > 12:
            raise ValueError(
                f"ConvolutionExplorer: image has shape {self.image.shape} but the figure shows 3 to 12 rows "
                "and columns. Pass a crop, such as image[:8, :8]."
            )
        if self.kernel.shape != (3, 3):
            raise ValueError(
                f"ConvolutionExplorer: kernel has shape {self.kernel.shape} but the figure edits 3×3 "
                "kernels. Pass a 3×3 array."
            )

    @property
    def feature_map(self):
        """What the figure must arrive at, computed by the library, of shape (H - 2, W - 2)."""
        from minicnn.functional import conv2d

        weight = self.kernel[::-1, ::-1] if self.flip else self.kernel
        return conv2d(self.image[None, None], weight[None, None].copy())[0, 0]

    @property
    def alt(self):
        height, width = self.image.shape
        return (
            f"Three grids of numbers: a {height}×{width} image, a kernel and the {height - 2}×{width - 2} "
            "feature map that the kernel makes of the image. The top left patch and its output are outlined."
        )

    def data(self):
        return {
            "image": self.image.tolist(),
            "kernel": self.kernel.tolist(),
            "flip": self.flip,
            "presets": KERNELS,
        }

    def picture(self):
        height, width = self.image.shape
        span = np.ptp(self.image) or 1.0
        output = self.feature_map
        largest = np.abs(output).max() or 1.0
        weight = self.kernel[::-1, ::-1] if self.flip else self.kernel
        middle, right = width + 1, width + 5
        cells = [
            *_cells(self.image, 0, lambda v: [round(255 * (v - self.image.min()) / span)] * 3),
            *_cells(weight, middle, lambda v: [244, 246, 248]),
            *_cells(output, right, lambda v: signed(v / largest)),
        ]
        box = f"-4 -4 {40 * (right + width - 2) + 8} {40 * height + 8}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">'
            "<style>rect{width:40px;height:40px;stroke:#999}.o{fill:none;stroke:#d55e00;stroke-width:5}"
            "text{font:15px sans-serif;text-anchor:middle}.w{fill:#fff}</style>"
            f'{"".join(cells)}<rect class="o" style="width:120px;height:120px"/>'
            f'<rect class="o" x="{40 * right}"/></svg>'
        )


def _cells(array, left, colour):
    for (i, j), value in np.ndenumerate(array):
        x, y, rgb = 40 * (left + j), 40 * i, colour(value)
        white = "" if 0.3 * rgb[0] + 0.59 * rgb[1] + 0.11 * rgb[2] > 120 else ' class="w"'
        text = f"{round(float(value), 1):g}".replace("-", "−")
        yield (
            f'<rect x="{x}" y="{y}" fill="#{rgb[0]:02x}{rgb[1]:02x}{rgb[2]:02x}"/>'
            f'<text x="{x + 20}" y="{y + 26}"{white}>{text}</text>'
        )
