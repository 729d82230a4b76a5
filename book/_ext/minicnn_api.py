"""The API reference: docstrings as they are written, each with the chapters that use the thing it describes."""

import inspect
import re
from functools import cache
from pathlib import Path

import nbformat

BOOK = Path(__file__).parents[1]


@cache
def uses():
    """{"F.conv2d" or "mc.Linear": [(chapter file, its title), …]}, from the code of the chapters, in order."""
    found = {}
    for path in sorted(BOOK.glob("*/[0-9]*.ipynb"), key=lambda p: p.name):
        cells = nbformat.read(path, as_version=4).cells
        title = next(cell.source for cell in cells if cell.cell_type == "markdown").splitlines()[0].lstrip("# ")
        number = int(path.name.split("-")[0])
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        for name in sorted(set(re.findall(r"\b(?:F|mc)(?:\.\w+)+", code))):
            found.setdefault(name, []).append((path.relative_to(BOOK).with_suffix(""), f"{number} {title}"))
    return found


def chapters(module, name):
    """Chapters that use the public thing `name` of `module`; for an operation, its pull-back too."""
    room = module.split(".")[1]
    prefixes = {"functional": ["F."], "data": ["mc.data."], "models": ["mc.models."], "figures": ["mc.figures."]}
    prefixes = prefixes.get(room, ["mc.init."] if module.endswith(".init") else ["mc."])
    places = [place for p in prefixes for n in (name, f"{name}_vjp") for place in uses().get(p + n, [])]
    return list(dict.fromkeys(places))


def add_chapters(app, what, name, obj, options, lines):
    if what not in ("class", "function"):
        return
    module = getattr(obj, "__module__", "")
    links = ", ".join(f":doc:`{title} </book/{path.as_posix()}>`" for path, title in chapters(module, obj.__name__))
    if links:
        lines.extend(["", f"**In the book:** {links}", ""])


def leave_out(app, what, name, obj, skip, options):
    """Pull-backs share their operation's words; what every layer has is told once, at Module."""
    if name.endswith("_vjp"):
        return True
    if name in ("forward", "extra_repr") and not getattr(obj, "__qualname__", "").startswith("Module."):
        return True
    return None


def plain_defaults(app, what, name, obj, options, signature, returned):
    """Signatures as a reader would type them."""
    return (signature and re.sub(r"<class 'numpy\.(\w+)'>", r"np.\1", signature)), returned


def setup(app):
    app.connect("autodoc-process-docstring", add_chapters, priority=400)  # before napoleon reads the sections
    app.connect("autodoc-skip-member", leave_out)
    app.connect("autodoc-process-signature", plain_defaults)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
