"""The explorer's JavaScript must arrive at minicnn's numbers, in a real browser, and follow each gesture."""

import io
import json

import numpy as np
import pytest
from PIL import Image

import minicnn.functional as F
from minicnn.figures import KERNELS, ConvolutionExplorer

pytestmark = pytest.mark.browser
IMAGE = np.random.default_rng(0).integers(0, 17, (6, 8))
COLOUR = np.random.default_rng(1).integers(0, 17, (3, 5, 5))


def expected(kernel, flip=False, image=IMAGE, **steps):
    channels = np.asarray(image, float).reshape(-1, *np.shape(image)[-2:])
    weight = np.broadcast_to(np.array(kernel, float), (len(channels), 3, 3))
    weight = weight[:, ::-1, ::-1] if flip else weight
    return F.conv2d(channels[None], weight[None].copy(), **steps)[0, 0]


def shown(text):
    return float(text.replace("\u2212", "-"))


@pytest.fixture(scope="module")
def page(show):
    small, colour = ConvolutionExplorer(IMAGE[:3, :3], "blur"), ConvolutionExplorer(COLOUR)
    figure = ConvolutionExplorer(IMAGE)
    page = show(figure, figure, small, colour, wait_for=".mc-figure[data-ready] svg")
    page.emulate_media(reduced_motion="reduce")  # windows do not glide while they are measured
    return page


@pytest.fixture
def figure(page):
    """The second copy of the first figure, as it was in the beginning."""
    figure = page.locator(".mc-figure").nth(1)
    for name in ("Stride", "Padding"):
        choose(figure, name, 1 if name == "Stride" else 0)
    figure.get_by_role("button", name="vertical edge").click()
    figure.get_by_role("application").press("PageUp")
    figure.get_by_role("application").press("Home")
    figure.get_by_role("button", name="Clear").click()
    return figure


def choose(figure, group, value):
    figure.get_by_role("group", name=group, exact=True).get_by_role("button", name=str(value), exact=True).click()


def feature_map(figure):
    texts = [shown(t) for t in figure.locator(".mc-conv-map g text").all_text_contents()]
    box = figure.locator(".mc-conv-map svg").get_attribute("viewBox").split()
    return np.array(texts).reshape(-1, round((float(box[2]) - 10) / 40))


def close(found, right):
    """As many digits as are shown: one decimal below 100, none above."""
    np.testing.assert_allclose(found, right, atol=0.051 if np.abs(right).max() < 100 else 0.51)


def position(figure):
    return figure.locator(".mc-conv .mc-title", has_text="i = ").inner_text().split("at ")[1]


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("name", KERNELS)
def test_feature_map_agrees_with_conv2d(page, name, flip):
    figure = page.locator(".mc-figure").nth(0)
    figure.get_by_role("button", name=name, exact=True).click()
    figure.get_by_role("checkbox").set_checked(flip)
    figure.get_by_role("button", name="Fill all").click()
    close(feature_map(figure), expected(KERNELS[name], flip))


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize(("which", "image"), [(1, IMAGE), (3, COLOUR)], ids=["grey", "colour"])
def test_padding_and_stride_agree_with_conv2d(page, which, image, padding, stride):
    figure = page.locator(".mc-figure").nth(which)
    figure.get_by_role("button", name="emboss").click()
    choose(figure, "Padding", padding)
    choose(figure, "Stride", stride)
    figure.get_by_role("button", name="Fill all").click()
    y = expected(KERNELS["emboss"], image=image, padding=padding, stride=stride)
    close(feature_map(figure), y)
    window = figure.get_by_role("application")
    window.press("PageDown")
    window.press("End")
    assert position(figure) == f"i = {y.shape[0] - 1}, j = {y.shape[1] - 1}"
    assert shown(figure.locator(".mc-conv-sum b").last.inner_text()) == y[-1, -1]


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
            assert shown(figure.locator(".mc-conv-sum b").inner_text()) == pytest.approx(y[i, j], abs=0.0051)
            assert position(figure) == f"i = {i}, j = {j}"
            products = [shown(t) for t in figure.locator(".mc-conv-nine b").all_inner_texts()]
            np.testing.assert_allclose(products, (IMAGE[i : i + 3, j : j + 3] * kernel).ravel(), atol=0.0051)
            window.press("ArrowRight")
        window.press("ArrowDown")


