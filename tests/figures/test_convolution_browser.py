"""The explorer's JavaScript must arrive at minicnn's numbers, in a real browser."""

import numpy as np
import pytest

import minicnn.functional as F
from minicnn.figures import KERNELS, ConvolutionExplorer

pytestmark = pytest.mark.browser
IMAGE = np.random.default_rng(0).integers(0, 17, (6, 8))


def expected(kernel, flip=False):
    kernel = np.array(kernel, dtype=float)
    weight = kernel[::-1, ::-1].copy() if flip else kernel
    return F.conv2d(IMAGE[None, None].astype(float), weight[None, None])[0, 0]


def shown(text):
    return float(text.replace("\u2212", "-"))


@pytest.fixture(scope="module")
def page(show):
    figure, small = ConvolutionExplorer(IMAGE), ConvolutionExplorer(IMAGE[:3, :3], "blur")
    return show(figure, figure, small, wait_for=".mc-figure[data-ready] svg")


def feature_map(figure):
    texts = figure.locator(".mc-conv-map g text").all_text_contents()
    return np.array([shown(t) for t in texts]).reshape(IMAGE.shape[0] - 2, IMAGE.shape[1] - 2)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("name", KERNELS)
def test_feature_map_agrees_with_conv2d(page, name, flip):
    figure = page.locator(".mc-figure").nth(0)
    figure.get_by_role("button", name=name, exact=True).click()
    figure.get_by_role("checkbox").set_checked(flip)
    figure.get_by_role("button", name="Fill all").click()
    np.testing.assert_allclose(feature_map(figure), expected(KERNELS[name], flip), atol=0.051)  # one decimal shown


def test_own_numbers_and_every_position_by_keyboard(page):
    kernel = np.round(np.random.default_rng(1).normal(size=(3, 3)), 2)
    figure, y = page.locator(".mc-figure").nth(0), expected(kernel)
    figure.get_by_role("checkbox").set_checked(False)
    for box, value in zip(figure.locator("input.mc-input").all(), kernel.flat, strict=True):
        box.fill(str(value))
    window = figure.get_by_role("application")
    window.press("PageUp")
    for i in range(y.shape[0]):
        window.press("Home")
        for j in range(y.shape[1]):
            total = figure.locator(".mc-conv-sum b").inner_text().removeprefix("= ")
            assert shown(total) == pytest.approx(y[i, j], abs=0.0051)
            assert f"i = {i}, j = {j}" in figure.locator(".mc-conv-products .mc-title").inner_text()
            products = [shown(t.removeprefix("= ")) for t in figure.locator(".mc-conv-nine b").all_inner_texts()]
            np.testing.assert_allclose(products, (IMAGE[i : i + 3, j : j + 3] * kernel).ravel(), atol=0.0051)
            window.press("ArrowRight")
        window.press("ArrowDown")


def test_not_a_number_keeps_the_kernel_and_says_so(page):
    figure = page.locator(".mc-figure").nth(2)
    before = figure.locator(".mc-conv-sum b").inner_text()
    box = figure.locator("input.mc-input").first
    for text in ("two", "", "1/0", "1e999"):
        box.fill(text)
        assert box.get_attribute("aria-invalid") == "true"
        assert figure.locator(".mc-conv-sum b").inner_text() == before
    box.fill("1/9")
    assert box.get_attribute("aria-invalid") == "false"


def test_pointer_moves_the_window_and_fills_the_map(page):
    figure = page.locator(".mc-figure").nth(1)  # a second copy of the first figure has its own state
    figure.get_by_role("button", name="Clear").click()
    image = figure.locator(".mc-conv-image svg")
    image.scroll_into_view_if_needed()
    box = image.bounding_box()
    cell = box["width"] / (8 + 10 / 40)
    page.mouse.move(box["x"] + 4.5 * cell, box["y"] + 2.5 * cell)  # centre of the window: row 2, column 4
    page.mouse.down()
    page.mouse.move(box["x"] + 7.9 * cell, box["y"] + 5.9 * cell)  # beyond the edge: stays inside
    page.mouse.up()
    assert "i = 3, j = 5" in figure.locator(".mc-conv-products .mc-title").inner_text()
    assert "3 of 24" in figure.locator(".mc-conv-map svg").get_attribute("aria-label")
    assert "row 3, column 5" in figure.get_by_role("application").get_attribute("aria-label")


def test_nothing_sticks_out_on_a_phone(page):
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_in_both_themes(page, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    found = axe.run(page, context=".mc-figure").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
