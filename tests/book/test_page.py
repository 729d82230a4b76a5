"""What the book's extensions make of a page: light, typeset, numbered, folded, found, and told to others."""

import gzip
import re
import sys
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from browser import new_page
from bs4 import BeautifulSoup
from chapters import chapters, title

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "book/_ext"))
from minicnn_cells import mostly_draws, only_checks  # noqa: E402
from minicnn_path import numbers  # noqa: E402

CHAPTERS = [chapter.path.relative_to(ROOT).with_suffix("").as_posix() for chapter in chapters().values()]
CONVOLUTION = "book/seeing/02-convolution"
GO_TO = """id => {
  document.getElementById(id).scrollIntoView()
  return document.querySelector("#pst-page-toc-nav a[aria-current]")?.hash === "#" + id
}"""


@pytest.fixture(scope="module")
def soup(html):
    return lambda name: BeautifulSoup((html / f"{name}.html").read_text("utf-8"), "html.parser")


@pytest.fixture(scope="module")
def pages(html):
    return [*html.glob("*.html"), *(html / "book").rglob("*.html")]


@pytest.mark.browser
@pytest.mark.parametrize("name", CHAPTERS)
def test_first_view_of_a_chapter_is_at_most_half_a_megabyte_without_mathjax(visit, name):
    page = visit(name)
    files = {unquote(urlparse(url).path) for url in page.requested if url.startswith("file:")}
    sizes = {f: len(gzip.compress(Path(f).read_bytes())) for f in files if "mathjax" not in f}
    assert len(sizes) > 10
    assert sum(sizes.values()) <= 500_000, sizes


@pytest.mark.browser
def test_a_dark_page_is_printed_in_dark_ink_on_white_paper(visit):
    page = visit(CONVOLUTION, color_scheme="dark")
    ink = "getComputedStyle(document.querySelector('article p')).color"
    dark = page.evaluate(ink)
    page.evaluate("addEventListener('beforeprint', () => { window.printed = " + ink + " })")
    page.pdf()
    light = visit(CONVOLUTION, color_scheme="light").evaluate(ink)
    assert page.evaluate("printed") == light != dark
    assert page.evaluate(ink) == dark


@pytest.mark.browser
def test_formulas_wait_until_they_are_seen_and_are_no_tab_stops(visit):
    page = visit("book/learning/09-backpropagation")
    typeset = "document.querySelectorAll('mjx-container:has(mjx-math)').length"
    before = page.evaluate(typeset)
    assert before < page.locator(".math").count() / 2
    page.evaluate("document.querySelector('#in-five-lines').scrollIntoView()")
    page.wait_for_function(f"{typeset} > {before}")
    assert page.locator("mjx-container[tabindex]").count() == 0


@pytest.mark.browser
def test_formulas_are_read_without_javascript(browser, html):
    page = new_page(browser, java_script_enabled=False)
    page.goto((html / "book/learning/09-backpropagation.html").as_uri())
    assert page.locator("article math").count() == page.locator("article .math").count() > 200
    assert page.locator("article math").first.is_visible()
    assert page.locator("article .math:visible").count() == 0
    page.context.close()


def test_pages_with_no_formula_do_not_load_an_engine_for_them(soup):
    assert "mathjax" not in str(soup("book/exercises/seeing").head)
    assert "mathjax" in str(soup(CONVOLUTION).head)


def test_icons_are_drawn_in_the_page(html, pages):
    assert not (html / "_static/vendor/fontawesome").exists()
    for path in pages:
        assert not re.search(r'class="[^"]*\bfa-|fontawesome', path.read_text("utf-8")), path


def test_typefaces_are_small_and_free():
    fonts = ROOT / "book/_static/fonts"
    assert sum(path.stat().st_size for path in fonts.glob("*.woff2")) <= 200_000
    for path in fonts.glob("LICENSE-*.txt"):
        assert "SIL Open Font License, Version 1.1" in path.read_text("utf-8")


def test_a_cell_that_only_asserts_is_told_from_one_that_computes():
    assert only_checks("import numpy as np\nassert np.pi > 3\nassert True")
    assert not only_checks("import numpy as np")
    assert not only_checks("x = 3\nassert x == 3")
    assert not only_checks("%pip install nothing")


def test_a_cell_that_mostly_draws_is_told_from_one_that_computes():
    draws = "x = 1\nfig, (top, low) = plt.subplots(2)\ntop.plot(x)\nlow.plot(x)\n"
    assert mostly_draws(draws)
    assert not mostly_draws("y = 1\nz = 2\nx = 3\nplt.plot(x)")
    assert not mostly_draws("print(1)")


def test_code_that_draws_stands_folded_under_its_picture(soup):
    cell = soup(CONVOLUTION).select_one("figure").find_parent(class_="cell")
    assert [child.name for child in cell.find_all(recursive=False)] == ["div", "details"]
    assert cell.details.summary.text == "Code"


