"""The explorer's JavaScript must arrive at minicnn's numbers, in a real browser."""

import numpy as np
import pytest

import minicnn.functional as F
from minicnn.figures import GradientExplorer
from minicnn.figures.gradients import DY, W, X

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(show):
    return show(GradientExplorer(), wait_for=".mc-grad")


def number(text):
    return int(text.replace("\u2212", "-"))


def press(page, group, name):
    page.get_by_role("group", name=group, exact=True).get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 1])
def test_the_sum_along_the_paths_is_the_library_s_gradient(page, stride, padding):
    press(page, "Stride", str(stride))
    press(page, "Padding", str(padding))
    press(page, "dy", "mixed")
    x, w = np.array([[X]], float), np.array([[W]], float)
    y, vjp = F.conv2d_vjp(x, w, stride=stride, padding=padding)
    dx, dw = vjp(np.array(DY, float)[None, None, : y.shape[2], : y.shape[3]].copy())[:2]
    for name, array in [("y", y), ("dw", dw), ("dx", dx)]:
        for (i, j), right in np.ndenumerate(array[0, 0]):
            page.evaluate(f"document.querySelector('[aria-label^=\"{name} row {i}, column {j}:\"]').click()")
            assert number(page.locator(".mc-grad-sum b").inner_text().removeprefix("= ")) == right
            terms = page.locator(".mc-grad-sum span").all_text_contents()
            numbers = page.locator(".mc-grad-cell small").all_text_contents()
            assert sorted(map(int, numbers)) == sorted([*range(1, len(terms) + 1)] * 2)  # a place in each factor
        cells = page.locator(f'[data-name="{name}"] button').evaluate_all("b => b.map(c => c.lastChild.textContent)")
        np.testing.assert_array_equal([number(c) for c in cells], array.ravel())


def test_the_numbers_run_backward_in_w_for_dx_and_forward_for_dw(page):
    press(page, "Stride", "1")
    press(page, "Padding", "0")
    page.locator('[data-name="dx"] button').nth(12).click()

    def order(name):
        return [int(n) for n in page.locator(f'[data-name="{name}"] small').all_text_contents()]

    assert order("dy") == list(range(1, 10))
    assert order("w") == list(range(9, 0, -1))
    page.locator('[data-name="dw"] button').first.click()
    assert order("dy") == order("x") == list(range(1, 10))


def test_arrow_keys_move_and_stop_at_the_edge(page):
    page.locator('[data-name="dx"] button').nth(12).click()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.ariaLabel").startswith("dx row 3, column 4:")
    page.keyboard.press("Home")
    assert page.locator(".mc-grad-sum strong").inner_text() == "dx[3, 0]"
    assert "dx, row 3, column 0:" in page.locator("[aria-live]").text_content()


def test_tab_then_arrow_starts_at_the_first_square_of_another_grid(page):
    page.locator('[data-name="dx"] button').nth(12).click()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel").startswith("dw row 0, column 0:")
    page.keyboard.press("ArrowRight")
    assert page.locator(".mc-grad-sum strong").inner_text() == "dw[0, 1]"


def test_a_corner_has_one_path(page):
    press(page, "Stride", "2")
    press(page, "Padding", "0")
    press(page, "dy", "a single 1")
    page.locator('[data-name="dx"] button').last.click()
    assert page.locator(".mc-note").inner_text() == "One path only."


def test_nothing_sticks_out_on_a_phone(page):
    press(page, "Stride", "1")
    press(page, "Padding", "1")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_in_both_themes(page, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    found = axe.run(page, context=".mc-figure").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
