"""What chapter 2 prints beside the solutions of its exercises, and the kernels of its figure."""

import contextlib
import io

import matplotlib
import numpy as np

from minicnn import exercises
from tests.book.chapters import cells_of, tasks_of

LINE = 'np.einsum("ijkl,kl->ij", np.lib.stride_tricks.sliding_window_view(x, w.shape), w)'


def test_other_solutions_that_the_chapter_prints():
    text = "".join(task.after for task in tasks_of(2).values())
    assert f"`{LINE}`" in text
    assert exercises.check("conv2d_forward", eval(f"lambda x, w: {LINE}")).state == "passed"
    sobel = [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    assert f"`{sobel}`" in text
    assert exercises.check("design_a_kernel", lambda: sobel).state == "passed"


def test_figure_has_the_chapter_s_kernels():
    matplotlib.use("agg")
    cells = cells_of(2)
    names, first = {}, next(i for i, c in enumerate(cells) if ":label: ex-02" in c.source)
    for cell in cells[:first]:
        if cell.cell_type == "code" and "%pip" not in cell.source:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(cell.source, names)
    matplotlib.pyplot.close("all")
    assert names["kernels"] == names["mc"].figures.KERNELS
    assert np.array_equal(names["digit"], names["images"][0, 0] * 16)
