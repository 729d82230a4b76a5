"""Matplotlib's SVGs stand in the page itself: its typeface, its ink, light or dark."""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from minicnn.figures import COLORS

SCALE = 1.5  # pixels of the page for each point of the figure: 5.6 inches are as wide as the text
NAMES = {code.lower(): f"--still-{name.replace(' ', '-')}" for name, code in COLORS.items()}
INK = re.compile(r"(fill|stroke): (#[0-9a-f]{6})\b(?!; (?:fill-|stroke-)?opacity)", re.I)


def inline(svg, alt, number):
    """The SVG for the page: colours by their names, ids that no other picture has, as large as its words need."""
    svg = re.sub(r'\b(id="|url\(#|href="#)', rf"\1still{number}-", svg)
    svg = INK.sub(lambda m: f"{m[1]}: var({NAMES[m[2].lower()]}, {m[2]})" if m[2].lower() in NAMES else m[0], svg)
    left, top, width, height = re.search(r'viewBox="([^"]*)"', svg)[1].split()
    head = f'<svg class="still" role="img" aria-label="{escape(alt)}" viewBox="{left} {top} {width} {height}"'
    head += f' width="{SCALE * float(width):.0f}" height="{SCALE * float(height):.0f}">'
    return head + svg[svg.index(">") + 1 :]


class InlineStills(SphinxPostTransform):
    default_priority = 5  # when the SVG has been chosen, and before pictures are copied

    def run(self, **kwargs):
        if self.app.builder.format != "html":
            return
        pictures = [n for n in self.document.findall(nodes.image) if n["uri"].endswith(".svg")]
        stills = [n for n in pictures if "jupyter_execute" in n["uri"]]
        for number, image in enumerate(stills, 1):
            text = (Path(self.app.srcdir) / image["uri"]).read_text("utf-8")
            image.replace_self(nodes.raw("", inline(text, image.get("alt", ""), number), format="html"))


def setup(app):
    app.add_post_transform(InlineStills)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
