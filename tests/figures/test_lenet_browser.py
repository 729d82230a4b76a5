"""LeNet-5 in the page's JavaScript must arrive at minicnn's numbers, whatever is done to the digit, in a browser."""

import re

import numpy as np
import pytest

import minicnn.functional as F
from minicnn import data, models
from minicnn.figures import LeNetExplorer

pytestmark = pytest.mark.browser
MEAN, STD = 0.3, 0.4
CLOSE = 0.00051  # what one decimal of a percentage hides
LAYERS = ["c1", "s2", "c3", "s4", "f5", "f6", "out"]


@pytest.fixture(scope="module")
def figure():
    model = models.LeNet5(rng=np.random.default_rng(0))
    model.fc3.weight.data *= 30  # so that the probabilities differ
    return LeNetExplorer(model, *data.digits(size=32)[:3], mean=MEAN, std=STD)


@pytest.fixture(scope="module")
def opened(show, figure):
    page = show(figure, wait_for=".mc-figure[data-ready] canvas")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.wait_for_selector(".mc-wide")
    return page


@pytest.fixture
def page(opened):
    """As it is after a click on the first digit, with the mouse elsewhere, and no unit held."""
    opened.locator(".mc-picks button").first.click()
    opened.keyboard.press("Escape")
    opened.mouse.move(0, 0)
    if area(opened, "x").evaluate("a => a.closest('.mc-lenet').querySelector('.mc-why button').ariaPressed") == "true":
        opened.locator(".mc-why button").click()
    return opened


def area(page, layer):
    return page.locator(f".mc-area-{layer}")


def point(page, layer, across, down):
    box = area(page, layer).bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def drag(page, *points):
    """Over the input; points are (across, down) in pixels of the digit."""
    (x, y), *rest = [point(page, "x", across / 32, down / 32) for across, down in points]
    page.mouse.move(x, y)
    page.mouse.down()
    for x, y in rest:
        page.mouse.move(x, y)
    page.mouse.up()


def expected(figure, pixels):
    scores = figure.model(
        (np.asarray(pixels, np.float32).reshape(1, 1, 32, 32) - np.float32(MEAN)) / np.float32(STD)
    ).data
    return F.softmax(scores, 1)[0]


def probabilities(page):
    texts = page.locator(".mc-bar em").all_text_contents()
    return np.array([float(t.removesuffix(" %")) for t in texts]) / 100


def shown(text):
    return float(text.replace("\u2212", "-"))


def unit(area):
    """Map, row, column and value that a layer's label speaks of."""
    label = area.get_attribute("aria-label")
    place = re.search(r"(?:map|unit|digit) (\d+)(?:, row (\d+), column (\d+))?.*: (\S+)\. Arrow", label)
    return *(int(n or 0) for n in place.groups()[:3]), shown(place[4])


def steps(model, x):
    """All that each layer makes of one input (1, 1, 32, 32)."""
    c1 = F.relu(model.conv1(x)).data
    s2 = F.avg_pool2d(c1, 2)
    c3 = F.relu(model.conv2(s2)).data
    s4 = F.avg_pool2d(c3, 2)
    f5 = F.relu(model.fc1(F.flatten(s4, 1))).data
    f6 = F.relu(model.fc2(f5)).data
    out = model.fc3(f6).data
    return c1[0], s2[0], c3[0], s4[0], f5[0, :, None, None], f6[0, :, None, None], out[0, :, None, None]


def brush(*centres):
    """Ink of the pen around [y, x]: all of it within 0.2 pixels, none 4.2 pixels away."""
    middle = np.arange(32) + 0.5
    inks = [(4.2 - np.hypot(middle[:, None] - y, middle - x)) / 4 for y, x in centres]
    return np.max(inks, axis=0).clip(0, 1)


def test_probabilities_agree_for_every_digit(page, figure):
    for k, button in enumerate(page.locator(".mc-picks button").all()):
        button.click()
        np.testing.assert_allclose(probabilities(page), figure.probabilities[k], atol=CLOSE)


def test_a_digit_dragged_by_the_mouse_is_read_like_a_moved_image(page, figure):
    drag(page, (16, 16), (17.4, 15), (19, 14))
    moved = np.zeros((32, 32))
    moved[:-2, 3:] = figure.images[0, 0, 2:, :-3]
    np.testing.assert_allclose(probabilities(page), expected(figure, moved), atol=CLOSE)
    assert page.locator(".mc-say span").inner_text() == "Moved 2 up and 3 to the right."
    page.mouse.move(*point(page, "x", 0.1, 0.9))  # let go: it stays
    np.testing.assert_allclose(probabilities(page), expected(figure, moved), atol=CLOSE)


def test_a_drag_goes_on_outside_of_the_input(page):
    drag(page, (16, 16), (30, 16), (36, 16))
    assert page.locator(".mc-say span").inner_text() == "Moved 20 to the right."


def test_keys_and_buttons_move_the_digit_and_home_puts_it_back(page, figure):
    for key in ["ArrowLeft"] * 3 + ["ArrowDown"]:
        area(page, "x").press(key)
    page.get_by_role("button", name="move the digit down").click()
    moved = np.zeros((32, 32))
    moved[2:, :-3] = figure.images[0, 0, :-2, 3:]
    np.testing.assert_allclose(probabilities(page), expected(figure, moved), atol=CLOSE)
    area(page, "x").press("Home")
    np.testing.assert_allclose(probabilities(page), figure.probabilities[0], atol=CLOSE)


