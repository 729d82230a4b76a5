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
from .plateau import ReduceLROnPlateau
from .schedule import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    LRScheduler,
    MultiStepLR,
    PolynomialLR,
    SequentialLR,
    StepLR,
)
from .schedule_functions import LambdaLR, MultiplicativeLR
from .warm_restarts import CosineAnnealingWarmRestarts

__all__ = [
    "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts",
    "ExponentialLR", "ExponentialMovingAverage", "History", "LRScheduler", "LambdaLR", "LinearLR", "MultiStepLR",
    "MultiplicativeLR", "NAdam", "OneCycleLR", "PolynomialLR", "RMSprop", "ReduceLROnPlateau", "SGD", "SequentialLR",
    "StepLR", "accuracy", "clip_grad_norm_", "clip_grad_value_", "confusion_matrix", "evaluate", "fit",
    "load_optimizer", "load_weights", "save_optimizer", "save_weights",
]  # fmt: skip
