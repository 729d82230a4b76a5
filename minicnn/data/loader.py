"""Sets of samples, and a loader that serves them in batches."""

import math
from inspect import signature

import numpy as np

from ..calls import Explained
from ..chance import generator
from ..tensor import Tensor
from .collate import collate


class Dataset(metaclass=Explained):
    """What a data set of your own may begin with: write ``__len__``, and ``__getitem__`` for the number of a sample.

    Example
    -------
    >>> class Squares(Dataset):
    ...     def __len__(self):
    ...         return 4
    ...     def __getitem__(self, i):
    ...         return np.float32([i]), i * i
    >>> [labels.tolist() for numbers, labels in DataLoader(Squares(), batch_size=3)]
    [[0, 1, 4], [9]]
    """

    def __len__(self):
        raise NotImplementedError(f"{type(self).__name__}: __len__ is not written. Return the number of samples.")

    def __getitem__(self, index):
        raise NotImplementedError(f"{type(self).__name__}: __getitem__ is not written. Return sample number {index}.")


class TensorDataset(Dataset):
    """Samples that are rows of several Tensors or arrays of one length; batches of them are Tensors.

    Example
    -------
    >>> data = TensorDataset(np.zeros((3, 2)), [0, 1, 1])
    >>> data[1]
    (Tensor([0., 0.]), Tensor(1))
    """

    def __init__(self, *tensors):
        self.tensors = tuple(Tensor(t) for t in tensors)
        shapes = [t.shape for t in self.tensors]
        if () in shapes or len({shape[0] for shape in shapes}) != 1:
            raise ValueError(f"TensorDataset: all must have one length, but their shapes are {shapes}.")

    def __len__(self):
        return len(self.tensors[0].data)

    def __getitem__(self, index):
        return tuple(t[index] for t in self.tensors)

    def __getitems__(self, indices):
        """A batch: the samples of an array of numbers."""
        return self[indices]


class ArrayDataset(metaclass=Explained):
    """Images and labels held in two arrays of equal length.

    Parameters
    ----------
    images : array_like, shape (N, C, H, W)
        Any shape will do as long as the first axis counts the samples.
    labels : array_like, shape (N,)
        The right answers, one for each image.
    classes : sequence of str, optional
        The name of each label: ``classes[labels[i]]``.
    note : str, optional
        What one should know before comparing results: that images are missing, say.

    Raises
    ------
    ValueError
        If there is not one label for each image.

    Example
    -------
    >>> data = ArrayDataset(np.zeros((3, 1, 8, 8)), [0, 1, 1], classes=["cat", "dog"])
    >>> len(data), data.classes[data.labels[2]]
    (3, 'dog')
    >>> images, labels = data[1:]
    >>> images.shape, labels
    ((2, 1, 8, 8), array([1, 1]))
    """

    def __init__(self, images, labels, classes=None, *, note=None):
        self.images, self.labels, self.note = np.asarray(images), np.asarray(labels), note
        self.classes = None if classes is None else tuple(classes)
        counts = [len(array) if array.ndim else "a single" for array in (self.images, self.labels)]
        if "a single" in counts or counts[0] != counts[1]:
            raise ValueError(
                f"ArrayDataset: every image needs one label, but there are {counts[0]} images and "
                f"{counts[1]} labels. Pass two arrays of equal length."
            )

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        """Return ``(images[index], labels[index])`` for a number, a slice or an array of indices."""
        return self.images[index], self.labels[index]

    def __getitems__(self, indices):
        """A batch: the samples of an array of numbers."""
        return self[indices]

    def __repr__(self):
        kinds = "" if self.classes is None else f", {len(self.classes)} classes"
        note = f"; {self.note}" if self.note else ""
        return f"{type(self).__name__}({len(self)} images of shape {self.images.shape[1:]}{kinds}{note})"

    def split(self, fraction, *, rng=None):
        """Split at random into the rest, to learn from, and a held-out fraction, to be honest with.

        Parameters
        ----------
        fraction : float
            The share to hold out, between 0 and 1; it is rounded to whole samples.
        rng : np.random.Generator, optional
            Decides who is held out. Default: another split each time.

        Returns
        -------
        rest, held_out : ArrayDataset

        Example
        -------
        >>> data = ArrayDataset(np.zeros((10, 1, 8, 8)), np.arange(10))
        >>> rest, held_out = data.split(0.2, rng=np.random.default_rng(0))
        >>> len(rest), len(held_out)
        (8, 2)
        """
        if not 0 < fraction < 1:
            raise ValueError(f"split: fraction must lie between 0 and 1, got {fraction}. Pass 0.2 to hold out a fifth.")
        order = generator("split", rng).permutation(len(self))
        cut = len(self) - round(fraction * len(self))
        rest, held_out = order[:cut], order[cut:]
        return tuple(ArrayDataset(*self[part], self.classes, note=self.note) for part in (rest, held_out))


