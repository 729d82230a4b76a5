"""Timing that is fair on a busy machine: what is compared takes turns, and only ratios within a turn are summed up."""

import gc
import os
import platform
import subprocess
import time
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]


def interleave(calls, rounds, seconds, before=None):
    """Time functions in turns A B, B A, A B …: {name: seconds per call in each round}.

    Each sample repeats its call for about `seconds`, after a pause, in which the threads of the others fall asleep,
    and one call that is not timed. `before(name)` is called before each sample.
    """
    before, repeats, times = before or (lambda name: None), {}, {name: [] for name in calls}
    for name, call in calls.items():  # warm up: compile, fill caches, find out how long it takes
        before(name)
        for _ in range(2):
            call()
        start = time.perf_counter()
        call()
        repeats[name] = max(1, round(seconds / max(time.perf_counter() - start, 1e-7)))
    gc.collect()
    for turn in range(rounds):
        for name in list(calls)[:: 1 if turn % 2 == 0 else -1]:
            before(name)
            call = calls[name]
            time.sleep(0.01)
            call()
            start = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            times[name].append((time.perf_counter() - start) / repeats[name])
    return {name: np.array(t) for name, t in times.items()}


def spread(values):
    """Median and quartiles, rounded to what they are worth."""
    low, median, high = np.percentile(values, [25, 50, 75])
    return {key: float(f"{v:.4g}") for key, v in (("median", median), ("low", low), ("high", high))}


def compared(times, flops=0, peak_flops=0):
    """A row of the record: milliseconds of each, PyTorch ÷ minicnn, and the share of the peak."""
    row = {f"{name}_ms": float(f"{np.median(t) * 1e3:.4g}") for name, t in times.items() if name != "peak"}
    for name, key in (("torch", "ratio"), ("torch_channels_last", "ratio_channels_last"), ("before", "ratio_before")):
        if name in times:
            row[key] = spread(times[name] / times["minicnn"])
    if "peak" in times:
        peak = peak_flops / times["peak"]
        row["share_of_peak"] = spread(flops / times["minicnn"] / peak)
        row["peak_gflops"] = float(f"{np.median(peak) / 1e9:.4g}")
    return row


class Peak:
    """The most multiply-adds that this machine can do, on all threads at once: nothing but independent FMAs."""

    def __init__(self, threads, times=50_000):
        from minicnn.kernels import peak
        from minicnn.kernels.running import jit as running

        numbers = peak.numbers(4 * threads)
        self.flops = peak.operations(numbers, times)
        self.work = partial(running.parallel_for, peak.peak, len(numbers), numbers, times)

    def __call__(self):
        self.work()


def features():
    """What the processor can do, as LLVM sees it."""
    from llvmlite import binding

    return {name for name, on in binding.get_host_cpu_features().items() if on}


def machine(threads, torch=None):
    """What another reader would want to know about where this ran."""
    import llvmlite.binding
    import numba

    import minicnn

    has = features()
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"]
    about = {
        "processor": _processor(),
        "llvm_name": llvmlite.binding.get_host_cpu_name(),
        "vectors": [name for name in ("avx512f", "avx2", "fma", "neon") if name in has],
        "cores": os.cpu_count(),
        "caches": _caches(),
        "threads": threads,
        "system": f"{platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "minicnn": minicnn.__version__,
        "commit": subprocess.run(git, capture_output=True, text=True).stdout.strip() or "unknown",
        "torch": None,
    }
    if torch:
        mkldnn = torch.backends.mkldnn
        about |= {
            "torch": torch.__version__,
            "torch_threads": torch.get_num_threads(),
            "torch_onednn": bool(mkldnn.is_available() and mkldnn.enabled),
            "torch_vectors": torch.backends.cpu.get_cpu_capability(),
        }
    return about


def _processor():
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _caches():
    """{"L1d": "32K", …} of the first core, where Linux tells."""
    found = {}
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = ((folder / name).read_text().strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            found[f"L{level}{'d' if kind == 'Data' else ''}"] = size
    return found
