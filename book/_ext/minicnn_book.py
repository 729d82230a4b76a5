"""What Jupyter Book 1 lacks: chapter numbers that stay, numbered exercises, no dead scripts, a clean bibliography."""

import re

from docutils import nodes
from sphinx_external_toc.collectors import TocTreeCollectorWithStyles as Collector


def chapter_number(docname):
    """The number that a file name starts with: book/learning/09-backpropagation is chapter 9."""
    match = re.match(r"(\d+)-", docname.rpartition("/")[2])
    return int(match[1]) if match else None


def number_by_file_name():
    """Number chapters by their files, so that a number never changes when a chapter is added before it."""
    assign = Collector.assign_section_numbers

    def assign_section_numbers(collector, env):
        before = env.toc_secnumbers
        assign(collector, env)  # 1, 2, 3 … in the order of _toc.yml
        for docname, sections in env.toc_secnumbers.items():
            if chapter := chapter_number(docname):
                for anchor, number in sections.items():
                    sections[anchor] = number and (chapter, *number[1:])
                references = env.tocs[docname].findall(nodes.reference)
                for node in [*references, env.titles[docname]]:
                    if node.get("secnumber"):
                        node["secnumber"] = [chapter, *node["secnumber"][1:]]
        return [doc for doc, numbers in env.toc_secnumbers.items() if numbers != before.get(doc)]

    Collector.assign_section_numbers = assign_section_numbers


def number_exercises(app, doctree):
    """Plain Markdown's "### Exercise: title" becomes a box, with a number in a chapter, that ends with the solution."""
    chapter, number = chapter_number(app.env.docname), 0
    for section in [*doctree.findall(nodes.section)]:
        title = section.next_node(nodes.title)
        if not title.astext().startswith("Exercise: "):
            continue
        number += 1
        section["classes"].append("exercise")
        if chapter:
            title[0] = nodes.Text(title[0].replace("Exercise:", f"Exercise {chapter}.{number}:", 1))
        raw = [node.astext() if isinstance(node, nodes.raw) else "" for node in section]
        solution = next((i for i, text in enumerate(raw) if "<summary>Solution</summary>" in text), None)
        if solution is not None:
            end = raw.index("</details>", solution) + 1
            after, section[end:] = section[end:], []
            at = section.parent.index(section) + 1
            section.parent[at:at] = after


def correct_page(app, pagename, templatename, context, doctree):
    # Live code is not switched on; its scripts would only declare a constant twice, which is an error.
    scripts = context.get("script_files", [])
    context["script_files"] = [s for s in scripts if "thebe" not in f"{s} {getattr(s, 'attributes', '')}"]
    # Entries with the role doc-biblioentry are not items of a list to a screen reader.
    body = context.get("body", "")
    context["body"] = body.replace('<div role="list" class="citation-list">', '<div class="citation-list">')

    # The arrow that opens a section of the sidebar has no words for a screen reader.
    if toctree := context.get("generate_toctree_html"):
        named = '<summary aria-label="Show or hide the pages of this section">'
        context["generate_toctree_html"] = lambda *a, **k: str(toctree(*a, **k)).replace("<summary>", named)


def setup(app):
    number_by_file_name()
    app.connect("doctree-read", number_exercises, priority=400)  # before the table of contents is collected
    app.connect("html-page-context", correct_page, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
