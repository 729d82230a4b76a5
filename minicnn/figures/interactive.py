"""Figures that the reader can touch: HTML and JavaScript in the output itself, no kernel, no network.

A figure is a Python class and an ES module of the same base name. Python computes the data and draws a still
picture; the module's `mount(root, data)` builds the live figure inside `root`. What all figures share, the
helpers (interactive.js) and the look (interactive.css), is put inline with each of them, so that an output
stands alone: in the static page, also from ``file://``, in JupyterLab, VS Code and Binder.
"""

import html
import json
import re
import urllib.parse
import uuid
from importlib import resources

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "minicnn.figures")


class InteractiveFigure:
    """Base class. A subclass sets `module`, `title` and `alt`, and defines `data()` and `picture()`.

    Attributes
    ----------
    module : str
        File name of the ES module in minicnn/figures/, which exports `mount(root, data)`.
    title : str
        Names the figure for screen readers.
    alt : str
        Describes the still picture.
    """

    module = ""
    title = ""
    alt = ""

    def data(self):
        """What the module needs, a dict for JSON. Round computed floats: the text must suit every CPU."""
        raise NotImplementedError

    def picture(self):
        """The still picture, as SVG text: shown until the script runs, and for good where it may not."""
        raise NotImplementedError

    @property
    def uid(self):
        """An id made from the content; the same on every machine and in every run."""
        return "mc-" + str(uuid.uuid5(_NAMESPACE, self.module + _to_json(self.data())))[:13]

    def to_html(self):
        """The whole figure as one piece of HTML."""
        picture = urllib.parse.quote(self.picture(), safe=" =:/'(),;{}.")
        uid, title = self.uid, html.escape(self.title)
        return (
            f"<style>{_read('interactive.css')}</style>\n"
            f'<div class="mc-figure" role="group" aria-label="{title}" data-mc="{uid}">'
            f'<img src="data:image/svg+xml,{picture}" alt="{html.escape(self.alt)}"></div>\n'
            f'<script type="module">\n{_bundle("interactive.js", self.module)}\n'
            f'mountAll("{uid}", {_to_json(self.data())}, mount);\n</script>'
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), "text/html": self.to_html()}

    def __repr__(self):
        return f"{type(self).__name__}: {self.title}. {self.alt}"


def signed(t):
    """Colour of t in −1..1 as [red, green, blue]: blue below zero, white at zero, vermilion above."""
    end = (0, 114, 178) if t < 0 else (213, 94, 0)
    return [round(255 + (c - 255) * min(abs(t), 1)) for c in end]


def _read(name):
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8").strip()


def _bundle(*names):
    """ES modules and all that they import, each once, as one plain script."""
    texts = {}

    def add(name):
        text = _read(name)
        for other in re.findall(r'^import .*? from "\./(.*?)";$', text, flags=re.M | re.S):
            if other not in texts:
                add(other)
        texts[name] = _plain(text)

    for name in names:
        add(name)
    return "\n".join(texts.values())


def _plain(text):
    """An ES module without `import`, `export`, lines of comment and indents."""
    text = re.sub(r"^import .*?;\n|^export (?=function|const|class|async)", "", text, flags=re.M | re.S)
    return re.sub(r"^ *(//.*|/\*\*.*\*/)\n|^ +", "", text, flags=re.M)


def _to_json(data):
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
