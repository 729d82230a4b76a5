"""The path through the book on its first page: parts and chapters, which are there and which are coming.

It stands where the page has the comment `<!-- the path through the book -->`, which other renderers do not show.
What is there, the notebooks tell; titles to come are those of the exercises, which are there first.
"""

import pkgutil
import re
from html import escape

from chapters import PARTS, chapters, part, title  # tools/, on the path since minicnn_api
from docutils import nodes

import minicnn.exercises.chapters as exercises

PLACE = "<!-- the path through the book -->"
PICTURES = {  # 96 × 48: a window on pixels, a loss that falls, maps behind each other
    "seeing": '<path class="line" d="M2 2h44v44h-44zM2 17h44M2 32h44M17 2v44M32 2v44"/>'
    '<path class="line" d="M62 9h30v30h-30zM62 24h30M77 9v30"/>'
    '<path class="blue" d="M2 2h29v29h-29z"/><path class="orange" d="M62 9h15v15h-15z"/>',
    "learning": '<path class="line" d="M4 2v42h90"/><path class="blue" d="M8 6c10 34 22 22 32 28s24 5 52 6"/>'
    '<path class="orange" d="M36 32a4 4 0 1 0 8 0a4 4 0 1 0-8 0"/>',
    "architectures": '<path class="line" d="M2 8h24v32h-24zM8 4h24v32M34 14h16v22h-16zM40 10h16v22"/>'
    '<path class="line" d="M46 6h16v22M66 20h8v8h-8zM74 24h6"/>'
    '<path class="orange" d="M82 8h8v8h-8z"/><path class="blue" d="M82 20h8v8h-8zM82 32h8v8h-8z"/>',
}


def numbers():
    """Numbers of all chapters that have a notebook, or exercises at least."""
    planned = (re.match(r"ch(\d\d)_", module.name) for module in pkgutil.iter_modules(exercises.__path__))
    return sorted({*chapters(), *(int(match[1]) for match in planned if match)})


def draw(link):
    """The path as HTML; link(number) is the address of a chapter that is there."""
    parts = []
    for folder in PARTS:
        items = []
        for number in (n for n in numbers() if part(n) == folder):
            name = escape(title(number))
            there = number in chapters()
            name = f'<a href="{link(number)}">{name}</a>' if there else f"{name} <small>coming</small>"
            items.append(f'<li value="{number}"{"" if there else " class=coming"}>{name}</li>')
        picture = f'<svg viewBox="0 0 96 48" aria-hidden="true">{PICTURES.get(folder, "")}</svg>'
        parts.append(f"<div>{picture}<h3>{folder.capitalize()}</h3><ol>{''.join(items)}</ol></div>")
    return f'<div class="path">{"".join(parts)}</div>'


def show(app, doctree, docname):
    for place in list(
        doctree.findall(lambda n: isinstance(n, (nodes.raw, nodes.comment)) and PLACE in n.rawsource + n.astext())
    ):

        def link(number):
            target = chapters()[number].path.relative_to(app.srcdir).with_suffix("").as_posix()
            return app.builder.get_relative_uri(docname, target)

        place.replace_self(nodes.raw("", draw(link), format="html"))


def tell_what_is_coming(app, doctree):
    """An exercise page says which of its chapters nobody can read yet: "Chapter 1: …" gets "(coming)"."""
    for heading in doctree.findall(nodes.title):
        number = re.match(r"Chapter (\d+): ", heading.astext())
        if number and int(number[1]) not in chapters():
            heading += nodes.Text(" (coming)")


def setup(app):
    app.connect("doctree-read", tell_what_is_coming, priority=400)  # before the table of contents is collected
    app.connect("doctree-resolved", show)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
