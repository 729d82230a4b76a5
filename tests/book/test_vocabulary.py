"""One vocabulary: whoever reads from the first page on meets no word of the glossary unexplained."""

import re
from pathlib import Path

import nbformat
import pytest
from chapters import chapters
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

EMPHASIS = "emphasis "
BOOK = Path(__file__).resolve().parents[2] / "book"
PAGES = [BOOK / "index.ipynb", *(chapter.path for chapter in chapters().values())]
PLAIN = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)


def terms(glossary):
    """The terms of a glossary, as in Sphinx: what is not indented. Those one under the other share a definition."""
    inside = glossary.partition(":::{glossary}")[2].partition("\n:::")[0]
    return re.findall(r"^[^\s:].*", inside, re.M)


TERMS = terms((BOOK / "glossary.md").read_text("utf-8"))


def pattern(terms):
    """Finds terms, the longest first, in singular and plural; those in small letters also as a sentence begins."""

    def forms(term):
        first = f"[{term[0]}{term[0].upper()}]"
        stem = f"{re.escape(term[1:-1])}(?:y|ies)" if term.endswith("y") else f"{re.escape(term[1:])}(?:s|es)?"
        return first + stem.replace(r"\ ", r"\s")

    longest = sorted(terms, key=len, reverse=True)
    return re.compile(r"(?<![\w-])(?:" + "|".join(f"({forms(term)})" for term in longest) + r")(?![\w-])"), longest


def anchor(term):
    return re.sub(r"\W+", "-", term.lower())


def running_text(source):
    """For each paragraph, item or cell of a table: its text, and for each letter the link or emphasis it stands in.

    Left out are headings, captions, citations, code, formulas, and what is folded (hints and solutions).
    """
    folded, heading = 0, False
    for block in PLAIN.parse(source):
        if block.type == "html_block":
            folded += block.content.count("<details") - block.content.count("</details")
        heading = block.type == "heading_open" or heading and block.type != "heading_close"
        if block.type != "inline" or folded or heading or block.content.startswith("**Figure: "):
            continue
        text, where, around = "", [], []
        for number, token in enumerate(block.children):
            if token.nesting == 1:
                around.append(token.attrGet("href") or f"{EMPHASIS}{number}")
            if token.nesting == -1:
                around.pop()
            place = next((link for link in around if not link.startswith(EMPHASIS)), around[0] if around else "")
            if token.nesting or "references.md#" in place:
                continue
            words = {"text": token.content, "softbreak": " "}.get(token.type, "\0")  # what is left out parts words
            text += words
            where += [place] * len(words)
        yield text, where


def unexplained(pages, terms):
    """(page, term, words around) of each first use that is neither a link to the term nor its definition.

    `pages` has a name and Markdown for each, in reading order. A definition is the term alone in bold or italics, once
    in the book: later pages link to its entry in the glossary, or to an earlier page.
    """
    find, longest = pattern(terms)
    defined, before = set(), []
    for name, source in pages:
        seen = set()
        for text, where in running_text(source):
            for match in find.finditer(text):
                term = longest[match.lastindex - 1]
                if term in seen:
                    continue
                seen.add(term)
                place = where[match.start()]
                stands = "".join(letter for letter, there in zip(text, where, strict=True) if there == place)
                alone = re.fullmatch(rf"(?:Note: |[Aa]n? |[Tt]he )?{re.escape(match[0])}[.,:]?", stands)
                if place.startswith(EMPHASIS) and alone and term not in defined:
                    defined.add(term)
                elif not any(link in place for link in [f"glossary.md#{anchor(term)}", *before]):
                    yield name, term, text[max(0, match.start() - 40) : match.end() + 30].replace("\0", "…")
        before.append(name)


def markdown(path):
    """The author's text: what exercises say stands in other places too, where these links would lead nowhere."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    return "\n\n".join(cell.source for cell in cells if not cell.source.startswith("### Exercise: "))


def test_every_term_is_defined_or_linked_at_its_first_use_on_each_page():
    found = unexplained([(path.name, markdown(path)) for path in PAGES], TERMS)
    assert [f"{page}: {term}: …{words}…" for page, term, words in found] == []


def test_each_term_of_the_vocabulary_is_in_the_glossary():
    words = "filter kernel channel map unit weight bias parameter layer batch epoch loss gradient seed score"
    assert set(words.split()) <= set(TERMS)


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        (["A *filter* is a table. Filters slide."], []),
        (["Filters slide. A *filter* is a table."], ["Filters slide"]),
        (["See [filters](glossary.md#filter): a filter slides."], []),
        (["See [filters](glossary.md#max-pooling)."], ["filters"]),
        (["A *filter* is a table.", "Filters slide."], ["Filters slide"]),
        (["A *filter* is a table.", "A *filter* is a table."], ["filter"]),
        (
            ["A *filter* is a table.", "[Chapter 1](../page1) has filters.", "[Filters](../page1) slide."],
            ["has filters"],
        ),
        (["It is *a good filter that slides*."], ["filter"]),
        (["Then *max\npooling*, `filter` and $filter$."], []),
        (["Max pooling\n\n# Filters\n\n<details>\n\na filter\n\n</details>"], ["Max pooling"]),
        (["[By filters, 1998](references.md#a1998) filtered, pre-filter, in batches."], ["batches"]),
    ],
)
def test_a_term_used_before_it_is_explained_is_found(pages, found):
    named = [(f"page{number}", text) for number, text in enumerate(pages, 1)]
    hits = list(unexplained(named, ["filter", "pooling", "max pooling", "batch"]))
    assert len(hits) == len(found)
    assert all(word in around for word, (_, _, around) in zip(found, hits, strict=True))
