"""Data: sets of labelled images, batches of them, and the few transforms the book needs."""

from .datasets import DataFileError, digits, fashion_mnist, mnist, sample_photo
from .loader import ArrayDataset, DataLoader
from .transforms import pad_to, resize

__all__ = [
    "ArrayDataset", "DataFileError", "DataLoader",
    "digits", "fashion_mnist", "mnist", "pad_to", "resize", "sample_photo",
]  # fmt: skip
