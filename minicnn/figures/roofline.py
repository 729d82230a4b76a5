"""An interactive roofline: choose an operation and its sizes, see its intensity worked out and its dot move."""

import math

from minicnn.figures.interactive import InteractiveFigure

# Of one machine with 2 threads, in FLOP/s and bytes/s: the best peak in the record book/ledger/speed.json, and the
# bandwidths that the copies of chapter 13 reached there.
PEAK, MEMORY, CACHE = 488e9, 46e9, 240e9

CHOICES = {  # what the sliders go through
    "N": [1, 2, 4, 8, 16, 32, 64, 128, 256],
    "C": [1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 512],
    "O": [1, 2, 4, 6, 8, 10, 16, 32, 64, 128, 256, 512],
    "K": [1, 3, 5, 7],
    "S": [7, 8, 14, 16, 18, 28, 32, 56, 64, 112, 128, 224],
}
START = {"N": 16, "C": 16, "O": 16, "K": 3, "S": 18}  # the convolution of chapter 13


class RooflineExplorer(InteractiveFigure):
    """The reader chooses an operation and sizes; the figure counts operations and bytes, and never measures.

    Parameters
    ----------
    peak : float, default 488e9
        Operations in float32 per second at most.
    memory, cache : float, defaults 46e9 and 240e9
        Bytes per second from main memory, and from the nearest cache. Readers may change all three.

    Raises
    ------
    ValueError
        If one of them is not between 10⁹ and 10¹⁴.

    References
    ----------
    Williams, Waterman and Patterson, "Roofline: an insightful visual performance model for multicore
    architectures", CACM 52, 2009.

    Example
    -------
    >>> figure = RooflineExplorer(peak=200e9, memory=20e9)
    >>> print(figure.alt[:61])
    A roofline on logarithmic axes. A slope, 20 GB/s from memory,
    """

    module = "roofline.js"
    title = "An operation under the roofs"

    def __init__(self, peak=PEAK, memory=MEMORY, cache=CACHE):
        self.giga = {}
        for name, value in {"peak": peak, "memory": memory, "cache": cache}.items():
            if not isinstance(value, (int, float)) or not 1e9 <= value <= 1e14:
                raise ValueError(
                    f"RooflineExplorer: {name} must be a number from 1e9 to 1e14 a second, not {value!r}. "
                    "Pass operations or bytes, such as 200e9."
                )
            self.giga[name] = float(f"{value / 1e9:.3g}")

    @property
    def alt(self):
        peak, memory, cache = (f"{self.giga[name]:g}" for name in ("peak", "memory", "cache"))
        return (
            f"A roofline on logarithmic axes. A slope, {memory} GB/s from memory, and a higher one, {cache} GB/s from "
            f"the nearest cache, end at a level line, the peak of {peak} GFLOP/s. A dot for a convolution of 3×3 "
            "stands at 31 operations a byte."
        )

    def data(self):
        return {"giga": self.giga, "choices": CHOICES, "start": START}

    def picture(self):
        peak, memory, cache = self.giga["peak"], self.giga["memory"], self.giga["cache"]

        def at(intensity, rate):
            """Pixels: four and a half decades across, three and a half up to twice the peak."""
            return f"{40 + 104 * (math.log10(intensity) + 1.3):.0f} {10 + 80 * math.log10(2 * peak / rate):.0f}"

        def slope(bandwidth):
            low = max(0.05, 2e-3 * peak / bandwidth)
            return f"M{at(low, low * bandwidth)}L{at(peak / bandwidth, peak)}"

        x, y = at(31.3, min(peak, 31.3 * memory)).split()
        ticks = "".join(
            f'<text x="{40 + 104 * (p + 1.3):.0f}" y="268" class="m">{10.0**p:g}</text>' for p in range(-1, 4)
        )
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 520 300"><style>.m{text-anchor:middle}'
            "path{fill:none;stroke:#1f2933;stroke-width:2}text{font:13px sans-serif}</style>"
            f'<path d="{slope(memory)}"/><path stroke-dasharray="6 4" d="{slope(cache)}"/>'
            f'<path style="stroke:#d55e00" d="M{at(peak / cache, peak)}L{at(1600, peak)}"/>'
            '<path style="stroke:#999;stroke-width:1" d="M40 5V250H515"/>'
            f'<circle cx="{x}" cy="{y}" r="8" fill="#0072b2" stroke="#fff" stroke-width="2"/>'
            f'<text x="515" y="{int(at(1600, peak).split()[1]) - 8}" text-anchor="end">peak: {peak:g} GFLOP/s</text>'
            f'{ticks}<text x="515" y="216" text-anchor="end">dashed: {cache:g} GB/s from the nearest cache</text>'
            f'<text x="515" y="236" text-anchor="end">solid: {memory:g} GB/s from memory</text>'
            '<text x="515" y="291" text-anchor="end">intensity: operations per byte that travels</text></svg>'
        )
