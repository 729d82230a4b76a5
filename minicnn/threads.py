"""How many threads compute. They are minicnn's own, and wait in kernels/running/parallel.py."""

from .kernels.running.parallel import get_num_threads, set_num_threads

__all__ = ["get_num_threads", "set_num_threads"]

get_num_threads.__module__ = set_num_threads.__module__ = __name__
