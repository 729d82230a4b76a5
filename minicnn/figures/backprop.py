"""The pictures of the chapter on backpropagation: gradients as maps, arrows, matrices and curves."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import ConnectionPatch

import minicnn.functional as F
from minicnn.figures.style import COLORS, SIGNED, show_array

# Three hues for the rows of a 3×3 filter, three lightnesses for its columns.
NINE = ["#003F66", "#0072B2", "#7FBCE0", "#7A3500", "#D55E00", "#F3B183", "#00523C", "#009E73", "#7FD3B8"]


def gradient_panels(x, w, y, dx, dw, dy):
    """Forward (x, w, y) in the upper row, backward (dx, dw, dy) below: six maps of shape (rows, columns)."""
    sizes = [a.shape[1] for a in (x, w, y)]
    figure, axes = plt.subplots(2, 3, figsize=(7, 4.9), width_ratios=[s + 2 for s in sizes])
    names = [["x  image", "w  filter", "y  output"], ["dx  ?", "dw  ?", "dy  output − target"]]
    for row, maps in enumerate([(x, w, y), (dx, dw, dy)]):
        for ax, array, name in zip(axes[row], maps, names[row], strict=True):
            far = np.abs(array).max() or 1.0
            limits = {"cmap": SIGNED, "vmin": -far, "vmax": far} if row else {"cmap": "gray", "vmin": 0, "vmax": far}
            if array is w:
                limits["vmax"] = 2 * far  # equal weights: grey, not white
            ax.imshow(array, **limits)
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
            ax.spines[:].set(visible=True, color=COLORS["line"])
            ax.set_title(name)
    forward, backward = (
        {"arrowstyle": "->", "lw": 1.6, "color": COLORS["grey"]},
        {"color": COLORS["vermilion"]},
    )
    for left, right in [(0, 1), (1, 2)]:
        for row, (start, end) in enumerate([(1.03, -0.03), (-0.03, 1.03)]):
            a, b = (left, right) if row == 0 else (right, left)
            figure.add_artist(
                ConnectionPatch(
                    (start, 0.5),
                    (end, 0.5),
                    *["axes fraction"] * 2,
                    axesA=axes[row, a],
                    axesB=axes[row, b],
                    **forward | (backward if row else {}),
                )
            )
    return figure


def conv1d_paths(x, w, dy):
    """Who touches whom in a 1-D convolution: all arrows, those of the input x₁, those of the weight w₀."""
    x, w, dy = (np.asarray(a, float) for a in (x, w, dy))
    colours = [COLORS["blue"], COLORS["vermilion"], COLORS["green"]]
    figure, axes = plt.subplots(1, 3, figsize=(7, 2.5))
    panels = [
        ("all paths", lambda i, k: True),
        ("the paths of $x_1$", lambda i, k: i + k == 1),
        ("the paths of $w_0$", lambda i, k: k == 0),
    ]
    for ax, (title, chosen) in zip(axes, panels, strict=True):
        shift = (len(x) - len(dy)) / 2  # outputs stand above the middle of their windows
        for i in range(len(dy)):
            for k in range(len(w)):
                arrow = {
                    "arrowstyle": "-|>",
                    "color": colours[k],
                    "lw": 1.8,
                    "alpha": 1 if chosen(i, k) else 0.12,
                }
                ax.annotate("", (i + shift, 0.84), (i + k, 0.16), arrowprops=arrow)
                if chosen(i, k) and title != "all paths":
                    at = 0.5 + (0.16 if k == 0 else -0.16)
                    place, label = (1 - at) * (i + k) + at * (i + shift), {"ha": "center", "va": "center"}
                    label["bbox"] = {"boxstyle": "round,pad=0.12", "fc": "white", "ec": "none"}
                    ax.text(place, at, f"$w_{k}$", color=colours[k], **label)
        for j, value in enumerate(x):
            _node(
                ax,
                j,
                0,
                f"$x_{j}$",
                value,
                any(chosen(j - k, k) for k in range(len(w)) if 0 <= j - k < len(dy)),
            )
        for i, value in enumerate(dy):
            _node(ax, i + shift, 1, f"$dy_{i}$", value, any(chosen(i, k) for k in range(len(w))))
        ax.set(xlim=(-0.5, len(x) - 0.5), ylim=(-0.25, 1.25), title=title)
        ax.axis("off")
    labels = [f"$w_{k} = {value:g}$" for k, value in enumerate(w)]
    handles = [plt.Line2D([], [], color=c, lw=2.2) for c in colours[: len(w)]]
    figure.legend(handles, labels, loc="outside lower center", ncols=len(w))
    return figure


def _node(ax, x, y, name, value, active):
    text = f"{name}\n{value:g}".replace("-", "−")
    box = {
        "boxstyle": "round,pad=0.25",
        "fc": "white",
        "ec": COLORS["ink"] if active else COLORS["line"],
        "lw": 1.2,
    }
    ax.text(
        x,
        y,
        text,
        ha="center",
        va="center",
        fontsize=9,
        color=COLORS["ink"] if active else "#9AA3AE",
        bbox=box,
    )


def input_gradient_steps(dy, w, stride, padding):
    """dx of a strided convolution in four grids: dy; dy spread out; the filter turned; the sum, cropped."""
    OH, OW, K = *dy.shape, len(w)
    spread = np.zeros(((OH - 1) * stride + 1, (OW - 1) * stride + 1))
    spread[::stride, ::stride] = dy
    full = np.pad(spread, K - 1)
    turned = w[::-1, ::-1].copy()
    dxp = F.conv2d(full[None, None], turned[None, None])[0, 0]
    grids = [dy, full, turned, dxp]
    titles = [
        "1. $dy$",
        "2. spread, and\nsurrounded by zeros",
        "3. $w$, turned\nby 180°",
        "4. sum; then\ncrop the border",
    ]
    figure, axes = plt.subplots(1, 4, figsize=(7, 2.6), width_ratios=[len(g) for g in grids])
    for ax, grid, title in zip(axes, grids, titles, strict=True):
        show_array(ax, grid, cmap="signed", fontsize=8, vmin=-6, vmax=6)
        ax.set_title(title, fontsize=9)
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
        places, figsize=(7, 4.7), width_ratios=[A.shape[1], A.shape[0]], height_ratios=[3, 2]
    )
    colours = ListedColormap(["white", *NINE])
    shown = {
        "w": (np.arange(1, 10).reshape(3, 3), "the nine weights of $w$", "", ""),
        "A": (A, "$A$", f"{A.shape[1]} inputs", f"{A.shape[0]} outputs"),
        "T": (A.T, r"$A^{\mathsf{T}}$", f"{A.shape[0]} outputs", f"{A.shape[1]} inputs"),
    }
    for name, (matrix, title, below, beside) in shown.items():
        ax = axes[name]
        ax.imshow(matrix, cmap=colours, vmin=0, vmax=9)
        ax.set(xticks=[], yticks=[], title=title, xlabel=below, ylabel=beside)
        ax.spines[:].set(visible=True)
        ax.set_xticks(np.arange(matrix.shape[1] + 1) - 0.5, minor=True)
        ax.set_yticks(np.arange(matrix.shape[0] + 1) - 0.5, minor=True)
        ax.grid(False)
        ax.grid(True, which="minor", color=COLORS["line"], lw=0.4)
        ax.tick_params(which="both", length=0)
    return figure


def difference_errors(steps, errors):
    """Relative error of finite differences against the step h; `errors` maps a name to one error per step."""
    figure, ax = plt.subplots(figsize=(7, 3.1), dpi=110)
    for (name, error), style in zip(errors.items(), ("o-", "s--", "^:"), strict=False):
        ax.loglog(steps, error, style, ms=4, label=name)
    ax.axvline(1e-6, color=COLORS["grey"], lw=0.8)
    ax.annotate("$h = 10^{-6}$", (1e-6, ax.get_ylim()[1]), (4, -10), textcoords="offset points", color=COLORS["grey"])
    ax.set(xlabel="step h", ylabel="relative error")
    ax.legend(loc="lower left")
    return figure


def pooling_routes(x, dy, dx_max, dx_avg):
    """How 2×2 max and average pooling hand the gradient back: x, dy, and dx of both."""
    figure, axes = plt.subplots(1, 4, figsize=(7, 2.1), width_ratios=[4, 2, 4, 4])
    windows = ListedColormap(["#E5F1F8", "#FBEFD6", "#E2F4EE", "#F8EAF1"])
    for ax, array, title in zip(
        axes, (x, dy, dx_max, dx_avg), ["$x$", "$dy$", "$dx$ of max", "$dx$ of average"], strict=True
    ):
        size = len(array) // 2
        show_array(ax, array, title=title, cmap="gray", vmin=-2e9, vmax=-1e9)  # white, so that the numbers are black
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
    figure, ax = plt.subplots(figsize=(7, 2.8))
    for (name, curve), style in zip(curves.items(), ("o-", "s--", "^:"), strict=False):
        ax.plot(range(1, len(curve) + 1), curve, style, ms=4, label=name)
    ax.set(xlabel="epoch", ylabel="training loss", ylim=(0, None))
    ax.legend()
    return figure
