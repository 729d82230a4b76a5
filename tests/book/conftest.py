"""The built book, as a fixture."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
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
