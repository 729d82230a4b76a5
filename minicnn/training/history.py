"""What happened in each epoch of training."""

import math
from dataclasses import dataclass, field

from ..calls import Explained
from ..checks import one_of

__all__ = ["History"]


@dataclass
class History(metaclass=Explained):
    """What happened in each epoch: lists of equal length, empty where nothing was measured.

    ``dataclasses.asdict(history)`` is plain numbers, for a file; ``History(**numbers)`` makes it a History again.

    Attributes
    ----------
    train_loss, train_accuracy : list of float
        Means over the epoch, measured while the model learned. The accuracy is NaN if there are no classes.
    val_loss, val_accuracy : list of float
        Measured after the epoch, on the validation data.
    lr : list of float
        The learning rate, at the beginning of the epoch.
    seconds : list of float
        How long the epoch took, measuring included.
    metrics : dict
        Lists of what `fit` was asked to measure, too: "name" while the model learned, "val_name" on the validation
        data.

    Example
    -------
    >>> History(train_loss=[0.5, 0.25], train_accuracy=[0.75, 0.875], lr=[0.1, 0.1])
    History of 2 epochs, the last: loss 0.2500  accuracy 87.5 %
    """

    train_loss: list = field(default_factory=list)
    train_accuracy: list = field(default_factory=list)
    val_loss: list = field(default_factory=list)
    val_accuracy: list = field(default_factory=list)
    lr: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    metrics: dict = field(default_factory=dict)

    def __len__(self):
        return len(self.train_loss)

    def append(self, **epoch):
        """Add an epoch. What is new has NaN for the epochs before, what is missing has NaN for this one."""
        done = len(self)
        for name in epoch:
            if name not in vars(self):
                self.metrics.setdefault(name, [])
        for name, values in (vars(self) | self.metrics).items():
            if name != "metrics" and (name in epoch or values):
                values += [math.nan] * (done - len(values)) + [epoch.get(name, math.nan)]

    def best(self, monitor="val_loss", mode=None):
        """Return the number of the best epoch, counted from 0; the first of them if several are.

        Parameters
        ----------
        monitor : str
            What is compared: the name of a list here, or in ``metrics``.
        mode : {"min", "max"}, optional
            Whether smaller or larger is better. Default: smaller for a loss, larger for an accuracy.

        Raises
        ------
        ValueError
            If nothing was measured under that name.

        Example
        -------
        >>> History(train_loss=[0.5, 0.25, 0.3]).best("train_loss")
        1
        """
        columns = self._columns()
        if monitor not in columns:
            measured = f"only {', '.join(columns)}" if columns else "nor anything else"
            raise ValueError(
                f"History: {monitor} was not measured, {measured}. Pass validation= or metrics= to fit, or the name of "
                "what was measured as monitor."
            )
        mode = {"loss": "min", "accuracy": "max"}.get(monitor.rpartition("_")[2]) if mode is None else mode
        one_of("History", f"mode of {monitor}", mode, "min", "max")
        worst = math.inf if mode == "min" else -math.inf
        values = [worst if math.isnan(value) else value for value in columns[monitor]]
        return values.index(min(values) if mode == "min" else max(values))

    def last(self):
        """Return what was measured in the last epoch as text."""
        text = []
        for name, values in self._columns().items():
            if name not in ("lr", "seconds") and not math.isnan(values[-1]):
                shown = f"{100 * values[-1]:5.1f} %" if name.endswith("accuracy") else f"{values[-1]:.4f}"
                text.append(f"{name.removeprefix('train_').replace('val_', 'val ')} {shown}")
        return "  ".join(text)

    def _columns(self):
        """All lists that hold something, by name."""
        return {name: values for name, values in (vars(self) | self.metrics).items() if values and name != "metrics"}

    def __repr__(self):
        epochs = f"{len(self)} epoch{'' if len(self) == 1 else 's'}"
        return f"History of {epochs}, the last: {self.last()}" if len(self) else f"History of {epochs}"
