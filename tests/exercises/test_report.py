"""What a report looks like: plain in a terminal; in a notebook HTML that everybody can read."""

import pytest
from browser import new_page
from bs4 import BeautifulSoup

from minicnn.exercises import check
from minicnn.exercises.chapters.ch02_convolution.forward import conv2d
from minicnn.exercises.chapters.ch09_backpropagation.backward import conv2d_dx


def padded_last(x, w):
    y = conv2d(x, w)
    y[-1, -1] += 5
    print("<b>look</b>", y.shape)
    return y


def raises(x, w):
    raise ValueError("<script>alert(1)</script>")


def test_a_failing_case_is_shown_with_its_numbers():
    text = repr(check("conv2d_forward", padded_last))
    assert text.startswith(
        """\
Slide the window (`conv2d_forward`): 0 of 4 points.
  ✗ A square kernel (0 of 2 points)
      1 of 9 numbers is wrong; the largest difference is 5.
      In the call conv2d(x, w) with
      x:
"""
    )
    assert (
        """\
      expected:
         −9   1  −9
          7  12   4
         17  −5  20
      got:
         −9   1  −9
          7  12   4
         17  −5 [25]
      your code printed
        <b>look</b> (3, 3)
"""
        in text
    )
    assert text.endswith('`hint("conv2d_forward")` gives a hint.')


def test_the_plane_with_the_first_wrong_number_is_shown():
    def wrong(dy, w, H, W, stride=1):
        dx = conv2d_dx(dy, w, H, W, stride)
        dx[1:, 1:] = 0  # nothing, where there is one image
        return dx

    text = repr(check("conv2d_input_gradient", wrong))
    assert "expected[1, 1, :, :]:" in text
    assert "got[1, 1, :, :]:" in text
    assert all(f"      dy[{n}, {o}]:\n" in text for n in range(2) for o in range(3))  # few planes: all are shown


def test_inputs_of_the_failing_case_can_be_tried_again():
    report = check("conv2d_forward", padded_last)
    assert report.inputs["x"].shape == (5, 5)
    assert check("conv2d_forward", conv2d).inputs == {}


def test_html_says_the_same_and_is_safe():
    page = check("conv2d_forward", padded_last).to_html() + check("conv2d_forward", raises).to_html()
    soup = BeautifulSoup(page, "html.parser")
    assert soup.find(["script", "link", "img"]) is None
    assert "http" not in page
    assert [c.text for c in soup.find_all("caption")][:4] == ["x", "w", "expected", "got"]
    assert [td.text for td in soup.select("td.mc-wrong")] == ["25 differs"]
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;look" in page
    assert soup.select_one(".mc-check")["aria-label"] == "Check of conv2d_forward"
    assert "✗" in soup.select_one("[aria-hidden=true]").text
    assert "not yet" in soup.li.text


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_in_both_themes(browser, theme):
    reports = [
        check("conv2d_forward", padded_last, hint=2),
        check("conv2d_forward", conv2d),
        check("conv2d_forward", raises),
        check("output_size", {"28 wide, kernel 5": 23}),
        check("shifted_cat", "a"),
    ]
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = new_page(browser, viewport={"width": 390, "height": 900})
    body = "".join(r.to_html() for r in reports)
    style = "<style>html[data-theme=dark] body { background: #14181e } body { margin: 0 }</style>"
    page.set_content(f'<!doctype html><html lang="en" data-theme="{theme}"><title>t</title>{style}<main>{body}</main>')
    found = axe.run(page, context=".mc-check").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()
