"""summary: what happens to an image on its way through a network, as a table."""

import copy
import re
from inspect import signature
from math import prod
from typing import NamedTuple
from weakref import finalize

import numpy as np

from ..grad_mode import no_grad, state
from ..tensor import Tensor
from .module import Module
from .parameter import Parameter

__all__ = ["summary"]


# What gives units another place, or a look at others of their axis: no unit of the result sees a window of pixels.
ELSEWHERE = {
    "cumprod", "cumsum", "flip", "gather", "permute", "repeat", "roll", "scaled_dot_product_attention", "sort", "topk",
}  # fmt: skip


class _Field(NamedTuple):
    """What one unit of a feature map sees, along each axis of pixels (Araujo et al., eq. 2).

    `size` in pixels of the input; `stride` from unit to unit, in pixels of the input; `grid`: units.
    """

    size: tuple
    stride: tuple
    grid: tuple

    def slid(self, kernel, stride, grid):
        """Of windows over this map: each adds kernel − 1 strides to what a unit sees."""
        size = tuple(r + (k - 1) * j for r, k, j in zip(self.size, kernel, self.stride, strict=True))
        return _Field(size, tuple(j * s for j, s in zip(self.stride, stride, strict=True)), grid)

    def whole(self):
        """Of a unit that sees all units of this map."""
        return self.slid(self.grid, self.grid, (1,) * len(self.grid))


class Row(NamedTuple):
    """One line of a `Summary`: a layer, or an operation outside of layers that changes the shape."""

    name: str
    layer: str
    output_shape: tuple
    parameters: int
    multiply_adds: int
    receptive_field: tuple
    stride: tuple


class Summary:
    """What `summary` returns: ``rows``, and their sums ``parameters`` and ``multiply_adds``."""

    def __init__(self, rows, parameters):
        self.rows, self.parameters = rows, parameters
        self.multiply_adds = sum(row.multiply_adds for row in rows)

    def _cells(self):
        yield ["layer", "kind", "output", "parameters", "multiply-adds", "receptive field", "stride"]
        for row in self.rows:
            yield [
                row.name, row.layer, _times(row.output_shape), f"{row.parameters:,}", f"{row.multiply_adds:,}",
                _once(row.receptive_field), _once(row.stride),
            ]  # fmt: skip
        yield ["total", "", "", f"{self.parameters:,}", f"{self.multiply_adds:,}", "", ""]

    def __repr__(self):
        cells = list(self._cells())
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(c.ljust(w) if i < 3 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
            for row in cells
        ]
        rule = "─" * len(lines[0])
        return "\n".join(line.rstrip() for line in [lines[0], rule, *lines[1:-1], rule, lines[-1]])

    def _repr_html_(self):
        """The same in a notebook. It takes its colours from the page, which may be light or dark."""
        lines, last = [], len(self.rows) + 1
        for i, row in enumerate(self._cells()):
            tag = "td" if i else "th"
            line = {0: "border-bottom", last: "border-top"}.get(i)
            style = f' style="{line}: 1px solid currentColor; font-weight: bold"' if line else ""
            align = ["left"] * 3 + ["right"] * 4
            each = (f'<{tag} style="text-align: {a}">{c}</{tag}>' for a, c in zip(align, row, strict=True))
            lines.append(f"<tr{style}>{''.join(each)}</tr>")
        return '<table style="border-collapse: collapse; color: inherit">\n' + "\n".join(lines) + "\n</table>"


