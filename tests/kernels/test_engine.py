"""The convolution engine against the plain loops, which tests/functional compares with naive ones and with PyTorch."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minicnn.functional.convolution import images, packing, plain, ways
from minicnn.kernels import simd
from tests.kernels.convolutions import (
    agree_with_plain_loops,
    geometry,
    job,
    needs_vectors,
    only,
    same_on_any_number_of_threads,
    without_strips,
)
from tests.limits import HANGS


@pytest.fixture(autouse=True)
def _images(monkeypatch):
    """All goes to the engine, and whole."""
    only(monkeypatch, images)
    without_strips(monkeypatch)
    monkeypatch.setattr(images, "pays", lambda job: True)


@needs_vectors
@pytest.mark.parametrize("buffer", [1 << 20, 1 << 12], ids=["whole images", "bands of rows"])
@pytest.mark.parametrize("seed", range(24))
def test_engine_and_plain_loops_agree(seed, buffer, monkeypatch):
    monkeypatch.setattr(packing, "BUFFER", buffer)
    shapes = geometry(np.random.default_rng(seed))
    agree_with_plain_loops(monkeypatch, shapes, (np.float32, np.float64)[seed % 2])


@needs_vectors
def test_engine_takes_over_where_it_pays(monkeypatch):
    """One image, or one channel in each group, would leave most of a tile empty."""
    monkeypatch.undo()
    filters = (simd.ROWS, 8, 3, 3)
    assert images.pays(job((64, 8, 8, 8), filters))
    assert not images.pays(job((1, 8, 8, 8), (1, 8, 3, 3)))
    assert images.pays(job((16, 8, 8, 8), filters))
    assert ways.choose(job((0, 8, 5), (8, 8, 1))).func is plain.forward


@needs_vectors
@pytest.mark.parametrize("seed", range(6))
def test_same_bits_on_any_number_of_threads(seed):
    rng = np.random.default_rng(seed)
    x, w = rng.standard_normal((37, 6, 17, 9)).astype(np.float32), rng.standard_normal((10, 6, 3, 3)).astype(np.float32)
    same_on_any_number_of_threads(x, w, stride=1 + seed % 2, padding=1)


OTHER_PATHS = {"plain": dict(MINICNN_SIMD="plain"), "poisoned": dict(MINICNN_POISON="1")}
if simd.NAME == "avx512":
    OTHER_PATHS["avx2"] = dict(
        NUMBA_CPU_NAME="haswell", NUMBA_CPU_FEATURES="+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+avx,+avx2,+fma"
    )


@pytest.mark.slow
@pytest.mark.skipif(bool(os.environ.get("NUMBA_DISABLE_JIT")), reason="nothing is compiled")
@pytest.mark.parametrize("path", OTHER_PATHS)
def test_kernels_on_what_other_machines_have(path, tmp_path):
    """The same tests once more in a process that may not use all of this machine."""
    root = Path(__file__).resolve().parents[2]
    tests = ["tests/kernels/test_engine.py", "tests/kernels/test_rows.py"]
    if path != "poisoned":  # as other machines; this one only reads what nobody has written
        tests += [f"tests/kernels/test_{name}.py" for name in ("kernels", "depthwise", "refilled_buffers")] + [
            "tests/models"
        ]
    env = os.environ | OTHER_PATHS[path] | dict(XDG_CACHE_HOME=str(tmp_path))
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    command += ["-k", "not other_machines and not every_operation"]
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.slow
@pytest.mark.skipif(bool(os.environ.get("NUMBA_DISABLE_JIT")), reason="nothing is compiled")
def test_operations_where_nothing_is_compiled():
    """As `make coverage` runs them, and who looks into a kernel with a debugger."""
    root = Path(__file__).resolve().parents[2]
    tests = [f"tests/functional/test_{name}.py" for name in ("golden", "normalization", "activation", "conv")]
    rounded = (
        "tests/functional/test_golden.py::test_arrays[group_norm((5,4), Given(value=4))]"  # 1.5e-13 off, not 1e-13
    )
    options = ["-q", "-x", "-p", "no:cacheprovider", "-W", "ignore::RuntimeWarning", "--deselect", rounded]
    command = [sys.executable, "-m", "pytest", *options, *tests, "tests/kernels/test_softmax.py"]
    env = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=HANGS)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.patient
@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("sse9", "MINICNN_SIMD must be auto, avx512, avx2, neon or plain, not 'sse9'. Unset it."),
        ("neon" if platform.machine() in ("x86_64", "AMD64") else "avx512", "this machine cannot do that, only "),
    ],
)
def test_a_path_that_is_not_there_is_refused(wanted, words):
    env = os.environ | dict(MINICNN_SIMD=wanted, NUMBA_DISABLE_JIT="0")
    done = subprocess.run([sys.executable, "-c", "import minicnn"], env=env, capture_output=True, text=True)
    assert words in done.stderr
