"""Augmentation: pictures changed by chance in ways that leave their class, so that a network never sees one twice.

Each function takes a batch of images (N, C, H, W) of any dtype and an rng, and returns new ones of the same shape and
dtype; each image has its own luck. `DataLoader(transform=…)` applies them to every batch.
"""

import numpy as np

from .. import checks
from ..chance import generator


def random_crop(images, padding=4, *, fill=0, rng=None):
    """Cut out a part of the size of the image, after a border was put around it: a shift by whole pixels.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
    padding : int
        Pixels on each side. The shift is at most as far, and every one is as likely.
    fill : float
        What the border is filled with.
    rng : np.random.Generator, optional
        Default: that of `manual_seed`.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Example
    -------
    >>> random_crop(np.arange(1, 10).reshape(1, 1, 3, 3), padding=1, rng=np.random.default_rng(3))[0, 0]
    array([[0, 4, 5],
           [0, 7, 8],
           [0, 0, 0]])
    """
    images, rng = _batch("random_crop", images), generator("random_crop", rng)
    padding = checks.whole("random_crop", "padding", padding, 0)
    n, size = len(images), images.shape[2:]
    bordered = np.pad(images, [(0, 0), (0, 0), (padding, padding), (padding, padding)], constant_values=fill)
    parts = np.lib.stride_tricks.sliding_window_view(bordered, size, axis=(2, 3))  # (N, C, 2p + 1, 2p + 1, H, W)
    top, left = rng.integers(0, 2 * padding + 1, (2, n))
    return parts[np.arange(n), :, top, left]


def random_horizontal_flip(images, p=0.5, *, rng=None):
    """Exchange left and right, with probability p.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
    p : float
        From 0, never, to 1, always.
    rng : np.random.Generator, optional
        Default: that of `manual_seed`.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Example
    -------
    >>> random_horizontal_flip(np.array([[[[1, 2, 3]]]]), p=1)
    array([[[[3, 2, 1]]]])
    """
    images, rng = _batch("random_horizontal_flip", images), generator("random_horizontal_flip", rng)
    flipped = rng.random(len(images)) < checks.probability("random_horizontal_flip", p)
    return np.where(flipped[:, None, None, None], images[..., ::-1], images)


def shift(images, most=2.0, *, fill=0, rng=None):
    """Move images by up to `most` pixels down or up and to the right or left, by parts of pixels too.

    Pixels are interpolated (bilinear): one that comes to lie between two others is shared out to both.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
    most : float
        In pixels.
    fill : float
        What is seen beyond the edges.
    rng : np.random.Generator, optional
        Default: that of `manual_seed`.

    Returns
    -------
    ndarray, shape (N, C, H, W)
        Integers are rounded.

    Example
    -------
    >>> shift(np.array([[[[0.0, 8.0, 0.0]]]]), most=1, rng=np.random.default_rng(7)).round(1)
    array([[[[4.8, 1.2, 0. ]]]])
    """
    images, rng = _batch("shift", images), generator("shift", rng)
    most = checks.number("shift", "most", most, 0)
    return _moved(images, rng.uniform(-most, most, (2, len(images), 1, 1)), fill)


def elastic(images, alpha=34.0, sigma=4.0, *, fill=0, rng=None):
    r"""Distort images as if they were printed on rubber.

    Each pixel is taken from a place nearby: it moves by α · (G * u), where u is drawn anew for each pixel, uniformly
    from −1 to 1, along either axis, and G is a Gaussian of standard deviation σ, so that neighbours move alike.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
    alpha : float
        How strong: movements have a standard deviation of α / (σ √(12 π)) pixels, 1.4 for the defaults.
    sigma : float
        How smooth, in pixels. The defaults are those of the paper, for digits of 29 × 29.
    fill : float
        What is seen beyond the edges.
    rng : np.random.Generator, optional
        Default: that of `manual_seed`.

    Returns
    -------
    ndarray, shape (N, C, H, W)
        Integers are rounded.

    References
    ----------
    Simard, Steinkraus and Platt, Best practices for convolutional neural networks applied to visual document analysis,
    ICDAR 2003.

    Example
    -------
    >>> line = np.array([[0.0, 0, 0], [1, 1, 1], [0, 0, 0]])
    >>> elastic(line[None, None], alpha=2, sigma=1, rng=np.random.default_rng(5)).round(1)[0, 0]
    array([[0.1, 0. , 0. ],
           [0.7, 0.5, 0.3],
           [0.4, 0.7, 0.5]])
    """
    images, rng = _batch("elastic", images), generator("elastic", rng)
    alpha = checks.number("elastic", "alpha", alpha, 0)
    if not checks.number("elastic", "sigma", sigma) > 0:
        raise ValueError(f"elastic: sigma must be greater than 0, not {sigma!r}.")
    n, _, height, width = images.shape
    u = rng.uniform(-1, 1, (2, n, height, width))
    return _moved(images, _gaussian(height, sigma) @ u @ (alpha * _gaussian(width, sigma)), fill)


def cutout(images, size=8, *, fill=0, rng=None):
    """Cover a square of each image; where it reaches beyond the edge, less is covered.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
    size : int
        Height and width of the square in pixels. Its centre may be any pixel.
    fill : float
        The value of what is covered, in all channels.
    rng : np.random.Generator, optional
        Default: that of `manual_seed`.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    References
    ----------
    DeVries and Taylor, Improved regularization of convolutional neural networks with cutout, arXiv:1708.04552, 2017.

    Example
    -------
    >>> cutout(np.ones((1, 1, 3, 4), int), size=2, rng=np.random.default_rng(0))[0, 0]
    array([[1, 1, 1, 1],
           [1, 0, 0, 1],
           [1, 0, 0, 1]])
    """
    images, rng = _batch("cutout", images), generator("cutout", rng)
    size = checks.whole("cutout", "size", size, 0)
    covered = True
    for axis in (2, 3):
        place = np.arange(images.shape[axis])
        first = rng.integers(0, len(place), (len(images), 1)) - size // 2
        inside = (first <= place) & (place < first + size)  # (N, H), then (N, W)
        covered = covered & np.expand_dims(inside, (1, 5 - axis))
    return np.where(covered, images.dtype.type(fill), images)


