"""Training: optimisers, the training loop, measures of success, weights on disk."""

from .adam_variants import Adamax, NAdam
from .adaptive import Adadelta, Adagrad, Adam, AdamW, RMSprop
from .average import ExponentialMovingAverage
from .checkpoint import load_optimizer, load_weights, save_optimizer, save_weights
from .clip import clip_grad_norm_, clip_grad_value_
from .loop import History, evaluate, fit
from .metrics import accuracy, confusion_matrix
from .one_cycle import OneCycleLR
from .optim import SGD
from .schedule import CosineAnnealingLR, ExponentialLR, LinearLR, LRScheduler, MultiStepLR, SequentialLR, StepLR

__all__ = [
    "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "CosineAnnealingLR", "ExponentialLR", "ExponentialMovingAverage",
    "History", "LRScheduler", "LinearLR", "MultiStepLR", "NAdam", "OneCycleLR", "RMSprop", "SGD", "SequentialLR",
    "StepLR", "accuracy", "clip_grad_norm_", "clip_grad_value_", "confusion_matrix", "evaluate", "fit",
    "load_optimizer", "load_weights", "save_optimizer", "save_weights",
]  # fmt: skip
