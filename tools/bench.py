"""Compare minicnn's speed with PyTorch's, on the CPU: `make bench`.

python tools/bench.py                       everything (about half an hour); writes book/ledger/speed.json
python tools/bench.py --quick               in a minute, what the targets are about; writes nothing
python tools/bench.py --only "step/ResNet"  rows whose group/name fit this regular expression; writes nothing
python tools/bench.py --against HEAD~3      with minicnn as it was then, instead of PyTorch; writes nothing

Both libraries compute the same with the same number of threads in one process, taking turns (bench_measure.py).
Before steps are timed, the losses of three of them must agree. PyTorch runs eagerly with its default options, in its
default layout and in channels_last, with a malloc that keeps its memory. Ratios are PyTorch's time over minicnn's:
above 1, minicnn is faster. Without PyTorch, minicnn is timed alone. Only a machine with nothing else to do gives
numbers worth keeping.
"""

import argparse
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEDGER = ROOT / "book" / "ledger" / "speed.json"
MALLOC = {  # glibc: keep what is freed, so that neither library pays for page faults in every step
    "MALLOC_MMAP_THRESHOLD_": "4000000000",
    "MALLOC_TRIM_THRESHOLD_": "8000000000",
    "MALLOC_TOP_PAD_": "500000000",
}
CONV = "conv 3x3 (16->16 @32|32->32 @16|64->64 @8|64->64 @56|256->256 @14)$"

# What is to be reached: rows, the number in them, at least, aim. The worst of the rows counts.
TARGETS = [
    ("LeNet-5 step", "^step/LeNet-5", "ratio", 2.0, 3.0),
    ("ResNet-20 step", "^step/ResNet-20", "ratio", 1.15, 1.6),
    ("ResNet-20 step, channels_last", "^step/ResNet-20", "ratio_channels_last", 0.9, 1.2),
    ("conv 3x3, share of peak, forward", "^forward/" + CONV, "share_of_peak", 0.80, 0.95),
    ("conv 3x3, share of peak, gradients", "^backward/" + CONV, "share_of_peak", 0.65, 0.85),
    ("depthwise", "^(forward|backward)/depthwise", "ratio", 1.5, 3.0),
    ("max-pool", "^(forward|backward)/max-pool", "ratio", 1.5, 3.0),
    ("batch norm + ReLU", "^(forward|backward)/batch norm .*ReLU", "ratio", 1.5, 3.0),
    ("softmax-cross-entropy", "^(forward|backward)/softmax", "ratio", 1.5, 3.0),
    ("import + first step, empty cache", "^first step/empty", "minicnn_ms", 5000, 3000),
    ("import + first step, warm cache", "^first step/warm", "minicnn_ms", 600, 400),
    ("2 threads ÷ 1, ResNet-20", "^threads/ResNet-20", "minicnn_gain", 1.8, 1.95),
    ("memory of a step", "^memory/", "ratio", 1.0, 1.0),
]
QUICK = "^(step|threads)/(LeNet-5|ResNet-20)|^(forward|backward)/(conv 3x3 \\d|depthwise|max|batch|soft)|^memory/LeNet"


