"""The training loop: forward, loss, backward, step; and the same without learning, to measure."""

import math
import sys
import time
from contextlib import nullcontext

import numpy as np
from tqdm import tqdm

from ..functional import cross_entropy
from ..grad_mode import no_grad
from ..tensor import Tensor
from .clip import clip_grad_norm_
from .history import History
from .schedule import LRScheduler

__all__ = ["evaluate", "fit"]


@np.errstate(over="ignore", invalid="ignore")  # a loss that overflows is reported below, in words
def fit(
    model,
    train_loader,
    *,
    optimizer,
    epochs,
    loss=cross_entropy,
    validation=None,
    schedule=None,
    clip_norm=None,
    average=None,
    metrics=None,
    history=None,
    after_epoch=None,
    progress=True,
):
    """Train a model: show it all the data, batch by batch, and step downhill after each; epoch after epoch.

    Interrupt it (Ctrl-C, or the stop button of the notebook) to keep what was learned so far.

    Parameters
    ----------
    model : Module
        Learns in place. It is left in training mode.
    train_loader : DataLoader
        Or anything that gives pairs (images, labels) of arrays each time it is iterated over.
    optimizer : SGD, Adam, …
        Made from ``model.parameters()``.
    epochs : int
        How often to go through all the data; with `history`, its epochs included.
    loss : callable
        ``loss(scores, labels)``, a Tensor holding the mean over the batch.
    validation : DataLoader, optional
        Data to measure on after each epoch, and never to learn from.
    schedule : callable or LRScheduler, optional
        ``schedule(epoch)`` is the learning rate of that epoch; the first is epoch 0. Or a schedule such as
        ``CosineAnnealingLR(optimizer, epochs)``: it steps after each epoch, `OneCycleLR` after each batch, any other
        too if its ``per_batch`` is set. `ReduceLROnPlateau` is given the loss on the validation data, or that of
        training if there are none.
    clip_norm : float, optional
        Shorten the gradients to this norm, if they are longer: see `clip_grad_norm_`.
    average : ExponentialMovingAverage, optional
        Is updated after each batch, and is what the validation measures.
    metrics : dict, optional
        Functions that measure something else: ``{"top5": f}``, where ``f(scores, labels)`` is a number, the mean over
        a batch.
    history : History, optional
        Of an earlier call, to go on from: its epochs count as done, and it grows. To go on in another process, see
        `save_checkpoint`.
    after_epoch : callable, optional
        ``after_epoch(history)`` is called after each epoch; training ends when it returns True. See `early_stopping`,
        `best_weights` and `save_checkpoint`.
    progress : bool
        Print a line for each epoch. A bar shows the way through an epoch that takes longer, in a log one line a minute.

    Returns
    -------
    History
        Of the epochs that were completed.

    Raises
    ------
    FloatingPointError
        If the loss is NaN or infinite; the model is left as it was before that batch.
    TypeError, ValueError
        If the loader gives no batch, the schedule was made with another optimiser, or metrics or history are none.

    Example
    -------
    >>> from minicnn import Linear, SGD, data
    >>> model = Linear(1, 2, rng=np.random.default_rng(0))
    >>> loader = data.DataLoader(data.ArrayDataset(np.float32([[-2], [-1], [1], [2]]), [0, 0, 1, 1]))
    >>> fit(model, loader, optimizer=SGD(model.parameters(), lr=1), epochs=20, progress=False)
    History of 20 epochs, the last: loss 0.0...  accuracy 100.0 %
    """
    history, metrics = History() if history is None else history, metrics or {}
    scheduler = schedule if isinstance(schedule, LRScheduler) else None
    _check(optimizer, scheduler, metrics, history)
    model.train()
    try:
        for epoch in range(len(history), epochs):
            start = time.perf_counter()
            if schedule is not None and not scheduler:
                optimizer.lr = float(schedule(epoch))
            lr, means = optimizer.lr, _Means(metrics)
            title = f"epoch {epoch + 1:{len(str(epochs))}}/{epochs}"
            for batch, (images, labels) in enumerate(_bar(train_loader, title) if progress else train_loader):
                optimizer.zero_grad()
                scores = model(Tensor(images))
                value = loss(scores, labels)
                if not math.isfinite(value.item()):
                    raise FloatingPointError(_not_finite(value.item(), epoch, batch, optimizer.lr, images))
                value.backward()
                if clip_norm is not None:
                    clip_grad_norm_(optimizer.params, clip_norm)
                optimizer.step()
                if average:
                    average.update()
                if scheduler and scheduler.per_batch:
                    _step(scheduler, value.item())
                means.add(value, scores, labels)
            train, val = means.of_all("fit: train_loader"), {}
            if validation is not None:
                with average.applied() if average else nullcontext():
                    val = _measure(model, validation, loss, metrics)
            if scheduler and not scheduler.per_batch:
                _step(scheduler, (val or train)["loss"])
            history.append(
                train_loss=train.pop("loss"), train_accuracy=train.pop("accuracy"), lr=lr,
                **train, **{f"val_{name}": value for name, value in val.items()}, seconds=time.perf_counter() - start,
            )  # fmt: skip
            if progress:
                print(f"{title}  {history.last()}  lr {lr:<8.3g}  {history.seconds[-1]:.1f} s", flush=True)
            if after_epoch is not None and after_epoch(history):
                break
    except KeyboardInterrupt:
        print(
            f"epoch {len(history) + 1}/{epochs}  interrupted: "
            "the model keeps what it learned, the history all whole epochs",
            flush=True,
        )
    return history


