"""Fixtures for tests that look at pages in a browser."""

import pytest
from browser import find_chromium, launch


@pytest.fixture(scope="session")
def browser():
    """A running Chromium; without one the test is skipped, and the summary says so."""
    if not find_chromium():
        pytest.skip("no Chromium found: install chromium, or name one in $CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
