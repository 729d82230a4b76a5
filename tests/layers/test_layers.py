import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

RNG = np.random.default_rng(0)


def test_conv2d_starts_as_pytorch_does():
    layer = mc.Conv2d(6, 16, 5, rng=np.random.default_rng(1))
    bound = 1 / np.sqrt(150)
    for p in layer.parameters():
        assert p.dtype == np.float32
        assert 0.9 * bound < np.abs(p.data).max() <= bound
    assert_allclose(layer.weight.data.var(), 1 / (3 * 150), rtol=0.05)
    again = mc.Conv2d(6, 16, 5, rng=np.random.default_rng(1))
    assert_array_equal(layer.weight.data, again.weight.data)


def test_layers_call_their_functions():
    x = RNG.standard_normal((2, 4, 9, 9))
    conv = mc.Conv2d(4, 6, (3, 2), stride=2, padding=1, dilation=(1, 2), groups=2, dtype=np.float64)
    y = F.conv2d(x, conv.weight.data, conv.bias.data, 2, 1, (1, 2), 2)
    assert_array_equal(conv(x).data, y)
    linear = mc.Linear(9, 5, bias=False, dtype=np.float64)
    assert_allclose(linear(x).data, x @ linear.weight.data.T)
    for layer, expected in [
        (mc.MaxPool2d(3, 2, 1), F.max_pool2d(x, 3, 2, 1)),
        (mc.AvgPool2d(3, 2, 1, count_include_pad=False), F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)),
        (mc.ReLU(), np.maximum(x, 0)),
        (mc.Tanh(), F.tanh(x)),
        (mc.Sigmoid(), F.sigmoid(x)),
        (mc.Softmax(1), F.softmax(x, 1)),
        (mc.Flatten(), x.reshape(2, -1)),
        (mc.Flatten(2), x.reshape(2, 4, -1)),
    ]:
        assert_array_equal(layer(x), expected)


def test_repr_shows_the_settings():
    assert repr(mc.Conv2d(4, 8, 3)) == "Conv2d(4, 8, kernel_size=(3, 3), stride=(1, 1))"
    assert repr(mc.Conv2d(4, 8, 3, 2, 1, 2, 4, bias=False)) == (
        "Conv2d(4, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(2, 2), groups=4, bias=False)"
    )
    assert repr(mc.MaxPool2d(2)) == "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)"
    assert repr(mc.AvgPool2d(2)) == "AvgPool2d(kernel_size=2, stride=2, padding=0)"
    assert repr(mc.Flatten()) == "Flatten(start_dim=1, end_dim=-1)"
    assert repr(mc.Softmax()) == "Softmax(dim=None)"
    assert repr(mc.Dropout(0.1)) == "Dropout(p=0.1, inplace=False)"


def test_errors():
    with pytest.raises(ValueError) as raised:
        mc.Conv2d(3, 16, 3, groups=2)
    assert str(raised.value) == (
        "Conv2d: groups must divide in_channels and out_channels, but in_channels=3, out_channels=16, groups=2."
    )
    with pytest.raises(ValueError) as raised:
        mc.Linear(0, 3)
    assert str(raised.value) == "Linear: in_features must be at least 1, not 0."
    with pytest.raises(ValueError, match="^Conv2d: stride must be at least 1, not 0.$"):
        mc.Conv2d(3, 16, 3, stride=0)


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
def test_same_padding_refuses_a_stride_in_every_mode(mode):
    layer = mc.Conv2d(1, 1, 3, stride=2, padding="same", padding_mode=mode)
    with pytest.raises(ValueError, match=r'onv2d: padding="same" goes with stride 1 only, not \(2, 2\)\.'):
        layer(np.zeros((1, 1, 8, 8), np.float32))


@pytest.mark.parametrize(("mode", "numpys"), [("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")])
@pytest.mark.parametrize(
    ("padding", "rows", "columns"), [((1, 2), (1, 1), (2, 2)), ("same", (1, 1), (1, 2)), ("valid", (0, 0), (0, 0))]
)
def test_a_convolution_pads_in_every_mode(mode, numpys, padding, rows, columns):
    x = RNG.standard_normal((2, 3, 6, 7))
    layer = mc.Conv2d(3, 4, (3, 4), padding=padding, padding_mode=mode, dtype=np.float64)
    padded = np.pad(x, [(0, 0), (0, 0), rows, columns], mode=numpys)
    assert_allclose(layer(x).data, F.conv2d(padded, layer.weight.data, layer.bias.data), rtol=1e-12)
