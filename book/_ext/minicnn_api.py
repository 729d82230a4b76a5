"""The API reference: docstrings as they are written, each with the chapters that use the thing it describes."""

import importlib
import inspect
import re
from functools import cache
from pathlib import Path

import nbformat
from sphinx.util.docutils import SphinxDirective

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
    if inspect.isclass(obj) and issubclass(obj, tuple):
        return True  # a pair with names needs no words of its own
    if name in ("forward", "extra_repr") and not getattr(obj, "__qualname__", "").startswith("Module."):
        return True
    return None


def plain_defaults(app, what, name, obj, options, signature, returned):
    """Signatures as a reader would type them."""
    return (signature and re.sub(r"<class 'numpy\.(\w+)'>", r"np.\1", signature)), returned


class Overview(SphinxDirective):
    """A table of the modules that have a page beside this one, and of what each offers."""

    def run(self):
        rows = ["| module | offers |", "|:--|:--|"]
        for page in sorted(path.stem for path in BOOK.glob("api/*.md") if path.stem != "index"):
            module = importlib.import_module(f"minicnn.{page.replace('-', '.')}")
            own = [n for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__]
            names = [n for n in own if not n.startswith("_") and not n.endswith(("_vjp", "Nd"))]
            rows.append(f"| [{page.replace('-', '.')}]({page}.md) | {', '.join(f'`{n}`' for n in names)} |")
        return self.parse_text_to_nodes("\n".join(rows))


def setup(app):
    app.add_directive("api-overview", Overview)
    app.connect("autodoc-process-docstring", add_chapters, priority=400)  # before napoleon reads the sections
    app.connect("autodoc-skip-member", leave_out)
    app.connect("autodoc-process-signature", plain_defaults)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
