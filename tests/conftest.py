"""Settings and fixtures of the tests: reproducible Hypothesis, and a browser to look at pages with."""

import pytest
from browser import find_chromium, launch, new_page
from hypothesis import settings

# Compiling a kernel takes longer than an example may; and the same commit shall always give the same answer.
settings.register_profile("minicnn", deadline=None, derandomize=True)
settings.load_profile("minicnn")


@pytest.fixture(scope="module")
def browser():
    """A running Chromium; without one the test is skipped, and the summary says so.

    Started anew for each file: Playwright cannot run twice at a time in one process.
    """
    if not find_chromium():
        pytest.skip("no Chromium found: install chromium, or name one in $CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def show(browser, tmp_path_factory):
    """show(figures, wait_for=css) opens interactive figures on a page as wide as a phone; its errors fail the tests."""
    errors = []

    def show(*figures, wait_for):
        path = tmp_path_factory.mktemp("page") / "page.html"
        head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title>'
        path.write_text(f"{head}<main>{''.join(f.to_html() for f in figures)}</main>", encoding="utf-8")
        page = new_page(browser, viewport={"width": 390, "height": 900})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_selector(wait_for)
        return page

    yield show
    assert not errors