def test_three_slices_with_three_kernels_make_one_sum(page):
    figure, kernel = page.locator(".mc-figure").nth(3), np.random.default_rng(2).integers(-4, 5, (3, 3, 3))
    choose(figure, "Padding", 0)
    choose(figure, "Stride", 1)
    for box, value in zip(figure.locator("input.mc-input").all(), kernel.flat, strict=True):
        box.fill(str(value))
    figure.get_by_role("button", name="Fill all").click()
    close(feature_map(figure), expected(kernel, image=COLOUR))
    figure.get_by_role("application").press("PageUp")
    figure.get_by_role("application").press("Home")
    each = [np.sum(COLOUR[c, :3, :3] * kernel[c]) for c in range(3)]
    assert [shown(t) for t in figure.locator(".mc-conv-sum b").all_inner_texts()] == [*each, sum(each)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("two", "“two” is refused"),
        ("", "An empty field is refused"),
        ("1/0", "“1/0” is refused"),
        ("1e5", "“1e5” is refused"),
        ("1,5", "“1,5” is refused"),
        ("-", "“-” is refused"),
        ("100", "“100” is refused"),
    ],
)
def test_what_is_no_weight_is_refused_in_words_and_the_kernel_stays(page, text, words):
    figure = page.locator(".mc-figure").nth(2)
    figure.get_by_role("button", name="emboss").click()
    before = figure.locator(".mc-conv-sum b").inner_text()
    box = figure.locator("input.mc-input").first
    box.fill(text)
    assert box.get_attribute("aria-invalid") == "true"
    assert figure.locator(".mc-conv-sum b").inner_text() == before
    if text not in ("", "-"):  # those may become a number, until the field is left
        assert figure.get_by_role("status").inner_text().startswith(words)
        assert figure.get_by_role("button", name="emboss").get_attribute("aria-pressed") == "false"
    box.blur()
    rule = ": a weight is a number from −99 to 99, such as 2, −0.5 or 1/9, with a decimal point. It stays −2."
    assert figure.get_by_role("status").inner_text() == words + rule
    assert box.input_value() == "−2"
    box.fill("1/9")
    assert figure.get_by_role("status").inner_text() == ""
    assert box.get_attribute("aria-invalid") == "false"
    assert figure.get_by_role("button", name="emboss").get_attribute("aria-pressed") == "false"


def test_long_numbers_fit_their_squares(page):
    figure = page.locator(".mc-figure").nth(0)
    for box in figure.locator("input.mc-input").all():
        box.fill("-98.765")
    figure.get_by_role("button", name="Fill all").click()
    too_wide = """boxes => boxes.filter(b => b.scrollWidth > b.clientWidth + 1).map(b => b.outerHTML)"""
    assert figure.locator(".mc-conv-nine > div, .mc-input").evaluate_all(too_wide) == []
    widths = figure.locator(".mc-conv-map g text").evaluate_all("texts => texts.map(t => t.getComputedTextLength())")
    assert max(widths) <= 40


def test_the_window_is_taken_where_it_is_grabbed_and_followed_outside(page, figure):
    image = figure.locator(".mc-conv-image svg")
    image.scroll_into_view_if_needed()
    box = image.bounding_box()
    cell = box["width"] / (8 + 10 / 40)

    def go(row, column):
        page.mouse.move(box["x"] + (column + 0.125) * cell, box["y"] + (row + 0.125) * cell)

    go(0.2, 2.8)  # the window's top right corner
    page.mouse.down()
    assert position(figure) == "i = 0, j = 0"
    go(2.2, 4.8)
    assert position(figure) == "i = 2, j = 2"
    go(2.2, 40)  # out of the figure
    assert position(figure) == "i = 2, j = 5"
    go(30, 1)  # over what lies below, which does not notice
    assert position(figure) == "i = 3, j = 0"
    page.mouse.up()
    go(0, 0)
    assert position(figure) == "i = 3, j = 0"
    assert "4 of 24" in figure.locator(".mc-conv-map svg").get_attribute("aria-label")
    assert "row 3, column 0" in figure.get_by_role("application").get_attribute("aria-label")


def test_a_click_beside_the_window_brings_it_there(page, figure):
    image = figure.locator(".mc-conv-image svg")
    image.scroll_into_view_if_needed()
    box = image.bounding_box()
    cell = box["width"] / (8 + 10 / 40)
    page.mouse.click(box["x"] + 5.6 * cell, box["y"] + 3.6 * cell)  # pixel (3, 5) becomes the middle
    assert position(figure) == "i = 2, j = 4"


