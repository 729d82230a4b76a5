"""The pictures of the chapter on speed, and what it takes from the kernels: `jit`, `parallel_for`, `peak`."""

from functools import lru_cache, partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from minicnn.figures.style import COLORS
from minicnn.functional.convolution import winograd as winograd_tiles
from minicnn.functional.convolution import winograd_rows
from minicnn.functional.convolution.geometry import Geometry, Job
from minicnn.kernels import peak as peak
from minicnn.kernels.running.buffers import empty
from minicnn.kernels.running.jit import jit as jit
from minicnn.kernels.running.jit import parallel_for as parallel_for

HUES = ["blue", "vermilion", "green", "purple", "orange", "sky"]


def winograd(x, w):
    """Filters of 3×3 by Winograd's way, without padding, even where `conv2d` finds that another one is faster.

    Example
    -------
    >>> x, w = np.ones((16, 16, 18, 18), np.float32), np.ones((8, 16, 3, 3), np.float32)
    >>> np.allclose(winograd(x, w), mc.functional.conv2d(x, w))
    True
    """
    (N, C, H, W), O = x.shape, len(w)
    size, ones, out = (H, W), (1, 1), (H - 2, W - 2)
    g = Geometry.of(size, (0, 0), w.shape[2:], ones, ones, out, 1)
    y = empty((N, O, *out), x.dtype)
    flat = *(a.reshape(*a.shape[:2], -1) for a in (x, w)), None, y.reshape(N, O, -1)
    job = Job("forward", g, N, C, O, x.dtype)
    if not winograd_tiles.fits(job) or _plan(job)(*flat):
        raise ValueError(f"winograd: not made for x of shape {x.shape} and w of shape {w.shape}, or not finite.")
    return y


@lru_cache
def _plan(job):
    rows = winograd_rows.plan(job)
    return rows if callable(rows) else partial(winograd_tiles.convolve, winograd_tiles.forward_call(job))


