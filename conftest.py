"""How every test is run: doctests and notebooks too, which have no folder of tests above them."""

import os
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

import minicnn as mc

mpl.use("Agg")  # no windows
mpl.rcdefaults()
DEFAULTS = dict(mpl.rcParams)


@pytest.fixture(autouse=True)
def _names_in_doctests(doctest_namespace):
    doctest_namespace.update(np=np, mc=mc)


@pytest.fixture(autouse=True)
def _a_doctest_is_a_session_at_a_prompt(request, monkeypatch):
    if isinstance(request.node, pytest.DoctestItem):
        monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)


@pytest.fixture(autouse=True)
def _pictures_leave_no_trace():
    """A test, or what it shares with others, may set the book's style or leave a figure open: no test must notice."""
    if dict.__ne__(mpl.rcParams, DEFAULTS):  # quicker than !=, which sorts
        mpl.rcdefaults()
    yield
    plt.close("all")


def pytest_collectstart(collector):
    """nbval compares texts, not pictures, whose last digits differ between machines: cells assert what they show."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("image/svg+xml",)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Give a notebook's kernel, started here, one thread: the workers already share out the cores.

    Setting NUMBA_NUM_THREADS in the environment overrides it. Other tests are left alone: some of them
    compare one thread with many.
    """
    if item.path.suffix != ".ipynb" or "NUMBA_NUM_THREADS" in os.environ:
        return (yield)
    os.environ["NUMBA_NUM_THREADS"] = "1"
    try:
        return (yield)
    finally:
        del os.environ["NUMBA_NUM_THREADS"]
