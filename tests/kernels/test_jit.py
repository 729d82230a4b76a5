"""Kernels give the same bits on any number of threads, survive a fork, and work without a cache folder."""

import os
import shutil
import subprocess
import sys
import time
import weakref
from pathlib import Path

import numpy as np
import pytest

import minicnn
import minicnn.functional as F
from minicnn.kernels import simd
from minicnn.kernels.running import helper_process
from minicnn.kernels.running.jit import jit, parallel_for
from tests.limits import HANGS

pytestmark = pytest.mark.patient
STEP = """
import hashlib, sys
import numpy as np
import minicnn as mc, minicnn.functional as F

rng = np.random.default_rng(0)
x = rng.standard_normal((5, 3, 9, 8)).astype(np.float32)
w, b = (rng.standard_normal(s).astype(np.float32) for s in [(7, 3, 3, 3), (7,)])
y, vjp = F.conv2d_vjp(x, w, b, stride=2, padding=1)
p, pool_vjp = F.max_pool2d_vjp(y, 2)
a, average_vjp = F.avg_pool2d_vjp(y, 2)
w = rng.standard_normal((6, x[0].size)).astype(np.float32)
z, linear_vjp = F.linear_vjp(x.reshape(5, -1), w, w[:, 0])
scores = rng.standard_normal((5000, 10)).astype(np.float32)  # several blocks of rows, whose losses are added up
loss, loss_vjp = F.cross_entropy_vjp(scores, rng.integers(0, 10, 5000))
arrays = [loss, *loss_vjp(loss)[:1], y, p, a, z, *vjp(y), *pool_vjp(p), *average_vjp(a), *linear_vjp(z)]
print(hashlib.sha256(b"".join(np.ascontiguousarray(v).tobytes() for v in arrays)).hexdigest())
"""


def run(code, **environment):
    env = {**os.environ, "NUMBA_DISABLE_JIT": "0", **environment}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout


def test_same_bits_on_any_number_of_threads():
    assert len({run(STEP, NUMBA_NUM_THREADS=n) for n in "123"}) == 1


@pytest.mark.slow
def test_an_unwritable_cache_folder_only_costs_time(tmp_path):
    file = tmp_path / "no-folder"
    file.write_text("here a folder cannot be made")
    assert run(STEP, XDG_CACHE_HOME=str(file)) == run(STEP)


def test_what_was_compiled_from_other_sources_is_deleted_after_a_month(tmp_path):
    kernels, month = tmp_path / "minicnn" / "kernels", 31 * 24 * 3600
    for name, age in [("old", month), ("young", 0)]:
        (kernels / name).mkdir(parents=True)
        (kernels / name / "file").write_text("machine code")
        os.utime(kernels / name, (time.time() - age,) * 2)
    use = "import minicnn.functional as F, numpy as np; F.relu(np.zeros(3, np.float32))"
    run(use, XDG_CACHE_HOME=str(tmp_path))
    own = {folder.name for folder in kernels.iterdir()} - {"young"}
    assert len(own) == 1
    assert "old" not in own
    os.utime(kernels / own.pop(), (0, 0))  # its own it keeps
    run(use, XDG_CACHE_HOME=str(tmp_path))
    assert len(list(kernels.iterdir())) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_can_compute():
    fork = """
import os, warnings
warnings.simplefilter("ignore")  # newer Pythons warn of fork in a process with threads; here it is the point
child = os.fork()
if not child:
    F.conv2d_vjp(x, x[:, :, :3, :3].copy())
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
    run(STEP + fork, NUMBA_NUM_THREADS="2")


# ---------------------------------------------------------------- the cache, on a package of one kernel of our own

USE = """
import numpy as np
from small.kernels.own import add
from small.kernels.running.jit import parallel_for
x = np.zeros(9, {dtype})
parallel_for(add, 9, x)
print(x.sum(), sum(add.launch._cache_misses.values()))
"""


@pytest.fixture
def small(tmp_path):
    """Compute with a copy of the machinery and one kernel; returns the sum, and how many kernels were compiled."""
    folder = tmp_path / "small" / "kernels"
    folder.mkdir(parents=True)
    shutil.copytree(Path(minicnn.__file__).parent / "kernels" / "running", folder / "running")

    def use(kernel=KERNEL, dtype="float", wait=True, **environment):
        if kernel:
            (folder / "own.py").write_text(kernel)
        env = {**os.environ, "NUMBA_DISABLE_JIT": "0", "PYTHONPATH": str(tmp_path), **environment}
        env["XDG_CACHE_HOME"] = str(tmp_path / "cache")
        env["PYTHONDONTWRITEBYTECODE"] = "1"  # Python's own cache takes an edit of the same second for the old file
        code = [sys.executable, "-c", USE.format(dtype=dtype)]
        process = subprocess.Popen(code, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return result(process) if wait else process

    return use


def result(process):
    out, err = process.communicate(timeout=HANGS)
    assert process.returncode == 0, err
    return tuple(float(v) for v in out.split())


KERNEL = """
from .running.jit import jit
@jit
def add(start, stop, x):
    for i in range(start, stop):
        x[i] += 1
