"""The pictures of the chapter on backpropagation: gradients as maps, arrows, matrices and curves."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.patches import ConnectionPatch

import minicnn.functional as F
from minicnn.figures.style import COLORS, SIGNED, direct_labels, indexed, powers_of_ten, show_array

# Three hues for the rows of a 3×3 filter, three lightnesses for its columns.
NINE = ["#003F66", "#0072B2", "#7FBCE0", "#7A3500", "#D55E00", "#F3B183", "#00523C", "#009E73", "#7FD3B8"]


def gradient_panels(x, w, y, dx, dw, dy):
    """Forward (x, w, y) in the upper row, backward (dx, dw, dy) below: six maps of shape (rows, columns)."""
    maps = {"x": x, "w": w, "y": y, "dx": dx, "dw": dw, "dy": dy}
    titles = {"x": "x  image", "w": "w  filter", "y": "y  output", "dy": "dy  output − target"}
    places, gap = [["x", ".", "w", ".", "y"], ["dx", ".", "dw", ".", "dy"]], 1.8
    widths = [x.shape[1], gap, w.shape[1], gap, y.shape[1]]  # pixels are equally large in all maps
    figure, axes = plt.subplot_mosaic(places, figsize=(5.4, 4.6), width_ratios=widths)
    for name, array in maps.items():
        ax, far = axes[name], np.abs(array).max() or 1.0
        if name == "w":
            far *= 2  # equal weights: grey, not white
        limits = {"cmap": SIGNED, "vmin": -far} if name.startswith("d") else {"cmap": "gray", "vmin": 0}
        ax.imshow(array, vmax=far, **limits)
        _lines(ax, array.shape)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=COLORS["line"])
        ax.set_title(titles.get(name, name))
    below = (x.shape[0] - w.shape[0]) / 3  # where the long arrow runs: pixels above the lower edge of dx
    low = {name: (below - (x.shape[0] - maps[name].shape[0]) / 2) / maps[name].shape[0] for name in ("dx", "dy")}
    for start, end, from_y, to_y in [
        ("x", "w", 0.5, 0.5),
        ("w", "y", 0.5, 0.5),
        ("dy", "dw", 0.5, 0.5),
        ("dy", "dx", low["dy"], low["dx"]),  # past dw: dx does not need it
    ]:
        back = start == "dy"
        ends = (-0.03, from_y) if back else (1.03, from_y), (1.03, to_y) if back else (-0.03, to_y)
        arrow = ConnectionPatch(*ends, *["axes fraction"] * 2, axesA=axes[start], axesB=axes[end], arrowstyle="->")
        arrow.set(color=COLORS["vermilion" if back else "grey"], linewidth=1.8, mutation_scale=14)
        figure.add_artist(arrow)
    return figure


def _lines(ax, shape):
    """Thin lines between the entries of a matrix."""
    ax.set_xticks(np.arange(shape[1] + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(shape[0] + 1) - 0.5, minor=True)
    ax.grid(False)
    ax.grid(True, which="minor", color=COLORS["line"], lw=0.4)
    ax.tick_params(which="both", length=0)


def conv1d_paths(x, w, dy):
    """Who touches whom in a 1-D convolution: the arrows of the input x₁ and those of the weight w₀, all others pale."""
    x, w, dy = (np.asarray(a, float) for a in (x, w, dy))
    colours = [COLORS[f"{hue} word"] for hue in ("blue", "vermilion", "green")]
    figure, axes = plt.subplots(1, 2, figsize=(5.6, 2.4))
    panels = [("The paths of x₁", lambda i, k: i + k == 1), ("The paths of w₀", lambda i, k: k == 0)]
    for ax, (title, chosen) in zip(axes, panels, strict=True):
        shift = (len(x) - len(dy)) / 2  # outputs stand above the middle of their windows
        for i, k in np.ndindex(len(dy), len(w)):
            arrow = {"arrowstyle": "-|>", "color": colours[k], "lw": 1.6, "alpha": 1 if chosen(i, k) else 0.2}
            ax.annotate("", (i + shift, 0.8), (i + k, 0.2), arrowprops=arrow)
            if chosen(i, k):
                at = 0.5 + (0.14 if k == 0 else -0.14)
                place, label = (1 - at) * (i + k) + at * (i + shift), {"ha": "center", "va": "center"}
                label["bbox"] = {"boxstyle": "round,pad=0.12", "fc": COLORS["paper"], "ec": "none"}
                ax.text(place, at, indexed("w", k), color=colours[k], **label)
        for j, value in enumerate(x):
            touches = [chosen(j - k, k) for k in range(len(w)) if 0 <= j - k < len(dy)]
            _node(ax, j, 0, indexed("x", j), value, any(touches))
        for i, value in enumerate(dy):
            _node(ax, i + shift, 1, indexed("dy", i), value, any(chosen(i, k) for k in range(len(w))))
        ax.set(xlim=(-0.5, len(x) - 0.5), ylim=(-0.25, 1.25), title=title)
        ax.axis("off")
    weights = ", ".join(f"{indexed('w', k)} = {value:g}" for k, value in enumerate(w))
    figure.supxlabel(_negative(weights), fontsize="medium")
    return figure


def _negative(text):
    return text.replace("-", "−")


def _node(ax, x, y, name, value, active):
    ink, edge = (COLORS["ink"],) * 2 if active else (COLORS["grey"], COLORS["line"])
    box = plt.Rectangle((x - 0.36, y - 0.19), 0.72, 0.38, fc=COLORS["paper"], ec=edge, lw=1)
    ax.add_patch(box)
    ax.text(x, y + 0.085, name, ha="center", va="center", color=ink)
    ax.text(x, y - 0.085, _negative(f"{value:g}"), ha="center", va="center", color=ink)


def input_gradient_steps(dy, w, stride, padding):
    """dx of a strided convolution in four grids: dy; dy spread out; the filter turned; the sum, cropped."""
    OH, OW, K = *dy.shape, len(w)
    spread = np.zeros(((OH - 1) * stride + 1, (OW - 1) * stride + 1))
    spread[::stride, ::stride] = dy
    full = np.pad(spread, K - 1)
    turned = w[::-1, ::-1].copy()
    dxp = F.conv2d(full[None, None], turned[None, None])[0, 0]
    grids = {  # name: numbers, title
        "dy": (dy, "1. dy"),
        "w": (turned, "3. w, turned\nby 180°"),
        "full": (full, "2. dy, spread, and\nsurrounded by zeros"),
        "sum": (dxp, "4. slide, add,\nand crop"),
    }
    places, widths = [["dy", "full", "sum"], ["w", "full", "sum"]], [max(OW, K), full.shape[1], dxp.shape[1]]
    heights = [OH, K + 1]
    figure, named = plt.subplot_mosaic(places, figsize=(5.6, 3), width_ratios=widths, height_ratios=heights)
    axes = [named[name] for name in ("dy", "full", "w", "sum")]
    for name, (grid, title) in grids.items():
        show_array(named[name], grid, cmap="signed", vmin=-6, vmax=6)
        named[name].set_title(title)
    for (i, j), _ in np.ndenumerate(full):  # make the original entries stand out from the zeros put between
        di, dj = i - K + 1, j - K + 1
        if 0 <= di < len(spread) and 0 <= dj < len(spread[0]) and di % stride == 0 and dj % stride == 0:
            axes[1].add_patch(_frame(j, i, 1, 1, COLORS["ink"], 1.2))
    P, H, W = padding, dxp.shape[0] - 2 * padding, dxp.shape[1] - 2 * padding
    axes[3].add_patch(_frame(P, P, W, H, COLORS["ink"], 2.2))
    for i, j in np.ndindex(dxp.shape):
        if not (P <= i < P + H and P <= j < P + W):
            axes[3].plot([j - 0.4, j + 0.4], [i + 0.4, i - 0.4], color=COLORS["grey"], lw=0.8)
    return figure


def _frame(column, row, width, height, colour, line):
    return plt.Rectangle(
        (column - 0.5, row - 0.5), width, height, fill=False, ec=colour, lw=line, clip_on=False, zorder=4
    )


def matrix_and_transpose(A):
    """A matrix whose entries 1 to 9 name the weights of a 3×3 filter, in nine colours, and its transpose."""
    places = [["A", "T"], ["w", "T"]]
    figure, axes = plt.subplot_mosaic(
        places, figsize=(5.6, 4.2), width_ratios=[A.shape[1], A.shape[0]], height_ratios=[3, 2]
    )
    colours = ListedColormap(["none", *NINE])
    shown = {
        "w": (np.arange(1, 10).reshape(3, 3), "the nine weights of w", "", ""),
        "A": (A, "A", f"{A.shape[1]} inputs", f"{A.shape[0]} outputs"),
        "T": (A.T, "A, transposed", f"{A.shape[0]} outputs", f"{A.shape[1]} inputs"),
    }
    for name, (matrix, title, below, beside) in shown.items():
        ax = axes[name]
        ax.imshow(matrix, cmap=colours, vmin=0, vmax=9)
        ax.set(xticks=[], yticks=[], title=title, xlabel=below, ylabel=beside)
        ax.spines[:].set(visible=True)
        _lines(ax, matrix.shape)
    return figure


def difference_errors(steps, errors):
    """Relative error of finite differences against the step h; `errors` maps a name to one error per step."""
    figure, ax = plt.subplots(figsize=(5.6, 3.2))
    ax.set_xlim(steps.min() / 1.5, steps.max() * 120)  # room for the names
    lines = {ax.loglog(steps, error, "o-", ms=3)[0]: name for name, error in errors.items()}
    ax.axvline(1e-6, color=COLORS["grey"], lw=0.8)
    ax.annotate("h = 10⁻⁶", (1e-6, ax.get_ylim()[1]), (4, -8), textcoords="offset points", color=COLORS["grey"])
    ax.set(xlabel="step h", ylabel="relative error")
    ax.set_xticks(10.0 ** np.arange(-9, 1, 3))
    ax.minorticks_off()
    for axis in (ax.xaxis, ax.yaxis):
        powers_of_ten(axis)
    direct_labels(ax, lines)
    return figure


def pooling_routes(x, dy, dx_max, dx_avg):
    """How 2×2 max and average pooling hand the gradient back: x, dy, and dx of both."""
    figure, axes = plt.subplots(1, 4, figsize=(5.6, 1.8), width_ratios=[4, 2.4, 4, 4])
    windows = ListedColormap([(*to_rgb(COLORS[hue]), 0.2) for hue in ("blue", "orange", "green", "purple")])
    for ax, array, title in zip(axes, (x, dy, dx_max, dx_avg), ["x", "dy", "dx of max", "dx of average"], strict=True):
        size = len(array) // 2
        show_array(ax, array, title=title, cmap="signed", vmin=-1e9, vmax=1e9)  # only the numbers
        which = np.kron(np.arange(4).reshape(2, 2), np.ones((size, size)))
        ax.imshow(which, cmap=windows)
    for i, j in np.ndindex(dy.shape):
        window = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        row, column = np.unravel_index(window.argmax(), (2, 2))
        for ax in (axes[0], axes[2]):
            ax.add_patch(_frame(2 * j + column, 2 * i + row, 1, 1, COLORS["ink"], 2.2))
    return figure


def loss_curves(curves):
    """Loss against epoch, a line for each entry of `curves` (name → list of numbers)."""
    figure, ax = plt.subplots()
    last = max(len(curve) for curve in curves.values())
    ax.set(xlim=(0.8, last * 1.45), xticks=range(1, last + 1), xlabel="epoch")
    lines = {ax.plot(range(1, len(c) + 1), c, "o-", ms=3.5)[0]: name for name, c in curves.items()}
    ax.set(ylabel="training loss", ylim=(0, None))
    direct_labels(ax, lines)
    return figure
