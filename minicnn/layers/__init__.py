"""Layers under PyTorch's names: operations that hold their own weights and settings."""

from . import init
from .activation import ReLU, Sigmoid, Softmax, Tanh
from .containers import ModuleList, Sequential
from .conv import Conv2d
from .dropout import Dropout
from .linear import Flatten, Linear
from .module import Module, Parameter
from .pool import AvgPool2d, MaxPool2d

__all__ = [
    "AvgPool2d", "Conv2d", "Dropout", "Flatten", "Linear", "MaxPool2d", "Module", "ModuleList", "Parameter", "ReLU",
    "Sequential", "Sigmoid", "Softmax", "Tanh", "init",
]  # fmt: skip
