"""Layers under PyTorch's names: operations that hold their own weights and settings."""

from . import init
from .activation import ReLU, Sigmoid, Softmax, Tanh
from .containers import ModuleDict, ModuleList, Residual, Sequential
from .conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .dropout import Dropout
from .linear import Flatten, Linear
from .module import Module
from .parameter import Parameter
from .pool import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    MaxUnpool2d,
    PixelShuffle,
    Upsample,
)  # fmt: skip

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d",
    "ConvTranspose2d", "ConvTranspose3d", "Dropout", "Flatten", "Linear", "MaxPool1d", "MaxPool2d", "MaxPool3d",
    "MaxUnpool2d", "Module", "ModuleDict", "ModuleList", "Parameter", "PixelShuffle", "ReLU", "Residual",
    "Sequential", "Sigmoid", "Softmax", "Tanh", "Upsample", "init",
]  # fmt: skip