"""


def test_what_is_compiled_is_loaded_next_time_and_never_after_an_edit(small):
    assert small() == (9, 1)
    assert small() == (9, 0)
    assert small(KERNEL.replace("1", "2")) == (18, 1)
    assert small(KERNEL) == (9, 0)
    assert small(NUMBA_OPT="1") == (9, 1)
    assert small(MINICNN_SIMD="plain") == (9, 1)
    assert small(MINICNN_POISON="1") == (9, 1)
    assert small(NUMBA_NUM_THREADS="1") == (9, 0)


def test_a_damaged_file_is_compiled_anew(small, tmp_path):
    small()
    (file,) = (tmp_path / "cache").rglob("own.add.launch.*")
    whole = file.read_bytes()
    file.write_bytes(whole[:100])
    assert small() == (9, 1)
    assert small() == (9, 0)


def test_kernels_that_a_function_makes_are_told_apart(small):
    made = """
from .running.jit import jit
def make(step):
    @jit
    def add(start, stop, x):
        for i in range(start, stop):
            x[i] += step
    return add
other, add = make(5), make({})
"""
    assert small(made.format(1)) == (9, 1)
    assert small(made.format(1)) == (9, 0)
    assert small(made.format(1).replace("other, add", "add, other")) == (45, 1)


def test_processes_that_compile_at_once_do_not_mix_up_types(small):
    types = ["float", "int", "'float32'"]
    for expected in (1, 0):
        running = [small(None if i or not expected else KERNEL, t, wait=False) for i, t in enumerate(types)]
        assert [result(process) for process in running] == [(9, expected)] * 3


# ---------------------------------------------------------------- a second process that compiles


def files(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_the_second_process_compiles_exactly_what_a_first_step_calls(tmp_path):
    run("from minicnn.compile_first_step import main; main()", XDG_CACHE_HOME=str(tmp_path), NUMBA_NUM_THREADS="1")
    ahead = files(tmp_path)
    run(FIRST_STEP, XDG_CACHE_HOME=str(tmp_path))
    assert {name.split(".")[0] for name in files(tmp_path) - ahead} == {"parallel"}
    shutil.rmtree(tmp_path / "minicnn")
    run(FIRST_STEP, XDG_CACHE_HOME=str(tmp_path), NUMBA_NUM_THREADS="1")  # without a second process
    assert files(tmp_path) >= ahead
    assert len(ahead) > 10


FIRST_STEP = """
import numpy as np, minicnn as mc
net = mc.models.LeNet5(rng=np.random.default_rng(1))
x, target = np.ones((64, 1, 32, 32), np.float32), np.arange(64) % 10
mc.functional.cross_entropy(net(mc.Tensor(x)), target).backward()
mc.SGD(net.parameters(), lr=0.5, momentum=0.9).step()
"""


def test_the_second_process_starts_once_where_nothing_is_compiled_and_a_processor_is_free(tmp_path, monkeypatch):
    started, ended = [], []
    monkeypatch.setattr(helper_process.subprocess, "Popen", lambda command, **options: started.append(options["env"]))
    monkeypatch.setattr(helper_process.atexit, "register", lambda end, process: ended.append(end))
    start = helper_process.compile_in_helper.__wrapped__
    monkeypatch.setattr(helper_process.config, "NUMBA_NUM_THREADS", 1)
    start(tmp_path)
    monkeypatch.setattr(helper_process.config, "NUMBA_NUM_THREADS", 2)
    monkeypatch.setattr(helper_process.sys, "executable", "/usr/bin/an-editor")
    start(tmp_path)
    assert started == []
    monkeypatch.setattr(helper_process.sys, "executable", "/usr/bin/python3")
    start(tmp_path)
    assert [env["NUMBA_NUM_THREADS"] for env in started] == ["1"]  # so that it does not start another one
    assert ended == [helper_process._end]
    (tmp_path / "kernel").touch()
    start(tmp_path)
    assert len(started) == 1


def test_no_second_process_can_be_started(tmp_path, monkeypatch):
    def refuse(*args, **options):
        raise PermissionError("no new processes here")

    monkeypatch.setattr(helper_process.subprocess, "Popen", refuse)
    monkeypatch.setattr(helper_process.config, "NUMBA_NUM_THREADS", 2)
    helper_process.compile_in_helper.__wrapped__(tmp_path)


# ---------------------------------------------------------------- what kernels do with arrays


def test_arrays_outlive_the_kernel_and_nothing_else_does():
    """Views inside kernels count no references, so that threads need not wait for each other's counting."""
    x = np.ones((2, 3))
    views, alive = [x[1], x[:, ::2]], weakref.ref(x)
    for view in (x, *views):
        before = sys.getrefcount(view)
        F.relu(view)
        F.layer_norm(view, view.shape[-1:])
        assert sys.getrefcount(view) == before
    del x, view
    assert alive() is not None  # views need it
    views.clear()
    assert alive() is None


@pytest.mark.skipif(simd.NAME != "avx512", reason="needs vectors that LLVM holds back with")
def test_a_wide_kernel_uses_the_widest_vectors():
    def cubes(start, stop, x, y):
        for i in range(start, stop):
            y[i] = x[i] * x[i] * x[i]

    x, wide_products = np.arange(100, dtype=np.float32), {}
    for wide in (False, True):
        kernel, y = jit(cubes, wide=wide), np.zeros(100, np.float32)
        parallel_for(kernel, 100, x, y)
        assert (y == x**3).all()
        (assembly,) = kernel.launch.inspect_asm().values()
        wide_products[wide] = sum("vmulps" in line and "zmm" in line for line in assembly.splitlines())
    assert wide_products[True] > wide_products[False]