class Bench:
    """The rows, and how each is measured."""

    def __init__(self, threads, rounds, seconds, torch=True, before=None):
        import bench_measure
        import bench_nets
        import bench_ops

        self.measure, self.nets, self.ops = bench_measure, bench_nets, bench_ops
        self.threads, self.rounds, self.seconds = threads, rounds, seconds
        self.libraries = {"minicnn": bench_nets.Minicnn()}
        if torch:
            self.libraries |= {"torch": bench_nets.Torch(), "torch_channels_last": bench_nets.Torch(channels_last=True)}
            self.libraries["torch"].set_threads(threads)
        if before:
            self.libraries["before"] = bench_nets.Minicnn(before)

    @cached_property
    def peak(self):
        return self.measure.Peak(self.threads)

    def rows(self):
        """All rows: (group, name, function that measures it)."""
        for net, (_, _, batches) in self.nets.NETS.items():
            for batch in batches:
                yield "step", f"{net}, batch {batch}", partial(self.step, net, batch)
        for direction in ("forward", "backward"):
            for name, op in self.ops.OPS.items():
                yield direction, name, partial(self.operation, op, direction)
        for name in ("SGD", "Adam"):
            yield "update", f"{name}, ResNet-20", partial(self.update, name)
        for net in self.nets.NETS:
            for batch in (1, 64):
                yield "inference", f"{net}, batch {batch}", partial(self.inference, net, batch)
        for direction in ("forward", "backward"):
            for name, op in self.ops.GROWTH.items():
                yield "growth", f"{name}, {direction}", partial(self.operation, op, direction)
        for net, batch in (("LeNet-5", 64), ("ResNet-20", 64)):
            yield "threads", f"{net}, batch {batch}", partial(self.scaling, net, batch)
        if "before" in self.libraries:  # fresh processes would not find it
            return
        for net, batch in (("LeNet-5", 256), ("ResNet-20", 128), ("VGG-11", 32)):
            yield "memory", f"{net}, batch {batch}", partial(self.memory, net, batch)
        for state in ("empty cache", "warm cache"):
            yield "first step", state, partial(self.first_step, state)

    def fitting(self, dimensions):
        """The libraries that can do this: channels_last is for images and volumes."""
        return {name: lib for name, lib in self.libraries.items() if dimensions > 3 or "channels" not in name}

    def time(self, calls, **options):
        return self.measure.interleave(calls, self.rounds, self.seconds, **options)

    def step(self, net, batch):
        libraries = self.fitting(1 + len(self.nets.NETS[net][1]))
        steps = {name: self.nets.training(library, net, batch) for name, library in libraries.items()}
        losses = {name: [step().item() for _ in range(3)] for name, step in steps.items()}
        apart = max(abs(a / b - 1) for loss in losses.values() for a, b in zip(loss, losses["minicnn"], strict=True))
        if not apart < 1e-3:  # rounding grows from step to step, most in the deepest network
            raise AssertionError(f"the losses of three steps do not agree: {losses}")
        return self.measure.compared(self.time(steps)) | {"losses_apart": float(f"{apart:.1e}")}

    def operation(self, op, direction):
        image = op.args[0].shape
        calls = {
            name: (self.ops.torch_calls if "torch" in name else self.ops.minicnn_calls)(library, op)[direction]
            for name, library in self.fitting(len(image)).items()
        }
        if not op.flops:
            return self.measure.compared(self.time(calls))
        times = self.time(calls | {"peak": self.peak})
        return self.measure.compared(times, op.flops_of(direction), self.peak.flops)

    def update(self, name):
        calls = {}
        for key, library in self.fitting(3).items():
            net, x, labels = self.nets.network(library, "ResNet-20", 2)
            options = dict(momentum=0.9) if name == "SGD" else {}
            optimiser = getattr(library.optimisers, name)(net.parameters(), lr=1e-5, **options)
            library.F.cross_entropy(net(x), labels).backward()
            calls[key] = optimiser.step
        return self.measure.compared(self.time(calls))

    def inference(self, net, batch):
        libraries = self.fitting(1 + len(self.nets.NETS[net][1]))
        calls = {name: self.nets.inference(library, net, batch) for name, library in libraries.items()}
        return self.measure.compared(self.time(calls))

    def scaling(self, net, batch):
        libraries, calls = self.fitting(3), {}
        for name, library in libraries.items():
            step = self.nets.training(library, net, batch)
            calls |= {(name, n): step for n in (1, self.threads)}
        calls |= {("peak", n): self.peak for n in (1, self.threads)}  # what other guests of the host leave of a thread
        own = libraries["minicnn"]
        try:
            times = self.time(calls, before=lambda key: libraries.get(key[0], own).set_threads(key[1]))
        finally:
            for library in libraries.values():
                library.set_threads(self.threads)
        row = self.measure.compared({name: times[name, self.threads] for name in libraries})
        for name in (*libraries, "peak"):
            row[f"{name}_gain"] = self.measure.spread(times[name, 1] / times[name, self.threads])
        return row

    def memory(self, net, batch):
        import bench_fresh

        mb = bench_fresh.memory(self.fitting(3), net, batch, self.threads, 3)
        row = {f"{name}_mb": round(sorted(values)[1], 1) for name, values in mb.items()}
        return row | ({"ratio": self.measure.spread(self.over(mb))} if "torch" in mb else {})

    def first_step(self, state):
        import bench_fresh

        seconds = bench_fresh.first_steps(self.fitting(3), self.threads, 3)[state]
        row = {f"{name}_ms": round(1e3 * sorted(values)[1]) for name, values in seconds.items()}
        return row | ({"ratio": self.measure.spread(self.over(seconds))} if "torch" in seconds else {})

    @staticmethod
    def over(values):
        return [a / b for a, b in zip(values["torch"], values["minicnn"], strict=True)]


def run(bench, only=""):
    """Measure the rows that fit `only`: a list of dicts. One that fails says so in "error", and the run goes on."""
    from tqdm import tqdm

    rows, chosen = [], [row for row in bench.rows() if re.search(only, "/".join(row[:2]), re.IGNORECASE)]
    for group, name, measured in (bar := tqdm(chosen, disable=None)):
        bar.set_description(f"{group}/{name}"[:40])
        try:
            result = measured()
        except Exception as error:
            result = {"error": f"{type(error).__name__}: {error}"[:300]}
        rows.append({"group": group, "name": name, **result})
    return rows