def test_figures_are_numbered_captioned_and_referred_to_by_number(soup):
    page = soup(CONVOLUTION)
    figures = page.select("article figure")
    assert [f.select_one(".caption-number").text.strip() for f in figures] == [f"Figure 2.{k}" for k in range(1, 7)]
    assert all(len(f.figcaption.text) > 60 for f in figures)
    assert figures[0]["id"] == "figure-what-nine-numbers-find"
    assert "Figure 2.1" in [a.text for a in page.select('a[href="#figure-what-nine-numbers-find"]')]


def test_what_is_not_attempted_says_nothing(pages):
    assert [path.name for path in pages if "not attempted yet, " in path.read_text("utf-8")] == []


def test_ids_are_unique(pages):
    for path in pages:
        ids = [tag["id"] for tag in BeautifulSoup(path.read_text("utf-8"), "html.parser").find_all(id=True)]
        assert {i for i in ids if ids.count(i) > 1} == set(), path


def test_each_page_tells_others_what_it_is(soup):
    page = soup(CONVOLUTION)
    told = {meta.get("name") or meta.get("property"): meta["content"] for meta in page.select("meta[content]")}
    assert told["description"] == "How can a table of nine numbers find the edges in a photograph?"
    assert told["og:description"] == told["description"]
    assert told["og:title"] == "2. Convolution"
    assert soup("book/index").title.text == "minicnn"


def test_each_page_is_there_as_markdown_and_listed(html, soup):
    listed = re.findall(r"\]\((.*?)\)", (html / "llms.txt").read_text("utf-8"))
    assert {f"{path.relative_to(html).with_suffix('')}.md" for path in (html / "book").rglob("*.html")} == set(listed)
    text = (html / f"{CONVOLUTION}.md").read_text("utf-8")
    assert text.startswith("# Convolution\n")
    assert "```python\ndef correlate(image, kernel, **options):" in text
    assert "## minicnn.layers.conv.Conv2d" in (html / "book/api/layers.md").read_text("utf-8")
    assert soup(CONVOLUTION).select_one('a[href="02-convolution.md"]')


@pytest.mark.browser
@pytest.mark.parametrize("word", ["padding", "stride"])
def test_search_from_the_disk_begins_with_the_chapter_that_explains_and_quotes_it(visit, html, word):
    page = visit("search")
    page.goto((html / "search.html").as_uri() + f"?q={word}")
    page.wait_for_function("document.querySelector('.search-summary')?.innerText")
    results = page.locator("#search-results li").all()
    links = [result.locator("a").get_attribute("href") for result in results]
    places = [k for k, link in enumerate(links) if "/02-convolution" in link]
    assert places[0] < min(k for k, link in enumerate(links) if "/exercises/" in link)
    others = [link for link in links if re.search(r"/\d\d-", link)]
    assert "/02-convolution" in others[0]
    assert word in results[places[0]].locator(".context").inner_text()
    assert page.complaints == []


@pytest.mark.browser
def test_contents_mark_the_section_that_is_read(visit):
    page = visit(CONVOLUTION)
    for section in ["two-directions", "a-gallery", "what-sliding-buys", "one-row-of-pixels"]:
        page.wait_for_function(GO_TO, arg=section)  # again and again: formulas typeset on the way move what is below


@pytest.mark.browser
def test_print_has_the_number_and_all_pictures_and_neither_contents_nor_hints(visit):
    page = visit(CONVOLUTION)
    page.emulate_media(media="print")
    page.wait_for_function("[...document.images].every(i => i.complete && i.naturalWidth)")
    assert page.locator("h1:visible").first.inner_text().split() == ["Chapter", "2", ":", "Convolution"]
    assert page.locator("article details:visible, #jb-print-toc:visible, nav:visible").count() == 0


def test_first_page_shows_the_path_as_far_as_it_goes(soup):
    path = soup("book/index").select(".path li")
    assert [int(item["value"]) for item in path] == numbers()
    for item in path:
        number = int(item["value"])
        there = number in chapters()
        assert item.text == title(number) + ("" if there else " coming")
        assert (item.a is not None) == there


def test_exercise_pages_say_which_chapters_are_coming(soup):
    headings = [h.find(string=True) for h in soup("book/exercises/seeing").select("article h2")]
    told = {int(re.match(r"Chapter (\d+): ", h)[1]): h.endswith(" (coming)") for h in headings}
    assert told == {number: number not in chapters() for number in told}


def test_a_source_without_an_author_is_cited_by_its_title(pages, soup):
    assert [path.name for path in pages if re.search(r"\bSource s\d", path.read_text("utf-8"))] == []
    assert "The Problem CNNs Solve" in soup(CONVOLUTION).select_one("article").text
