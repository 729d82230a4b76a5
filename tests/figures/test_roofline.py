import json
from pathlib import Path

import numpy as np
import pytest

import minicnn.functional as F
from minicnn.figures import RooflineExplorer
from minicnn.figures.roofline import CHOICES, PEAK, START

LEDGER = Path(__file__).resolve().parents[2] / "book" / "ledger" / "speed.json"


def test_the_peak_is_the_best_one_of_the_record():
    rows = json.loads(LEDGER.read_text("utf-8"))["rows"]
    best = max(row["peak_gflops"] for row in rows if "peak_gflops" in row)
    assert float(f"{best:.3g}") * 1e9 == PEAK


def test_the_picture_shows_the_convolution_of_the_chapter():
    x = np.zeros((START["N"], START["C"], START["S"], START["S"]), np.float32)
    w = np.zeros((START["O"], START["C"], START["K"], START["K"]), np.float32)
    y = F.conv2d(x, w)
    intensity = 2 * y.size * w[0].size / (x.nbytes + w.nbytes + y.nbytes)
    assert f"{intensity:.1f}" == "31.3"
    assert "at 31 operations a byte" in RooflineExplorer().alt
    assert all(START[key] in values == sorted(set(values)) for key, values in CHOICES.items())
    assert min(CHOICES["S"]) >= max(CHOICES["K"])  # so that a window fits


@pytest.mark.parametrize("value", [0, -1.0, 200, float("nan"), "200e9"])
def test_errors_name_the_rule_and_the_repair(value):
    with pytest.raises(ValueError) as error:
        RooflineExplorer(memory=value)
    assert str(error.value) == (
        f"RooflineExplorer: memory must be a number from 1e9 to 1e14 a second, not {value!r}. "
        "Pass operations or bytes, such as 200e9."
    )
