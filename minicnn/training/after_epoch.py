"""What `fit` may do after each epoch: stop when nothing improves, keep the best weights."""

from contextlib import nullcontext

from ..checks import whole
from .weights import save_weights

__all__ = ["best_weights", "early_stopping"]


def early_stopping(patience, monitor="val_loss", mode=None):
    """Stop training when the best epoch lies `patience` epochs back. It looks at the history only.

    Parameters
    ----------
    patience : int
    monitor, mode : str
        What is best: as in `History.best`.

    Returns
    -------
    callable
        For ``fit(…, after_epoch=early_stopping(5))``.

    Example
    -------
    >>> stop = early_stopping(patience=2, monitor="train_loss")
    >>> stop(mc.History(train_loss=[3, 1, 2])), stop(mc.History(train_loss=[3, 1, 2, 2]))
    (False, True)
    """
    whole("early_stopping", "patience", patience, 1)
    return lambda history: len(history) - 1 - history.best(monitor, mode) >= patience


def best_weights(model, path, monitor="val_loss", mode=None, *, average=None):
    """Write the weights to a file after each epoch that is the best so far; `load_weights` brings them back.

    Parameters
    ----------
    model : Module
    path : str or Path
        A .safetensors file, see `save_weights`.
    monitor, mode : str
        What is best: as in `History.best`.
    average : ExponentialMovingAverage, optional
        Write the averages: pass it if `fit` has it, for it is them that the validation measures.

    Returns
    -------
    callable
        For ``fit(…, after_epoch=best_weights(model, path))``. Together with early stopping:
        ``after_epoch=lambda history: keep(history) or stop(history)``.

    Example
    -------
    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     keep = best_weights(mc.Linear(3, 2), f"{folder}/best.safetensors", monitor="train_loss")
    ...     keep(mc.History(train_loss=[0.5]))
    ...     os.listdir(folder)
    ['best.safetensors']
    """

    def keep(history):
        if history.best(monitor, mode) == len(history) - 1:
            with average.applied() if average else nullcontext():
                save_weights(model, path)

    return keep
