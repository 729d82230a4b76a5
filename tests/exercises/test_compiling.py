"""The time limit waits while Numba compiles, and for nothing else."""

import threading

import numba
import numpy as np
import pytest

from minicnn.exercises.checking.limits import TimeUp, limited

LIMIT = 0.2  # seconds: any compilation takes longer


def compile_and_run():
    @numba.njit
    def total(x):
        return (np.sort(x) + x.std()).sum()

    return total(np.ones(4))


def never_ends():
    while True:
        pass


@pytest.mark.parametrize("thread", [False, True], ids=["main thread", "another"])
def test_compiling_does_not_count(thread):
    results = []

    def run():
        results.append(limited(compile_and_run, LIMIT))
        try:
            limited(never_ends, LIMIT)
        except TimeUp:
            results.append("stopped")

    if thread:
        other = threading.Thread(target=run)
        other.start()
        other.join()
    else:
        run()
    assert results == [4.0, "stopped"]