def mixup(images, labels, num_classes=None, alpha=1.0, *, rng=None):
    """Lay each image over another one of its batch, and mix their targets alike.

    x = λ xᵢ + (1 − λ) xⱼ and y = λ yᵢ + (1 − λ) yⱼ, where j is drawn anew for each image, and λ for each batch from
    the Beta(α, α) distribution. `cross_entropy` takes such targets as they are.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W), float
    labels : ndarray, shape (N,) or (N, K)
        Class numbers, or probabilities.
    num_classes : int, optional
        K; must be given with class numbers.
    alpha : float
        1: all shares are as likely. Smaller: most images are nearly alone.
    rng : np.random.Generator, optional
        Default: that of `manual_seed`.

    Returns
    -------
    images : ndarray, shape (N, C, H, W)
    targets : ndarray, shape (N, K)
        Probabilities of the classes, of the images' dtype.

    References
    ----------
    Zhang, Cisse, Dauphin and Lopez-Paz, mixup: beyond empirical risk minimization, arXiv:1710.09412, 2017.

    Example
    -------
    >>> images, targets = mixup(np.zeros((2, 1, 8, 8)), [0, 2], num_classes=3, rng=np.random.default_rng(3))
    >>> targets.round(1)
    array([[0.3, 0. , 0.7],
           [0.7, 0. , 0.3]])
    """
    images, rng = _batch("mixup", images), generator("mixup", rng)
    checks.floating("mixup", "images", images)
    targets = _probabilities(np.asarray(labels), num_classes, images.dtype)
    if len(targets) != len(images):
        raise ValueError(f"mixup: {len(images)} images need as many labels, not {len(targets)}.")
    if not checks.number("mixup", "alpha", alpha) > 0:
        raise ValueError(f"mixup: alpha must be greater than 0, not {alpha!r}.")
    share, other = images.dtype.type(rng.beta(alpha, alpha)), rng.permutation(len(images))
    return tuple(share * a + (1 - share) * a[other] for a in (images, targets))


def _batch(where, images):
    images = np.asarray(images)
    if images.ndim != 4:
        raise ValueError(
            f"{where}: images must have shape (N, C, H, W), not {images.shape}. Pass image[np.newaxis] for one image."
        )
    return images


def _probabilities(labels, num_classes, dtype):
    """Class numbers as rows with a 1."""
    if labels.ndim == 2 and labels.dtype.kind == "f":
        return labels.astype(dtype)
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise ValueError(
            "mixup: labels must be class numbers of shape (N,) or probabilities of shape (N, K), "
            f"not {labels.dtype} of shape {labels.shape}."
        )
    if num_classes is None:
        raise ValueError("mixup: how many classes there are cannot be seen from class numbers. Pass num_classes=10.")
    num_classes = checks.whole("mixup", "num_classes", num_classes, 1)
    if labels.size and not 0 <= labels.min() <= labels.max() < num_classes:
        raise ValueError(
            f"mixup: labels must lie from 0 to {num_classes - 1}, for num_classes={num_classes}, but range from "
            f"{labels.min()} to {labels.max()}."
        )
    return np.eye(num_classes, dtype=dtype)[labels]


def _gaussian(n, sigma):
    """As a matrix (n, n) that blurs along an axis of n pixels; beyond its ends all is 0."""
    reach = np.arange(-int(5 * sigma) - n, int(5 * sigma) + n + 1)
    sum_of_all = np.exp(-((reach / sigma) ** 2) / 2).sum()
    distance = np.subtract.outer(np.arange(n), np.arange(n))
    return np.exp(-((distance / sigma) ** 2) / 2) / sum_of_all


def _moved(images, by, fill):
    """Each new pixel is taken from its place + `by`, (2, N, H, W) or what fits, in pixels; bilinear interpolation."""
    n, c, height, width = images.shape
    dtype = images.dtype if images.dtype.kind == "f" else np.dtype(np.float64)
    border = [(0, 0), (1, 1), (1, 1), (0, 0)]
    pixels = np.pad(images.transpose(0, 2, 3, 1), border, constant_values=fill)  # channels side by side
    pixels = pixels.astype(dtype, copy=False).reshape(-1, c)
    down = np.clip(np.arange(height)[:, None] + by[0], -1, height) + 1  # places in the bordered image, (N, H, W)
    right = np.clip(np.arange(width) + by[1], -1, width) + 1
    top, left = np.minimum(down.astype(np.intp), height), np.minimum(right.astype(np.intp), width)
    down, right = (part[..., None].astype(dtype) for part in (down - top, right - left))
    image = np.arange(n)[:, None, None] * (height + 2) * (width + 2)
    first = image + top * (width + 2) + left  # of the four pixels around the place

    def across(first):
        return _between(pixels.take(first, 0), pixels.take(first + 1, 0), right)

    out = np.ascontiguousarray(_between(across(first), across(first + width + 2), down).transpose(0, 3, 1, 2))
    return out if images.dtype == dtype else np.rint(out).astype(images.dtype)


def _between(a, b, share):
    """a + share · (b − a), in their own memory: fresh memory costs more than the arithmetic."""
    b -= a
    b *= share
    a += b
    return a
