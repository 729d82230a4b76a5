"""Parameter: the numbers that are trained."""

from ..calls import Explained
from ..tensor import Tensor

__all__ = ["Parameter"]


class Parameter(Tensor, metaclass=Explained):
    """A Tensor that is trained: it requires a gradient, and a Module that holds it as an attribute finds it.

    Example
    -------
    >>> Parameter([1.0, 2.0])
    Parameter([1., 2.], requires_grad=True)
    """

    __slots__ = ()

    def __init__(self, data, requires_grad=True):
        super().__init__(data, requires_grad)

    def __repr__(self):
        return super().__repr__().replace("Tensor(", "Parameter(", 1)
