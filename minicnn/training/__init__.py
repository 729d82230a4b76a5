"""Training: optimisers, the training loop, measures of success, weights on disk."""

from .checkpoint import load_weights, save_weights
from .loop import History, evaluate, fit
from .metrics import accuracy, confusion_matrix
from .optim import SGD, Adam

__all__ = [
    "SGD", "Adam", "History",
    "accuracy", "confusion_matrix", "evaluate", "fit", "load_weights", "save_weights",
]  # fmt: skip
