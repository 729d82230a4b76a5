"""The finished page carries what it needs and nothing else: icons of its own, formulas for every browser."""

import html
import re
import shutil
from pathlib import Path

import imagesize
from latex2mathml.converter import convert

ICONS = {  # drawn on 16 × 16, with lines 1.5 wide
    "bars": "M2 4h12M2 8h12M2 12h12",
    "list": "M6 4h8M6 8h8M6 12h8M2 4h1M2 8h1M2 12h1",
    "magnifying-glass": "M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9M10.3 10.3l3.7 3.7",
    "arrow-up": "M8 13.5v-11M3.5 7l4.5-4.5l4.5 4.5",
    "chevron-down": "M3.5 6l4.5 4.5l4.5-4.5",
    "angle-left": "M10 3l-5 5l5 5",
    "angle-right": "M6 3l5 5l-5 5",
    "rocket": "M8 1.5c2.5 2 3.5 4.5 3.5 7.5l-1 2.5h-5l-1-2.5c0-3 1-5.5 3.5-7.5z"
    "M4.6 8.5l-2.1 2.5v2l3-1.5M11.4 8.5l2.1 2.5v2l-3-1.5M8 5.3a1.2 1.2 0 1 0 0 2.4a1.2 1.2 0 0 0 0-2.4M8 13.2v1.8",
    "github": "M5.5 2l-4 6l4 6M10.5 2l4 6l-4 6",  # the source
    "lightbulb": "M2 2.5h12v8.5h-6l-3 3v-3h-3z",  # say something
    "download": "M8 2v8.5M4 7l4 4l4-4M2.5 14h11",
    "file": "M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3",
    "file-pdf": "M4.5 6v-4h7v4M4.5 12h-2.5v-6h12v6h-2.5M4.5 9.5h7v5h-7z",  # print
    "sun": "M8 5a3 3 0 1 0 0 6a3 3 0 0 0 0-6M8 1v1.5M8 13.5v1.5M1 8h1.5M13.5 8h1.5M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1",
    "moon": "M13.5 9.5a6 6 0 1 1-7-7a5 5 0 0 0 7 7z",
    "circle-half-stroke": "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 2.5v11M6.7 3v10M5.4 3.5v9M4.2 4.5v7M3.2 6v4",
}
FONT_AWESOME = re.compile(r'<(i|span) class="([^"]*?)\bfa[srb]?(?:-solid|-brands)? fa-([a-z-]+)([^"]*)"([^>]*)></\1>')


def icon(match):
    _, before, name, after, attributes = match.groups()
    if name not in ICONS:
        raise ValueError(f"The theme shows the icon {name!r}; draw it in ICONS of book/_ext/minicnn_page.py.")
    classes = " ".join(f"{before} {after}".replace("fa-lg", "").split())
    attributes = re.sub(r' title="[^"]*"', "", attributes)
    drawing = f'viewBox="0 0 16 16" aria-hidden="true"><path d="{ICONS[name]}"/></svg>'
    return f'<svg class="{f"icon {classes}".strip()}"{attributes} {drawing}'


def leave_out(app, pagename, templatename, context, doctree):
    """No engine for formulas where there are none."""
    formulas = 'class="math' in context.get("body", "")
    unwanted = [] if formulas else ["mathjax", "window.MathJax"]
    scripts = context.get("script_files", [])
    context["script_files"] = [s for s in scripts if not any(word in _text(s) for word in unwanted)]


def _text(script):
    return f"{script} {getattr(script, 'filename', '')} {getattr(script, 'attributes', '')}"


def finish(app, exception):
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for path in out.rglob("*.html"):
        if "_static" not in path.parts:
            text = path.read_text("utf-8")
            new = improve(text, path)
            if new != text:
                path.write_text(new, "utf-8")
    static = out / "_static"
    shutil.rmtree(static / "vendor/fontawesome", ignore_errors=True)
    for useless in [static / "scripts/fontawesome.js", *static.rglob("*.map")]:
        useless.unlink(missing_ok=True)


def improve(text, path):
    text = FONT_AWESOME.sub(icon, text)
    text = re.sub(r"\s*<!-- So that users can add custom icons -->\s*<script [^>]*fontawesome[^>]*></script>", "", text)
    text = re.sub(r'(<meta name="viewport"[^>]*>)(?=.*<meta name="viewport")', "", text, flags=re.S)
    text = re.sub(r"<title>(.*) &#8212; \1</title>", r"<title>\1</title>", text)
    search = r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js"></script>'
    if path.stem == "search":
        ours = "".join(f'\n<script src="_static/{name}.js"></script>' for name in ("searchtexts", "search"))
        text = re.sub(search, lambda match: ours + match[0], text, count=1)
    else:
        text = re.sub(search, "", text)
    text = re.sub(r' role="doc-biblioentry"', "", text)
    text = re.sub(r'<th class="head[^"]*">(?:<p></p>)?</th>', "<td></td>", text)  # the corner of a table
    text = text.replace(
        '<div id="pst-primary-sidebar"', '<div id="pst-primary-sidebar" role="navigation" aria-label="Book"'
    )
    text = re.sub(r'<(span|div) class="math [^>]*>(.*?)</\1>', formula, text, flags=re.S)
    if "<math" in text:
        style = "<noscript><style>.math { display: none !important }</style></noscript>"
        text = text.replace("</head>", f"{style}\n</head>", 1)
    text = re.sub(r'<img [^>]*src="[^"]*_images/[^>]*>', lambda m: picture(m[0], path), text)
    text = re.sub(r'(<h1><span class="section-number">)(\d+)\. ', r"\1Chapter \2<span class='sr-only'>: </span>", text)
    return text


def formula(match):
    """Without JavaScript, which typesets formulas, the browser's own MathML is shown instead of the TeX."""
    tex = html.unescape(re.sub('<span class="eqno".*?</span>|<[^>]*>', "", match[2], flags=re.S)).strip()
    kind = "inline" if match[1] == "span" else "block"
    return f"{match[0]}<noscript>{convert(tex[2:-2], display=kind)}</noscript>"  # without \( \) or \[ \]


def picture(tag, path):
    """Pictures come as they are scrolled to; their place is kept free until then."""
    size = imagesize.get(path.parent / re.search('src="([^"]*)"', tag)[1])
    return tag if "loading=" in tag else f'<img loading="lazy" width="{size[0]}" height="{size[1]}" {tag[5:]}'


def setup(app):
    app.connect("html-page-context", leave_out, priority=950)
    app.connect("build-finished", finish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
