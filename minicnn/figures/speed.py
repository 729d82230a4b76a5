"""The pictures of the chapter on speed, and what it takes from the kernels: `jit`, `parallel_for`, `peak`."""

from functools import lru_cache, partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from minicnn.figures.style import COLORS, indexed
from minicnn.functional.convolution import winograd as winograd_tiles
from minicnn.functional.convolution import winograd_rows
from minicnn.functional.convolution.geometry import Geometry, Job
from minicnn.kernels import peak as peak
from minicnn.kernels.running.buffers import empty
from minicnn.kernels.running.jit import jit as jit
from minicnn.kernels.running.jit import parallel_for as parallel_for

HUES = ["blue", "vermilion", "green", "purple"]


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
    flat = *(a.reshape(*a.shape[:2], -1) for a in (x, w)), np.zeros(O, x.dtype), y.reshape(N, O, -1)
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
    figure, ax = plt.subplots(figsize=(5.6, 2.6))
    longest, left = max(times.values()), 0
    for (name, seconds), hue in zip(times.items(), HUES, strict=False):
        side = (seconds / longest) ** 0.5
        ax.add_patch(Rectangle((left, 0), side, side, color=COLORS[f"{hue} word"]))
        inside = side > 0.5
        place, low = (left + side / 2, side / 2 - 0.06) if inside else (left + side + 0.04, 0.02)
        look = {"ha": "center" if inside else "left", "color": COLORS["paper" if inside else "ink"]}
        ax.text(place, low + 0.1, name, **look)
        ax.text(place, low, duration(seconds), **look)
        left += side + 0.12
    ax.set(xlim=(-0.02, left + 0.5), ylim=(-0.02, 1.02), aspect="equal", anchor="W")
    ax.axis("off")
    return figure


def ladder(times):
    """How many times as fast as the first each rung {name: seconds} is: dots on a logarithmic scale from 1 × on."""
    figure, ax = plt.subplots(figsize=(5.6, 0.3 * len(times) + 0.5))
    seconds = np.array(list(times.values()))
    gains = seconds[0] / seconds
    ax.hlines(range(len(times)), np.minimum(gains, 1), np.maximum(gains, 1), color=COLORS["sky"], lw=2)
    ax.plot(gains, range(len(times)), "o", color=COLORS["blue"], ms=6)
    for i, (t, gain) in enumerate(zip(seconds, gains, strict=True)):
        words = duration(t) if i == 0 else f"{duration(t)}, {float(f'{gain:.2g}'):,g} ×"
        ax.annotate(words, (gain, i), (8, 0), textcoords="offset points", va="center")
    low, high = min(1, gains.min()), gains.max()
    ax.set(xscale="log", xlim=(low / 1.5, high * (high / low) ** 0.6), xlabel="times as fast as the first")
    ticks = 10.0 ** np.arange(np.ceil(np.log10(low)), np.log10(high) + 0.1)
    ax.set_xticks(ticks, [f"{tick:,g}" for tick in ticks])
    ax.set_yticks(range(len(times)), [f"{i}  {name}" for i, name in enumerate(times, 1)])
    ax.minorticks_off()
    ax.grid(False, axis="y")
    ax.spines["left"].set_visible(False)
    ax.set_ylim(len(times) - 0.4, -0.6)
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
        Whether a line goes from dot to dot; otherwise they are numbered.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, ax = plt.subplots(figsize=(5.6, 3.2 if joined else 4))
    found = np.array(list(dots.values())) * [1, 1e-9]
    low, high = min(found[:, 0].min() / 4, 0.05), max(found[:, 0].max() * 8, 100)
    floor = min(found[:, 1].min() / 3, peak / 1e9 / 100)
    ax.set(xscale="log", yscale="log", xlim=(low, high), ylim=(floor, peak / 1e9 * 2.5))
    ax.set(xlabel="intensity: operations per byte that travels", ylabel="GFLOP/s: 10⁹ operations a second")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:g}")
    ax.minorticks_off()
    slopes = []
    for (name, bandwidth), style in zip(reversed(bandwidths.items()), ("-", "--"), strict=False):  # memory is solid
        start, ridge = max(low, floor * 1e9 / bandwidth), peak / bandwidth
        slopes += ax.plot(
            [start, ridge], [start * bandwidth / 1e9, peak / 1e9], style, color=COLORS["ink"], lw=1.2, label=name
        )
    first = min(peak / bandwidth for bandwidth in bandwidths.values())
    ax.plot([first, high], [peak / 1e9] * 2, color=COLORS["vermilion"], lw=1.6)
    most = f"all that can be computed, {peak / 1e9:.0f} GFLOP/s"
    above = {"textcoords": "offset points", "va": "bottom"}
    ax.annotate(most, (high, peak / 1e9), (0, 4), ha="right", color=COLORS["vermilion word"], **above)
    if joined:
        ax.plot(*found.T, color=COLORS["sky"], zorder=1)
    for place in found:
        ax.plot(*place, "o", color=COLORS["blue"], ms=6)
    figure.draw_without_rendering()  # from here on places are known
    taken = [ax.transData.transform(place) + [[-5, -5], [5, 5]] for place in found]
    names = dots if joined else [f"{i}  {name}" for i, name in enumerate(dots, 1)]
    for name, place in sorted(zip(names, found, strict=True), key=lambda item: -item[1][1]):
        _beside(ax, name, place, taken)
    for line in slopes:
        _along(ax, line, line.get_label(), taken)
    figure.set_layout_engine("none")
    return figure


