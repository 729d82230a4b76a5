"""A batch from single samples, as PyTorch's loaders make it."""

import numpy as np

from ..tensor import Tensor


def collate(samples):
    """A list of samples, stacked part by part: pairs (image, label) become a pair (images, labels) of Tensors.

    Parameters
    ----------
    samples : list
        Of Tensors, arrays or numbers, all of one shape; or of tuples, lists or dicts of these. Texts stay a list.

    Example
    -------
    >>> collate([(np.zeros((1, 2)), 3), (np.ones((1, 2)), 5)])[1]
    Tensor([3, 5])
    """
    first = samples[0]
    if isinstance(first, dict):
        return {key: collate([sample[key] for sample in samples]) for key in first}
    if isinstance(first, (tuple, list)):
        return tuple(collate(list(parts)) for parts in zip(*samples, strict=True))
    if isinstance(first, (str, bytes)):
        return samples
    arrays = [np.asarray(sample) for sample in samples]
    shapes = sorted({a.shape for a in arrays})
    if len(shapes) > 1 or arrays[0].dtype == object:
        raise ValueError(
            f"DataLoader: the samples of a batch must be numbers or arrays of one shape, but they have {shapes}. "
            "Resize them in the data set, or pass collate_fn=."
        )
    return Tensor(np.stack(arrays))
