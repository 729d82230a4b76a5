"""Compiling from both ends: where nothing was compiled yet, a second process begins with the end of a training step.

Numba compiles on one processor only, and a first step waits for some seconds. So whoever finds the cache empty starts a
second process, minicnn/compile_first_step.py: it goes through a step of LeNet-5 without computing anything, notes which
kernels are wanted for what types, and compiles them, the last one first. The first process has meanwhile begun with
the first kernel; from where they meet, it finds the others in the cache. If the second one fails, that only costs time.
"""

import atexit
import contextlib
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from numba.core import config


@cache
def compile_in_helper(folder):
    """Start the second process, once, if `folder` is empty and there is a processor for it."""
    python = Path(sys.executable or "").name.startswith("python")
    if python and config.NUMBA_NUM_THREADS > 1 and not any(folder.iterdir()):
        path = os.pathsep.join(filter(None, [str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH")]))
        env = os.environ | {"PYTHONPATH": path, "PYTHONSAFEPATH": "1", "NUMBA_NUM_THREADS": "1"}  # 1: it starts none
        command = [sys.executable, "-c", f"from {__package__.split('.')[0]}.compile_first_step import main; main()"]
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        with contextlib.suppress(OSError):
            process = subprocess.Popen(command, env=env, **quiet)
            atexit.register(_end, process)


def _end(process):
    """It is no longer needed."""
    process.kill()
    process.wait()
