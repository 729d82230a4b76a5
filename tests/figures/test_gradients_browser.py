"""The explorer's JavaScript must arrive at minicnn's numbers, in a real browser."""

import numpy as np
import pytest

import minicnn.functional as F
from minicnn.figures import GradientExplorer
from minicnn.figures.gradients import DY, W, X

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(show):
    page = show(GradientExplorer(), GradientExplorer(), wait_for=".mc-figure:nth-of-type(2) .mc-grad")
    page.set_default_timeout(10_000)
    return page


@pytest.fixture
def figure(page):
    """The first of the two, as it was in the beginning."""
    figure = page.locator(".mc-figure").first
    for group, name in [("Stride", "1"), ("Padding", "0"), ("dy", "mixed")]:
        press(figure, group, name)
    cell(figure, "dx", 2, 2).click()
    page.mouse.move(0, 0)
    return figure


def cell(figure, name, row, column):
    return figure.locator(f'[data-name="{name}"] [role="row"]').nth(row).locator("button").nth(column)


def number(text):
    return int(text.replace("\u2212", "-"))


def press(page, group, name):
    page.get_by_role("group", name=group, exact=True).get_by_role("button", name=name, exact=True).click()


def right_numbers(stride, padding):
    """x, w, y, dy, dx, dw as minicnn finds them."""
    x, w = np.array([[X]], float), np.array([[W]], float)
    y, vjp = F.conv2d_vjp(x, w, stride=stride, padding=padding)
    dy = np.array(DY, float)[None, None, : y.shape[2], : y.shape[3]].copy()
    dx, dw = vjp(dy)[:2]
    return {name: array[0, 0] for name, array in dict(x=x, w=w, y=y, dy=dy, dx=dx, dw=dw).items()}


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 1])
def test_the_sum_along_the_paths_is_the_library_s_gradient(figure, stride, padding):
    press(figure, "Stride", str(stride))
    press(figure, "Padding", str(padding))
    arrays = right_numbers(stride, padding)
    for name in ("y", "dw", "dx"):
        for (i, j), right in np.ndenumerate(arrays[name]):
            cell(figure, name, i, j).evaluate("cell => cell.click()")
            assert number(figure.locator(".mc-grad-sum b").inner_text().removeprefix("= ")) == right
            terms = figure.locator(".mc-grad-sum [data-n]").count()
            numbers = figure.locator(".mc-grad-cell[data-n]").evaluate_all("cells => cells.map(c => +c.dataset.n)")
            assert sorted(numbers) == sorted([*range(1, terms + 1)] * 2)  # a place in each factor
        cells = figure.locator(f'[data-name="{name}"] button').all_text_contents()
        np.testing.assert_array_equal([number(c) for c in cells], arrays[name].ravel())


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize(("start", "routes"), [("x", ["wy"]), ("w", ["xy"]), ("dy", ["wdx", "xdw"])])
def test_what_goes_out_of_all_numbers_adds_up_to_what_they_lead_to(figure, stride, padding, start, routes):
    press(figure, "Stride", str(stride))
    press(figure, "Padding", str(padding))
    arrays = right_numbers(stride, padding)
    received = {route: np.zeros_like(arrays[route[1:]]) for route in routes}
    for i, j in np.ndindex(arrays[start].shape):
        cell(figure, start, i, j).evaluate("cell => cell.click()")
        for route, line in zip(routes, figure.locator(".mc-grad-sum > div").all(), strict=True):
            for label in line.locator("[data-n]").evaluate_all("terms => terms.map(t => t.ariaLabel)"):
                # path 3: dx row 1, column 2 gets 2 × (−1)
                place, product = label.split(f": {route[1:]} row ")[1].split(" gets ")
                a, b = (number(v) for v in product.split(" × "))
                received[route][tuple(int(v) for v in place.split(", column "))] += a * b
    for route, total in received.items():
        np.testing.assert_array_equal(total, arrays[route[1:]])


def test_the_numbers_run_backward_in_w_for_dx_and_forward_for_dw(figure):
    def order(name):
        return figure.locator(f'[data-name="{name}"] [data-n]').evaluate_all("cells => cells.map(c => +c.dataset.n)")

    assert order("dy") == list(range(1, 10))
    assert order("w") == list(range(9, 0, -1))
    cell(figure, "dw", 0, 0).click()
    assert order("dy") == order("x") == list(range(1, 10))


def test_numbers_of_paths_are_not_in_the_text(figure):
    expected = "dx[2, 2] = sum of dy × w = 1×(−2) + 0×0 + (−1)×2 + 2×(−1) + 1×1 + 0×0 + 0×0 + (−2)×2 + 1×1 = −8"
    copied = figure.page.evaluate(
        """sum => { getSelection().selectAllChildren(sum); return getSelection().toString(); }""",
        figure.locator(".mc-grad-sum").element_handle(),
    )
    assert copied == figure.locator(".mc-grad-sum").text_content() == expected
    assert cell(figure, "dy", 0, 0).text_content() == "1"


def lit(figure):
    return figure.locator(".mc-hit").evaluate_all(
        "nodes => nodes.map(n => [n.parentNode.closest('[data-name]')?.dataset.name, +n.dataset.n])"
    )


