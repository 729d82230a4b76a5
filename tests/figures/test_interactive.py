import subprocess
import sys

import numpy as np
import pytest

from minicnn.figures import COLORS, ConvolutionExplorer, InteractiveFigure, book_style, show_array
from minicnn.figures.interactive import signed


class Sketch(InteractiveFigure):
    module = "interactive.js"
    title = "A <title>"
    alt = 'A "still" picture'

    def data(self):
        return {"text": "</script>", "x": [1, 2]}

    def picture(self):
        return '<svg xmlns="http://www.w3.org/2000/svg"><text>ü #1 "%"</text></svg>'


def test_output_is_plain_html_with_a_picture_and_no_address():
    bundle = Sketch()._repr_mimebundle_()
    page = bundle["text/html"]
    assert page.count("<script") == page.count("</script>") == 1  # the data cannot close the script
    assert 'aria-label="A &lt;title&gt;"' in page
    assert 'alt="A &quot;still&quot; picture"' in page
    assert "%C3%BC %231 %22%25%22" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/2000/svg", "")
    assert "import " not in page.split("<script")[1].split("//")[0]
    assert bundle["text/plain"].startswith("Sketch: A <title>")


def test_a_module_brings_what_it_imports_once_and_in_order():
    class Large(Sketch):
        module = "lenet.js"

    script = Large().to_html().split("<script")[1]
    names = ["function mountAll", "const LAYERS", "class Painter", "function mount(root"]
    assert [script.count(name) for name in names] == [1] * 4
    assert sorted(names, key=script.index) == names
    assert "import {" not in script
    assert "export " not in script


def test_ids_come_from_the_content_alone():
    image = np.arange(25).reshape(5, 5)
    first, same, other = (ConvolutionExplorer(i) for i in (image, image, image + 1))
    assert first.uid == same.uid != other.uid
    assert first.to_html() == same.to_html()


def test_figure_stays_small():
    page = ConvolutionExplorer(np.arange(64).reshape(8, 8)).to_html()
    assert len(page.encode()) < 48_000


@pytest.mark.patient
def test_importing_figures_is_lazy():
    code = "import sys, minicnn; assert not {'matplotlib', 'minicnn.figures'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(("t", "rgb"), [(0, [255] * 3), (1, [213, 94, 0]), (-1, [0, 114, 178]), (9, [213, 94, 0])])
def test_signed_colours(t, rgb):
    assert signed(t) == rgb


def test_numbers_are_written_in_readable_ink():
    import matplotlib.pyplot as plt

    with book_style():
        _, ax = plt.subplots()
        show_array(ax, [[0, 255], [-1.5, 1 / 3]], vmin=0, vmax=255, box=(0, 0, 1, 2))
    written = [(t.get_text(), t.get_color()) for t in ax.texts]
    assert written == [("0", "white"), ("255", "black"), ("−1.5", "white"), ("0.33", "white")]
    assert COLORS["vermilion"].lower() == "#d55e00"
    plt.close("all")