def test_pause_pauses_and_play_goes_on(browser, page):
    own = browser.new_page()
    own.goto(page.url)
    own.clock.install(time=0)
    own.clock.pause_at(1000)  # time goes on where the test says so
    figure = own.locator(".mc-figure").first

    def seen():
        return figure.locator(".mc-conv-map svg").get_attribute("aria-label").split("; ")[1]

    figure.get_by_role("button", name="Play").click()
    own.clock.run_for(3 * 170)
    assert (position(figure), seen()) == ("i = 0, j = 4", "5 of 24 numbers filled in.")
    figure.get_by_role("button", name="Pause").click()
    own.clock.run_for(10 * 170)
    assert position(figure) == "i = 0, j = 4"
    figure.get_by_role("button", name="Play").click()
    own.clock.run_for(170)
    assert (position(figure), seen()) == ("i = 1, j = 0", "7 of 24 numbers filled in.")
    own.clock.run_for(100 * 170)
    assert (position(figure), seen()) == ("i = 3, j = 5", "24 of 24 numbers filled in.")
    figure.get_by_role("button", name="Play").click()  # anew, from the start
    assert (position(figure), seen()) == ("i = 0, j = 0", "1 of 24 numbers filled in.")
    own.close()


def test_in_calm_play_fills_all_at_once(figure):
    figure.get_by_role("button", name="Play").click()
    assert "24 of 24" in figure.locator(".mc-conv-map svg").get_attribute("aria-label")
    assert figure.get_by_role("button", name="Play").is_visible()


def test_pixels_are_painted_with_pointer_and_keys(page, figure):
    figure.locator("summary").click()
    figure.get_by_role("button", name="Paint").click()
    figure.get_by_role("button", name="Empty").click()
    figure.get_by_label("brightness of the brush").fill("7")
    image, own = figure.locator(".mc-conv-image svg"), np.zeros_like(IMAGE)
    image.scroll_into_view_if_needed()
    box = image.bounding_box()
    cell = box["width"] / (8 + 10 / 40)
    page.mouse.move(box["x"] + 2.6 * cell, box["y"] + 1.6 * cell)
    page.mouse.down()
    for k in (3, 4, 20):  # the last one lies outside
        page.mouse.move(box["x"] + (k + 0.6) * cell, box["y"] + 1.6 * cell)
    page.mouse.up()
    own[1, 2:5] = 7
    brush = figure.get_by_role("application")
    for key in ("ArrowDown", "ArrowRight", "Space", "Home", "Enter"):
        brush.press(key)
    own[2, 5] = own[2, 0] = 7
    numbers = [shown(t) for t in image.locator("text").all_text_contents()]
    np.testing.assert_array_equal(np.reshape(numbers, IMAGE.shape), own)
    figure.get_by_role("button", name="Fill all").click()
    close(feature_map(figure), expected(KERNELS["vertical edge"], image=own))
    figure.get_by_role("button", name="As before").click()
    close(feature_map(figure), expected(KERNELS["vertical edge"]))
    figure.get_by_role("button", name="Paint").click()
    figure.locator("summary").click()


def upload(figure, name, content):
    figure.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/png", "buffer": content})


@pytest.mark.parametrize(("which", "shape"), [(1, (6, 8)), (3, (3, 5, 5))], ids=["grey", "colour"])
def test_a_picture_file_is_reduced_to_the_grid(page, which, shape):
    figure, (height, width) = page.locator(".mc-figure").nth(which), shape[-2:]
    colours = np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(colours.repeat(20, 0).repeat(20, 1)).save(file, "png")
    upload(figure, "own.png", file.getvalue())
    values = colours.transpose(2, 0, 1) / 255
    if len(shape) == 2:
        values = np.tensordot([0.299, 0.587, 0.114], values, 1)
    last = np.rint(16 * values).reshape(-1, height, width)[-1]
    page.wait_for_function(
        "([f, last]) => [...[...f.querySelectorAll('.mc-conv-image svg')].pop().querySelectorAll('text')]"
        ".every((t, k) => Math.abs(t.textContent - last[k]) <= 1)",
        arg=[figure.element_handle(), json.loads(json.dumps(last.ravel().tolist()))],
    )


def test_a_file_that_is_no_picture_is_refused_in_words(page, figure):
    before = figure.locator(".mc-conv-image text").all_text_contents()
    upload(figure, "notes.png", b"no picture")
    status = figure.get_by_role("status")
    status.filter(has_text="refused").wait_for()
    assert status.inner_text() == (
        "“notes.png” is refused: it is no picture that this browser can read, such as a PNG or a JPEG. "
        "The image stays as it is."
    )
    assert figure.locator(".mc-conv-image text").all_text_contents() == before


def test_every_control_has_a_name_and_a_place_in_the_order_of_tab(page):
    figure = page.locator(".mc-figure").nth(1)
    controls = figure.locator("button, input, summary, [role=application]")
    assert all(index >= 0 for index in controls.evaluate_all("nodes => nodes.map(n => n.tabIndex)"))
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(n => n.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_sticks_out_on_a_phone(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == width
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
    on = figure.locator("[aria-pressed=true]").evaluate_all(colour)
    off = figure.locator("[aria-pressed=false]").evaluate_all(colour)
    page.emulate_media(forced_colors="none")
    assert on
    assert not set(on) & set(off)
