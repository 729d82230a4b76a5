"""Find a Chromium and start it the same way for the tests and for screenshots."""

import os
import shutil
from pathlib import Path

NAMES = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)
PATIENCE = 900_000  # milliseconds: against hanging
# Quiet and alone: no first-run page, no sandbox (containers), no background requests.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium():
    """Path of a Chromium-like browser ($CHROMIUM first), or None."""
    named = os.environ.get("CHROMIUM")
    found = [named] if named else [shutil.which(name) for name in NAMES]
    return next((path for path in [*found, *PLACES] if path and Path(path).exists()), None)


def launch(playwright):
    """Start the browser that `find_chromium` found."""
    return playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS, timeout=PATIENCE)


def new_page(browser, **looks):
    """A page in a context of its own, which waits as long for what is to appear as a busy machine may need."""
    context = browser.new_context(**looks)
    context.set_default_timeout(PATIENCE)
    return context.new_page()
