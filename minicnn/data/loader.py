"""A set of labelled images, and a loader that serves it in batches."""

import math

import numpy as np


class ArrayDataset:
    """Images and labels held in two arrays of equal length.

    Parameters
    ----------
    images : array_like, shape (N, C, H, W)
        Any shape will do as long as the first axis counts the samples.
    labels : array_like, shape (N,)
        The right answers, one for each image.
    classes : sequence of str, optional
        The name of each label: ``classes[labels[i]]``.

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

    def __init__(self, images, labels, classes=None):
        self.images, self.labels = np.asarray(images), np.asarray(labels)
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

    def __repr__(self):
        kinds = "" if self.classes is None else f", {len(self.classes)} classes"
        return f"ArrayDataset({len(self)} images of shape {self.images.shape[1:]}{kinds})"

    def split(self, fraction, *, rng=None):
        """Split at random into the rest, to learn from, and a held-out fraction, to be honest with.

        Parameters
        ----------
        fraction : float
            The share to hold out, between 0 and 1; it is rounded to whole samples.
        rng : np.random.Generator, optional
            Decides who is held out. Default: ``np.random.default_rng()``, another split each time.

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
        order = _generator(rng, "split").permutation(len(self))
        cut = len(self) - round(fraction * len(self))
        rest, held_out = order[:cut], order[cut:]
        return ArrayDataset(*self[rest], self.classes), ArrayDataset(*self[held_out], self.classes)


class DataLoader:
    """Serve a data set in batches, in a new random order for each epoch if asked to.

    Parameters
    ----------
    dataset : ArrayDataset
        Or anything with ``len(dataset)`` and ``dataset[array_of_indices]``.
    batch_size : int
        Samples in a batch; the last batch holds what remains.
    shuffle : bool
        Draw a new order every time the loader is iterated over.
    drop_last : bool
        Leave out the last batch where it is smaller than the others.
    rng : np.random.Generator, optional
        The source of the shuffling. Default: ``np.random.default_rng()``, unseeded, so that
        two runs differ; pass your own generator for results that you can repeat.

    Yields
    ------
    images : ndarray, shape (B, C, H, W)
    labels : ndarray, shape (B,)
        Copies: changing a batch leaves the data set as it was.

    Example
    -------
    >>> data = ArrayDataset(np.zeros((5, 1, 8, 8)), np.arange(5))
    >>> loader = DataLoader(data, batch_size=2)
    >>> [labels.tolist() for images, labels in loader], len(loader)
    ([[0, 1], [2, 3], [4]], 3)
    """

    def __init__(self, dataset, batch_size=64, shuffle=False, drop_last=False, rng=None):
        if isinstance(batch_size, bool) or not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
            raise ValueError(
                f"DataLoader: batch_size must be a whole number ≥ 1, got {batch_size!r}. "
                f"Pass batch_size=64, or len(dataset) for one batch with everything."
            )
        self.dataset, self.batch_size = dataset, int(batch_size)
        self.shuffle, self.drop_last = shuffle, drop_last
        self.rng = _generator(rng, "DataLoader")

    def __len__(self):
        """Return the number of batches in one epoch."""
        batches = len(self.dataset) / self.batch_size
        return math.floor(batches) if self.drop_last else math.ceil(batches)

    def __iter__(self):
        n = len(self.dataset)
        order = self.rng.permutation(n) if self.shuffle else np.arange(n)
        for batch in range(len(self)):
            yield self.dataset[order[batch * self.batch_size : (batch + 1) * self.batch_size]]


def _generator(rng, where):
    """Return rng, or a fresh unseeded generator for None."""
    if rng is None:
        return np.random.default_rng()
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"{where}: rng must be a np.random.Generator, got {rng!r}. Pass rng=np.random.default_rng(0).")
    return rng