def test_terms_squares_and_arrows_show_the_same_path(page, figure):
    for target in (
        figure.locator(".mc-grad-sum [data-n]").nth(3),
        figure.locator('[data-name="w"] [data-n="4"]'),
        figure.locator('[data-name="dy"] [data-n="4"]'),
    ):
        target.hover()
        assert sorted(map(str, lit(figure))) == sorted(map(str, [["w", 4], ["dy", 4], [None, 4], [None, 4]]))
        step = figure.locator(".mc-grad-step").inner_text()
        assert step == "Path 4: dy[1, 0] × w[1, 2] = 2×(−1) = −2; so far −6."
        page.mouse.move(0, 0)
        assert lit(figure) == []
    figure.locator(".mc-grad-sum [data-n]").first.focus()
    page.keyboard.press("ArrowRight")
    assert {n for _, n in lit(figure)} == {2}
    page.keyboard.press("Enter")  # pins it
    cell(figure, "dw", 0, 0).focus()
    assert {n for _, n in lit(figure)} == {2}
    assert figure.locator(".mc-grad-sum [aria-pressed=true]").count() == 1


def test_arrows_begin_and_end_beside_the_squares_of_their_path(figure):
    where = """(svg) => { const box = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('g')].map(g => [...g.querySelectorAll('path:not(.mc-head)')].flatMap(p =>
            [0, p.getTotalLength()].map(t => p.getPointAtLength(t)).map(q => [q.x + box.left, q.y + box.top])));
    }"""
    for (a, b, c, d), n in zip(figure.locator(".mc-grad-arrows").evaluate(where), range(1, 10), strict=True):
        for (x, y), name in ((a, "dy"), (b, "w"), (c, "w"), (d, "dx")):
            square = figure.locator(
                f'[data-name="{name}"] ' + (f'[data-n="{n}"]' if name != "dx" else "[aria-selected=true]")
            )
            box = square.bounding_box()
            away = np.hypot(x - box["x"] - box["width"] / 2, y - box["y"] - box["height"] / 2)
            assert abs(away - box["width"] / 2) < 3


def test_all_paths_are_played_with_a_pause(browser, page):
    own = browser.new_page()
    own.goto(page.url)
    own.clock.install(time=0)
    own.clock.pause_at(1000)  # time goes on where the test says so
    button, step = own.locator(".mc-grad-top button").first, own.locator(".mc-grad-step").first
    assert button.inner_text() == "Play all paths"
    button.click()
    assert step.inner_text().startswith("Path 1: ")
    own.clock.run_for(1000)
    assert step.inner_text().startswith("Path 2: ")
    button.click()
    own.clock.run_for(5000)
    assert step.inner_text().startswith("Path 2: ")
    button.click()
    assert step.inner_text().startswith("Path 3: ")
    own.clock.run_for(6000)
    assert step.inner_text() == "Path 9: dy[2, 2] × w[0, 0] = 1×1 = 1; so far −8."
    assert button.inner_text() == "Pause"
    own.clock.run_for(1000)
    assert (step.inner_text(), button.inner_text()) == ("", "Play all paths")
    own.close()


def test_in_calm_each_press_shows_the_next_path(browser, page):
    calm = browser.new_page(reduced_motion="reduce")
    calm.goto(page.url)
    button = calm.get_by_role("button", name="Next path").first
    for n in range(1, 10):
        button.click()
        assert calm.locator(".mc-grad-step").first.inner_text().startswith(f"Path {n}: ")
    button.click()
    assert calm.locator(".mc-grad-step").first.inner_text() == ""
    calm.close()


def test_arrow_keys_move_and_stop_at_the_edge(page, figure):
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.ariaLabel").startswith("dx row 3, column 4:")
    page.keyboard.press("Home")
    assert figure.locator(".mc-grad-sum strong").inner_text() == "dx[3, 0]"
    assert "dx, row 3, column 0: 2 paths, sum 4." in figure.locator("[aria-live]").text_content()


def test_tab_then_arrow_starts_at_the_first_square_of_another_grid(page, figure):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel").startswith("w row 0, column 0:")
    page.keyboard.press("ArrowRight")
    assert figure.locator(".mc-grad-sum strong").inner_text() == "w[0, 1]"


def test_a_corner_has_one_path(figure):
    press(figure, "Stride", "2")
    press(figure, "dy", "a single 1")
    cell(figure, "dx", 4, 4).click()
    assert figure.locator(".mc-note").inner_text() == "1 path."
    assert ": 1 path, sum " in figure.locator("[aria-live]").text_content()


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_sticks_out_on_a_phone(page, figure, width):
    press(figure, "Padding", "1")
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    card = figure.bounding_box()
    right = figure.locator(".mc-grad-cell").evaluate_all(
        "cells => Math.max(...cells.map(c => c.getBoundingClientRect().right))"
    )
    assert right < card["x"] + card["width"] - 10
    page.set_viewport_size({"width": 390, "height": 900})


def test_what_is_chosen_can_be_told_in_forced_colours(page, figure):
    page.emulate_media(forced_colors="active")
    look = (
        "nodes => nodes.map(n => { const s = getComputedStyle(n); return [s.backgroundColor, s.borderStyle].join(); })"
    )
    pressed = [figure.locator(f".mc-button[aria-pressed={on}]").evaluate_all(look) for on in ("true", "false")]
    marked = [
        figure.locator(f".mc-grad-cell{on}").evaluate_all(look)
        for on in ("[data-n]", "[aria-selected=true]", ":not([data-n], [aria-selected=true])")
    ]
    page.emulate_media(forced_colors="none")
    for groups in (pressed, marked):
        assert all(groups)
        assert sum(len(set(group)) for group in groups) == len(
            set().union(*groups)
        )  # none looks like one of another group


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_in_both_themes(page, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    found = axe.run(page, context=".mc-figure").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
