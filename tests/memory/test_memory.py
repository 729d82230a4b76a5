"""No sequence of public calls reads or writes outside of an array.

Kernels check nothing: they trust the lengths that Python hands to them. So every place that calls one is known here,
with what was checked before it; hostile calls go through all of them on guarded memory (guarded.py), in processes that
must not crash; and the kernels' tests run once with Numba's bounds checks.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.limits import HANGS

ROOT = Path(__file__).resolve().parents[2]

CHECKED = {
    "functional/convolution/images.py": {
        "call_correlate": "checked_geometry in conv.py: x, weight and bias fit; tables are made for them",
        "call_grad_weight": "the same, and dy has the shape of y",
    },
    "functional/convolution/columns.py": {"forward": "as images.call_correlate"},
    "functional/convolution/winograd.py": {
        "convolve": "as images.call_correlate", "grad_weight": "as images.call_grad_weight",
    },
    "functional/convolution/depthwise.py": {
        "correlate": "as images.call_correlate", "grad_weight": "as images.call_grad_weight",
    },
    "functional/convolution/plain.py": {
        "forward": "as images.call_correlate", "grad_input": "the same", "grad_weight": "as images.call_grad_weight",
        "_spread": "the same", "grad_bias": "dy is flat; the tape or checks.pull_back gave it the shape of y",
    },
    "functional/convolution/strips.py": {"cut": "strips are made for the image's size", "join": "the same"},
    "functional/_pooling.py": {
        "max_of_windows": "checks.images and _window in pool.py; windows are made for the image's size",
        "max_of_windows.vjp": "dy has the shape of y; index holds what the forward pass found",
        "mean_of_windows": "as max_of_windows", "mean_of_windows.vjp": "dy has the shape of y",
        "_sum": "windows are made for the image's size",
    },
    "functional/_standardize.py": {
        "standardize": "check_channels and check_shapes: weight, bias, statistics and residual fit x",
        "standardize.vjp": "dy has the shape of y", "standardize_rows": "check_shapes in layer_norm_vjp",
        "standardize_rows.vjp": "dy has the shape of y",
    },
    "functional/_elementwise.py": {"each": "arrays are x, and y or dy, which have its shape"},
    "functional/linear.py": {"_product": "linear_vjp compared the axes of x, weight and bias; dy has the shape of y"},
    "functional/softmax.py": {"_by_row": "arrays are x, and y or dy, which have its shape"},
    "functional/loss.py": {
        "_of_classes": "_scores and _check_classes: shapes; the kernel itself looks whether a class number is one",
        "_of_classes.vjp": "dy has the shape of y",
    },
    "functional/dropout.py": {"_drop_numbers": "the mask is made for the shape of x"},
    "training/optim.py": {"update": "Optimizer._check_arrays: gradient and state are like the parameter"},
    "training/clip.py": {"_length": "one array, and pieces of its size"},
}  # fmt: skip


def callers_of_kernels(path):
    """Names of the functions that hand lengths to kernels."""
    found = set()

    def walk(node, inside):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef):
                walk(child, [*inside, child.name])
                continue
            if isinstance(child, ast.Call) and getattr(child.func, "id", getattr(child.func, "attr", "")) in (
                "parallel_for", "launch",
            ):  # fmt: skip
                found.add(".".join(inside))
            walk(child, inside)

    walk(ast.parse(path.read_text("utf-8")), [])
    return found


def test_every_place_that_trusts_a_length_is_known():
    """Found a new one? Check what it hands on, add to operations.py or objects.py what could break it, then list it."""
    found = {}
    for path in sorted((ROOT / "minicnn").rglob("*.py")):
        name = path.relative_to(ROOT / "minicnn").as_posix()
        if name.split("/")[0] not in ("kernels", "figures") and (callers := callers_of_kernels(path)):
            found[name] = callers
    assert found == {name: set(places) for name, places in CHECKED.items()}


def child(module, *args, **environment):
    command = [sys.executable, "-W", "ignore", "-m", module, *args]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=HANGS
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="memory is guarded by mprotect")
@pytest.mark.parametrize("module", ["operations", "objects"])
def test_hostile_calls_on_guarded_memory(module):
    assert child(f"tests.memory.{module}", "0").endswith("done\n")


@pytest.mark.skipif(sys.platform == "win32", reason="memory is guarded by mprotect")
def test_the_guard_works():
    code = "import numpy as np; from tests.memory.guarded import guard; a = guard(np.ones(7)); "
    read = "import ctypes; print(ctypes.c_double.from_address(a.ctypes.data + {}).value)"
    for at, crash in ((0, False), (6 * 8, False), (7 * 8, True)):
        done = subprocess.run([sys.executable, "-c", code + read.format(at)], cwd=ROOT, capture_output=True)
        assert (done.returncode != 0) == crash


@pytest.mark.slow
def test_kernels_with_bounds_checks(tmp_path):
    """What Numba compiles from Python; the micro-kernels of simd.py, which have no checks, ran on the guard above."""
    names = "kernels", "engine", "rows", "depthwise", "optim", "softmax", "activation", "winograd", "columns", "strips"
    tests = [f"tests/kernels/test_{name}.py" for name in names]
    options = "-q", "-x", "-p", "no:cacheprovider", "-k", "not other_machines and not nothing_is_compiled"
    child("pytest", *options, *tests, NUMBA_BOUNDSCHECK="1", XDG_CACHE_HOME=str(tmp_path))
