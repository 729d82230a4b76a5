"""The convolution engine against the plain loops, which tests/functional compares with naive ones and with PyTorch."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F
from minicnn.functional.convolution import channels as channel_tables
from minicnn.functional.convolution import depthwise as depthwise_tables
from minicnn.functional.convolution import images as image_tables
from minicnn.functional.convolution import rows as row_tables
from minicnn.functional.convolution import strips as strip_tables
from minicnn.functional.convolution import ways
from minicnn.functional.convolution import winograd as winograd_tables
from minicnn.functional.convolution import winograd_rows as winograd_row_tables
from minicnn.kernels import simd
from tests.limits import HANGS

needs_vectors = pytest.mark.skipif(simd.NAME == "plain", reason="this machine, or MINICNN_SIMD, has no vectors")


@pytest.fixture(autouse=True)
def _fresh_tables(monkeypatch):
    """Tests change what the tables depend on. All goes to the engine, and whole."""
    only_vectors_of_images(monkeypatch)
    without_strips(monkeypatch)
    yield
    for tables in (image_tables.forward, image_tables.grad_input, image_tables.grad_weight):
        tables.cache_clear()


def no_memory(monkeypatch):
    """What is chosen is not remembered."""
    for choice in ("way", "way_to_dw"):
        function = getattr(ways, choice)
        monkeypatch.setattr(ways, choice, getattr(function, "__wrapped__", function))


def only_vectors_of_images(monkeypatch):
    """No vectors of pixels or channels. What is chosen is not remembered either."""
    no_memory(monkeypatch)
    for way in (channel_tables, depthwise_tables, row_tables):
        monkeypatch.setattr(way, "pays", lambda *_: False)
    for way in (winograd_tables, winograd_row_tables):
        monkeypatch.setattr(way, "choose", lambda *_: None)


def without_strips(monkeypatch):
    for product in ("forward", "grad_input"):
        monkeypatch.setattr(strip_tables, product, lambda g, *_: strip_tables.Strips(1, g))


def geometry(rng, images=40, longer=(8, 8, 8)):
    """Any convolution of fewer than so many images: shapes of x and w, options. For 1, 2 and 3 dimensions: how much
    longer than its least an axis may be."""
    nd, groups = rng.integers(1, 4), int(rng.integers(1, 4))
    kernel, stride, dilation, padding = (
        tuple(map(int, rng.integers(low, high, nd))) for low, high in [(1, 5), (1, 4), (1, 4), (0, 5)]
    )
    least = [max(1, (k - 1) * d + 1 - 2 * p) for k, d, p in zip(kernel, dilation, padding, strict=True)]
    size = tuple(n + int(rng.integers(0, longer[nd - 1])) for n in least)
    N, C, O = int(rng.integers(1, images)), groups * int(rng.integers(1, 5)), groups * int(rng.integers(1, 12))
    options = dict(stride=stride, padding=padding, dilation=dilation, groups=groups)
    return (N, C, *size), (O, C // groups, *kernel), options


def both_ways(rng, x_shape, w_shape, options, dtype):
    """y, dx, dw, db of a convolution with whole numbers, whose sums are exact in any order."""
    x, w, b = (rng.integers(-4, 5, s).astype(dtype) for s in (x_shape, w_shape, w_shape[:1]))
    y, vjp = getattr(F, f"conv{len(x_shape) - 2}d_vjp")(x, w, b, **options)
    return y, *vjp(rng.integers(-4, 5, y.shape).astype(dtype))


def same_on_any_number_of_threads(x, w, **options):
    """y, dx and dw of conv2d, bit for bit."""
    results, before = [], mc.get_num_threads()
    for threads in (1, 2, 5):
        mc.set_num_threads(threads)
        y, vjp = F.conv2d_vjp(x, w, **options)
        results.append((y, *vjp(y)[:2]))
    mc.set_num_threads(before)
    for other in results[1:]:
        for got, expected in zip(other, results[0], strict=True):
            assert_array_equal(got, expected)


@needs_vectors
@pytest.mark.parametrize("buffer", [1 << 20, 1 << 12], ids=["whole images", "bands of rows"])
@pytest.mark.parametrize("seed", range(24))
def test_engine_and_plain_loops_agree(seed, buffer, monkeypatch):
    monkeypatch.setattr(image_tables, "BUFFER", buffer)
    shapes = geometry(np.random.default_rng(seed))
    dtype = (np.float32, np.float64)[seed % 2]
    monkeypatch.setattr(ways, "_pays", lambda *_: True)
    engine = both_ways(np.random.default_rng(1), *shapes, dtype)
    monkeypatch.setattr(ways, "_pays", lambda *_: False)
    for got, expected in zip(engine, both_ways(np.random.default_rng(1), *shapes, dtype), strict=True):
        assert_array_equal(got, expected)
        assert got.dtype == dtype


@needs_vectors
def test_engine_takes_over_where_it_pays():
    """One image, or one channel in each group, would leave most of a tile empty."""
    assert ways._pays(64, 8, simd.ROWS, np.dtype("f"))
    assert not ways._pays(1, 1, simd.ROWS, np.dtype("f"))
    assert ways._pays(16, 8, simd.ROWS, np.dtype("f"))
    nothing = image_tables.Geometry.of((5,), (0,), (1,), (1,), (1,), (5,), 1)
    assert ways.way("forward", nothing, 0, 8, 8, np.dtype("f")).func is ways._plain


@needs_vectors
@pytest.mark.parametrize("seed", range(6))
def test_same_bits_on_any_number_of_threads(seed, monkeypatch):
    monkeypatch.setattr(ways, "_pays", lambda *_: True)
    rng = np.random.default_rng(seed)
    x, w = rng.standard_normal((37, 6, 17, 9)).astype(np.float32), rng.standard_normal((10, 6, 3, 3)).astype(np.float32)
    same_on_any_number_of_threads(x, w, stride=1 + seed % 2, padding=1)


@needs_vectors
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_reaches_only_its_own_windows(bad, monkeypatch):
    monkeypatch.setattr(ways, "_pays", lambda *_: True)
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((20, 3, 8, 8)), rng.standard_normal((5, 3, 3, 3))
    y, vjp = F.conv2d_vjp(x, w)
    dx, dw, _ = vjp(np.ones_like(y))
    x[7, 1, 2, 3] = bad
    spoilt, vjp = F.conv2d_vjp(x, w)
    seen = np.zeros(y.shape, bool)
    seen[7, :, 0:3, 1:4] = True
    assert_array_equal(np.isfinite(spoilt), ~seen)
    assert_array_equal(spoilt[~seen], y[~seen])
    dx2, dw2, _ = vjp(np.ones_like(y))
    assert_array_equal(dx2, dx)
    assert_array_equal(np.isfinite(dw2[:, 1]), False)
    assert_allclose(dw2[:, [0, 2]], dw[:, [0, 2]], rtol=1e-12)


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
