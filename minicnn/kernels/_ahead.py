"""Compiling from both ends: where nothing was compiled yet, a second process begins with the end of a training step.

Numba compiles on one processor only, and a first step waits for some seconds. So whoever finds the cache empty starts
this module as a process. It goes through a step of LeNet-5 without computing anything, notes which kernels are wanted
for what types, and compiles them, the last one first. The first process has meanwhile begun with the first kernel; from
where they meet, it finds the others in the cache. If this process fails or there is none, that only costs time.
"""

import atexit
import contextlib
import gc
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from numba.core import config


@cache
def compile_ahead(folder):
    """Start the second process, once, if `folder` is empty and there is a processor for it."""
    python = Path(sys.executable or "").name.startswith("python")
    if python and config.NUMBA_NUM_THREADS > 1 and not any(folder.iterdir()):
        path = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]))
        env = os.environ | {"PYTHONPATH": path, "PYTHONSAFEPATH": "1", "NUMBA_NUM_THREADS": "1"}  # 1: it starts none
        command = [sys.executable, "-c", f"import {__name__} as ahead; ahead.main()"]
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        with contextlib.suppress(OSError):
            process = subprocess.Popen(command, env=env, **quiet)
            atexit.register(_end, process)


def _end(process):
    """It is no longer needed."""
    process.kill()
    process.wait()


def main():
    """Compile what a training step of LeNet-5 calls, from its end."""
    gc.disable()  # it would take a tenth of the time
    import numpy as np

    from .. import SGD, models, tensor
    from ..functional import cross_entropy
    from . import _jit, _parallel

    wanted, make = {}, _jit._launch

    def note(kernel, compiled):
        launch = make(kernel, compiled)
        return lambda *args: wanted.setdefault((launch, tuple(map(launch.typeof_pyval, args))))

    _jit._launch, _parallel._start = note, lambda: 0
    net = models.LeNet5(rng=np.random.default_rng(0))
    x, target = np.zeros((64, 1, 32, 32), np.float32), np.zeros(64, np.int64)
    cross_entropy(net(tensor.Tensor(x)), target).backward()
    SGD(net.parameters(), 0.1, momentum=0.9).step()
    for launch, types in reversed(wanted):
        launch.compile(types)
