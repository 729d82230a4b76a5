"""The zip that Gradescope runs: every submission in a container of its own.

Threat model: the zip holds the seed and the checks; Gradescope shows it to instructors only. In the container root
grades, and the student's code runs in the sandbox; where the container forbids one, as another user who can read
neither the configuration nor the checks. The results are written by root. Students may hand in again and again, and see
a case that failed each time: so every file is graded with inputs of its own, or answers could be collected.
"""

import hashlib
import io
import json
import os
import sys
import zipfile
from pathlib import Path

from .. import exercises
from ..exercises.checking.code import stretched
from . import outputs, sandbox, submission
from .grade import chosen_of, try_out
from .run import work
from .sandbox import PACKAGE

SETUP = """#!/usr/bin/env bash
# Once, when Gradescope builds the image: Python, bubblewrap, minicnn; nothing of it for other users to read but Python.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends python3 python3-venv bubblewrap
python3 -m venv /opt/minicnn
/opt/minicnn/bin/python -m pip install --quiet "/autograder/source/package[grading]"
/opt/minicnn/bin/python -m minicnn.grading.autograder prepare
chmod -R go= /autograder/source
"""
RUN = """#!/usr/bin/env bash
# For every submission.
chmod go= /autograder/source /autograder/results
cd /autograder
exec /opt/minicnn/bin/python -m minicnn.grading.autograder grade
"""
ROOT = Path("/autograder")


def build(chapters, seed, out):
    """Write the zip.

    Raises
    ------
    FileNotFoundError
        If minicnn's own pyproject.toml is not beside it.
    """
    project = PACKAGE.parent / "pyproject.toml"
    if not project.exists():
        raise FileNotFoundError(
            "gradescope-zip: minicnn's pyproject.toml is missing. Run it in a clone of the repository."
        )
    config = {"chapters": [*chapters], "seed": seed, "digest": exercises.digest()}
    points = {e.id: e.points for e in chosen_of(chapters)}
    files = {"setup.sh": SETUP, "run_autograder": RUN, "config.json": json.dumps(config | {"points": points}, indent=1)}
    keep = [project, *(PACKAGE.parent / name for name in ("README.md", "LICENSE", "LICENSE-text"))]
    keep += [p for p in sorted(PACKAGE.rglob("*")) if p.suffix in (".py", ".css", ".js", ".txt")]
    for path in keep:
        files[f"package/{path.relative_to(PACKAGE.parent).as_posix()}"] = path.read_text("utf-8")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))  # the same zip for the same contents
            entry.external_attr = (0o755 if text.startswith("#!") else 0o644) << 16
            archive.writestr(entry, text)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(data.getvalue())


def prepare():
    """Hide the checks from other users."""
    for name in ("exercises", "grading"):
        for path in [PACKAGE / name, *(PACKAGE / name).rglob("*")]:
            os.chmod(path, 0o700)


def grade(root=ROOT):
    """Grade what Gradescope put into `root`/submission: writes `root`/results/results.json."""
    config = json.loads((root / "source" / "config.json").read_text("utf-8"))
    found, others = submission.find([root / "submission"])
    (root / "results").mkdir(exist_ok=True)
    if not found:
        names = ", ".join(p.name for p in others[:5]) or "nothing"
        result = {"score": 0, "output": f"There is no .ipynb and no .py: {names} was handed in."}
    else:
        try:
            sandbox.available()
            try_out()
            unsafe = False
        except sandbox.SandboxError:  # the container is one, and the code runs as another user
            unsafe = True
        newest = max(found, key=lambda s: (s.time, str(s.path)))
        try:
            seed = f"{config['seed']}/{hashlib.sha256(submission.read(newest.path)).hexdigest()}"  # see above
        except submission.Unreadable:
            seed = config["seed"]
        graded = work(newest, chapters=config["chapters"], seed=stretched(seed), unsafe=unsafe) | {"key": ""}
        result = outputs.gradescope(outputs.Row(newest, graded, "results"))
        if len(found) > 1:
            result["output"] += f"\nOf {len(found)} files the newest was graded: {newest.path.name}."
    (root / "results" / "results.json").write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    {"prepare": prepare, "grade": grade}[sys.argv[1]]()
