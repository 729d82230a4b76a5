"""Training: optimisers, the training loop, measures of success, weights on disk."""

from .adaptive import Adagrad, Adam, AdamW, RMSprop
from .checkpoint import load_weights, save_weights
from .clip import clip_grad_norm_, clip_grad_value_
from .loop import History, evaluate, fit
from .metrics import accuracy, confusion_matrix
from .optim import SGD

__all__ = [
    "Adagrad", "Adam", "AdamW", "History", "RMSprop", "SGD",
    "accuracy", "clip_grad_norm_", "clip_grad_value_", "confusion_matrix", "evaluate", "fit", "load_weights",
    "save_weights",
]  # fmt: skip
