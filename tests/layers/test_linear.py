import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
import minicnn.functional as F

RNG = np.random.default_rng(0)


def test_bilinear():
    layer = mc.Bilinear(100, 3, 50, rng=np.random.default_rng(1))
    assert layer.weight.shape == (50, 100, 3)
    for p in layer.parameters():  # uniform within ± 1/√100
        assert p.dtype == np.float32
        assert 0.08 < np.abs(p.data).max() <= 0.1
    x1, x2 = RNG.standard_normal((4, 100), np.float32), RNG.standard_normal((4, 3), np.float32)
    assert_array_equal(layer(x1, x2).data, F.bilinear(x1, x2, layer.weight.data, layer.bias.data))
    assert repr(layer) == "Bilinear(in1_features=100, in2_features=3, out_features=50, bias=True)"
    assert list(mc.Bilinear(2, 3, 4, bias=False).state_dict()) == ["weight"]
    with pytest.raises(ValueError, match="^Bilinear: in2_features must be at least 1, not 0.$"):
        mc.Bilinear(2, 0, 4)
    with pytest.raises(TypeError, match="^Linear: out_features must be an int, not 2.5.$"):
        mc.Linear(2, 2.5)


def test_embedding():
    layer = mc.Embedding(1000, 20, padding_idx=-1, rng=np.random.default_rng(1), dtype=np.float64)
    assert repr(layer) == "Embedding(1000, 20, padding_idx=999)"
    assert repr(mc.Embedding(10, 3)) == "Embedding(10, 3)"
    assert_array_equal(layer.weight.data[-1], 0)
    assert_allclose([layer.weight.data.mean(), layer.weight.data.std()], [0, 1], atol=0.02)
    x = RNG.integers(0, 1000, (5, 6))
    x[0, 0] = 999
    y = layer(x)
    assert_array_equal(y.data, layer.weight.data[x])
    y.sum().backward()
    assert_array_equal(layer.weight.grad.sum(1), 20 * np.bincount(x[x < 999], minlength=1000))
    with pytest.raises(ValueError, match="^Embedding: padding_idx=3 is no row of the 3 there are.$"):
        mc.Embedding(3, 2, padding_idx=3)


def test_identity_and_unflatten():
    x = mc.Tensor(RNG.standard_normal((2, 6)))
    assert mc.Identity(54, option=True)(x) is x
    assert repr(mc.Identity(54)) == "Identity()"
    layer = mc.Unflatten(1, (2, -1))
    assert_array_equal(layer(x).data, x.data.reshape(2, 2, 3))
    assert_array_equal(mc.Flatten()(layer(x)).data, x.data)
    assert repr(layer) == "Unflatten(dim=1, unflattened_size=(2, -1))"
