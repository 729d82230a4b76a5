"""Division of counts."""

from numba.extending import register_jitable


@register_jitable
def ceil_div(a, b):
    """How many b it takes to have a, or more: a / b, rounded up.

    Example
    -------
    >>> ceil_div(9, 4)
    3
    """
    return -(-a // b)
