"""What only a fresh process can tell tools/bench.py: the time of import and first step, and the memory of a step.

``python tools/bench_fresh.py first minicnn LeNet-5 64`` prints seconds; ``memory torch ResNet-20 64`` bytes.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def ask(question, library, net, batch, cache, threads):
    """The answer of a fresh process, whose compiled kernels are kept in the folder `cache`."""
    unusual = "MALLOC_", "PYTHONDONTWRITEBYTECODE"
    env = {k: v for k, v in os.environ.items() if not k.startswith(unusual)}  # as it is for everyone
    env |= {"XDG_CACHE_HOME": str(cache), "NUMBA_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, __file__, question, library, net, str(batch)]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return float(done.stdout)


def first_steps(libraries, threads, times):
    """Seconds from before the import until after LeNet-5's first step: {"cold" or "warm": {library: [seconds]}}."""
    answers = {"empty cache": {"minicnn": []}, "warm cache": {name: [] for name in libraries}}
    for _ in range(times):
        with tempfile.TemporaryDirectory() as cache:
            for state in answers:
                for name in answers[state]:
                    answers[state][name].append(ask("first", name, "LeNet-5", 64, cache, threads))
    if "torch" in libraries:
        answers["empty cache"]["torch"] = answers["warm cache"]["torch"]  # it has no such cache
    return answers


def memory(libraries, net, batch, threads, times):
    """By how many MB two training steps raise the highest memory use, after a small step: {library: [MB]}."""
    with tempfile.TemporaryDirectory() as cache:
        ask("memory", "minicnn", net, batch, cache, threads)  # compile: that takes memory too
        answers = [{name: ask("memory", name, net, batch, cache, threads) for name in libraries} for _ in range(times)]
    return {name: [answer[name] / 1e6 for answer in answers] for name in libraries}


def main(question, library, net, batch):
    start = time.perf_counter()
    sys.path.insert(0, str(ROOT))
    import bench_nets

    library = bench_nets.Minicnn() if library == "minicnn" else bench_nets.Torch()
    if question == "first":
        bench_nets.training(library, net, int(batch))().item()
        print(time.perf_counter() - start)
        return
    bench_nets.training(library, net, 2)().item()
    before = memory_in_use(forget=True)
    step = bench_nets.training(library, net, int(batch))
    for _ in range(2):
        step().item()
    print(memory_in_use() - before)


def memory_in_use(forget=False):
    """The most bytes that this process has held; Linux can `forget` what was before now."""
    status = Path("/proc/self/status")
    if status.exists():
        if forget:
            Path("/proc/self/clear_refs").write_text("5")
        return 1024 * int(status.read_text().partition("VmHWM:")[2].split()[0])
    from resource import RUSAGE_SELF, getrusage

    return getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main(*sys.argv[1:])