def _along(ax, line, text, taken):
    """Write on a slope, where it meets the fewest dots and names."""
    low, high = ax.transData.transform(line.get_xydata())
    length, angle = np.hypot(*(high - low)), np.degrees(np.arctan2(*(high - low)[::-1]))
    label = ax.annotate(text, line.get_xydata()[0], (0, 4), textcoords="offset points", annotation_clip=False)
    share = label.get_window_extent().width / length
    label.set(rotation=angle, rotation_mode="anchor")

    def met(start):
        way = low + np.linspace(start, start + share, 30)[:, None] * (high - low)
        return sum(((box[0] - 12 < way) & (way < box[1] + 12)).all(1).sum() for box in taken)

    start = min(np.linspace(0.94 - share, 0.02, 30), key=met)
    label.xy = ax.transData.inverted().transform(low + start * (high - low))


_PAPER = {"fc": COLORS["paper"], "ec": "none", "pad": 0.5}


def _beside(ax, name, place, taken):
    """Write a dot's name inside the frame where nothing stands yet: to the right, below, above, or to the left."""
    frame = ax.get_window_extent().get_points()
    right = [((8 if up == 0 else 6, up), "left") for up in (0, -9, 9, -18, 18, -27, 27)]
    sides = right[:3] + [((-8, 0), "right"), ((-6, -9), "right")] + right[3:]
    text = ax.annotate(name, place, (0, 0), textcoords="offset points", va="center", bbox=_PAPER)
    for offset, side in sides:
        text.set(position=offset, ha=side)
        box = text.get_window_extent().get_points()
        inside = (frame[0] < box[0]).all() and (box[1] < frame[1]).all()
        if inside and all((box[1] < other[0]).any() or (other[1] < box[0]).any() for other in taken):
            break
    taken.append(box)


def register_tile(rows=8, vectors=3, lanes=16):
    """One round of a micro-kernel: so many numbers meet so many vectors, and their products are added to the tile."""
    figure, ax = plt.subplots(figsize=(5.6, 3.2))
    wide, gap = 4.0, 0.45

    def cells(x, y, hue, text=None, width=wide, alpha=1.0):
        ax.add_patch(Rectangle((x, y), width, 0.72, fc=COLORS[hue], ec="none", alpha=alpha))
        if width == wide:
            cuts = np.repeat(x + width * np.arange(1, lanes) / lanes, 3)
            ax.plot(cuts, np.tile([y, y + 0.72, np.nan], lanes - 1), color=COLORS["paper"], lw=0.7)
        if text:
            ax.text(
                x + width / 2, y + 0.36, text, ha="center", va="center_baseline", color=COLORS["paper"], fontsize=8.5
            )

    for j in range(vectors):
        cells(2 + j * (wide + gap), 1.3, "blue word")
    for i in range(rows):
        cells(0, -0.1 - i * 0.95, "vermilion word", indexed("w", i), width=1.3)
        for j in range(vectors):
            cells(2 + j * (wide + gap), -0.1 - i * 0.95, "green", alpha=0.55)
    right = 2 + vectors * (wide + gap) - gap
    ax.text(2, 2.3, f"{vectors} vectors of x are loaded, {lanes} numbers each", color=COLORS["blue word"])
    bottom = -0.1 - rows * 0.95
    sums = f"{rows} × {vectors} = {rows * vectors} vectors of sums stay in registers:"
    loaded = 0, (f"{rows} weights", "are loaded"), "vermilion word"
    for x, lines, hue in (loaded, (4.2, (sums, "each takes in weight × vector"), "green word")):
        for k, line in enumerate(lines):
            ax.text(x, bottom - 0.95 * k, line, color=COLORS[hue])
    ax.set(xlim=(-0.1, right + 0.1), ylim=(bottom - 1.5, 3.1))
    ax.axis("off")
    return figure


def pixel_vector(images=4, size=3):
    """The same pixel of several images side by side in memory, from images that lie one after the other."""
    figure, ax = plt.subplots(figsize=(5.6, 2.6))
    pixels, apart = size * size, size + 1.2
    total = images * apart - 1.2
    width = total / (images * pixels)

    def cell(n, x, y, wide, strong):
        hue = COLORS[f"{HUES[n]} word"] if strong else COLORS[HUES[n]]
        ax.add_patch(Rectangle((x, y), wide, 0.92, fc=hue, alpha=1 if strong else 0.25, ec="none"))

    for n in range(images):
        ax.text(n * apart, 5.75, f"image {n}")
        for p in range(pixels):
            i, j = divmod(p, size)
            x, y, strong = n * apart + j, 4.6 - i, p == 4
            cell(n, x, y, 0.92, strong)
            ink = COLORS["paper" if strong else "ink"]
            ax.text(x + 0.46, y + 0.46, f"{p}", ha="center", va="center_baseline", color=ink)
            start = (p * images + n) * width
            cell(n, start, 0, width * 0.9, strong)
            if strong:
                arrow = {"arrowstyle": "->", "color": COLORS[f"{HUES[n]} word"], "lw": 1.2, "zorder": 1.5}
                ax.annotate("", (start + width * 0.45, 1), (x + 0.46, y - 0.05), arrowprops=arrow)
    for p in range(pixels):
        middle = (p + 0.5) * images * width
        ax.text(middle, -0.55, f"pixel {p}" if p == 4 else f"{p}", ha="center", va="center")
    ax.text(0, 1.3, "in the buffer")
    ax.set(xlim=(-0.1, total + 0.1), ylim=(-0.95, 6.5))
    ax.axis("off")
    return figure
