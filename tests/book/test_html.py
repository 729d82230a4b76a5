"""The built pages as a reader's browser meets them: from the disk, light and dark, laptop and phone."""

from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
import yaml
from browser import new_page
from bs4 import BeautifulSoup
from chapters import chapters

ROOT = Path(__file__).resolve().parents[2]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
ENTRIES = [entry for part in TOC["parts"] for entry in part["chapters"]]
FOUND = [path for entry in ENTRIES for path in sorted(ROOT.glob(f"{entry.get('file') or entry['glob']}.*"))]
PAGES = [TOC["root"], *(path.relative_to(ROOT).with_suffix("").as_posix() for path in FOUND)]
PAGES += ["book/api/functional", "book/api/layers"]  # and all like them

PHONES = {"phone": {"width": 390, "height": 844}, "zoom of 400 %": {"width": 320, "height": 640}}
FORMULAS = "window.MathJax?.startup.document.lazyTypesetAll?.()"  # all of them, not only those in view
BROKEN_PICTURES = """async () => {
  const loaded = i => i.complete || new Promise(done => { i.onload = i.onerror = done })
  await Promise.all([...document.images].map(i => { i.loading = "eager"; return loaded(i) }))
  return [...document.images].filter(i => !i.naturalWidth).map(i => i.src)
}"""
# What sticks out of the screen and is not inside something that scrolls by itself.
TOO_WIDE = """() => {
  const clips = e => /auto|scroll|hidden|clip/.test(getComputedStyle(e).overflowX)
  const scrolls = e => e && (clips(e) || scrolls(e.parentElement))
  const out = [...document.querySelectorAll("article *")].filter(
    e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e))
  if (document.documentElement.scrollWidth > innerWidth + 1) out.push(document.documentElement)
  return out.map(e => `<${e.tagName} class="${e.className}"> ${e.textContent.trim().slice(0, 60)}`)
}"""


def test_every_link_leads_somewhere(html):
    anchors = {}
    for path in [*html.glob("*.html"), *(html / "book").rglob("*.html")]:
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        anchors[path.resolve()] = soup, {tag["id"] for tag in soup.find_all(id=True)}
    broken = []
    for path, (soup, _) in anchors.items():
        for tag in soup.select("a[href], img[src], script[src], link[href]"):
            link = tag.get("href") or tag.get("src")
            if link.startswith(("http:", "https:", "mailto:", "data:", "#")) and link != "#":
                target, anchor = path, link[1:] if link.startswith("#") else ""
            else:
                file, anchor = urldefrag(link)
                target = (path.parent / unquote(file.partition("?")[0])).resolve() if file else path
            if not target.exists() or (anchor and target in anchors and unquote(anchor) not in anchors[target][1]):
                broken.append(f"{path.relative_to(html)}: {link}")
    assert len(anchors) >= len(PAGES)
    assert broken == []


@pytest.mark.parametrize("chapter", chapters().values(), ids=lambda c: c.path.stem)
def test_exercises_of_a_chapter_are_numbered_and_end_with_their_solution(html, chapter):
    path = chapter.path.relative_to(ROOT).with_suffix(".html")
    boxes = BeautifulSoup((html / path).read_text("utf-8"), "html.parser").select("section.exercise")
    titles = [box.h3.find(string=True) for box in boxes]
    headings = [
        line for cell in chapter.cells for line in cell.source.splitlines() if line.startswith("### Exercise: ")
    ]
    assert [title.partition(":")[0] for title in titles] == [
        f"Exercise {chapter.number}.{k}" for k, _ in enumerate(headings, 1)
    ]
    for box in boxes:
        last = box.find_all(recursive=False)[-1]
        assert (last.name, last.summary.text) == ("details", "Solution")


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_quiet_whole_and_accessible(visit, name, scheme):
    page = visit(name, color_scheme=scheme)
    page.evaluate(FORMULAS)
    assert page.complaints == []
    page.evaluate("document.querySelectorAll('img[loading=lazy]').forEach(i => i.loading = 'eager')")
    page.evaluate(
        "Promise.all([...document.images].map(i => i.decode().catch(() => 0)))"
    )  # when they are there, or never
    assert page.evaluate(BROKEN_PICTURES) == []
    assert accessibility_problems(page) == []


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("screen", PHONES.values(), ids=PHONES)
def test_page_fits_a_phone(visit, name, screen):
    page = visit(name, viewport=screen)
    page.evaluate(FORMULAS)
    assert page.evaluate(TOO_WIDE) == []


def accessibility_problems(page):
    """What axe-core finds, minor things too, one line for each element."""
    from axe_playwright_python.sync_playwright import Axe

    violations = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]}).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]} {node.get('any') and node['any'][0]['message']}"
        for rule in violations
        for node in rule["nodes"]
    ]


@pytest.mark.browser
def test_axe_would_notice(browser):
    page = new_page(browser)
    page.set_content(
        "<html lang=en><title>t</title><main><h1>t</h1><p style='color:#bbb'>pale</p><img src='x.png'></main>"
    )
    assert [problem.partition(":")[0] for problem in accessibility_problems(page)] == [
        "color-contrast",
        "image-alt",
    ]
    page.close()
