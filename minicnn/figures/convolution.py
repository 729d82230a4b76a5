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
    """The reader moves a 3×3 kernel over `image`, edits it, flips it, and paints or opens another image.

    Parameters
    ----------
    image : array_like, shape (H, W) or (3, H, W)
        A small image, grey or red, green and blue: 3 to 12 pixels each way, so that every number stays legible,
        of numbers from −255 to 255.
    kernel : str or array_like of shape (3, 3) or (3, 3, 3), default "vertical edge"
        One of `KERNELS`, or your own numbers from −99 to 99; a colour image takes one for all channels, or three.
    flip : bool, default False
        Start with the kernel turned by 180°: true convolution.
    padding : {0, 1, 2}, default 0
        Rings of zeros around the image.
    stride : {1, 2, 3}, default 1
        Pixels from one window to the next.

    Raises
    ------
    ValueError
        If the image or the kernel has another shape or larger numbers, or an option is not one of these.

    Example
    -------
    >>> figure = ConvolutionExplorer([[9, 9, 0], [9, 9, 0], [9, 9, 0]], "vertical edge")
    >>> figure.feature_map
    array([[27.]])
    """

    module = "convolution.js"
    title = "A kernel moving over an image"

    def __init__(self, image, kernel="vertical edge", *, flip=False, padding=0, stride=1):
        if isinstance(kernel, str) and kernel not in KERNELS:
            raise ValueError(
                f"ConvolutionExplorer: no kernel is named {kernel!r}. Pass one of {', '.join(KERNELS)}, or a 3×3 array."
            )
        image = _numbers("image", image, 255)
        kernel = _numbers("kernel", KERNELS[kernel] if isinstance(kernel, str) else kernel, 99)
        size = image.shape[-2:]
        if image.shape not in (size, (3, *size)) or len(size) != 2 or min(size) < 3 or max(size) > 12:
            raise ValueError(
                f"ConvolutionExplorer: image has shape {image.shape} but the figure shows 3 to 12 rows and columns, "
                "(H, W) or (3, H, W). Pass a crop, such as image[..., :8, :8]."
            )
        if kernel.shape != (3, 3) and (kernel.shape != (3, 3, 3) or image.ndim != 3):
            repair = "Pass a 3×3 array" + (", or three: (3, 3, 3)." if image.ndim == 3 else ".")
            raise ValueError(
                f"ConvolutionExplorer: kernel has shape {kernel.shape} but the figure edits 3×3 kernels. {repair}"
            )
        for name, value, allowed in (("padding", padding, (0, 1, 2)), ("stride", stride, (1, 2, 3))):
            if value not in allowed:
                offered = "{}, {} or {}".format(*allowed)
                raise ValueError(f"ConvolutionExplorer: {name} must be {offered}, not {value!r}.")
        self.image = image.reshape(-1, *size)
        self.kernel = np.broadcast_to(kernel, (len(self.image), 3, 3))
        self.flip, self.padding, self.stride = bool(flip), int(padding), int(stride)

    @property
    def feature_map(self):
        """What the figure must arrive at, computed by the library, of shape (OH, OW)."""
        from minicnn.functional import conv2d

        return conv2d(self.image[None], self._weight[None].copy(), stride=self.stride, padding=self.padding)[0, 0]

    @property
    def _weight(self):
        return self.kernel[:, ::-1, ::-1] if self.flip else self.kernel

    @property
    def alt(self):
        (channels, height, width), (rows, columns) = self.image.shape, self.feature_map.shape
        if channels == 1:
            start = f"Three grids of numbers: a {height}×{width} image, a kernel and the {rows}×{columns} feature map"
        else:
            start = (
                f"The red, the green and the blue {height}×{width} slice of an image, each with its kernel, "
                f"and the one {rows}×{columns} feature map"
            )
        return f"{start} that comes of them. The top left window and its output are outlined."

    def data(self):
        return {
            "image": self.image.tolist(),
            "kernel": self.kernel.tolist(),
            "flip": self.flip,
            "padding": self.padding,
            "stride": self.stride,
            "presets": KERNELS,
        }

    def picture(self):
        padding, output = self.padding, self.feature_map
        padded = np.pad(self.image, ((0, 0), (padding,) * 2, (padding,) * 2))
        channels, height, width = padded.shape
        low, span = self.image.min(), np.ptp(self.image) or 1.0
        largest = np.abs(output).max() or 1.0
        right, bottom = width + 5, channels * (height + 1) - 1

        def shade(c):
            hue = np.arange(3) == c if channels == 3 else np.ones(3)
            return lambda v: [round(h * 255 * min(max((v - low) / span, 0), 1)) for h in hue]

        parts = []
        for c in range(channels):
            top = c * (height + 1)
            parts += _cells(padded[c], 0, top, shade(c))
            parts += _cells(self._weight[c], width + 1, top, lambda v: [244, 246, 248])
            parts.append(f'<rect class="o" y="{40 * top}" style="width:120px;height:120px"/>')
        top = (bottom - len(output)) / 2 if channels == 3 else 0
        parts += _cells(output, right, top, lambda v: signed(v / largest))
        parts.append(f'<rect class="o" x="{40 * right}" y="{40 * top:g}"/>')
        box = f"-4 -4 {40 * (right + output.shape[1]) + 8} {40 * bottom + 8}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">'
            "<style>rect{width:40px;height:40px;stroke:#999}.o{fill:none;stroke:#d55e00;stroke-width:5}"
            f"text{{font:15px sans-serif;text-anchor:middle}}.w{{fill:#fff}}</style>{''.join(parts)}</svg>"
        )


def _numbers(name, value, most):
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(f"ConvolutionExplorer: {name} must be an array of numbers, not {value!r}.") from None
    if not (np.abs(array) <= most).all():
        raise ValueError(
            f"ConvolutionExplorer: {name} must have numbers from −{most} to {most}, but its largest is "
            f"{np.abs(array).max():g}. Pass smaller ones, such as {name} / abs({name}).max()."
        )
    return array


def _cells(array, left, top, colour):
    for (i, j), value in np.ndenumerate(array):
        x, y, rgb = 40 * (left + j), 40 * (top + i), colour(value)
        white = "" if 0.3 * rgb[0] + 0.59 * rgb[1] + 0.11 * rgb[2] > 120 else ' class="w"'
        text = f"{round(float(value), 1):g}".replace("-", "−")
        size = "" if len(text) < 4 else f' style="font-size:{56 / len(text):.3g}px"'
        yield (
            f'<rect x="{x}" y="{y:g}" fill="#{rgb[0]:02x}{rgb[1]:02x}{rgb[2]:02x}"/>'
            f'<text x="{x + 20}" y="{y + 26:g}"{white}{size}>{text}</text>'
        )
