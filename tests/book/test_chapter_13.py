"""Chapter 13's table shows whatever was recorded, and its numbers are the library's."""

import contextlib
import io
import json
import re
import sys
from pathlib import Path

import nbformat.v4 as v4
import notebooks
import numpy as np
import pytest
from chapters import chapters

import minicnn.functional as F
from minicnn.figures import speed
from minicnn.functional.convolution import ways, winograd, winograd_rows
from minicnn.kernels import simd
from minicnn.kernels.convolution import depthwise

CELLS = chapters()[13].cells
CODE = [cell.source for cell in CELLS if cell.cell_type == "code"]
SPREAD = {"low": 0.5, "high": 9.0}


def table(folder, record):
    """What the cell with the recorded table prints, and the one after it asserts nothing against."""
    (start,) = (i for i, source in enumerate(CODE) if source.startswith("ledger = Path("))
    file = folder / "speed.json"
    if record is not None:
        file.write_text(json.dumps(record), "utf-8")
    names, out = {"json": json, "sys": sys, "Path": Path}, io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(CODE[start].replace('"../ledger/speed.json"', repr(str(file))), names)
        exec(CODE[start + 1], names)
    return out.getvalue()


def row(name, median, **more):
    return {"group": "step", "name": name, "minicnn_ms": 1.0, "ratio": {"median": median, **SPREAD}, **more}


def test_table_without_a_record(tmp_path):
    assert table(tmp_path, None) == "Nothing has been recorded yet: run make bench.\n"


def test_table_lists_every_row_sorted_and_every_loss_below_a_line(tmp_path):
    rows = [
        row("middle", 1.5, ratio_channels_last={"median": 0.875, **SPREAD}),
        row("lost", 0.75),
        row("best", 3.25),
        row("lost more", 0.625),
        {"group": "step", "name": "broken", "error": "ValueError: no"},
        {"group": "step", "name": "alone", "minicnn_ms": 1.0},
    ]
    machine = {"processor": "A processor", "threads": 2, "torch": "2.13"}
    text = table(tmp_path, {"rows": rows, "machine": machine, "date": "2026-01-01"})
    about = ["A processor, 2 threads", "PyTorch 2.13, recorded 2026-01-01", "4 rows; PyTorch is faster in 2,"]
    assert text.splitlines()[:3] == about
    assert "counting channels_last in 3\n" in text
    order = [text.index(f"step: {name}\n") for name in ("best", "middle", "lost", "lost more")]
    assert order == sorted(order)
    assert order[1] < text.index("PyTorch is faster ---") < order[2]
    assert re.search(r"^\*  1\.50 \(0\.50–9\.00\) +0\.88 +step: middle$", text, re.M)
    assert text.endswith("not measured: broken\n")


@pytest.mark.parametrize("medians", [[], [0.5], [2.0]])
def test_table_of_wins_or_losses_only(tmp_path, medians):
    rows = [row(f"r{k}", m) for k, m in enumerate(medians)] or [{"group": "a", "name": "b", "minicnn_ms": 1.0}]
    text = table(tmp_path, {"rows": rows})
    assert f"{len(medians)} rows; PyTorch is faster in {sum(m < 1 for m in medians)},\n" in text


def test_tile_of_the_chapter_is_the_engine_s():
    size, rows, vectors, *_ = simd.SHAPES["avx512"]
    assert any(f"lanes, weights, vectors = {size // 4}, {rows}, {vectors}\n" in source for source in CODE)
    assert simd.SHAPES["avx2"][:3] == (32, 4, 3)
    assert any(
        "(Processors with AVX2 have 16 registers of 8 numbers; there the tile is 4 × 3." in c.source for c in CELLS
    )


def test_column_of_the_chapter_is_the_depthwise_kernel_s():
    high = {name: rows for name, (_, rows, *_) in simd.SHAPES.items()}
    assert depthwise.HIGH in high.values()
    assert any(source.startswith(f"high = {high['avx512']}  # vectors of a column in depthwise") for source in CODE)
    text = f"a column of {high['avx512']} such vectors is computed at a time ({high['avx2']} with AVX2); "
    assert any(f"{text}{high['avx512'] + 2} rows of pixels are loaded" in c.source for c in CELLS)


@pytest.mark.skipif(simd.NAME == "plain", reason="there is no engine without vectors")
@pytest.mark.parametrize("channels", [16, 32, 64])
def test_engine_of_the_chapter_is_direct_and_the_rung_above_is_winograd_s(channels, monkeypatch):
    by_winograd = []
    for way in (winograd, winograd_rows):
        monkeypatch.setattr(way, "convolve", lambda *a, real=way.convolve: by_winograd.append(1) or real(*a))
    ways.choose.cache_clear()
    speed._plan.cache_clear()
    scope = {"F": F}
    exec(next(s for s in CODE if s.startswith("def engine(")).partition("\n\n\n")[0], scope)
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((16, channels, 18, 18), "f"), rng.standard_normal((channels, channels, 3, 3), "f")
    direct = scope["engine"](x, w)
    assert not by_winograd
    np.testing.assert_allclose(F.conv2d(x, w), direct, atol=1e-3)
    assert len(by_winograd) == 1
    np.testing.assert_allclose(speed.winograd(x, w), direct, atol=1e-3)
    assert len(by_winograd) == 2
    assert (winograd_rows.FEWEST_CHANNELS, winograd_rows.MOST_CHANNELS) == (8, 63)
    assert any("takes this way from 8 channels on, if" in c.source for c in CELLS)
    assert any("and there are fewer than 64 channels" in c.source for c in CELLS)


@pytest.mark.parametrize("name", ["taps", "matrix_product", "fft"])
def test_rungs_also_do_what_is_not_square(name):
    scope = {"np": np}
    exec("import scipy.fft\n" + next(s for s in CODE if f"def {name}(" in s).partition("\n\n\n")[0], scope)
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 7, 10)), rng.standard_normal((4, 3, 2, 5))
    loops = {"np": np}
    exec(next(s for s in CODE if s.startswith("def python_loops(")), loops)
    np.testing.assert_allclose(scope[name](x, w), loops["python_loops"](x, w), atol=1e-12)


MAD = """import random, time
random.seed(0)
now = [0.0]

def tick():
    now[0] += 10 ** random.uniform(-9, 3)
    return now[0]

time.perf_counter = tick
"""


@pytest.mark.slow
def test_no_cell_fails_whatever_the_clock_says():
    path = chapters()[13].path
    notebook = notebooks.read(path)
    notebook.cells.insert(0, v4.new_code_cell(MAD))
    notebooks.execute(notebook, path.parent)
