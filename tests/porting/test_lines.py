"""Lines of public PyTorch scripts run, or say what to do instead."""

import warnings

import numpy as np
import pytest

import minicnn
import minicnn.functional as F
from minicnn.data import DataLoader, TensorDataset
from tests.porting.lines import LINES

NAMESPACE = {
    "torch": minicnn, "nn": minicnn, "optim": minicnn, "F": F, "np": np, "DataLoader": DataLoader,
    "TensorDataset": TensorDataset,
}  # fmt: skip


def outcomes():
    """For each line: "runs", "words" if it said what to do instead, or the error that says nothing."""
    namespace, found = dict(NAMESPACE), {}
    for line in LINES:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                exec(line, namespace)
            found[line] = "runs"
        except Exception as error:
            words = (
                isinstance(error, (AttributeError, RuntimeError))
                and "Leave it out" in str(error)
                or "Use " in str(error)
            )
            found[line] = "words" if words else f"{type(error).__name__}: {error}"
    return found


@pytest.fixture(scope="module")
def found():
    return outcomes()


def test_at_least_175_of_180(found):
    assert len(LINES) == 180
    good = [line for line, outcome in found.items() if outcome in ("runs", "words")]
    assert len(good) >= 175, {line: outcome for line, outcome in found.items() if line not in good}


def test_each_line_does_what_it_is_marked_for(found):
    for line, outcome in found.items():
        if line.endswith("# words"):
            assert outcome == "words", line
        elif not line.endswith("# fails"):
            assert outcome == "runs", f"{line}: {outcome}"
