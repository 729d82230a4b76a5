"""Notebook Markdown reads well wherever notebooks are read; the page makes boxes, numbers and citations of it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import notebooks
import pytest
from bs4 import BeautifulSoup
from chapters import chapters
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from tests.limits import HANGS

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = list(notebooks.notebooks([ROOT / "book"]))
PLAIN = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)


def raw(source):
    """What a renderer that knows CommonMark, tables and mathematics would show of what it does not know."""
    found = []
    for block in PLAIN.parse(source):
        if block.type == "fence" and block.info.startswith("{"):
            found.append(f"```{block.info}")
        if block.type == "math_block_label":
            found.append(f"({block.info})")
        shown = [t for t in block.children or [] if t.type in ("text", "html_inline")]
        shown += [block] if block.type == "html_block" else []
        for text in (token.content for token in shown):
            found += re.findall(r":::.*|:label:|:class:|\{[^}]*\}?|\[\^[^]]*\]|\$\$|^\([\w-]+\)=?$", text.strip())
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_plain_renderer_shows_nothing_raw(path):
    cells = notebooks.read(path).cells
    found = {cell.id: raw(cell.source) for cell in cells if cell.cell_type == "markdown"}
    assert {id: what for id, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("so says {cite:p}`lecun1998`.", ["{cite:p}"]),
        ("```{margin} Cheques\nRead.\n```", ["```{margin} Cheques"]),
        (":::{note}\nRead.\n:::", [":::{note}", ":::"]),
        ("$$y = x$$ (eq-one)", ["(eq-one)"]),
        ("$$\ny = x\n$$ (eq-one)", ["(eq-one)"]),
        ("(here)=\n# Title", ["(here)="]),
        ("![a cat](cat.png){width=50%}", ["{width=50%}"]),
        ("a note[^1]", ["[^1]"]),
        ("`{a: 1}`, $x_{i}$, $$y_{i} \\tag{9.1}$$ and\n\n```python\n{1}\n```", []),
    ],
)
def test_what_would_be_shown_raw_is_found(source, found):
    assert raw(source) == found


@pytest.mark.parametrize("chapter", chapters().values(), ids=lambda c: c.path.stem)
def test_every_figure_of_a_chapter_has_a_caption(chapter):
    waiting = None
    for cell in chapter.cells:
        if cell.cell_type == "markdown":
            assert waiting is None or cell.source.startswith("**Figure: "), f"{waiting} shows a figure without caption"
            waiting = None
        elif cell.outputs and "remove-output" not in cell.metadata.get("tags", []):
            assert waiting is None, f"{waiting} shows a figure, and no caption comes before {cell.id}"
            kinds = [output.get("data", {}) for output in cell.outputs]
            if any("image/" in "".join(data) or "mc-figure" in data.get("text/html", "") for data in kinds):
                waiting = cell.id


# ---------------------------------------------------------------- what the page makes of it


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_page_makes_boxes_numbers_and_citations_of_it(html, path):
    page = BeautifulSoup((html / path.relative_to(ROOT).with_suffix(".html")).read_text("utf-8"), "html.parser")
    text = "\n".join(cell.source for cell in notebooks.read(path).cells if cell.cell_type == "markdown")

    def begun(kind):
        return [title.removesuffix(".") for title in re.findall(rf"^> \*\*{kind}: (.*?)\*\*", text, re.M)]

    assert [p.text for p in page.select("aside.margin > .sidebar-title")] == begun("Aside")
    assert [p.text for p in page.select(".admonition.note > .admonition-title")] == begun("Note")
    assert [p.text for p in page.select(".admonition.warning > .admonition-title")] == begun("Warning")
    numbers = [span.text.rstrip("#") for span in page.select(".eqno")]
    assert numbers == [f"({tag})" for tag in re.findall(r"\\tag\{(.*?)\}", text)]
    links = page.select('article a[href*="references.html#"]')
    assert [a["href"].partition("#")[2] for a in links] == re.findall(r"references\.md#(\w+)\)", text)
    assert all(a["title"] for a in links)  # the whole reference, for who points at it
    figures = [tag.find(class_="caption-number").text.strip() for tag in page.select("figcaption")]
    assert len(figures) == len(re.findall(r"^\*\*Figure: ", text, re.M))
    referred = {a.text for a in page.select('article a[href*="#figure-"]:not(.headerlink)')}
    assert len(referred) == len(set(re.findall(r"\(#(figure-[\w-]+)\)", text)))
    assert all(re.fullmatch(r"Figure \d+\.\d+", words) for words in referred)


CONF = """
import sys
sys.path.insert(0, {ext!r})
extensions = ["myst_parser", "sphinxcontrib.bibtex", "minicnn_plain"]
myst_enable_extensions = ["dollarmath"]
bibtex_bibfiles, bibtex_cite_id, root_doc = ["all.bib"], "{{key}}", "book/references"
"""
PAGE = """# Nine

$$ y = x \\tag{9.1} $$

$$ z = x \\tag{9.3} $$

See [(9.1)](#equation-9-1) and [equation one](#equation-9-1).

> **Asied: Cheques.** Read.

By [LeCun et al., 1998](references.md#lecun1998), [Lavin and Gray (2016)](references.md#lavin2016),
[LeCun, 1998](references.md#lecun1998), [LeCun et al., 1998](references.md#lecun98).

[Max pooling](glossary.md#max-pooling) is a term, and [min pooling](glossary.md#min-pooling) is not.
"""


def test_the_build_says_what_does_not_fit(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "conf.py").write_text(CONF.format(ext=str(ROOT / "book/_ext")), "utf-8")
    shutil.copy(ROOT / "book/references.bib", tmp_path / "all.bib")
    (tmp_path / "book/references.md").write_text("# References\n\n```{toctree}\n09-nine\nglossary\n```\n", "utf-8")
    glossary = "# Glossary\n\n```{glossary}\nmax pooling\n    Keeps the largest.\n```\n"
    (tmp_path / "book/glossary.md").write_text(glossary, "utf-8")
    (tmp_path / "book/09-nine.md").write_text(PAGE, "utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(tmp_path), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS)
    said = [line.partition("WARNING: ")[2] for line in done.stderr.splitlines()]
    assert sorted(said) == [
        "a box begins with Aside, Note or Warning, not with 'Asied'",
        r"a formula is numbered 9.3 that is number 9.2 here: write \tag{9.2}, and mend the links to it",
        "local id not found in doc 'book/glossary': 'min-pooling' [myst.xref_missing]",
        "local id not found in doc 'book/references': 'lecun98' [myst.xref_missing]",
        "references.bib has no 'lecun98'; did you mean lecun1998 or lecun1989?",
        "the citation of lecun1998 reads 'LeCun, 1998': write [LeCun et al., 1998] or [LeCun et al. (1998)]",
        "the link to #equation-9-1 reads 'equation one': write [(9.1)]",
    ]
