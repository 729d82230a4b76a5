"""One run of an experiment: every arm is trained from one seed, and goes on where it was killed."""

import json
import os
import shutil
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

import minicnn as mc

from .experiment import LEDGER, load
from .progress import Progress
from .records import commit_now, machine, write


def folder_of(experiment, seed):
    """Where a run keeps what it needs to go on. Another version of the experiment begins anew."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    base = Path(os.environ.get("MINICNN_LEDGER") or Path(home, "minicnn", "ledger"))
    return base / f"{experiment.name}-seed{seed}-{experiment.digest}"


def forget(experiment, seed):
    """Delete what was kept to go on."""
    shutil.rmtree(folder_of(experiment, seed), ignore_errors=True)


def run(name, seed, ledger=LEDGER, progress=None):
    """Train all arms from one seed, or what of it is still to be done. Returns the record."""
    experiment = load(name, ledger)
    folder, progress = folder_of(experiment, seed), progress or Progress()
    commits = _commits(folder / "commits.json")
    arms = {}
    for i, (arm, settings) in enumerate(experiment.arms.items()):
        progress.begin(f"{name}, seed {seed}, {arm}")
        done = folder / f"{i}.json"
        if done.exists():
            progress.skip(settings["epochs"])
        else:
            history, results = train(experiment, seed, settings, folder / f"{i}.safetensors", progress)
            write(done, {"settings": settings, "results": results, "history": asdict(history)})
        arms[arm] = json.loads(done.read_text("utf-8"))
    seconds = round(sum(sum(arm["history"]["seconds"]) for arm in arms.values()))
    about = machine() | {"commit": ", ".join(commits)}
    return {"experiment": name, "seed": seed, "seconds": seconds, "machine": about, "arms": arms}


def train(experiment, seed, settings, checkpoint, progress):
    """Train one arm, from its checkpoint if there is one. Returns history and results."""
    options = experiment.setup(seed, **settings)
    history, average = mc.History(), options.get("average")
    rng, stop = options.pop("rng", ()), options.pop("after_epoch", lambda history: False)
    parts = {name: options.get(name) for name in ("model", "optimizer", "schedule", "average")}
    parts |= {"loader": options["train_loader"], "history": history, "rng": rng}
    if checkpoint.exists():
        mc.load_checkpoint(checkpoint, **parts)
        progress.skip(len(history))

    def finished():
        return len(history) >= settings["epochs"] or (len(history) > 0 and stop(history))

    def after_epoch(history):
        mc.save_checkpoint(checkpoint, **parts)
        progress.line(f"epoch {len(history)}/{settings['epochs']}  {history.last()}")
        return finished()

    if not finished():
        options["train_loader"] = progress.count(options["train_loader"])
        mc.fit(**options, epochs=settings["epochs"], history=history, after_epoch=after_epoch, progress=False)
    if not finished():  # fit returns what it has when it is interrupted
        raise KeyboardInterrupt
    progress.skip(settings["epochs"] - len(history))
    with average.applied() if average else nullcontext():
        return history, experiment.measure(model=options["model"], history=history, seed=seed, **settings)


def _commits(path):
    """The commits under which this run has worked, the present one the last."""
    commits = json.loads(path.read_text("utf-8")) if path.exists() else []
    if commit_now() not in commits:
        write(path, commits := [*commits, commit_now()])
    return commits
