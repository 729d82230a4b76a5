"""Data: sets of labelled images, batches of them, and the few transforms the book needs."""

from .. import calls
from .datasets import DataFileError, digits, fashion_mnist, mnist, sample_photo
from .loader import ArrayDataset, DataLoader, Dataset, TensorDataset
from .transforms import pad_to, resize

__all__ = [
    "ArrayDataset", "DataFileError", "DataLoader", "Dataset", "TensorDataset",
    "digits", "fashion_mnist", "mnist", "pad_to", "resize", "sample_photo",
]  # fmt: skip
calls.explain(globals())
