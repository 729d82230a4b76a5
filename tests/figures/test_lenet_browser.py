"""LeNet-5 in the page's JavaScript must arrive at minicnn's numbers, in a real browser."""

import re

import numpy as np
import pytest

import minicnn.functional as F
from minicnn import data, models
from minicnn.figures import LeNetExplorer

pytestmark = pytest.mark.browser
MEAN, STD = 0.3, 0.4


@pytest.fixture(scope="module")
def figure():
    model = models.LeNet5(rng=np.random.default_rng(0))
    model.fc3.weight.data *= 30  # so that the probabilities differ
    return LeNetExplorer(model, *data.digits(size=32)[:3], mean=MEAN, std=STD)


@pytest.fixture(scope="module")
def page(show, figure):
    return show(figure, wait_for=".mc-figure[data-ready] canvas")


def steps(model, x):
    """All that each layer makes of one input (1, 1, 32, 32)."""
    c1 = F.relu(model.conv1(x)).data
    s2 = F.avg_pool2d(c1, 2)
    c3 = F.relu(model.conv2(s2)).data
    s4 = F.avg_pool2d(c3, 2)
    f5 = F.relu(model.fc1(F.flatten(s4, 1))).data
    f6 = F.relu(model.fc2(f5)).data
    return c1[0], s2[0], c3[0], s4[0], f5[0, :, None, None], f6[0, :, None, None]


def probabilities(page):
    texts = page.locator(".mc-lenet-bars em").all_text_contents()
    return np.array([float(t.removesuffix(" %")) for t in texts]) / 100


def shown(text):
    return float(text.replace("\u2212", "-"))


def unit(layer):
    """Map, row, column and value that a layer's label speaks of."""
    label = layer.get_attribute("aria-label")
    place = re.search(r"(?:map|unit) (\d+)(?:, row (\d+), column (\d+))?: (\S+)\. Arrow", label)
    return *(int(n or 0) for n in place.groups()[:3]), shown(place[4])


def test_probabilities_agree_for_every_digit(page, figure):
    for k, button in enumerate(page.locator(".mc-lenet-pick button").all()):
        button.click()
        np.testing.assert_allclose(probabilities(page), figure.probabilities[k], atol=0.00051)


def test_a_moved_digit_is_read_like_a_moved_image(page, figure):
    page.locator(".mc-lenet-pick button").nth(1).click()
    canvas = page.get_by_role("application").first
    for key in ["ArrowRight"] * 3 + ["ArrowUp"] * 2:
        canvas.press(key)
    pixels = np.zeros((1, 1, 32, 32), np.float32)
    pixels[..., :-2, 3:] = figure.pixels[1, :, 2:, :-3] / 255
    scores = figure.model((pixels - np.float32(MEAN)) / np.float32(STD)).data
    np.testing.assert_allclose(probabilities(page), F.softmax(scores, 1)[0], atol=0.00051)
    page.get_by_role("button", name="Back").click()
    np.testing.assert_allclose(probabilities(page), figure.probabilities[1], atol=0.00051)


def test_units_of_every_layer_agree(page, figure):
    page.locator(".mc-lenet-pick button").first.click()
    for layer, truth in zip(
        page.get_by_role("application").all()[1:], steps(figure.model, figure.inputs[:1]), strict=True
    ):
        layer.focus()
        layer.press("PageUp")
        layer.press("Home")
        assert unit(layer)[:3] == (0, 0, 0)
        for key in ["ArrowRight"] * 4 + ["ArrowDown"] * 3 + ["End", "PageDown", "ArrowLeft"]:
            layer.press(key)
            map_, row, column, value = unit(layer)
            assert value == pytest.approx(truth[map_, row, column], abs=0.0051)


def test_the_sum_below_is_the_unit(page, figure):
    for layer in page.get_by_role("application").all()[1:]:
        layer.focus()
        for _ in range(60):  # walk until a unit is on
            layer.press("ArrowRight")
            total = shown(page.locator(".mc-lenet-sum b").inner_text())
            assert max(total, 0) == pytest.approx(unit(layer)[3], abs=0.0051)
            if total > 0:
                break
    page.locator(".mc-lenet-bars button").nth(7).click()
    score = figure.model(figure.inputs[:1]).data[0, 7]
    assert shown(page.locator(".mc-lenet-sum b").inner_text()) == pytest.approx(score, abs=0.0051)


def test_nothing_sticks_out_on_a_phone(page):
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_in_both_themes(page, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    found = axe.run(page, context=".mc-figure").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
