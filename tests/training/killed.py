"""A small run with chance in every part of it, which saves after each epoch, and may be killed: see test_checkpoint.py.

python -m tests.training.killed FOLDER "batch 7"     begins or goes on, and dies at the seventh batch of this process
"""

import os
import sys
from pathlib import Path

import numpy as np

import minicnn as mc
import minicnn.functional as F
from minicnn.data import ArrayDataset, DataLoader

EPOCHS, BATCHES = 4, 5


def die_if(happened):
    if happened:
        os.kill(os.getpid(), 9)


def die_while_saving(death):
    """From now on this process dies when a checkpoint is half written, or before or after it is moved into place."""
    write_bytes, replace = Path.write_bytes, Path.replace

    def write_bytes_or_die(path, content):
        write_bytes(path, content[: len(content) // 2] if death == "half written" else content)
        die_if(death == "half written")

    def replace_or_die(path, target):
        die_if(death == "before the move")
        replace(path, target)
        die_if(death == "after the move")

    Path.write_bytes, Path.replace = write_bytes_or_die, replace_or_die


def run(path, death=None):
    """Train, from the beginning or from where it was killed. Returns all numbers that it ends with."""
    start, dropped, shuffled, noise = (np.random.default_rng(seed) for seed in range(4))
    mc.manual_seed(5)
    data = ArrayDataset(start.standard_normal((50, 6)).astype(np.float32), start.integers(0, 3, 50))
    model = mc.Sequential(
        mc.Linear(6, 8, rng=start), mc.BatchNorm1d(8), mc.Dropout(0.5, rng=dropped), mc.Dropout(0.2), mc.Linear(8, 3)
    )
    optimizer = mc.Adam(model.parameters(), lr=0.01)
    loader = DataLoader(data, 10, shuffle=True, rng=shuffled)
    schedule = mc.OneCycleLR(optimizer, 0.05, total_steps=EPOCHS * BATCHES)
    average, history = mc.ExponentialMovingAverage(model, 0.5), mc.History()
    parts = dict(model=model, optimizer=optimizer, schedule=schedule, loader=loader, average=average, history=history)
    if path.exists():
        mc.load_checkpoint(path, **parts, rng=noise)
    batches = 0

    def loss(scores, labels):
        nonlocal batches
        batches += 1
        die_if(death == f"batch {batches}")
        return F.cross_entropy(scores, labels) * float(noise.uniform(0.5, 2))

    def save(history):
        if death:
            die_while_saving(death)
        mc.save_checkpoint(path, **parts, rng=noise)

    mc.fit(
        model, loader, optimizer=optimizer, epochs=EPOCHS, loss=loss, schedule=schedule, average=average,
        history=history, after_epoch=save, progress=False,
    )  # fmt: skip
    chance = [*mc.rand(2).data, *(rng.random() for rng in (dropped, shuffled, noise))]
    measured = {"loss": history.train_loss, "lr": history.lr, "chance": chance, "end": mc.evaluate(model, loader)}
    return model.state_dict() | {f"mean.{key}": mean for key, mean in average.means.items()} | measured


if __name__ == "__main__":
    folder, death = sys.argv[1:]
    np.savez(f"{folder}/numbers.npz", **run(Path(folder, "run.safetensors"), death))
