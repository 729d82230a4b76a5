"""Where chance comes from: an explicit `rng`, or one default generator, which `manual_seed` seeds."""

import numpy as np

__all__ = ["manual_seed"]

_default = np.random.default_rng()


def manual_seed(seed):
    """Seed the generator that is used where no `rng` is passed: PyTorch's scripts do so. Returns it.

    Better pass ``rng=np.random.default_rng(seed)`` to each layer, loader and function that needs chance: then what one
    of them draws never depends on another, and the numbers are yours to repeat. The book and the library do.

    Example
    -------
    >>> _ = manual_seed(0)
    >>> first = mc.Linear(2, 3)
    >>> _ = manual_seed(0)
    >>> bool((mc.Linear(2, 3).weight == first.weight).all())
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise TypeError(f"manual_seed: seed must be a whole number of at least 0, not {seed!r}.")
    _default.bit_generator.state = np.random.default_rng(seed).bit_generator.state
    return _default


def generator(where, rng):
    """rng itself, or the default generator for None."""
    if rng is None:
        return _default
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{where}: rng must be a numpy.random.Generator, not {rng!r}. Pass np.random.default_rng(seed)."
        )
    return rng
