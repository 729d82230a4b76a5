"""What the layers for one, two and three dimensions share."""

from ..functional.windows import words
from .module import Module


class Dimensional(Module):
    """A layer whose subclasses differ in their number of axes of pixels, `nd`. They take its docstring, filled in."""

    nd = None

    def __init_subclass__(cls):
        if cls.nd:
            template = next(base.__doc__ for base in cls.__mro__[1:] if base.__doc__)
            cls.__doc__ = words(template, cls.nd)
