"""Changing the size of images. The last two axes are height and width; all others are kept."""

import numpy as np


def resize(images, size):
    """Stretch or shrink images by bilinear interpolation.

    Pixels are little squares: the centre of output pixel i lies at ``(i + 0.5) · H / OH − 0.5`` of the
    input, and each output is the weighted mean of the (up to) four input pixels around that point.
    The same as PyTorch's ``interpolate(mode="bilinear", align_corners=False)``: shrinking to less than half
    skips pixels.

    Parameters
    ----------
    images : ndarray, shape (..., H, W)
    size : int or (int, int)
        The new height and width.

    Returns
    -------
    ndarray, shape (..., OH, OW)
        Of the same dtype; integers are rounded.

    Raises
    ------
    ValueError
        If there are no height and width to resize, or one of them is 0.

    Example
    -------
    >>> resize(np.array([[0.0, 1.0]]), (1, 4))
    array([[0.  , 0.25, 0.75, 1.  ]])
    """
    images = _images(images, "resize")
    out_h, out_w = _pair(size, "resize")
    h, w = images.shape[-2:]
    if 0 in (h, w):
        raise ValueError(f"resize: images of shape {images.shape} have no pixels. Pass height, width ≥ 1.")
    dtype = images.dtype if images.dtype.kind == "f" else np.dtype(np.float64)
    above, below, down = _neighbours(h, out_h, dtype)
    left, right, across = _neighbours(w, out_w, dtype)
    down = down[:, None]  # (OH, 1): one weight for each row
    rows = images[..., above, :] * (1 - down) + images[..., below, :] * down  # (..., OH, W)
    out = rows[..., left] * (1 - across) + rows[..., right] * across  # (..., OH, OW)
    return out if images.dtype == dtype else np.rint(out).astype(images.dtype)


def _neighbours(n, out_n, dtype):
    """Where each output pixel falls: the pixel before it, the one after it, and how far in between."""
    place = np.clip((np.arange(out_n) + 0.5) * n / out_n - 0.5, 0, n - 1)
    before = place.astype(np.intp)
    return before, np.minimum(before + 1, n - 1), (place - before).astype(dtype)


def pad_to(images, size, value=0):
    """Put a border around images so that they become as large as asked, the content in the middle.

    Where the border cannot be equal on both sides, the extra pixel goes to the bottom and the right.

    Parameters
    ----------
    images : ndarray, shape (..., H, W)
    size : int or (int, int)
        The new height and width.
    value : float
        What the border is filled with.

    Returns
    -------
    ndarray, shape (..., OH, OW)

    Raises
    ------
    ValueError
        If an image is larger than the size asked for.

    Example
    -------
    >>> pad_to(np.array([[1, 2]]), (3, 4))
    array([[0, 0, 0, 0],
           [0, 1, 2, 0],
           [0, 0, 0, 0]])
    """
    images = _images(images, "pad_to")
    target, shape = _pair(size, "pad_to"), images.shape[-2:]
    missing = [new - old for new, old in zip(target, shape, strict=True)]
    if min(missing) < 0:
        raise ValueError(
            f"pad_to: cannot pad {shape[0]}×{shape[1]} images to the smaller {target[0]}×{target[1]}. "
            f"Use resize to shrink them."
        )
    border = [(0, 0)] * (images.ndim - 2) + [(m // 2, m - m // 2) for m in missing]
    return np.pad(images, border, constant_values=value)


def _images(images, where):
    images = np.asarray(images)
    if images.ndim < 2:
        raise ValueError(
            f"{where}: images need a height and a width, got shape {images.shape}. Pass shape (N, C, H, W)."
        )
    return images


def _pair(size, where):
    """Return (height, width) for one number or two."""
    pair = (size, size) if np.ndim(size) == 0 else tuple(size)
    if len(pair) != 2 or not all(isinstance(s, (int, np.integer)) and s >= 1 for s in pair):
        raise ValueError(f"{where}: size must be one or two whole numbers ≥ 1, got {size!r}. Pass 32 or (32, 24).")
    return pair
