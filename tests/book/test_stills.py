"""Stills are drawings that stay drawings: the same in every run, sharp, in the page's ink by day and by night."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import notebooks
import numpy as np
import pytest
from chapters import chapters

from minicnn.figures import COLORS, book_style, direct_labels, svg
from minicnn.figures.stills import MANY

BOOK = Path(__file__).resolve().parents[2] / "book"
CHAPTERS = [chapter.path.relative_to(BOOK.parent).with_suffix("").as_posix() for chapter in chapters().values()]
DRAWN = re.compile(r"<(?:path|text|use|line|rect|circle)\b")

# Each word of a still that lies on the page's ground, with its contrast against that.
CONTRASTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true})
  const light = colour => {
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(
      c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const paper = light(getComputedStyle(document.documentElement).getPropertyValue("--paper"))
  const words = [...document.querySelectorAll("svg.still text")].filter(t => /--still-(?!paper)/.test(t.style.fill))
  return words.map(t => {
    const fill = getComputedStyle(t).fill, pair = [light(fill), paper].sort((a, b) => b - a)
    return [t.textContent, fill, (pair[0] + 0.05) / (pair[1] + 0.05)]
  })
}"""


def stills(path):
    """(alt text, data by type) of each picture that a cell of a notebook drew."""
    for cell in notebooks.read(path).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/html" not in data and any(kind.startswith("image/") for kind in data):
                yield cell.metadata["mystnb"]["image"]["alt"], data


@pytest.mark.parametrize("path", [BOOK.parent / f"{name}.ipynb" for name in CHAPTERS], ids=lambda p: p.stem)
def test_every_still_is_a_clean_svg(path):
    for alt, data in stills(path):
        assert "image/svg+xml" in data, alt
        text = data["image/svg+xml"]
        assert not re.search(r"<metadata|<!--|dc:date|DejaVu", text), alt
        assert len(DRAWN.findall(text)) <= MANY, f"{alt} Have heavy marks rasterised: set_rasterized(True)."


@pytest.mark.browser
@pytest.mark.parametrize("name", CHAPTERS)
def test_words_of_stills_are_light_on_dark_and_dark_on_light(visit, name):
    found = {}
    for scheme in ("light", "dark"):
        found[scheme] = visit(name, color_scheme=scheme).evaluate(CONTRASTS)
        assert [f"{word}: {ratio:.1f}" for word, _, ratio in found[scheme] if ratio < 4.5] == []
    assert found["light"]
    assert all(light[1] != dark[1] for light, dark in zip(found["light"], found["dark"], strict=True))


def test_every_still_stands_in_its_page_with_its_alt_text(html):
    for name in CHAPTERS:
        page = (html / f"{name}.html").read_text("utf-8")
        shown = len(re.findall(r'<svg class="still" role="img" aria-label="[^"]+', page))
        assert shown == len(list(stills(BOOK.parent / f"{name}.ipynb")))


def figure(points=3):
    with book_style():
        figure, ax = plt.subplots()
        ax.plot(np.linspace(0, 1, points), np.linspace(0, 1, points) ** 2, "o", label="a & b")
        ax.set_title("b < c")
    return figure


def test_two_runs_draw_the_same_svg():
    assert svg(figure()) == svg(figure())


def test_words_stay_words_and_names_that_nothing_refers_to_go():
    drawn = svg(figure())
    assert ">b &lt; c</text>" in drawn
    assert COLORS["ink"].lower() in drawn
    ids = set(re.findall(r'id="([^"]*)"', drawn))
    assert ids
    assert all(f"#{name}" in drawn for name in ids)


def test_many_marks_become_one_picture():
    assert "<image" not in svg(figure())
    assert svg(figure(MANY + 1)).count("<image") == 1


def test_every_colour_has_a_shade_for_dark_paper():
    css = (BOOK / "_static/book.css").read_text("utf-8")
    for name in COLORS:
        assert f"--still-{name.replace(' ', '-')}:" in css


def test_names_of_lines_that_end_together_stand_under_each_other():
    with book_style():
        figure, ax = plt.subplots()
        lines = {ax.plot([0, 1], [0, end])[0]: f"line {end}" for end in (1, 1.01, 1.02, 5)}
        direct_labels(ax, lines)
    boxes = [text.get_window_extent() for text in ax.texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert [text.get_color() for text in ax.texts[:2]] == [COLORS["blue word"], COLORS["vermilion word"]]
