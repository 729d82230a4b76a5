r"""Plain Markdown that the page shows as more: boxes, notes in the margin, numbered formulas, citations, terms.

    > **Aside: Cheques.** A quotation that begins so stands in the margin; with Note or Warning, in a box.

    $$ y = x \tag{9.1} $$                              and [(9.1)](#equation-9-1) leads there
    [LeCun et al., 1998](../references.md#lecun1998)    or, as part of a sentence, [LeCun et al. (1998)](…)
    [filters](../glossary.md#filter)                    a term of the glossary, with hyphens for spaces

What does not fit is a warning: a formula that is not the next one, words that are not the bibliography's.
"""

import difflib
import re

from docutils import nodes
from minicnn_book import chapter_number
from sphinx.addnodes import pending_xref
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinxcontrib.bibtex.citation_target import CitationTarget
from sphinxcontrib.bibtex.roles import CitationRef

BOXES = {"Aside": "margin", "Note": "note", "Warning": "warning"}
REFERENCES = "book/references"
TAG = re.compile(r"\s*\\tag\{([\d.]+)\}")
warn = logging.getLogger(__name__).warning


class Boxes(SphinxTransform):
    """A quotation that begins with **Note: Title.** becomes a box, one with **Aside: Title.** a note in the margin."""

    default_priority = 850

    def apply(self):
        for quotation in list(self.document.findall(nodes.block_quote)):
            first = quotation.children[0]
            lead = next((child for child in first.children if child.astext()), None)
            kind, colon, title = lead.astext().partition(": ") if isinstance(lead, nodes.strong) else ("", "", "")
            if kind not in BOXES:
                if colon:
                    warn("a box begins with Aside, Note or Warning, not with %r", kind, location=quotation)
                continue
            name = nodes.title("", title.removesuffix("."))
            rest = first.children[first.index(lead) + 1 :]
            if rest and isinstance(rest[0], nodes.Text):
                rest[0] = nodes.Text(rest[0].lstrip())
            first.children = []
            first.extend(rest)
            make = nodes.sidebar if kind == "Aside" else nodes.admonition
            quotation.replace_self(make("", name, *quotation.children, classes=[BOXES[kind]]))


class Formulas(SphinxTransform):
    r"""A displayed formula with \tag{…} is numbered by Sphinx, which must come to the same number."""

    default_priority = 850

    def apply(self):
        domain, docname = self.env.get_domain("math"), self.env.docname
        for formula in self.document.findall(nodes.math_block):
            text = formula.astext()
            if not (tag := TAG.search(text)):
                continue
            label = f"{docname}:{tag[1]}"
            domain.note_equation(docname, label, location=formula)
            count = domain.get_equation_number_for(label)
            number = f"{chapter_number(docname) or ''}.{count}".lstrip(".")
            if tag[1] != number:
                words = r"a formula is numbered %s that is number %s here: write \tag{%s}, and mend the links to it"
                warn(words, tag[1], number, number, location=formula)
            name = f"equation-{tag[1].replace('.', '-')}"
            formula.children = []
            formula += nodes.Text(TAG.sub("", text))
            formula.attributes |= {"ids": [name], "names": [name], "label": label, "number": count, "docname": docname}
            self.document.note_explicit_target(formula)
        for link in self.document.findall(nodes.reference):
            target = link.get("refuri", "")
            if re.fullmatch(r"#equation-[\d-]+", target):
                number = target.removeprefix("#equation-").replace("-", ".")
                if link.astext() != f"({number})":
                    warn("the link to %s reads %r: write [(%s)]", target, link.astext(), number, location=link)


def names(entry):
    """Whose work it is, as one says it: "Cauchy", "Lavin and Gray", "LeCun et al."; if nobody is named, its title."""
    people = entry.persons.get("author") or entry.persons.get("editor")
    if not people:
        return re.sub("[{}]", "", entry.fields["title"])
    last = [" ".join(map(str, person.rich_prelast_names + person.rich_last_names)) for person in people]
    return last[0] if len(last) == 1 else f"{last[0]} et al." if len(last) > 2 else " and ".join(last)


class Citations(SphinxTransform):
    """A link into the references is a citation, and reads as the bibliography has it."""

    default_priority = 850

    def apply(self):
        domain = self.env.get_domain("cite")
        entries = domain.bibdata.data.entries
        for number, link in enumerate(self.document.findall(pending_xref)):
            key = link.get("reftargetid")
            if link["reftarget"] != REFERENCES or not key:
                continue
            if key not in entries:
                near = " or ".join(difflib.get_close_matches(key, entries, n=2, cutoff=0))
                warn("references.bib has no %r; did you mean %s?", key, near, location=link)
                continue
            who, year = names(entries[key]), entries[key].fields.get("year", "n.d.")
            if link.astext() not in (f"{who}, {year}", f"{who} ({year})"):
                words = f"[{who}, {year}] or [{who} ({year})]"
                warn("the citation of %s reads %r: write %s", key, link.astext(), words, location=link)
            ref = CitationRef(f"citation-{number}", self.env.docname, link.line, [CitationTarget(key, "", "")])
            domain.citation_refs.append(ref)  # so that the bibliography lists it


class CitationTitles(SphinxPostTransform):
    """Who points at a citation is told what it is."""

    default_priority = 902

    def run(self, **kwargs):
        cited = {c.key: c.formatted_entry.text.render_as("text") for c in self.env.get_domain("cite").citations}
        for link in self.document.findall(nodes.reference):
            page, _, key = link.get("refuri", "").partition("#")
            if key in cited and page.endswith("references.html"):
                link["reftitle"] = cited[key]


def add_bibliography(app, docname, source):
    if docname == REFERENCES:
        source[0] += "\n:::{bibliography}\n:::\n"


def add_anchors(app, doctree):
    """Each entry of the bibliography can be linked to by its key, each term of a glossary by its name."""
    slugs = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    terms = [id for term in doctree.findall(nodes.term) for id in term["ids"] if id.startswith("term-")]
    slugs.update({id.removeprefix("term-").lower(): (None, id, id) for id in terms})
    if app.env.docname == REFERENCES:
        keys = app.env.get_domain("cite").bibdata.data.entries
        slugs.update({key: (None, key, key) for key in keys})


def setup(app):
    for transform in (Boxes, Formulas, Citations):
        app.add_transform(transform)
    app.add_post_transform(CitationTitles)
    app.connect("source-read", add_bibliography)
    app.connect("doctree-read", add_anchors)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
