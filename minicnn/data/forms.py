"""Pictures drawn from a seed: ten shapes that a network has to tell apart by their form, whatever their colour.

The same seed must give the same bits on every machine. So nothing is used here but +, −, ×, ÷, √ and comparisons, which
all processors round alike: sine and exponential differ in the last bit, and so do matrix products and long sums.
"""

import numpy as np

from ..chance import generator
from ..checks import whole
from .loader import ArrayDataset

CHUNK = 128  # pictures drawn at once: few enough for the processor's cache


def shapes(n, size=32, *, rng=None):
    """Draw pictures of ten shapes: arrow, bars, crescent, cross, disc, hourglass, ring, square, star and triangle.

    Each stands somewhere in its picture, large or small, tilted, light on dark or dark on light, in any colours, lit
    from one side, with strokes behind and before it. All ten have the same area, so that nothing but the form tells
    them apart. There are equally many of each, or one more of some.

    Parameters
    ----------
    n : int
        The number of pictures.
    size : int
        Height and width in pixels, at least 16.
    rng : np.random.Generator, optional
        Decides everything: the same seed gives the same bits on every machine. Default: that of `manual_seed`.

    Returns
    -------
    ArrayDataset
        Images of shape (n, 3, size, size): red, green and blue, float32, from 0 to 1 in steps of 1/255. Labels 0 to 9.

    Raises
    ------
    TypeError, ValueError
        If n or size is no whole number, or too small.

    Example
    -------
    >>> data = shapes(100, rng=np.random.default_rng(0))
    >>> data
    ArrayDataset(100 images of shape (3, 32, 32), 10 classes)
    >>> [data.classes[label] for label in data.labels[:3]]
    ['crescent', 'ring', 'arrow']
    """
    n, size = whole("shapes", "n", n, 0), whole("shapes", "size", size, 16)
    rng = generator("shapes", rng)
    labels = rng.permutation(np.arange(n, dtype=np.int64) % len(FORMS))
    images = np.empty((n, 3, size, size), np.float32)
    for start in range(0, n, CHUNK):
        images[start : start + CHUNK] = _pictures(labels[start : start + CHUNK], size, rng)
    return ArrayDataset(images, labels, FORMS)


def _pictures(labels, size, rng):
    """Ground, strokes, the shape, strokes before it, light, grain; (N, 3, H, W)."""
    n = len(labels)

    def between(low, high):
        """A random number for each picture, of a shape that fits (N, C, H, W)."""
        return low + (high - low) * rng.random((n, 1, 1, 1), np.float32)

    x = (np.arange(size, dtype=np.float32) + 0.5) * (2 / size) - 1  # centres of pixels, from −1 to 1
    x, y = x[None, :], x[:, None]
    dark, light = _colour(between, 0.1, 0.5), _colour(between, 0.6, 1)
    swap = between(0, 1) < 0.5
    ground, figure = np.where(swap, light, dark), np.where(swap, dark, light)
    picture = np.broadcast_to(ground, (n, 3, size, size)).copy()

    def strokes(count):
        for _ in range(count):
            share = between(0.15, 0.85)
            mixed = ground + share * (figure - ground)
            _paint(picture, _stroke(between, x, y), mixed + 0.3 * (_colour(between, 0.2, 1) - mixed))

    strokes(4)
    scale = between(0.45, 0.65)
    u, v = _turned(between, (x - between(-0.25, 0.25)) / scale, (y - between(-0.25, 0.25)) / scale)
    outside = np.empty((n, 1, size, size), np.float32)
    for label, form in enumerate(FORMS.values()):
        here = labels == label
        outside[here] = form(u[here], v[here])
    _paint(picture, outside * scale, figure)
    strokes(2)

    across, _ = _turned(between, x, y)
    picture *= 1 + between(0, 0.25) * across - between(0, 0.25)
    picture += 0.06 * rng.random(picture.shape, np.float32) - 0.03
    return np.rint(np.clip(picture, 0, 1) * 255) / np.float32(255)


def _colour(between, low, high):
    """Red, green and blue of any hue, more or less of it, and as bright as asked; (N, 3, 1, 1)."""
    sixths = between(0, 6) + np.float32([0, 4, 2]).reshape(3, 1, 1)  # of the way round the circle of hues
    hue = np.clip(np.abs(np.where(sixths >= 6, sixths - 6, sixths) - 3) - 1, 0, 1)
    return between(low, high) * (1 - between(0.1, 0.7) * (1 - hue))


def _turned(between, x, y):
    """Turned by up to 33° either way: (1 − t²)/(1 + t²) and 2t/(1 + t²) are the cosine and sine of an angle."""
    t = between(-0.3, 0.3)
    cos, sin = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    return cos * x + sin * y, cos * y - sin * x


def _paint(picture, outside, colour):
    """Colour what is inside; pixels on the edge get a share of it."""
    half = picture.shape[-1] / 2  # pixels in a length of 1
    picture += np.clip(0.5 - half * outside, 0, 1) * (colour - picture)


# How far (x, y) lies outside of a form; negative inside. Forms lie around (0, 0), y goes down.


def _stroke(between, x, y):
    """A line with round ends, or a dot, upright or lying, tilted."""
    x, y = _turned(between, x - between(-1, 1), y - between(-1, 1))
    upright = between(0, 1) < 0.5
    along, beside = np.where(upright, y, x), np.where(upright, x, y)
    beyond = np.maximum(np.abs(along) - between(0, 0.3), 0)
    return np.sqrt(beyond * beyond + beside * beside) - between(0.04, 0.1)


def _disc(x, y, radius=0.69):
    return np.sqrt(x * x + y * y) - radius


def _box(x, y, width, height):
    return np.maximum(np.abs(x) - width, np.abs(y) - height)


def _half_planes(x, y, *normals):
    return np.stack([a * x + b * y for a, b in normals])


def _arrow(x, y):
    head = np.maximum(0.8 * np.abs(x) - 0.6 * y - 0.66, y)
    return np.minimum(head, _box(x, y - 0.4, 0.27, 0.62))


def _bars(x, y):
    return _box(np.abs(x) - 0.5, y, 0.22, 0.85)


def _crescent(x, y):
    return np.maximum(_disc(x, y, 0.92), -_disc(x - 0.5, y, 0.68))


def _cross(x, y):
    return np.minimum(_box(x, y, 0.23, 0.93), _box(x, y, 0.93, 0.23))


def _hourglass(x, y):
    return np.maximum(0.74 * np.abs(x) - 0.67 * np.abs(y), np.abs(y) - 0.91)


def _ring(x, y):
    return np.abs(_disc(x, y, 0.8)) - 0.15


def _square(x, y):
    return _box(x, y, 0.61, 0.61)


def _star(x, y):
    """Five lines make a pentagram: what is within at least four of them is inside."""
    lines = (0, -1), (0.951, -0.309), (-0.951, -0.309), (0.588, 0.809), (-0.588, 0.809)
    return np.sort(_half_planes(x, y, *lines), axis=0)[3] - 0.36


def _triangle(x, y):
    return _half_planes(x, y, (0, 1), (0.866, -0.5), (-0.866, -0.5)).max(0) - 0.537


FORMS = {
    "arrow": _arrow,
    "bars": _bars,
    "crescent": _crescent,
    "cross": _cross,
    "disc": _disc,
    "hourglass": _hourglass,
    "ring": _ring,
    "square": _square,
    "star": _star,
    "triangle": _triangle,
}
