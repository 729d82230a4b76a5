"""Records: what a run measured, as JSON, one file a seed; nothing in them is typed by hand."""

import json
import os
import platform
import re
import statistics
import subprocess
from functools import cache
from pathlib import Path

import numba
import numpy as np

import minicnn as mc

from .experiment import LEDGER, LedgerError

GIT = ("git", "-C", str(LEDGER))


def path_of(name, seed, ledger=LEDGER):
    return Path(ledger, "records", name, f"seed{seed}.json")


def read(name, ledger=LEDGER):
    """All records of an experiment, by seed."""
    found = [json.loads(path.read_text("utf-8")) for path in Path(ledger, "records", name).glob("seed*.json")]
    return sorted(found, key=lambda record: record["seed"])


def write(path, content):
    """Write aside, then move: a file is there whole, or not at all. A list of numbers is one line."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    text = re.sub(r"(\[?)\n\s+(?=([^\[\]{}]*)\])", lambda found: found[1] or " " * bool(found[2]), text)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    aside.write_text(text + "\n", encoding="utf-8")
    aside.replace(path)


def results(records, arm, result):
    """What an arm reached, a number for each seed."""
    return [record["arms"][arm]["results"][result] for record in records if arm in record["arms"]]


def mean_and_sd(values):
    """As text; the standard deviation is that of the seeds."""
    if not values:
        return "–"
    return f"{statistics.mean(values):.4g}" + (f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else "")


def machine():
    """What another reader would want to know about where this ran."""
    return {
        "cores": os.cpu_count(),
        "threads": mc.get_num_threads(),
        "processor": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "minicnn": mc.__version__,
    }


@cache
def commit_now():
    """The commit that is checked out, with "-dirty" if files were changed since."""
    try:
        describe = [*GIT, "describe", "--always", "--dirty", "--exclude", "*"]
        return subprocess.run(describe, capture_output=True, text=True).stdout.strip() or "unknown"
    except FileNotFoundError:
        return "unknown"


def commit(path, message):
    """Commit one file, and nothing else that may be staged."""
    git = ["git", "-C", str(path.parent)]
    try:
        subprocess.run([*git, "add", path.name], check=True)
        subprocess.run([*git, "commit", "--quiet", "--message", message, "--", path.name], check=True)
    except (OSError, subprocess.CalledProcessError):
        raise LedgerError(f"{path} is written, but git did not commit it. Commit it by hand.") from None
