"""Prose leads: code that only draws or only checks is folded under what it made, and figures get numbers and captions.

In a notebook a caption is plain Markdown, the paragraph after the cell of the figure (and after cells that assert what
it shows), and so is a reference to it:

    **Figure: The six kernels.** Orange where …          as [Figure: The six kernels](#figure-the-six-kernels) shows
"""

import ast

from docutils import nodes
from myst_parser.mdit_to_docutils.base import default_slugify
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

DRAWS = {"plt", "figures"}  # names that a drawing statement mentions, and then what it gives them to
SIGNS = ".,;:?!)"
BLANK_CHECK = "not attempted yet"  # what an exercise answers to a reader who only reads


class fold(nodes.Element):
    """<details> with a quiet summary."""


def visit_fold(self, node):
    self.body.append(f'<details class="fold"><summary>{node["summary"]}</summary>\n')


def depart_fold(self, node):
    self.body.append("</details>\n")


def statements(code):
    """The cell's statements, or None where it is not plain Python."""
    try:
        return ast.parse(code).body
    except SyntaxError:
        return None


def only_checks(code):
    """Whether a cell asserts, and does nothing else that a reader waits for."""
    body = statements(code)
    kinds = {type(s) for s in body or []}
    return ast.Assert in kinds and kinds <= {ast.Assert, ast.Import, ast.ImportFrom}


def mostly_draws(code):
    """Whether more than half of a cell's lines draw: they mention pyplot, or what pyplot gave."""
    names, drawn, other = set(DRAWS), 0, 0
    for statement in statements(code) or []:
        mentioned = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
        mentioned |= {n.attr for n in ast.walk(statement) if isinstance(n, ast.Attribute)}
        lines = statement.end_lineno - statement.lineno + 1
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            continue
        if mentioned & names:
            drawn += lines
            stored = (n for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            names |= {n.id for n in stored}
        else:
            other += lines
    return drawn > other


def cells(document):
    return [n for n in document.findall(nodes.container) if n.get("nb_element") == "cell_code"]


def parts(cell):
    """(source, output) of a code cell; None for what it has not."""
    kinds = {child.get("nb_element"): child for child in cell.children if isinstance(child, nodes.container)}
    return kinds.get("cell_code_source"), kinds.get("cell_code_output")


def silent(node):
    """Whether this is a code cell that puts out nothing, as one that only asserts."""
    return node.get("nb_element") == "cell_code" and parts(node)[1] is None


def shows(output):
    """Whether an output has a picture, or a figure to touch."""
    pictures = output is not None and any(True for _ in output.findall(nodes.image))
    return pictures or any('class="mc-figure"' in n.astext() for n in (output or nodes.container()).findall(nodes.raw))


class FoldCells(SphinxTransform):
    default_priority = 860

    def apply(self):
        for cell in cells(self.document):
            source, output = parts(cell)
            if output is not None and any(BLANK_CHECK in n.astext() for n in output.findall(nodes.raw)):
                cell.remove(output)
                output = None
            if source is None:
                continue
            code, hidden = source.astext(), cell.get("hide_mode") == "input"
            if output is None and only_checks(code):
                self.fold(cell, source, "Checked ✓")
                cell["classes"].append("checked")
            elif hidden or (shows(output) and mostly_draws(code)):
                self.fold(cell, source, "Code")

    def fold(self, cell, source, summary):
        """Put the source under the output, behind one click."""
        cell.remove(source)
        cell += fold("", source, summary=summary)
        cell.attributes.pop("hide_mode", None)


class CaptionFigures(SphinxTransform):
    """A paragraph that begins with **Figure: title.** becomes the caption of the figure above it."""

    default_priority = 861

    def apply(self):
        for paragraph in list(self.document.findall(nodes.paragraph)):
            lead = next((child for child in paragraph.children if child.astext()), None)
            if not (isinstance(lead, nodes.strong) and lead.astext().startswith("Figure: ")):
                continue
            above = reversed(paragraph.parent.children[: paragraph.parent.index(paragraph)])
            cell = next((node for node in above if not silent(node)), None)
            output = parts(cell)[1] if isinstance(cell, nodes.container) else None
            if not shows(output):
                raise self.error(paragraph, "comes after no cell with a figure")
            title = lead.astext().removeprefix("Figure: ").rstrip(".")
            name = "figure-" + default_slugify(title)
            figure = nodes.figure("", *output.children, ids=[name], names=[name])
            paragraph.parent.remove(paragraph)
            lead.replace_self(nodes.strong("", f"{title}."))
            figure += nodes.caption("", "", *paragraph.children)
            output.children = []
            output += figure
            self.document.note_explicit_target(figure)

    def error(self, node, problem):
        return ValueError(f"{self.env.docname}: the caption {node.astext()[:50]!r} {problem}.")


class ReferToFigures(SphinxPostTransform):
    """A link whose text begins with "Figure: " shows the figure's number."""

    default_priority = 900

    def run(self, **kwargs):
        for link in list(self.document.findall(nodes.reference)):
            docname, _, name = (link.get("refuri") or "").partition("#")
            name = link.get("refid") or name
            if link.astext().startswith("Figure: ") and name.startswith("figure-"):
                docname = self.env.docname if not docname else self.page(docname)
                number = self.env.toc_fignumbers.get(docname, {}).get("figure", {}).get(name)
                if number:
                    link.children = []
                    link += nodes.Text("Figure " + ".".join(map(str, number)))

    def page(self, uri):
        base = self.app.builder.get_target_uri(self.env.docname).rpartition("/")[0]
        found = [d for d in self.env.found_docs if self.app.builder.get_relative_uri(self.env.docname, d) == uri]
        return found[0] if found else base


class KeepTogether(SphinxPostTransform):
    """A formula is not torn from the full stop after it."""

    default_priority = 901

    def run(self, **kwargs):
        for formula in list(self.document.findall(nodes.math)):
            parent = formula.parent
            place = parent.index(formula)
            after = parent.children[place + 1] if place + 1 < len(parent.children) else None
            text = after.astext() if isinstance(after, nodes.Text) else ""
            rest = text.lstrip(SIGNS)
            if signs := text.removesuffix(rest) if rest else text:
                parent[place : place + 2] = [nodes.inline("", "", classes=["together"]), nodes.Text(rest)]
                parent[place].extend([formula, nodes.Text(signs)])


def setup(app):
    app.add_node(fold, html=(visit_fold, depart_fold))
    for transform in (FoldCells, CaptionFigures):
        app.add_transform(transform)
    for transform in (ReferToFigures, KeepTogether):
        app.add_post_transform(transform)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
