"""Data: sets of labelled images, batches of them, and what changes images: their size, or by chance."""

from .. import calls
from .augment import cutout, elastic, mixup, random_crop, random_horizontal_flip, shift
from .datasets import DataFileError, digits, fashion_mnist, mnist, sample_photo
from .loader import ArrayDataset, DataLoader, Dataset, TensorDataset
from .shapes import shapes
from .transforms import pad_to, resize

__all__ = [
    "ArrayDataset", "DataFileError", "DataLoader", "Dataset", "TensorDataset",
    "cutout", "digits", "elastic", "fashion_mnist", "mixup", "mnist", "pad_to", "random_crop",
    "random_horizontal_flip", "resize", "sample_photo", "shapes", "shift",
]  # fmt: skip
calls.explain(globals())
