import json

import numpy as np
import pytest

import minicnn.functional as F
from minicnn.figures import GradientExplorer
from minicnn.figures.gradients import W, X


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("dy", ["mixed", "single", "ones"])
def test_embedded_numbers_are_the_library_s(stride, padding, dy):
    case = json.loads(json.dumps(GradientExplorer().data()))["cases"][f"{stride}{padding}{dy}"]
    x, w = np.array([[X]], float), np.array([[W]], float)
    y, vjp = F.conv2d_vjp(x, w, stride=stride, padding=padding)
    dx, dw = vjp(np.array([[case["dy"]]], float))[:2]
    for name, array in [("y", y), ("dx", dx), ("dw", dw)]:
        np.testing.assert_array_equal(case[name], array[0, 0])


def test_a_single_one_stamps_the_filter():
    case = GradientExplorer().results(1, 0, "single")
    assert np.sum(case["dy"]) == 1
    np.testing.assert_array_equal(np.array(case["dx"])[1:4, 1:4], W)


def test_still_picture_numbers_run_against_each_other():
    numbers = [part.split("<")[0] for part in GradientExplorer().picture().split('class="n"')[1:]]
    numbers = [int(text.split(">")[1]) for text in numbers]
    assert numbers == [*range(9, 0, -1), *range(1, 10)]  # first in w, then in dy