class DataLoader(metaclass=Explained):
    """Serve a data set in batches, in a new random order for each epoch if asked to.

    Parameters
    ----------
    dataset : ArrayDataset, or any other sequence of samples
        A data set that has ``__getitems__(array_of_indices)`` gives whole batches; of any other, a list of pairs or a
        `Dataset` of your own, samples are taken one by one and stacked to Tensors, as in PyTorch.
    batch_size : int
        Samples in a batch; the last batch holds what remains.
    shuffle : bool
        Draw a new order every time the loader is iterated over.
    drop_last : bool
        Leave out the last batch where it is smaller than the others.
    rng : np.random.Generator, optional
        The source of the shuffling. Default: unseeded, so that two runs differ; pass your own generator for results
        that you can repeat.
    collate_fn : callable, optional
        Makes a batch of a list of samples.
    transform : callable or list of callables, optional
        ``transform(images, rng=rng)`` returns the images of a batch anew: an augmentation such as `random_crop`, or
        ``functools.partial(random_crop, padding=2)``. Several in a list are applied in their order. `rng` is that of
        the loader.
    batch_transform : callable, optional
        ``batch_transform(images, labels, rng=rng)`` returns both anew, after all other transforms:
        ``functools.partial(mixup, num_classes=10)``.
    num_workers, pin_memory, persistent_workers, generator
        Accepted as in PyTorch, and without effect (a `generator` that is a np.random.Generator is taken as `rng`).

    Yields
    ------
    images : ndarray, shape (B, C, H, W)
    labels : ndarray, shape (B,)
        Copies: changing a batch leaves the data set as it was. Of single samples, Tensors.

    Example
    -------
    >>> data = ArrayDataset(np.zeros((5, 1, 8, 8)), np.arange(5))
    >>> loader = DataLoader(data, batch_size=2)
    >>> [labels.tolist() for images, labels in loader], len(loader)
    ([[0, 1], [2, 3], [4]], 3)
    >>> rng = np.random.default_rng(0)
    >>> augmented = DataLoader(data, transform=[mc.data.random_crop, mc.data.random_horizontal_flip], rng=rng)
    """

    def __init__(
        self, dataset, batch_size=64, shuffle=False, drop_last=False, rng=None, *, collate_fn=None, transform=(),
        batch_transform=None, num_workers=0, pin_memory=False, persistent_workers=False, generator=None,
    ):  # fmt: skip
        if isinstance(batch_size, bool) or not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
            raise ValueError(
                f"DataLoader: batch_size must be a whole number ≥ 1, got {batch_size!r}. "
                f"Pass batch_size=64, or len(dataset) for one batch with everything."
            )
        if not (hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")):
            raise TypeError(
                f"DataLoader: a data set needs len(dataset) and dataset[i], but {type(dataset).__name__} has not both. "
                "Pass a list of pairs, or ArrayDataset(images, labels)."
            )
        self.dataset, self.batch_size = dataset, int(batch_size)
        self.shuffle, self.drop_last, self.collate_fn = shuffle, drop_last, collate_fn
        self.rng = _rng("DataLoader", rng if generator is None else generator)
        transform = transform if isinstance(transform, (list, tuple)) else [transform]
        self.transform = [_callable("transform", f, "images") for f in transform]
        self.batch_transform = batch_transform and _callable("batch_transform", batch_transform, "images", "labels")

    def __len__(self):
        """Return the number of batches in one epoch."""
        batches = len(self.dataset) / self.batch_size
        return math.floor(batches) if self.drop_last else math.ceil(batches)

    def __iter__(self):
        n = len(self.dataset)
        order = self.rng.permutation(n) if self.shuffle else np.arange(n)
        whole = getattr(self.dataset, "__getitems__", None) if self.collate_fn is None else None
        for batch in range(len(self)):
            indices = order[batch * self.batch_size : (batch + 1) * self.batch_size]
            samples = whole(indices) if whole else [self.dataset[i] for i in indices.tolist()]
            yield self._transformed((self.collate_fn or collate)(samples) if isinstance(samples, list) else samples)

    def _transformed(self, batch):
        if not self.transform and self.batch_transform is None:
            return batch
        parts = list(batch) if isinstance(batch, (tuple, list)) else [batch]
        images = np.asarray(parts[0])
        for f in self.transform:
            images = _as_many(f, len(images), f(images, rng=self.rng))
        changed = [images, *parts[1:]]
        if self.batch_transform is not None:
            changed = list(self.batch_transform(*changed, rng=self.rng))
        if isinstance(parts[0], Tensor):
            changed = [Tensor(part) if isinstance(part, np.ndarray) else part for part in changed]
        return tuple(changed) if isinstance(batch, (tuple, list)) else changed[0]


def _callable(argument, f, *parts):
    """f, if it can be called with these parts of a batch and an rng."""
    try:
        signature(f).bind(*parts, rng=None)
    except ValueError:  # of a function without a signature nothing can be said
        pass
    except TypeError:
        raise TypeError(
            f"DataLoader: {argument} must be a function of {', '.join(parts)} and rng, but {_name(f)} is not. "
            f"Write {argument}=lambda {', '.join(parts)}, rng: …"
        ) from None
    return f


def _as_many(f, n, images):
    if not isinstance(images, np.ndarray) or len(images) != n:
        found = images.shape if isinstance(images, np.ndarray) else type(images).__name__
        raise ValueError(f"DataLoader: transform {_name(f)} was given {n} images and must return {n}, not {found}.")
    return images


def _name(f):
    return getattr(getattr(f, "func", f), "__name__", repr(f))


_rng = generator  # DataLoader has an argument of that name
