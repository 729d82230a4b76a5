"""Two threads, on any machine."""

import pytest

import minicnn as mc


@pytest.fixture
def two_threads():
    before = mc.get_num_threads()
    mc.set_num_threads(2)
    yield
    mc.set_num_threads(before)
