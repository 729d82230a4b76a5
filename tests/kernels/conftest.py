"""Two threads, on any machine; and no way to convolve is remembered from one test to the next."""

import pytest

import minicnn as mc
from minicnn.functional.convolution import ways


@pytest.fixture
def two_threads():
    before = mc.get_num_threads()
    mc.set_num_threads(2)
    yield
    mc.set_num_threads(before)


@pytest.fixture(autouse=True)
def _choose_anew():
    yield
    ways.choose.cache_clear()
