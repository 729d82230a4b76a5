"""What is slow to import is imported once, if a submission needs it; and kernels compiled earlier are found."""

import json
import shutil
from types import SimpleNamespace

import pytest

from minicnn import exercises
from minicnn.grading import grade, release
from minicnn.grading.remote import Remote, Run
from minicnn.grading.sandbox import Sandbox
from minicnn.kernels.running.cache import cache_dir

needs_bubblewrap = pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed")
USES = "import minicnn.functional as F"


@needs_bubblewrap
@pytest.mark.skipif(cache_dir() is None, reason="kernels are not kept here")
def test_compiled_kernels_are_read_in_the_sandbox():
    cell = "import os\nfrom minicnn.kernels.running.cache import cache_dir\nnames = sorted(os.listdir(cache_dir()))"
    with Sandbox(["minicnn"]) as sandbox:
        remote = Remote(sandbox, Run([("a cell", cell)]), SimpleNamespace(id="", names=["names"], without=()))
        names = remote.get("names")
        remote.close()
    assert names.problem is None
    assert set(names.value) <= {path.name for path in cache_dir().iterdir()}


@needs_bubblewrap
@pytest.mark.parametrize(
    ("id", "source", "preloaded"),
    [
        ("input_gradient_forward", "...", []),
        ("conv2d_weight_gradient", None, []),
        ("input_gradient_forward", None, ["minicnn"]),
        ("conv2d_weight_gradient", "def conv2d_dw(x, dy, KH, KW):\n    return F.pad(x, 1)", ["minicnn"]),
    ],
)
def test_minicnn_is_imported_only_for_who_uses_it(monkeypatch, id, source, preloaded):
    e, seen = exercises.get(id), []
    assert USES in exercises.get("input_gradient_forward").stub
    book = release.notebook([9])
    (cell,) = (c for c in book["cells"] if "".join(c["source"]).strip() == e.stub.strip())
    cell["source"] = {None: e.solution, "...": e.stub}.get(source, source)

    class Seen(Sandbox):
        def __init__(self, preload, unsafe):
            seen.extend(preload)
            super().__init__(preload, unsafe)

    monkeypatch.setattr(grade, "Sandbox", Seen)
    result = grade.grade_one(json.dumps(book).encode(), ".ipynb", [9], "s")
    assert seen == preloaded
    points = {one["id"]: one["points"] for one in result["exercises"] if one["points"]}
    assert points == ({id: e.points} if source is None else {})
    states = {one["state"] for one in result["exercises"] if one["id"] != id}
    assert states == {"blank"}
