"""Train LeNet-5 on all 60,000 MNIST images, three times, and record what happened.

python book/ledger/lenet5_mnist.py             seeds 0, 1, 2; writes lenet5_mnist.json beside this file
python book/ledger/lenet5_mnist.py --choose    how the settings were chosen: learn from 55,000, validate on the other
                                               5,000, never load the test images; writes lenet5_mnist_choice.json

The test images are looked at once, after the last epoch of each run; that number is the result. MNIST is fetched
once (12 MB), or read from the folder that the environment variable MINICNN_DATA names.
"""

import argparse
import json
import os
import platform
import subprocess
import time
from pathlib import Path

import numba
import numpy as np

import minicnn as mc

HERE = Path(__file__).resolve().parent
EPOCHS, BATCH = 12, 64

CANDIDATES = {
    "SGD": {"optimizer": "SGD", "lr": 0.05, "momentum": 0.9, "weight_decay": 5e-4},
    "Adam": {"optimizer": "Adam", "lr": 1e-3},
}
CHOSEN = "SGD"


def mnist(train):
    """MNIST with a border of two pixels, so that 28 × 28 becomes LeNet-5's 32 × 32."""
    data = mc.data.mnist(train=train)
    return mc.data.ArrayDataset(mc.data.pad_to(data.images, 32), data.labels, data.classes)


def cosine(lr):
    """The learning rate of each epoch: from lr down to nearly 0 along half a cosine."""
    return lambda epoch: lr * (1 + np.cos(np.pi * epoch / EPOCHS)) / 2


def train(settings, data, seed, validation=None):
    """One run from a fresh network: the model, its history, and the seconds it took."""
    settings = dict(settings)
    optimizer, lr = getattr(mc, settings.pop("optimizer")), settings["lr"]
    rng = np.random.default_rng(seed)
    model = mc.models.LeNet5(rng=rng)
    loader = mc.data.DataLoader(data, BATCH, shuffle=True, rng=rng)
    start = time.perf_counter()
    history = mc.fit(
        model,
        loader,
        optimizer=optimizer(model.parameters(), **settings),
        epochs=EPOCHS,
        schedule=cosine(lr),
        validation=validation,
    )
    return model, history, round(time.perf_counter() - start)


def machine():
    """What another reader would want to know about where this ran."""
    git = ["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip()
    return {
        "cores": os.cpu_count(),
        "threads": numba.config.NUMBA_NUM_THREADS,
        "processor": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "minicnn": mc.__version__,
        "commit": commit or "unknown",
    }


def rounded(numbers):
    return [round(float(x), 5) for x in numbers]


def choose():
    """Compare the candidates on 5,000 training images that they do not learn from."""
    data = mnist(train=True)
    fit_on, hold_out = (mc.data.ArrayDataset(*data[part]) for part in (slice(55_000), slice(55_000, None)))
    validation = mc.data.DataLoader(hold_out, 500)
    runs = []
    for name, settings in CANDIDATES.items():
        print(name, settings, flush=True)
        _, history, seconds = train(settings, fit_on, 10, validation)
        runs.append(settings | {"validation_accuracy": rounded(history.val_accuracy), "seconds": seconds})
    return {"seed": 10, "learned_from": 55_000, "validated_on": 5_000, "runs": runs}


def record():
    """The recorded run: all training images, the settings fixed, the test images once per seed."""
    data, test = mnist(train=True), mc.data.DataLoader(mnist(train=False), 500)
    runs = []
    for seed in (0, 1, 2):
        print("seed", seed, flush=True)
        model, history, seconds = train(CANDIDATES[CHOSEN], data, seed)
        loss, accuracy = mc.evaluate(model, test)
        print(f"test accuracy {100 * accuracy:.2f} %", flush=True)
        runs.append(
            {
                "seed": seed,
                "train_loss": rounded(history.train_loss),
                "train_accuracy": rounded(history.train_accuracy),
                "lr": rounded(history.lr),
                "test_loss": round(loss, 5),
                "test_accuracy": round(accuracy, 4),
                "seconds": seconds,
            }
        )
    accuracies = [run["test_accuracy"] for run in runs]
    return {
        "mean_test_accuracy": round(float(np.mean(accuracies)), 5),
        "sd_test_accuracy": round(float(np.std(accuracies, ddof=1)), 5),
        "runs": runs,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--choose", action="store_true", help="compare settings on a validation split")
    chosen = parser.parse_args().choose
    result = {
        "command": "python book/ledger/lenet5_mnist.py" + (" --choose" if chosen else ""),
        "model": "mc.models.LeNet5",
        "data": "MNIST, 28 × 28 padded with zeros to 32 × 32, pixels in [0, 1], no augmentation",
        "settings": {"epochs": EPOCHS, "batch_size": BATCH, "schedule": "cosine from lr to 0"}
        | ({} if chosen else CANDIDATES[CHOSEN]),
        "machine": machine(),
    } | (choose() if chosen else record())
    target = HERE / f"lenet5_mnist{'_choice' if chosen else ''}.json"
    target.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(target.name)


if __name__ == "__main__":
    main()
