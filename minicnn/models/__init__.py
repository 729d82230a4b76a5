"""Networks from the literature."""

from .lenet import LeNet5

__all__ = ["LeNet5"]
