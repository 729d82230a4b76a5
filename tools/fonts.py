"""Make the book's two typefaces, subset for the web: book/_static/fonts/*.woff2.

Run it again when the book needs one more letter:

pip install fonttools brotli fontpkg-source-serif-4 fontpkg-source-code-pro
python tools/fonts.py

Both are Adobe's, under the SIL Open Font License. It reserves the name "Source", so what is cut out gets another name.
"""

import io
import shutil
from importlib.resources import files
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

OUT = Path(__file__).parents[1] / "book/_static/fonts"
LATIN = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180)]))
GREEK = "ΑΒΓΔΕΖΗΘΛΠΣΦΨΩαβγδεζηθικλμνξοπρστυφχψω"
SIGNS = "‐–—‘’“”„†‡•…′″⁰⁴⁵⁶⁷⁸⁹ⁿ₀₁₂₃₄₅₆₇₈₉€←↑→↓∂∏∑−√∞∫≈≠≤≥✓"
BOXES = "".join(map(chr, range(0x2500, 0x2580)))

FONTS = {  # file: (package, axes that stay or are fixed, letters)
    "text": ("source_serif_4/SourceSerif4[opsz,wght]", {"wght": (400, 700), "opsz": 14}, LATIN + GREEK + SIGNS),
    "text-italic": ("source_serif_4/SourceSerif4-Italic[opsz,wght]", {"wght": 400, "opsz": 14}, LATIN + GREEK + SIGNS),
    "title": ("source_serif_4/SourceSerif4[opsz,wght]", {"wght": 600, "opsz": 40}, LATIN[:191]),
    "code": ("source_code_pro/SourceCodePro[wght]", {"wght": (400, 700)}, LATIN[:191] + GREEK + SIGNS + BOXES),
}


def cut(font, letters):
    """The font with these letters only, without hints, its figures in all their shapes kept."""
    options = subset.Options(hinting=False, flavor="woff2")
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "onum", "lnum", "tnum", "pnum"]
    cutter = subset.Subsetter(options)
    cutter.populate(text=letters)
    cutter.subset(font)


def rename(font, family):
    for record in [r for r in font["name"].names if r.nameID in (1, 3, 4, 6, 16, 21, 25)]:
        font["name"].setName(family.replace(" ", "") if record.nameID in (6, 25) else family, record.nameID,
                             record.platformID, record.platEncID, record.langID)  # fmt: skip


def main():
    OUT.mkdir(exist_ok=True)
    for name, (source, axes, letters) in FONTS.items():
        package, file = source.split("/")
        folder = files(f"fontpkg_{package}")
        font = instantiateVariableFont(TTFont(folder / "files" / f"{file}.ttf"), axes)
        whole = io.BytesIO()
        font.save(whole)  # the subsetter wants the tables as they are in a file
        font = TTFont(io.BytesIO(whole.getvalue()))
        cut(font, letters)
        rename(font, f"minicnn {name}")
        font.flavor = "woff2"
        font.save(OUT / f"{name}.woff2")
        shutil.copy(folder / "LICENSE", OUT / f"LICENSE-{'code' if name == 'code' else 'text'}.txt")
        print(f"{name:12} {(OUT / f'{name}.woff2').stat().st_size / 1000:5.1f} kB")


if __name__ == "__main__":
    main()
