"""Numba kernels: loops over plain arrays. They check nothing and allocate nothing; `minicnn.functional` does both."""
