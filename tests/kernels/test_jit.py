"""Kernels give the same bits on any number of threads, survive a fork, and work without a cache folder."""

import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from minicnn.kernels import _jit

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
arrays = [y, p, a, z, *vjp(y), *pool_vjp(p), *average_vjp(a), *linear_vjp(z)]
print(hashlib.sha256(b"".join(np.ascontiguousarray(v).tobytes() for v in arrays)).hexdigest())
"""


def run(code, **environment):
    env = {**os.environ, **environment}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout


def test_same_bits_on_any_number_of_threads():
    assert len({run(STEP, NUMBA_NUM_THREADS=n) for n in "123"}) == 1


def test_an_unwritable_cache_folder_only_costs_time(tmp_path):
    file = tmp_path / "no-folder"
    file.write_text("here a folder cannot be made")
    assert run(STEP, XDG_CACHE_HOME=str(file)) == run(STEP)


def test_every_piece_of_the_range_is_done_once():
    done = np.zeros(100, int)

    def kernel(start, stop):
        done[start:stop] += 1

    for n in (0, 1, 2, 7, 100):
        done[:] = 0
        _jit.parallel_for(kernel, n)
        assert_array_equal(done, np.arange(100) < n)


def test_an_error_in_any_thread_is_raised():
    def kernel(start, stop):
        if stop == 10:
            raise ValueError("the last piece")

    with pytest.raises(ValueError, match="the last piece"):
        _jit.parallel_for(kernel, 10)


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
