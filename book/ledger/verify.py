"""Is a record still true? A tenth of the epochs is trained again, and its curve compared."""

import numpy as np

import minicnn as mc

from .experiment import LEDGER, LedgerError, load
from .progress import Progress
from .records import read

CURVES = ("train_loss", "train_accuracy", "val_loss", "val_accuracy")
TOLERANCE = 0.1  # another machine rounds otherwise, and after a thousand steps that shows; another seed is further off


def apart(recorded, now):
    """The largest difference, as a share of what was recorded; a curve that was not recorded says nothing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.nanmax([0, *np.abs(np.subtract(now, recorded) / recorded)])) if recorded else 0.0


def verify(name, ledger=LEDGER, seed=None, progress=None):
    """Train a tenth of the epochs of a recorded seed again, at least one.

    Returns
    -------
    list of (str, str, bool)
        For each arm what was found, and whether it is well.
    """
    experiment, found = load(name, ledger), []
    known = [record for record in read(name, ledger) if seed in (None, record["seed"])]
    if not known:
        raise LedgerError(f"{name}: nothing is recorded{'' if seed is None else f' for seed {seed}'}.")
    for arm, settings in experiment.arms.items():
        recorded = known[0]["arms"].get(arm)
        if recorded is None or recorded["settings"] != settings:
            found.append((arm, "the experiment has other settings than the record: run it again", False))
            continue
        epochs = max(1, settings["epochs"] // 10)
        progress = progress or Progress()
        progress.begin(f"{name}, seed {known[0]['seed']}, {arm}")
        options = experiment.setup(known[0]["seed"], **settings)
        options["train_loader"] = progress.count(options["train_loader"])
        options |= {"epochs": epochs, "progress": False}
        history = mc.fit(**{key: value for key, value in options.items() if key not in ("rng", "after_epoch")})
        if len(history) < epochs:  # fit returns what it has when it is interrupted
            raise KeyboardInterrupt
        off = max(apart(recorded["history"][curve][:epochs], getattr(history, curve)) for curve in CURVES)
        text = "the same bits" if off == 0 else f"the curves differ by {100 * off:.2g} % at most"
        found.append((arm, f"{text} in {epochs} of {settings['epochs']} epochs", off <= TOLERANCE))
    return found
