import numpy as np
import pytest
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F


@pytest.mark.parametrize(
    ("layer", "options"),
    [
        (mc.ZeroPad2d((1, 2, 0, -1)), dict(pad=(1, 2, 0, -1))),
        (mc.ConstantPad2d(1, 3.5), dict(pad=(1, 1, 1, 1), value=3.5)),
        (mc.ReflectionPad2d((1, 2, 0, -1)), dict(pad=(1, 2, 0, -1), mode="reflect")),
        (mc.ReplicationPad2d(6), dict(pad=(6,) * 4, mode="replicate")),
        (mc.CircularPad2d([4, 5, 0, 1]), dict(pad=(4, 5, 0, 1), mode="circular")),
    ],
    ids=lambda value: "" if isinstance(value, dict) else type(value).__name__,
)
def test_a_layer_pads_images_and_one_image(layer, options):
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    assert_array_equal(layer(x), F.pad(x, **options))
    assert_array_equal(layer(x[0]), F.pad(x[0], **options))


def test_constants_go_around_any_array():
    assert mc.ConstantPad1d(1, 7)(np.zeros(2)).tolist() == [7, 0, 0, 7]


def test_errors():
    with pytest.raises(TypeError, match=r"^ReflectionPad2d: padding must be an int or four ints, not \(1, 2\).$"):
        mc.ReflectionPad2d((1, 2))
    with pytest.raises(ValueError) as raised:
        mc.CircularPad1d(1)(np.zeros((2, 3, 4, 5)))
    assert str(raised.value) == (
        "CircularPad1d: x must have shape (N, C, L), or (C, L) for one image, not (2, 3, 4, 5). Use the layer for its "
        "number of dimensions."
    )
