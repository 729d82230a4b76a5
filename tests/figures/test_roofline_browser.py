"""The roofline's JavaScript must count as one counts minicnn's arrays, and put its dot where the counts say."""

import re

import numpy as np
import pytest

import minicnn.functional as F
from minicnn.figures import RooflineExplorer
from minicnn.figures.roofline import CHOICES, START

pytestmark = pytest.mark.browser
PEAK, MEMORY, CACHE = 200.0, 20.0, 100.0  # GFLOP/s, GB/s


@pytest.fixture(scope="module")
def page(show):
    figure = RooflineExplorer(PEAK * 1e9, MEMORY * 1e9, CACHE * 1e9)
    page = show(figure, figure, wait_for=".mc-figure:nth-of-type(2) .mc-roof")
    page.emulate_media(reduced_motion="reduce")
    page.set_default_timeout(10_000)
    return page


@pytest.fixture
def figure(page):
    """The second of two figures, as it was in the beginning."""
    figure = page.locator(".mc-figure").nth(1)
    choose(figure, "conv", **START)
    figure.get_by_role("button", name="As recorded").click()
    return figure


def choose(figure, operation, way="once", dtype="float32", **sizes):
    figure.get_by_role("combobox", name="operation").select_option(operation)
    if operation in ("conv", "depthwise"):
        figure.get_by_role("combobox", name="what travels").select_option(way)
    figure.get_by_role("button", name=dtype).click()
    for slider in figure.locator("input[type=range]").all():
        key = slider.get_attribute("aria-label")[-1]
        if key in sizes and slider.is_enabled():
            slider.fill(str(CHOICES[key].index(sizes[key])))


def lines(figure):
    """{name: the last number of its line that stands out}, and the whole text of each."""
    items = [item.inner_text() for item in figure.locator(".mc-roof-sum li").all()]
    return {text.split("\n")[0]: text.split("\n", 1)[1].replace("\n", " ") for text in items}


def last_number(text):
    return float(re.findall(r"[\d,]+(?:\.\d+)?", text)[-1].replace(",", ""))


def dots(figure):
    """(intensity, GFLOP/s) of the dot and of the ring, read off the labels of the axes."""
    texts = figure.locator(".mc-roof svg > g:first-of-type text").evaluate_all(
        "texts => texts.map(t => [t.textContent.replaceAll(',', ''), +t.getAttribute('x'), +t.getAttribute('y')])"
    )
    ticks = [(float(text), x, y) for text, x, y in texts if re.fullmatch(r"[\d.]+", text)]
    low = max(y for _, _, y in ticks)
    across = sorted((x, np.log10(v)) for v, x, y in ticks if y == low)
    up = sorted((y - 4, np.log10(v)) for v, x, y in ticks if y != low)
    found = []
    for name in ("dot", "ring"):
        style = figure.locator(f".mc-roof-{name}").get_attribute("style")
        place = [float(v) for v in re.findall(r"([-\d.]+)px", style)]
        line = [np.polyfit(*np.transpose(axis), 1) for axis in (across, up)]
        found.append(tuple(10 ** np.polyval(fit, p) for fit, p in zip(line, place, strict=True)))
    return found