def test_a_digit_drawn_with_keys_or_mouse_is_read_like_the_same_image(page, figure):
    page.get_by_role("button", name="Clear").click()
    np.testing.assert_allclose(probabilities(page), expected(figure, np.zeros((32, 32))), atol=CLOSE)
    area(page, "x").press("Enter")  # the pen is down, in the middle
    for key in ["ArrowDown"] * 6 + ["ArrowRight"] * 2:
        area(page, "x").press(key)
    area(page, "x").press(" ")
    area(page, "x").press("ArrowUp")
    drawn = brush(*[(y, 16) for y in np.arange(16, 22.1, 0.5)], *[(22, x) for x in (16.5, 17, 17.5, 18)])
    np.testing.assert_allclose(probabilities(page), expected(figure, drawn), atol=CLOSE)
    assert page.locator(".mc-say b").inner_text().startswith("Your drawing, read as ")

    page.get_by_role("button", name="Clear").click()
    drag(page, (16, 16), (16, 22), (18, 22))
    np.testing.assert_allclose(
        probabilities(page), expected(figure, drawn), atol=0.005
    )  # the mouse stands on whole pixels


def test_the_rubber_takes_ink_away(page, figure):
    page.get_by_role("button", name="Erase").click()
    drag(page, (8, 8), (8, 8))
    np.testing.assert_allclose(
        probabilities(page), expected(figure, np.minimum(figure.images[0, 0], 1 - brush((8, 8)))), atol=0.005
    )


def test_units_of_every_layer_agree_and_the_sum_below_is_the_unit(page, figure):
    for name, truth in zip(LAYERS, steps(figure.model, figure.inputs[:1]), strict=True):
        layer = area(page, name)
        layer.focus()
        layer.press("PageUp")
        layer.press("Home")
        assert unit(layer)[:3] == (0, 0, 0)
        for key in ["ArrowRight"] * 4 + ["ArrowDown"] * 3 + ["End", "PageDown", "ArrowLeft", "ArrowUp"]:
            layer.press(key)
            map_, row, column, value = unit(layer)
            assert value == pytest.approx(truth[map_, row, column], abs=0.0051)
            total = shown(page.locator(".mc-sum b").inner_text())
            assert (total if name == "out" else max(total, 0)) == pytest.approx(value, abs=0.0051)


def test_pointing_shows_a_click_holds_and_escape_frees(page):
    title = page.locator(".mc-title")
    page.mouse.move(*point(page, "c1", 0.5, 0.05))
    assert title.inner_text().startswith("conv1: map 0, row ")
    page.mouse.click(*point(page, "c3", 0.25, 0.05))
    held = title.inner_text()
    assert held.startswith("conv2: map 0, row ")
    page.mouse.move(*point(page, "c1", 0.5, 0.5))
    page.mouse.move(*point(page, "f5", 0.5, 0.5))
    assert title.inner_text() == held
    drag(page, (16, 16), (12, 16))  # held while the digit moves: the same unit, another sum
    assert title.inner_text().split(" = ")[0] == held.split(" = ")[0]
    page.keyboard.press("Escape")
    page.mouse.move(*point(page, "c1", 0.5, 0.5))
    assert title.inner_text().startswith("conv1: map ")


def test_links_show_what_is_added_up_and_its_sign(page, figure):
    layer = area(page, "c3")
    layer.focus()
    for key in ("PageUp", "Home", "ArrowDown"):
        layer.press(key)
    s2, weight = steps(figure.model, figure.inputs[:1])[1], figure.model.conv2.weight.data[0]
    parts = (s2[:, 1:6, :5] * weight).sum(axis=(1, 2))
    below = int((parts < 0).sum())
    assert page.locator(".mc-over .mc-minus").count() == below
    assert page.locator(".mc-over .mc-plus").count() == 6 - below
    sums = [shown(text) for text in page.locator(".mc-pairs small").all_inner_texts()]
    np.testing.assert_allclose(sums, parts, atol=0.0051)


def test_all_stands_on_one_screen_and_nothing_sticks_out(page):
    assert page.locator(".mc-figure").bounding_box()["height"] < 700
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_selector(".mc-lenet:not(.mc-wide)")
        for layer in LAYERS:
            area(page, layer).focus()
            area(page, layer).press("ArrowRight")
            assert page.evaluate("document.documentElement.scrollWidth") == width
            assert page.locator(".mc-sum").evaluate("s => s.scrollWidth - s.clientWidth") == 0
            box = page.locator(".mc-why").bounding_box()  # the sum is on the screen, wherever the unit is
            assert box["y"] + box["height"] <= 844
    page.set_viewport_size({"width": 1366, "height": 768})
    page.wait_for_selector(".mc-wide")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_in_both_themes(page, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    for layer in ("c1", "c3", "out"):
        area(page, layer).press("ArrowDown")
        found = axe.run(page, context=".mc-figure").response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []


def test_what_is_chosen_shows_in_forced_colours(page):
    page.emulate_media(forced_colors="active")
    colour = "(e, name) => getComputedStyle(e)[name]"
    pressed, other = page.locator(".mc-tools button").all()[:2]
    assert pressed.evaluate(colour, "backgroundColor") != other.evaluate(colour, "backgroundColor")
    frame, paper = page.locator(".mc-frame").first, page.locator(".mc-paper").first
    assert frame.evaluate(colour, "stroke") != paper.evaluate(colour, "stroke")
    page.emulate_media(forced_colors="none")


def test_two_figures_on_a_page_live_their_own_lives(show, figure):
    page = show(figure, figure, wait_for=".mc-figure[data-ready] canvas")
    one, two = page.locator(".mc-lenet").all()
    one.get_by_role("button", name="move the digit up").click()
    assert one.locator(".mc-say span").inner_text() == "Moved 1 up."
    assert two.locator(".mc-say span").inner_text() != "Moved 1 up."
    assert page.locator("[id]").count() == 0
