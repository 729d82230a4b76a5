"""Settings and fixtures of the tests: reproducible Hypothesis, and a browser to look at pages with."""

import pytest
from browser import find_chromium, launch
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