def package_of(commit, folder):
    """The package as it was at a commit, under the name minicnn_before, but with the networks that there are now.

    Imports within it are relative.
    """
    archive = subprocess.run(["git", "-C", str(ROOT), "archive", commit, "minicnn"], check=True, capture_output=True)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    before = (Path(folder) / "minicnn").rename(Path(folder) / "minicnn_before")
    shutil.copytree(ROOT / "minicnn" / "models", before / "models", dirs_exist_ok=True)
    if not (before / "checks.py").exists():  # which they import
        shutil.copy(ROOT / "minicnn" / "checks.py", before)
    sys.path.append(str(folder))
    return importlib.import_module("minicnn_before")


def judged(rows):
    """The targets that the rows say something about, each with its value, the worst of its rows."""
    found = []
    for target, pattern, key, at_least, aim in TARGETS:
        fitting = [row for row in rows if re.search(pattern, f"{row['group']}/{row['name']}")]
        values = [row[key]["median"] if isinstance(row[key], dict) else row[key] for row in fitting if key in row]
        if fitting:
            less = aim < at_least  # is better
            value = None if len(values) < len(fitting) else (max if less else min)(values)
            reached = [value is not None and (value <= goal if less else value >= goal) for goal in (at_least, aim)]
            verdict = "no" if not reached[0] else "aim" if reached[1] else "yes"
            found.append(dict(target=target, value=value, at_least=at_least, aim=aim, reached=verdict))
    return found


def tables(record):
    """The record as two Markdown tables."""

    def quartiles(value):
        return "{median:.2f} ({low:.2f}–{high:.2f})".format(**value) if value else ""

    names = {"ratio_before": "before ÷ now"} if record["against"] else {"ratio": "PyTorch ÷ minicnn"}
    names |= {"ratio_channels_last": "channels_last ÷ minicnn", "share_of_peak": "share of peak"}
    lines = [f"| | {' | '.join(names.values())} | minicnn |", "|:--|:--|:--|:--|:--|"]
    for row in record["rows"]:
        own = (
            f"{row['minicnn_ms']:g} ms" if "minicnn_ms" in row else f"{row['minicnn_mb']} MB" if "ratio" in row else ""
        )
        gains = {"minicnn_gain": "2 ÷ 1", "peak_gain": "of pure multiply-adds"}
        gain = "".join(f", {words}: {row[key]['median']:.2f}" for key, words in gains.items() if key in row)
        cells = [quartiles(row.get(key)) for key in names]
        cells = [row["error"].splitlines()[0], "", "", ""] if "error" in row else [*cells, own + gain]
        lines.append(f"| {row['group']}: {row['name']} | {' | '.join(cells)} |")
    lines += ["", "| target | at least | aim | measured | reached |", "|:--|:--|:--|:--|:--|"]
    for t in record["targets"]:
        lines.append(f"| {t['target']} | {t['at_least']:g} | {t['aim']:g} | {t['value'] or '–'} | {t['reached']} |")
    return "\n".join(lines)


def arguments(args=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="PATTERN", help="measure only these rows")
    parser.add_argument("--quick", action="store_true", help="fewer rows, fewer rounds")
    parser.add_argument("--against", metavar="COMMIT", help="compare with minicnn of this commit, not with PyTorch")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often to take turns (15, --quick 5)")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), metavar="N")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the record goes")
    return parser.parse_args(args)


def main(args):
    has_torch = importlib.util.find_spec("torch") is not None and not args.against
    if not has_torch and not args.against:
        print("There is no PyTorch here to compare with: minicnn is timed alone.")
    out = args.out or (LEDGER if has_torch and not (args.quick or args.only) else None)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0
    if load > 0.5:  # PyTorch's threads wait for each other and suffer more than minicnn's: the ratios would flatter
        print(f"Others are computing here (load {load:.1f}): do not trust these numbers.")
        if out == LEDGER:
            sys.exit("Nothing was measured for the ledger. Wait until the machine is idle, or name a file with --out.")
    rounds, seconds = (5, 0.01) if args.quick else (15, 0.05)
    with tempfile.TemporaryDirectory() as folder:
        before = package_of(args.against, folder) if args.against else None
        bench = Bench(args.threads, args.rounds or rounds, seconds, has_torch, before)
        rows = run(bench, args.only or (QUICK if args.quick else ""))
    about = bench.measure.machine(args.threads, bench.libraries["torch"].torch if has_torch else None)
    record = {
        "command": " ".join(["python tools/bench.py", *sys.argv[1:]]),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": about,
        "against": args.against,
        "rounds": bench.rounds,
        "rows": rows,
        "targets": judged(rows),
    }
    if out:
        out.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(tables(record))
    return record


if __name__ == "__main__":
    arguments_ = arguments()
    threads = str(arguments_.threads)
    wanted = {"NUMBA_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}  # before either library is imported
    if sys.platform == "linux":
        wanted |= MALLOC
    if any(os.environ.get(key) != value for key, value in wanted.items()):
        os.environ.update(wanted)
        if sys.platform == "linux":  # malloc reads its settings when the process starts
            os.execv(sys.executable, [sys.executable, *sys.argv])
    sys.path.insert(0, str(ROOT))
    main(arguments_)
