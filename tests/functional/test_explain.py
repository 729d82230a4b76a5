"""`explain` names the way that is taken."""

import re

import numpy as np
import pytest

import minicnn as mc
import minicnn.functional as F
from minicnn.functional.conv import checked_geometry
from minicnn.functional.convolution import ways
from minicnn.functional.convolution.geometry import Job
from minicnn.kernels import simd

x, w = np.zeros((64, 16, 32, 32), np.float32), np.zeros((16, 16, 3, 3), np.float32)


@pytest.mark.parametrize(
    ("x", "w", "options"),
    [
        (x, w, dict(padding=1)),
        (x, w, dict(padding=1, stride=2)),
        (x[:, :, :7, :7], w, {}),
        (x[:1], w[:, :1], dict(groups=16)),
        (x[:1, :, :4, :4], w, {}),
        (x.astype(float), w.astype(float), {}),
    ],
)
def test_it_names_the_way_that_is_taken_and_says_why_not_the_others(x, w, options, capsys):
    mc.explain(F.conv2d, mc.Tensor(x), w, **options)
    text = capsys.readouterr().out
    g = checked_geometry("conv2d", 2, x, w, None, **(dict(stride=1, padding=0, dilation=1, groups=1) | options))
    for name, product in (("y", "forward"), ("dx", "grad_input"), ("dw", "grad_weight")):
        job = Job(product, g, len(x), x.shape[1], len(w), x.dtype)
        part = re.search(rf"^{name} is computed by (\w+).*?(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
        taken = next(way for way, plan in ways.considered(job) if callable(plan))
        assert taken.__name__.endswith(f".{part[1]}")
        others = [way.__name__.rpartition(".")[2] for way in ways.RULES[product] if way is not taken]
        assert re.findall(r"^  not by (\w+): \w", part[0], re.MULTILINE) == others


def test_a_small_image_is_shown_with_its_tables(capsys):
    """The picture of kernels/convolution/images.py."""
    mc.explain(F.conv2d, np.zeros((16, 1, 4, 4), np.float32), np.zeros((4, 1, 2, 2), np.float32))
    text = capsys.readouterr().out
    assert "\n   4  5  6  7\n" in text
    assert "offsets = [0, 1, 4, 5]\n" in text
    assert "places = [0, 1, 2, 4, 5, 6, 8, 9, 10]\n" in text
    assert simd.NAME == "plain" or "  segments " in text


def test_other_operations_are_refused():
    with pytest.raises(ValueError, match=r"^explain: it knows F.conv1d, F.conv2d and F.conv3d, not relu. Others go"):
        mc.explain(F.relu, x)
    with pytest.raises(ValueError, match="^conv2d: x has C=16 channels but w of shape"):
        mc.explain(F.conv2d, x, w[:, :3])
