"""The API reference: docstrings as they are written, each with the chapters that use the thing it describes."""

import inspect
import re
import sys
from functools import cache
from pathlib import Path

from sphinx.util.docutils import SphinxDirective

BOOK = Path(__file__).parents[1]
sys.path.append(str(BOOK.parent / "tools"))
from chapters import chapters  # noqa: E402


@cache
def uses():
    """{"F.conv2d" or "mc.Linear": [(chapter file, its title), …]}, from the code of the chapters, in order."""
    found = {}
    for number, chapter in chapters().items():
        place = chapter.path.relative_to(BOOK).with_suffix(""), f"{number} {chapter.title}"
        code = "\n".join(cell.source for cell in chapter.cells if cell.cell_type == "code")
        for name in sorted(set(re.findall(r"\b(?:F|mc)(?:\.\w+)+", code))):
            found.setdefault(name, []).append(place)
    return found


def users(module, name):
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
    links = ", ".join(f":doc:`{title} </book/{path.as_posix()}>`" for path, title in users(module, obj.__name__))
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


def namespaces():
    """{room: what it offers}; the tape and what belongs to it are one room."""
    import minicnn as mc

    rooms = {room: getattr(mc, room) for room in ("functional", "models", "data", "figures", "exercises")}
    offered = {room: [getattr(module, name) for name in module.__all__] for room, module in rooms.items()}
    offered["functional"].append(mc.explain)
    offered["layers"] = [getattr(mc.layers, name) for name in mc.layers.__all__]
    offered["layers"] += [getattr(mc.init, name) for name in mc.init.__all__]
    offered["training"] = [getattr(mc.training, name) for name in mc.training.__all__]
    offered["tensor"] = [getattr(mc, name) for name in mc.__all__]
    return offered


@cache
def modules(room):
    """{module: names of what it offers}: the pages' sections, in alphabetical order."""
    found = {}
    for thing in namespaces().get(room, []):
        module = getattr(thing, "__module__", None) or ""
        name = getattr(thing, "__name__", "")
        alone = room == "tensor" and module.count(".") == 1  # minicnn.tape, but not minicnn.layers.conv
        if module and not name.endswith("_vjp") and (alone or module.startswith(f"minicnn.{room}")):
            found.setdefault(module, set()).add(name)
    return dict(sorted(found.items())) or {f"minicnn.{room}": set()}


def fill_page(app, docname, source):
    """A page of book/api/ holds its title only; its sections are made here, one for each module of the room."""
    folder, _, room = docname.rpartition("/")
    if folder == "book/api":
        for module in modules(room):
            title = module.removeprefix("minicnn.").removeprefix(f"{room}.")
            heading = f"## {title}\n" if len(modules(room)) > 1 else ""
            source[0] += f"\n{heading}\n```{{eval-rst}}\n.. automodule:: {module}\n```\n"


class Overview(SphinxDirective):
    """A table of the rooms, and of what each offers."""

    def run(self):
        rows = ["| room | module | offers |", "|:--|:--|:--|"]
        for room in sorted(path.stem for path in BOOK.glob("api/*.md")):
            for i, (module, names) in enumerate(modules(room).items()):
                link = f"[{room}](api/{room}.md)" if i == 0 else ""
                title = module.removeprefix("minicnn.").removeprefix(f"{room}.")
                rows.append(f"| {link} | {title} | {', '.join(f'`{n}`' for n in sorted(names))} |")
        return self.parse_text_to_nodes("\n".join(rows))


def setup(app):
    app.add_directive("api-overview", Overview)
    app.connect("source-read", fill_page)
    app.connect("autodoc-process-docstring", add_chapters, priority=400)  # before napoleon reads the sections
    app.connect("autodoc-skip-member", leave_out)
    app.connect("autodoc-process-signature", plain_defaults)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
