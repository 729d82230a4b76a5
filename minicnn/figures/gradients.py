"""An interactive figure: choose a number, see the paths that lead to it and the sum along them."""

import numpy as np

from minicnn.figures.interactive import InteractiveFigure, signed

X = [[2, 0, 1, 1, 3], [1, 2, 0, 2, 1], [0, 1, 3, 1, 0], [2, 1, 0, 2, 1], [1, 0, 2, 1, 2]]
W = [[1, 2, 0], [0, 1, -1], [2, 0, -2]]
DY = [[1, 0, -1, 2, 0], [2, 1, 0, 1, -1], [0, -2, 1, 0, 1], [1, 0, 2, -1, 0], [-1, 1, 0, 0, 2]]


class GradientExplorer(InteractiveFigure):
    """A 3×3 convolution of a 5×5 image, forward and backward, with stride 1 or 2 and padding 0 or 1.

    The reader chooses any number: of y, dw and dx the paths that lead to it, of x, w and dy those that lead on.

    Every number shown in y, dw and dx is computed here by `conv2d_vjp`; the script finds the paths and writes
    out their sum.

    Example
    -------
    >>> figure = GradientExplorer()
    >>> figure.results(stride=2, padding=0, dy="single")["dx"][2][2:]
    [1, 2, 0]
    """

    module = "gradients.js"
    title = "Paths of a gradient through a convolution"
    alt = (
        "Six grids of numbers: image x, filter w and output y above; dx, dw and dy below. The middle of dx "
        "is outlined. The nine entries of dy and of w that are multiplied for it carry the numbers 1 to 9: "
        "in reading order in dy, in reversed order in w."
    )

    def results(self, stride, padding, dy):
        """What minicnn finds, as lists: y, dy, dx and dw. `dy` is "mixed", "single" (one 1) or "ones"."""
        from minicnn.functional import conv2d_vjp

        x, w = np.array([[X]], np.float64), np.array([[W]], np.float64)
        y, vjp = conv2d_vjp(x, w, stride=stride, padding=padding)
        rows, columns = y.shape[2:]
        gradient = np.array(DY, np.float64)[:rows, :columns]
        if dy != "mixed":
            gradient = np.full((rows, columns), float(dy == "ones"))
            gradient[rows // 2, columns // 2] = 1
        dx, dw = vjp(gradient[None, None].copy())[:2]
        found = {"y": y[0, 0], "dy": gradient, "dx": dx[0, 0], "dw": dw[0, 0]}
        return {name: array.astype(int).tolist() for name, array in found.items()}

    def data(self):
        cases = {
            f"{s}{p}{dy}": self.results(s, p, dy) for s in (1, 2) for p in (0, 1) for dy in ("mixed", "single", "ones")
        }
        return {"x": X, "w": W, "cases": cases}

    def picture(self):
        case = self.results(1, 0, "mixed")
        order = np.arange(1, 10).reshape(3, 3)
        grids = [  # name, numbers, column, row, path numbers
            ("x", X, 0, 0, None),
            ("w", W, 6, 0, order[::-1, ::-1]),
            ("y", case["y"], 10, 0, None),
            ("dx", case["dx"], 0, 6.5, None),
            ("dw", case["dw"], 6, 6.5, None),
            ("dy", case["dy"], 10, 6.5, order),
        ]
        parts = [part for grid in grids for part in _grid(*grid)]
        parts.append('<rect class="o" x="80" y="366"/>')
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-6 -6 532 512"><style>'
            "rect{width:40px;height:40px;stroke:#999}.o{fill:none;stroke:#d55e00;stroke-width:5}"
            "text{font:16px sans-serif;text-anchor:middle}.n{font-size:10px;fill:#b34700}.t{font-weight:700}"
            "</style>"
            f"{''.join(parts)}</svg>"
        )


def _grid(name, array, column, row, numbers):
    left, top = 40 * column, 40 * row + 26
    yield f'<text class="t" x="{left + 10}" y="{top - 8}">{name}</text>'
    far = max(1, np.abs(array).max())
    for (i, j), value in np.ndenumerate(np.array(array)):
        red, green, blue = signed(0.5 * value / far)
        x, y, text = left + 40 * j, top + 40 * i, f"{value:g}".replace("-", "−")
        yield f'<rect x="{x}" y="{y:g}" fill="#{red:02x}{green:02x}{blue:02x}"/>'
        yield f'<text x="{x + 20}" y="{y + 27:g}">{text}</text>'
        if numbers is not None:
            yield f'<text class="n" x="{x + 7}" y="{y + 12:g}">{numbers[i, j]}</text>'
