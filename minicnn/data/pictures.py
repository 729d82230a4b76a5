"""The reader's own pictures: a folder for each class."""

from pathlib import Path

import numpy as np

from ..checks import flag
from ..extras import need
from .loader import ArrayDataset
from .transforms import _pair

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")


class ImageFolder(ArrayDataset):
    """Pictures from a folder that holds a folder for each class, all brought to one size and kept in memory.

    Of each picture the largest part of the right proportions is taken from the middle, and scaled; photos lie as the
    camera says, and what is transparent is white. Names that begin with a dot, and files that are no pictures, are
    passed over.

    It has ``images`` (N, C, H, W) of float32 from 0 to 1, ``labels`` (N,), ``classes`` (names, sorted),
    ``class_to_idx`` (their numbers) and ``samples`` (the file and the class of each image, sorted by both).

    Parameters
    ----------
    root : str or Path
        ``root/cat/…jpg``, ``root/dog/…png``: the name of a folder is that of the class; there may be folders in it.
    size : int or (int, int)
        Height and width in pixels.
    grey : bool
        True: one channel of brightness, instead of red, green and blue.

    Raises
    ------
    ModuleNotFoundError
        If Pillow, which reads the pictures, is not installed.
    FileNotFoundError
        If there is no such folder, no folder in it, or one without pictures.
    ValueError
        If pictures cannot be read; it names them.

    Example
    -------
    >>> pets = ImageFolder("pets", size=64)  # doctest: +SKIP
    >>> pets.classes, pets  # doctest: +SKIP
    (('cat', 'dog'), ImageFolder(80 images of shape (3, 64, 64), 2 classes))
    """

    def __init__(self, root, size, *, grey=False):
        shape, mode = _pair(size, "ImageFolder"), "L" if flag("ImageFolder", "grey", grey) else "RGB"
        image = need("ImageFolder", "PIL.Image", "data")
        folders = _folders(Path(root))
        self.class_to_idx = {folder.name: k for k, folder in enumerate(folders)}
        self.samples = [(str(file), k) for k, folder in enumerate(folders) for file in _files(folder)]
        pictures, broken = [], []
        for file, _ in self.samples:
            try:
                pictures.append(_read(image, file, shape, mode))
            except Exception as error:  # of many kinds, and all of them mean the file
                broken.append(f"{file} ({error})")
        if broken:
            first = "; ".join(broken[:3]) + (f"; and {len(broken) - 3} more" if len(broken) > 3 else "")
            raise ValueError(f"ImageFolder: these files are not pictures, or damaged: {first}. Mend or remove them.")
        pixels = np.stack(pictures).reshape(len(pictures), *shape, -1).transpose(0, 3, 1, 2)
        images = np.ascontiguousarray(pixels) / np.float32(255)
        super().__init__(images, [k for _, k in self.samples], self.class_to_idx)


def _folders(root):
    if not root.is_dir():
        raise FileNotFoundError(f"ImageFolder: there is no folder {str(root)!r}. Give one that holds a folder a class.")
    folders = [each for each in root.iterdir() if each.is_dir() and not each.name.startswith(".")]
    if not folders:
        raise FileNotFoundError(
            f"ImageFolder: there are no folders in {str(root)!r}. Make one for each class, and put its pictures there."
        )
    return sorted(folders, key=lambda folder: folder.name)


def _files(folder):
    files = [each for each in folder.rglob("*") if each.suffix.lower() in ENDINGS]
    files = [each for each in files if not any(name.startswith(".") for name in each.relative_to(folder).parts)]
    if not files:
        raise FileNotFoundError(
            f"ImageFolder: there are no pictures in {str(folder)!r}. Put some there, or remove it; "
            f"files that are read end in {', '.join(ENDINGS)}."
        )
    return sorted(files, key=lambda file: file.relative_to(folder).parts)


def _read(image, file, shape, mode):
    """One picture as bytes, (H, W, 3) or (H, W)."""
    from PIL import ImageOps

    with image.open(file) as picture:
        picture = ImageOps.exif_transpose(picture)
        if picture.mode.startswith("I;16"):  # Pillow would cut off what is above 255
            picture = image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
        if picture.has_transparency_data:
            picture = picture.convert("RGBA")
            picture = image.alpha_composite(image.new("RGBA", picture.size, "white"), picture)
        return np.asarray(ImageOps.fit(picture.convert(mode), shape[::-1], image.Resampling.BILINEAR))
