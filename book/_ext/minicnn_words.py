"""Words outside the pages: each page as plain Markdown, llms.txt that lists them, and what the search quotes."""

import inspect
import json
import re
from importlib import import_module

import nbformat
from docutils import nodes
from minicnn_api import modules

SENTENCES = (nodes.paragraph, nodes.entry, nodes.term)  # what a search may quote
WRITTEN = {}  # {docname: its text, by section}: [[anchor, "a paragraph", …], …]


def markdown(app, docname):
    """A page as plain Markdown: prose as it was written, code, and what it printed; or the docstrings of a room."""
    source = app.env.doc2path(docname)
    if docname.startswith("book/api/"):
        return reference(docname.rpartition("/")[2])
    if docname == "book/references":
        cited = (c.formatted_entry.text.render_as("text") for c in app.env.get_domain("cite").citations)
        return "\n".join([open(source, encoding="utf-8").read(), *(f"- {work}" for work in cited)])
    if not source.endswith(".ipynb"):
        return open(source, encoding="utf-8").read()
    cells = nbformat.read(source, as_version=4).cells
    return "\n\n".join(
        part for cell in cells if "remove-cell" not in cell.metadata.get("tags", []) for part in lines(cell)
    )


def lines(cell):
    if cell.cell_type != "code":
        return [cell.source.strip()]
    parts = [f"```python\n{cell.source.strip()}\n```"]
    for output in cell.outputs:
        text = output.get("text") or output.get("data", {}).get("text/plain", "")
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
        if "image/png" in output.get("data", {}):
            parts.append(f"(Picture: {alt})")
        elif text.strip():
            parts.append(f"```text\n{text.strip()}\n```")
    return parts


def reference(room):
    parts = [f"# minicnn: {room}"]
    for module, names in modules(room).items():
        for name in sorted(filter(None, names)):
            words = inspect.getdoc(getattr(import_module(module), name)) or ""
            parts.append(f"## {module}.{name}\n\n{words}".strip())
    return "\n\n".join(parts)


def write_markdown(app, exception):
    if exception or app.builder.format != "html":
        return
    listed = ["# minicnn", "", "> " + summary(app.env.get_doctree(app.config.root_doc)), ""]
    for docname in order(app.env):
        target = f"{docname}.md"
        path = app.builder.outdir / target
        path.write_text(markdown(app, docname).strip() + "\n", "utf-8")
        number = ".".join(map(str, app.env.titles[docname].get("secnumber", ())))
        listed.append(f"- [{f'{number} ' if number else ''}{app.env.titles[docname].astext()}]({target})")
    (app.builder.outdir / "llms.txt").write_text("\n".join(listed) + "\n", "utf-8")
    written = {docname: quotable(app.env.get_doctree(docname)) for docname in order(app.env)}
    texts = json.dumps(written, ensure_ascii=False, separators=(",", ":"))
    (app.builder.outdir / "_static/searchtexts.js").write_text(f"const TEXTS = {texts}\n", "utf-8")


def order(env, docname=None):
    """Pages in the order of the contents."""
    docname = docname or env.config.root_doc
    children = [page for child in env.toctree_includes.get(docname, []) for page in order(env, child)]
    return list(dict.fromkeys([docname, *children]))


def summary(doctree, length=200):
    """The first sentences of a page, at most `length` letters."""
    text = ""
    for paragraph in doctree.findall(nodes.paragraph):
        if not isinstance(paragraph.parent, nodes.section) or paragraph.next_node(nodes.image):
            continue
        text = f"{text} {' '.join(paragraph.astext().split())}".strip()
        if len(text) > 60:
            break
    return text if len(text) <= length else text[:length].rpartition(" ")[0].rstrip(",;:") + " …"


def quotable(doctree):
    """What the search may quote of a page: [[anchor of a section, "a paragraph", "the next one", …], …]."""
    found = []
    for section in doctree.findall(nodes.section):
        own = (n for kind in SENTENCES for n in section.findall(kind) if within(n) is section)
        found.append([*section["ids"][:1], *filter(None, (" ".join(n.astext().split()) for n in own))])
    return found


def within(node):
    while not isinstance(node, nodes.section):
        node = node.parent
    return node


def describe(app, pagename, templatename, context, doctree):
    """What others show of a page: a description and a card; and the button to the page as Markdown."""
    if doctree is None:
        return
    words = re.sub(r'[<>"&]', "", summary(doctree)) or "Convolutional neural networks that you can read."
    title = re.sub("<[^>]*>", "", context["title"])
    root = app.config.html_baseurl or context["pathto"]("", resource=True)
    tags = {"og:title": title, "og:description": words, "og:type": "article", "og:image": f"{root}_static/card.png"}
    context["metatags"] += f'\n<meta name="description" content="{words}">' + "".join(
        f'\n<meta property="{name}" content="{value}">' for name, value in tags.items()
    )
    for group in context.get("header_buttons", []):
        if group.get("label") == "download-buttons":
            name = pagename.rpartition("/")[2]
            group["buttons"].insert(
                1,
                {
                    "type": "link",
                    "url": f"{name}.md",
                    "text": ".md",
                    "tooltip": "This page as plain Markdown",
                    "icon": "fas fa-file",
                    "label": "download-markdown-button",
                },
            )


def setup(app):
    app.connect("html-page-context", describe, priority=950)
    app.connect("build-finished", write_markdown)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
