"""The built book, as a fixture."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from browser import new_page
from filelock import FileLock

from tests.limits import HANGS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def html(tmp_path_factory):
    """Folder of the HTML, built strictly from nothing: an incremental build would not repeat its warnings."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # of all workers
    out = shared / "book"
    with FileLock(shared / "book.lock"):
        if not out.exists():
            command = [
                sys.executable,
                "-c",
                "from jupyter_book.cli.main import main; main()",
                "build",
                str(ROOT),
            ]
            command += ["-W", "-n", "--keep-going", "-q", "--path-output", str(out)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS)
            assert done.returncode == 0, done.stdout + done.stderr
    return out / "_build" / "html"


@pytest.fixture
def visit(browser, html):
    """visit(name, **looks) opens a page; `page.complaints` has what goes wrong, `page.requested` what it asks for."""
    pages = []

    def visit(name, **looks):
        page = new_page(browser, reduced_motion="reduce", **looks)
        pages.append(page)
        page.complaints, page.requested = complaints, requested = [], []
        page.on("request", lambda request: requested.append(request.url))
        page.on("console", lambda m: m.type in ("error", "warning") and complaints.append(m.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(f"not loaded: {request.url}"))
        page.on("request", lambda r: r.url.startswith("http") and complaints.append(f"from elsewhere: {r.url}"))
        page.goto((html / f"{name}.html").as_uri())
        page.wait_for_function("!window.MathJax?.startup?.promise || MathJax.startup.promise.then(() => true)")
        return page

    yield visit
    for page in pages:
        page.context.close()