def duration(seconds):
    """Seconds in words that are easily compared: "1.2 s", "35 ms", "210 µs"."""
    size, unit = next((s, u) for s, u in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")) if seconds >= s or u == "µs")
    value = seconds / size
    return f"{value:.2g} {unit}" if value < 99.5 else f"{value:.0f} {unit}"


def areas(times):
    """Squares side by side whose areas are to each other as the times: {name: seconds}, the longest one first."""
    figure, ax = plt.subplots(figsize=(5, 2.6))
    longest, left = max(times.values()), 0
    for (name, seconds), hue in zip(times.items(), HUES, strict=False):
        side = (seconds / longest) ** 0.5
        ax.add_patch(Rectangle((left, 0), side, side, color=COLORS[hue]))
        text = f"{name}\n{duration(seconds)}"
        if side > 0.5:
            ax.text(left + side / 2, side / 2, text, ha="center", va="center", color="white")
        else:
            ax.text(left + side + 0.04, 0, text, ha="left", va="bottom")
        left += side + 0.12
    ax.set(xlim=(-0.02, left + 0.4), ylim=(-0.02, 1.02), aspect="equal")
    ax.axis("off")
    return figure


def ladder(times):
    """Bars on a logarithmic scale, one for each rung {name: seconds}; how many times as fast as the first it is."""
    figure, ax = plt.subplots(figsize=(6.6, 0.34 * len(times) + 0.7), dpi=120)
    names, seconds = list(times), np.array(list(times.values()))
    start = seconds.min() / 3
    ax.barh(range(len(names)), seconds - start, left=start, color=COLORS["blue"], height=0.62)
    for i, t in enumerate(seconds):
        gain = "" if i == 0 else f"   {float(f'{seconds[0] / t:.2g}'):,g} times as fast"
        ax.text(t * 1.12, i, f"{duration(t)}{gain}", va="center", fontsize=9)
    ax.set(xscale="log", xlim=(start, seconds.max() * 40), xlabel="time (each line to the right: ten times as long)")
    ax.set_yticks(range(len(names)), [f"{i}  {name}" for i, name in enumerate(names, 1)])
    ax.tick_params(axis="y", length=0, labelcolor=COLORS["ink"])
    ax.set_xticks(ticks := 10.0 ** np.arange(np.ceil(np.log10(start)), np.log10(seconds.max()) + 1))
    ax.set_xticklabels([duration(t) for t in ticks])
    ax.minorticks_off()
    ax.grid(False, axis="y")
    ax.invert_yaxis()
    return figure


def roofline(peak, bandwidths, dots, *, joined=False):
    """What a machine can do at most, against how much is computed with each byte that travels.

    Parameters
    ----------
    peak : float
        Operations per second.
    bandwidths : dict
        {from where: bytes per second}; the first one ends at the peak first.
    dots : dict
        {name: (operations per byte, operations per second)}.
    joined : bool
        Whether a line goes from dot to dot, each with its name beside it; otherwise dots are numbered.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, ax = plt.subplots(figsize=(5.8, 3.4 if joined else 4.6), dpi=104)
    found = np.array([place[0] for place in dots.values()])
    low, high = min(found.min() / 2.5, 0.05), max(found.max() * 2.5, 100)
    for (name, bandwidth), style in zip(bandwidths.items(), ("-", "--"), strict=False):
        ridge = peak / bandwidth
        ax.plot([low, ridge], [low * bandwidth / 1e9, peak / 1e9], style, color=COLORS["ink"], lw=1.5, label=name)
    first = min(peak / bandwidth for bandwidth in bandwidths.values())
    label = f"all that can be computed, {peak / 1e9:.0f} GFLOP/s"
    ax.plot([first, high], [peak / 1e9] * 2, color=COLORS["vermilion"], lw=2, label=label)
    for i, (name, (intensity, speed)) in enumerate(dots.items(), 1):
        place, style = (intensity, speed / 1e9), {"color": COLORS["blue"], "ls": "none", "marker": "o"}
        if joined:
            ax.plot(*place, ms=7, **style)
            ax.annotate(name, place, (7, -11), textcoords="offset points", fontsize=9)  # below the slope, and the line
        else:
            ax.plot(*place, ms=11, mec="white", label=f"{i}  {name}", **style)
            ax.text(*place, f"{i}", ha="center", va="center", color="white", fontsize=8, weight="bold")
    if joined:
        ax.plot(*np.array(list(dots.values())).T * [[1], [1e-9]], color=COLORS["sky"], zorder=0)
    ax.set(xscale="log", yscale="log", xlim=(low, high), xlabel="intensity: operations per byte that travels")
    ax.set_ylabel("GFLOP/s: $10^9$ operations a second")
    figure.legend(loc="outside lower center", ncols=2, fontsize=9, markerscale=0.5)
    return figure


def register_tile(rows=8, vectors=3, lanes=16):
    """One round of a micro-kernel: so many numbers meet so many vectors, and their products are added to the tile."""
    figure, ax = plt.subplots(figsize=(7, 3.5))
    wide, gap = 4.0, 0.45

    def cells(x, y, hue, text=None, width=wide, alpha=1.0):
        ax.add_patch(Rectangle((x, y), width, 0.72, fc=COLORS[hue], ec="none", alpha=alpha))
        for k in range(1, lanes) if width == wide else ():
            ax.plot([x + width * k / lanes] * 2, [y, y + 0.72], color="white", lw=0.7)
        if text:
            ax.text(x + width / 2, y + 0.34, text, ha="center", va="center", color="white", fontsize=9, weight="bold")

    for j in range(vectors):
        cells(2 + j * (wide + gap), 1.3, "blue")
    for i in range(rows):
        cells(0, -0.1 - i * 0.95, "vermilion", f"$w_{i}$", width=0.9)
        for j in range(vectors):
            cells(2 + j * (wide + gap), -0.1 - i * 0.95, "green", alpha=0.55)
    right = 2 + vectors * (wide + gap) - gap
    ax.text(2, 2.25, f"{vectors} vectors of $x$ are loaded, {lanes} numbers each", color=COLORS["blue"])
    bottom = -0.1 - rows * 0.95
    ax.text(0, bottom, f"{rows} weights\nare loaded", color=COLORS["vermilion"], va="top")
    text = f"{rows} × {vectors} = {rows * vectors} vectors of sums stay in registers:\neach takes in weight × vector"
    ax.text(right, bottom, text, color="#00694d", va="top", ha="right")
    ax.set(xlim=(-0.3, right + 0.1), ylim=(bottom - 1.7, 3))
    ax.axis("off")
    return figure


def pixel_vector(images=4, size=3):
    """The same pixel of several images side by side in memory, from images that lie one after the other."""
    figure, ax = plt.subplots(figsize=(7, 2.5))
    pixels = size * size
    for n in range(images):
        for p in range(pixels):
            i, j = divmod(p, size)
            x, y = n * (size + 1.2) + j, 4.6 - i
            strong = p == 4
            colour = COLORS[HUES[n]]
            ax.add_patch(Rectangle((x, y), 0.92, 0.92, fc=colour, alpha=1 if strong else 0.25, ec="none"))
            ink = "white" if strong else "black"
            ax.text(x + 0.46, y + 0.44, f"{p}", ha="center", va="center", color=ink, fontsize=9)
        ax.text(n * (size + 1.2), 5.75, f"image {n}", color=COLORS["ink"], fontsize=9)
    width = (images * (size + 1.2) - 1.2) / (images * pixels)
    for p in range(pixels):
        for n in range(images):
            x = (p * images + n) * width
            strong = p == 4
            colour = COLORS[HUES[n]]
            ax.add_patch(Rectangle((x, 0), width * 0.9, 0.92, fc=colour, alpha=1 if strong else 0.25, ec="none"))
            if strong:
                start = (n * (size + 1.2) + 1.46, 3.55)
                arrow = {"arrowstyle": "->", "color": colour, "lw": 1.3}
                ax.annotate("", (x + width * 0.45, 1), start, arrowprops=arrow)
        middle = (p * images + images / 2) * width
        ax.text(middle, -0.55, f"pixel {p}" if p == 4 else f"{p}", ha="center", va="center", fontsize=9)
    ax.text(0, 1.35, "in the buffer", fontsize=9)
    ax.set(xlim=(-0.1, images * (size + 1.2) - 1), ylim=(-0.9, 6.3))
    ax.axis("off")
    return figure