def _check(optimizer, scheduler, metrics, history):
    if scheduler and scheduler.optimizer is not optimizer:
        raise ValueError(
            "fit: the schedule was made with another optimizer. "
            f"Make both anew: {type(scheduler).__name__}(optimizer, …)."
        )
    if not isinstance(history, History):
        raise TypeError(f"fit: history must be what an earlier fit returned, not {type(history).__name__}.")
    taken = ("loss", "accuracy", *vars(History()))
    if not isinstance(metrics, dict) or not all(map(callable, metrics.values())):
        raise TypeError(f'fit: metrics must be a dict of functions, as {{"top5": f}}, not {metrics!r}.')
    for name in metrics:
        if name in taken or name.startswith("val_"):
            raise ValueError(f"fit: {name!r} in metrics is a name that the history has already. Choose another.")


def _bar(loader, title):
    """A bar: at once in a terminal, after a second in a notebook; in a log, one each minute."""
    if sys.stderr.isatty():
        place = {}
    elif type(sys.stdout).__module__.startswith("ipykernel"):
        place = {"file": sys.stdout, "delay": 1}
    else:
        place = {"delay": 60, "mininterval": 60}
    return tqdm(loader, title, leave=False, **place)


def _step(scheduler, loss):
    scheduler.step(loss) if scheduler.needs_metric else scheduler.step()


def evaluate(model, loader, loss=cross_entropy, metrics=None):
    """Measure a model in evaluation mode, without learning.

    Parameters
    ----------
    model : Module
        Its mode, and that of each layer in it, is restored afterwards.
    loader : DataLoader
    loss : callable
        ``loss(scores, labels)``, a Tensor holding the mean over the batch.
    metrics : dict, optional
        Functions that measure something else, as in `fit`.

    Returns
    -------
    loss, accuracy : float
        Means over all samples. The accuracy is NaN unless scores are (N, K) and labels whole numbers (N,).
    measured : dict
        Only with `metrics`: the mean of each.

    Raises
    ------
    ValueError
        If the loader gives no batch.

    Example
    -------
    >>> from minicnn import data, models
    >>> rng = np.random.default_rng(0)
    >>> model = models.LeNet5(rng=rng)
    >>> loss, accuracy = evaluate(model, data.DataLoader(data.digits(size=32)))
    >>> round(loss, 1)  # untrained: all ten classes are alike, so that the loss is log 10
    2.3
    """
    measured = _measure(model, loader, loss, metrics or {}, "evaluate: the loader")
    result = measured.pop("loss"), measured.pop("accuracy")
    return (*result, measured) if metrics else result


def _measure(model, loader, loss, metrics, where="fit: validation"):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    means = _Means(metrics)
    try:
        with no_grad():
            for images, labels in loader:
                scores = model(Tensor(images))
                means.add(loss(scores, labels), scores, labels)
    finally:
        for module, mode in modes:
            module.training = mode
    return means.of_all(where)


class _Means:
    """Loss, accuracy and more over many batches; each sample counts the same, also in a smaller last batch."""

    def __init__(self, metrics):
        self.metrics, self.samples = metrics, 0
        self.sums = dict.fromkeys(["loss", "accuracy", *metrics], 0.0)

    def add(self, loss, scores, labels):
        targets = np.asarray(labels)
        classes = scores.ndim == 2 and targets.ndim == 1 and targets.dtype.kind in "iu"
        self.samples += len(targets)
        self.sums["loss"] += loss.item() * len(targets)
        self.sums["accuracy"] += np.count_nonzero(scores.data.argmax(1) == targets) if classes else np.nan
        with no_grad():
            for name, metric in self.metrics.items():
                self.sums[name] += float(metric(scores, labels)) * len(targets)

    def of_all(self, loader):
        if not self.samples:
            raise ValueError(
                f"{loader} gave no samples. Pass a DataLoader of a data set that is not empty; "
                "drop_last=True leaves out a batch that is not full, and a generator gives its batches only once."
            )
        return {name: float(total / self.samples) for name, total in self.sums.items()}


def _not_finite(value, epoch, batch, lr, images):
    repair = (
        f"Build the model anew and try lr={lr / 10:g}; if that does not help, scale the images to between 0 and 1."
        if np.isfinite(images).all()
        else "The images of this batch hold NaN or inf: clean them first."
    )
    return f"fit: the loss became {value} in epoch {epoch + 1}, batch {batch + 1}, with lr={lr:g}. {repair}"
