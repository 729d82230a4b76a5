"""The training loop: forward, loss, backward, step; and the same without learning, to measure."""

import math
from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from ..calls import Explained
from ..functional import cross_entropy
from ..grad_mode import no_grad
from ..tensor import Tensor
from .clip import clip_grad_norm_
from .schedule import LRScheduler

__all__ = ["History", "evaluate", "fit"]


@dataclass
class History(metaclass=Explained):
    """What happened in each epoch: lists of equal length, empty where nothing was measured.

    Attributes
    ----------
    train_loss, train_accuracy : list of float
        Means over the epoch, measured while the model learned. The accuracy is NaN if there are no classes.
    val_loss, val_accuracy : list of float
        Measured after the epoch, on the validation data.
    lr : list of float
        The learning rate, at the beginning of the epoch.

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

    def __len__(self):
        return len(self.train_loss)

    def last(self):
        """Return the last epoch as text."""
        text = ""
        for loss, right, name in [
            (self.train_loss, self.train_accuracy, ""),
            (self.val_loss, self.val_accuracy, "val "),
        ]:
            if loss:
                text += f"  {name}loss {loss[-1]:.4f}"
            if right and not np.isnan(right[-1]):
                text += f"  {name}accuracy {100 * right[-1]:4.1f} %"
        return text.strip()

    def __repr__(self):
        epochs = f"{len(self)} epoch{'' if len(self) == 1 else 's'}"
        return f"History of {epochs}, the last: {self.last()}" if len(self) else f"History of {epochs}"


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
        How often to go through all the data.
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
    progress : bool
        Print a line for each epoch. In a terminal a bar shows the way through the epoch.

    Returns
    -------
    History
        Of the epochs that were completed.

    Raises
    ------
    FloatingPointError
        If the loss is NaN or infinite; the model is left as it was before that batch.
    ValueError
        If the loader gives no batch, or the schedule was made with another optimiser.

    Example
    -------
    >>> from minicnn import Linear, SGD, data
    >>> model = Linear(1, 2, rng=np.random.default_rng(0))
    >>> loader = data.DataLoader(data.ArrayDataset(np.float32([[-2], [-1], [1], [2]]), [0, 0, 1, 1]))
    >>> fit(model, loader, optimizer=SGD(model.parameters(), lr=1), epochs=20, progress=False)
    History of 20 epochs, the last: loss 0.0...  accuracy 100.0 %
    """
    history = History()
    scheduler = schedule if isinstance(schedule, LRScheduler) else None
    if scheduler and scheduler.optimizer is not optimizer:
        raise ValueError(
            "fit: the schedule was made with another optimizer. "
            f"Make both anew: {type(schedule).__name__}(optimizer, …)."
        )
    model.train()
    try:
        for epoch in range(epochs):
            if schedule is not None and not scheduler:
                optimizer.lr = float(schedule(epoch))
            lr, means = optimizer.lr, _Means()
            title = f"epoch {epoch + 1:{len(str(epochs))}}/{epochs}"
            bar = tqdm(train_loader, title, leave=False, disable=None if progress else True)  # None: terminals only
            for batch, (images, labels) in enumerate(bar):
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
            train = means.of_all("fit: train_loader")
            if validation is not None:
                with average.applied() if average else nullcontext():
                    val_loss, val_accuracy = evaluate(model, validation, loss=loss)
                history.val_loss.append(val_loss)
                history.val_accuracy.append(val_accuracy)
            history.train_loss.append(train[0])
            history.train_accuracy.append(train[1])
            history.lr.append(lr)
            if scheduler and not scheduler.per_batch:
                _step(scheduler, train[0] if validation is None else val_loss)
            if progress:
                print(f"{title}  {history.last()}", flush=True)
    except KeyboardInterrupt:
        print(
            f"epoch {len(history) + 1}/{epochs}  interrupted: "
            "the model keeps what it learned, the history all whole epochs",
            flush=True,
        )
    return history


def _step(scheduler, loss):
    scheduler.step(loss) if scheduler.needs_metric else scheduler.step()


def evaluate(model, loader, loss=cross_entropy):
    """Measure a model in evaluation mode, without learning.

    Parameters
    ----------
    model : Module
        Its mode, and that of each layer in it, is restored afterwards.
    loader : DataLoader
    loss : callable
        ``loss(scores, labels)``, a Tensor holding the mean over the batch.

    Returns
    -------
    loss, accuracy : float
        Means over all samples. The accuracy is NaN unless scores are (N, K) and labels whole numbers (N,).

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
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    means = _Means()
    try:
        with no_grad():
            for images, labels in loader:
                scores = model(Tensor(images))
                means.add(loss(scores, labels), scores, labels)
    finally:
        for module, mode in modes:
            module.training = mode
    return means.of_all("evaluate: the loader")


class _Means:
    """Loss and accuracy over many batches; each sample counts the same, also in a smaller last batch."""

    def __init__(self):
        self.samples, self.loss, self.right = 0, 0.0, 0.0

    def add(self, loss, scores, labels):
        labels = np.asarray(labels)
        classes = scores.ndim == 2 and labels.ndim == 1 and labels.dtype.kind in "iu"
        self.samples += len(labels)
        self.loss += loss.item() * len(labels)
        self.right += np.count_nonzero(scores.data.argmax(1) == labels) if classes else np.nan

    def of_all(self, loader):
        if not self.samples:
            raise ValueError(
                f"{loader} gave no samples. Pass a DataLoader of a data set that is not empty; "
                "drop_last=True leaves out a batch that is not full, and a generator gives its batches only once."
            )
        return self.loss / self.samples, float(self.right / self.samples)


def _not_finite(value, epoch, batch, lr, images):
    repair = (
        f"Build the model anew and try lr={lr / 10:g}; if that does not help, scale the images to between 0 and 1."
        if np.isfinite(images).all()
        else "The images of this batch hold NaN or inf: clean them first."
    )
    return f"fit: the loss became {value} in epoch {epoch + 1}, batch {batch + 1}, with lr={lr:g}. {repair}"