def summary(model, input_shape, dtype=None):
    """Show what happens to an image on its way through a network: run one image of zeros, and note each layer.

    The model is not changed: a copy of it runs, in evaluation mode.

    Parameters
    ----------
    model : Module
    input_shape : tuple of int
        Without the batch: (C, H, W).
    dtype : dtype, optional
        Of the input; that of the first Parameter if left out.

    Returns
    -------
    Summary
        Its ``rows`` hold, for each layer, output shape, number of parameters, multiply-adds (of convolutions and
        matrix products, for one image), receptive field and stride (in pixels of the input). Operations outside of
        layers have a row if they change the shape. Where paths meet, the largest receptive field counts; "–" stands
        where it is not defined, as after an upsampling.

    References
    ----------
    Araujo, Norris, Sim, Computing receptive fields of convolutional neural networks, Distill (2019).

    Example
    -------
    >>> summary(mc.Sequential(mc.Conv2d(1, 6, 5), mc.ReLU(), mc.MaxPool2d(2)), (1, 32, 32))
    layer  kind       output       parameters  multiply-adds  receptive field  stride
    ─────────────────────────────────────────────────────────────────────────────────
    0      Conv2d     6 × 28 × 28         156        117,600                5       1
    1      ReLU       6 × 28 × 28           0              0                5       1
    2      MaxPool2d  6 × 14 × 14           0              0                6       2
    ─────────────────────────────────────────────────────────────────────────────────
    total                                 156        117,600
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary: model must be a Module, not {type(model).__name__}.")
    if not isinstance(input_shape, (tuple, list)) or not all(isinstance(n, int) and n > 0 for n in input_shape):
        raise TypeError(
            "summary: input_shape must be a tuple of whole numbers, without the batch, as (1, 28, 28), "
            f"not {input_shape!r}."
        )
    if dtype is None:
        dtype = next((p.dtype for p in model.parameters()), np.float32)
    twin = copy.deepcopy(model, {id(p): p for p in model.parameters()}).eval()  # all its own but the parameters
    x, watcher = Tensor(np.zeros((1, *input_shape), dtype)), _Watcher(twin)
    if len(input_shape) > 1:
        ones = (1,) * (len(input_shape) - 1)
        watcher.remember(x, _Field(ones, ones, tuple(input_shape[1:])))
    before, state.watch = state.watch, watcher.operation
    try:
        with no_grad():
            twin(x)
    finally:
        state.watch = before
    total = sum(p.size for p in model.parameters())
    left = total - sum(row.parameters for row in watcher.rows)
    unused = [Row("(not used)", "", None, left, 0, None, None)] if left else []
    return Summary(watcher.rows + unused, total)


class _Watcher:
    """Collects rows while a network runs."""

    def __init__(self, model):
        self.rows, self.fields = [], {}  # by id, as == compares the numbers of Tensors
        self.inside = []  # multiply-adds so far, of the layer that is running
        self.counted = set()
        for name, module in model.named_modules():
            for hooks in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks"):
                vars(module).pop(hooks, None)  # of the copy: others' hooks shall not see zeros
            leaf, own = not module._held(Module), [p for _, p in module._held(Parameter)]
            if leaf:
                module.register_forward_pre_hook(lambda module, inputs: self.inside.append(0))
            if leaf or own:
                module.register_forward_hook(self._after(name, leaf, own))

    def remember(self, tensor, field):
        self.fields[id(tensor)] = field
        finalize(tensor, self.fields.pop, id(tensor), None)

    def _after(self, name, leaf, own):
        def hook(module, inputs, y):
            new = {id(p): p.size for p in own if id(p) not in self.counted}
            self.counted |= new.keys()
            y = y[0] if isinstance(y, tuple) else y
            self._row(name, type(module).__name__, y, sum(new.values()), self.inside.pop() if leaf else 0)

        return hook

    def _row(self, name, layer, y, parameters, multiply_adds):
        field = self.fields.get(id(y)) if isinstance(y, Tensor) else None
        stride = field.stride if field and y.ndim > 2 and y.shape[2:] == field.grid else None
        shape = y.shape[1:] if isinstance(y, Tensor) else None
        self.rows.append(Row(name, layer, shape, parameters, multiply_adds, field and field.size, stride))

    def operation(self, f, args, options, y):
        name, x = f.__name__, args[0]
        bound = signature(f).bind(*args, **options)
        bound.apply_defaults()
        tensors = [t for t in _flat(args) if isinstance(t, Tensor) and id(t) in self.fields]
        if tensors:
            self.remember(y, _field(name, bound.arguments, tensors, [self.fields[id(t)] for t in tensors], y))
        n = _multiply_adds(name, args, options, y)
        if self.inside:
            self.inside[-1] += n
        elif n or y.shape != np.shape(x):
            self._row("", name, y, 0, n)


def _field(name, options, tensors, fields, y):
    """What a unit of y, the result of operation `name`, sees; None where that is not defined."""
    if None in fields or len({len(field.size) for field in fields}) > 1:
        return None
    x, field = tensors[0], fields[0]
    nd = len(field.size)
    if re.fullmatch(r"(conv|max_pool|avg_pool|lp_pool)\dd", name):
        kernel = options["weight"].shape[2:] if name.startswith("conv") else _each(options["kernel_size"], nd)
        stride = _each(kernel if options["stride"] is None else options["stride"], nd)
        dilation = _each(options.get("dilation", 1), nd)
        span = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
        return field.slid(span, stride, y.shape[2:])
    if name.startswith("adaptive") and all(n % out == 0 for n, out in zip(field.grid, y.shape[2:], strict=True)):
        window = tuple(n // out for n, out in zip(field.grid, y.shape[2:], strict=True))
        return field.slid(window, window, y.shape[2:])
    if name in ("linear", "matmul"):
        return field.whole() if x.ndim == y.ndim == 2 else None
    if name in ("mean", "sum", "amax", "amin") and prod(y.shape[2:]) == 1:
        return field.whole()
    if name == "pad":
        return field._replace(grid=y.shape[2:])
    if name in ("flatten", "reshape") and y.ndim == 2:
        return field  # the numbers of one unit, still
    if name in ELSEWHERE or name == "transpose" and max(options[d] % x.ndim for d in ("dim0", "dim1")) >= x.ndim - nd:
        return None
    like = [
        f for f, t in zip(fields, tensors, strict=True)
        if t.shape == y.shape or t.ndim > nd < y.ndim and t.shape[-nd:] == y.shape[-nd:]
    ]  # fmt: skip
    if like:  # unit by unit: where paths meet, the one that sees most counts
        return like[0]._replace(size=tuple(map(max, zip(*(f.size for f in fields), strict=True))))
    return None


def _multiply_adds(name, args, options, y):
    if re.fullmatch(r"conv\dd", name):
        return y.size * prod(args[1].shape[1:])
    if re.fullmatch(r"conv_transpose\dd", name):
        return args[0].size * prod(args[1].shape[1:])
    if name in ("linear", "matmul"):
        return y.size * args[0].shape[-1]
    if name == "scaled_dot_product_attention":  # (L × E) · (E × S), then (L × S) · (S × V)
        return prod(y.shape[:-1]) * args[1].shape[-2] * (args[0].shape[-1] + y.shape[-1])
    if name == "bilinear":
        return y.size * prod(args[2].shape[1:])
    if name == "einsum" and len(args) > 1 and "..." not in options["equation"]:
        letters = options["equation"].replace(" ", "").split("->")[0].split(",")
        sizes = {a: n for each, x in zip(letters, args, strict=True) for a, n in zip(each, x.shape, strict=True)}
        return prod(sizes.values())
    return 0


def _each(value, nd):
    return (value,) * nd if np.ndim(value) == 0 else tuple(value)


def _flat(args):
    for a in args:
        yield from _flat(a) if isinstance(a, (tuple, list)) else [a]


def _times(numbers):
    return "–" if numbers is None else " × ".join(map(str, numbers))


def _once(numbers):
    """5 for (5, 5), but 3 × 5 for (3, 5)."""
    return str(numbers[0]) if numbers and len(set(numbers)) == 1 else _times(numbers)
