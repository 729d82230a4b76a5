"""The kernels of chapter 2's gallery and figure are the library's."""

import contextlib
import io

import matplotlib
import numpy as np
from chapters import chapters


def test_figure_has_the_chapter_s_kernels():
    matplotlib.use("agg")
    names = {}
    for cell in chapters()[2].cells:
        if "import check" in cell.source:
            break  # the exercises begin
        if cell.cell_type == "code" and "%pip" not in cell.source:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(cell.source, names)
    matplotlib.pyplot.close("all")
    assert names["kernels"] == names["mc"].figures.KERNELS
    assert np.array_equal(names["digit"], names["images"][0, 0] * 16)
