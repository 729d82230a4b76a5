"""Data: sets of labelled images, batches of them, and the few transforms the book needs."""

from minicnn.data.datasets import DataFileError, digits, fashion_mnist, mnist, sample_photo
from minicnn.data.loader import ArrayDataset, DataLoader
from minicnn.data.transforms import pad_to, resize

__all__ = [
    "ArrayDataset", "DataFileError", "DataLoader",
    "digits", "fashion_mnist", "mnist", "pad_to", "resize", "sample_photo",
]  # fmt: skip