def arrays(operation, dtype, N, C, O, K, S):
    """x, w, y of the operation, and the multiply-adds in an output."""
    x = np.zeros((N, C) if operation == "linear" else (N, C, S, S), dtype)
    if operation == "relu":
        return x, np.zeros(0, dtype), F.relu(x), 0
    if operation == "linear":
        w = np.zeros((O, C), dtype)
        return x, w, F.linear(x, w), C
    groups = C if operation == "depthwise" else 1
    w = np.zeros((C if groups > 1 else O, C // groups, K, K), dtype)
    return x, w, F.conv2d(x, w, groups=groups), w[0].size


SIZES = [START, dict(N=1, C=3, O=8, K=5, S=28), dict(N=4, C=64, O=10, K=1, S=7), dict(N=2, C=8, O=64, K=7, S=14)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("operation", ["conv", "depthwise", "linear", "relu"])
def test_counts_are_those_of_the_arrays_and_the_dot_is_under_the_roof(figure, operation, dtype):
    for sizes in SIZES:
        choose(figure, operation, dtype=dtype, **sizes)
        x, w, y, terms = arrays(operation, dtype, **sizes)
        operations, moved = 2 * y.size * terms or y.size, x.nbytes + w.nbytes + y.nbytes
        intensity, peak = operations / moved, PEAK if dtype == "float32" else PEAK / 2
        said = lines(figure)
        assert last_number(said["outputs"]) == y.size
        assert last_number(said["operations"]) == operations
        assert last_number(said["bytes"]) == moved
        assert last_number(said["intensity I"]) == pytest.approx(intensity, rel=6e-3)
        assert ("compute-bound" in said["from memory"]) == (intensity * MEMORY >= peak)
        for (across, up), bandwidth in zip(dots(figure), (MEMORY, CACHE), strict=True):
            assert across == pytest.approx(intensity, rel=1e-3)
            assert up == pytest.approx(min(peak, intensity * bandwidth), rel=1e-3)


@pytest.mark.parametrize("operation", ["conv", "depthwise"])
def test_the_rungs_move_the_bytes_that_the_chapter_counts(figure, operation):
    for sizes in SIZES:
        x, w, y, terms = arrays(operation, np.float32, **sizes)
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        right = {
            "taps": 20 * y.size * terms,
            "rows": 12 * y.size * terms,
            "im2col": x.nbytes + w.nbytes + y.nbytes + 2 * windows.size * 4,
        }
        for way, moved in right.items():
            choose(figure, operation, way, **sizes)
            assert last_number(lines(figure)["bytes"]) == moved
            assert dots(figure)[0][0] == pytest.approx(2 * y.size * terms / moved, rel=1e-3)


def test_keys_move_a_slider_and_the_dot(page, figure):
    before = dots(figure)[0][0]
    figure.get_by_role("slider", name="channels C").press("ArrowRight")
    x, w, y, terms = arrays("conv", np.float32, **START | {"C": 32})
    after = dots(figure)[0][0]
    assert after == pytest.approx(2 * y.size * terms / (x.nbytes + w.nbytes + y.nbytes), rel=1e-3)
    assert after > before
    assert figure.get_by_role("slider", name="channels C").get_attribute("aria-valuetext") == "32"
    assert "operations a byte, at most 200 GFLOP/s from memory" in figure.locator("[aria-live=polite]").text_content()


def test_the_machine_s_numbers_move_the_roofs(figure):
    figure.get_by_role("textbox", name="Memory, GB/s").fill("2")
    intensity, rate = dots(figure)[0]
    assert rate == pytest.approx(2 * intensity, rel=1e-3)
    assert lines(figure)["ridge"] == "P ÷ B = 200 ÷ 2 = 100 operations a byte"
    figure.get_by_role("button", name="As recorded").click()
    assert lines(figure)["ridge"] == "P ÷ B = 200 ÷ 20 = 10 operations a byte"
    assert figure.get_by_role("textbox", name="Memory, GB/s").input_value() == "20"


@pytest.mark.parametrize("text", ["fast", "", "-3", "0", "1,5", "1e9"])
def test_what_is_no_speed_is_refused_in_words_and_the_roofs_stay(figure, text):
    before = dots(figure)
    field = figure.get_by_role("textbox", name="Peak, GFLOP/s")
    field.fill(text)
    field.blur()
    shown = f"“{text}”" if text else "An empty field"
    assert figure.get_by_role("status").inner_text() == (
        f"{shown} is refused: the peak is a number from 1 to 100000, such as 20 or 12.5, with a decimal point. "
        "It stays 200."
    )
    assert (field.input_value(), dots(figure)) == ("200", before)


def test_a_dot_is_kept_to_compare_with_and_forgotten(figure):
    forget = figure.get_by_role("button", name="Forget")
    assert forget.is_disabled()
    figure.get_by_role("button", name="Keep this dot").click()
    choose(figure, "depthwise", **START)
    figure.get_by_role("button", name="Keep this dot").click()
    assert figure.locator(".mc-roof-kept text").all_text_contents() == ["1", "2"]
    said = lines(figure)
    assert said["kept 1"] == "convolution, N 16 C 16 O 16 K 3 S 18, float32: I = 31.3, at most 200 GFLOP/s"
    assert said["kept 2"] == "depthwise, N 16 C 16 K 3 S 18, float32: I = 1.98, at most 39.7 GFLOP/s"
    forget.click()
    assert figure.locator(".mc-roof-kept text").count() == 0
    assert "kept 1" not in lines(figure)


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_sticks_out_on_a_phone(page, figure, width):
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    texts = figure.locator("svg text").evaluate_all(
        "texts => texts.map(t => { const b = t.getBBox(); return [b.x, b.x + b.width]; })"
    )
    assert min(a for a, _ in texts) >= 0
    assert max(b for _, b in texts) <= 400
    page.set_viewport_size({"width": 390, "height": 900})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_in_both_themes(page, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    found = axe.run(page, context=".mc-figure").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []


def test_what_is_chosen_can_be_told_in_forced_colours(page, figure):
    page.emulate_media(forced_colors="active")
    colour = "nodes => nodes.map(n => getComputedStyle(n).backgroundColor)"
    on, off = (figure.locator(f"[aria-pressed={pressed}]").evaluate_all(colour) for pressed in ("true", "false"))
    page.emulate_media(forced_colors="none")
    assert on
    assert not set(on) & set(off)
