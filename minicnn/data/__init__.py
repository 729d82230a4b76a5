"""Data: sets of labelled images, batches of them, and what changes images: their size, or by chance."""

from .. import calls
from .augment import cutout, elastic, mixup, random_crop, random_horizontal_flip, shift
from .cifar import cifar10
from .datasets import DataFileError, digits, fashion_mnist, mnist, sample_photo
from .forms import shapes
from .loader import ArrayDataset, DataLoader, Dataset, TensorDataset
from .pictures import ImageFolder
from .transforms import pad_to, resize

__all__ = [
    "ArrayDataset", "DataFileError", "DataLoader", "Dataset", "ImageFolder", "TensorDataset",
    "cifar10", "cutout", "digits", "elastic", "fashion_mnist", "mixup", "mnist", "pad_to", "random_crop",
    "random_horizontal_flip", "resize", "sample_photo", "shapes", "shift",
]  # fmt: skip
calls.explain(globals())
