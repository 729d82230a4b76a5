import numpy as np
import pytest

import minicnn as mc
import minicnn.functional as F


def lenet(**options):
    return mc.models.LeNet5(rng=np.random.default_rng(0), **options)


def test_parameters():
    assert {name: p.size for name, p in lenet().named_parameters()} == {
        "conv1.weight": 150, "conv1.bias": 6, "conv2.weight": 2400, "conv2.bias": 16, "fc1.weight": 48000,
        "fc1.bias": 120, "fc2.weight": 10080, "fc2.bias": 84, "fc3.weight": 840, "fc3.bias": 10,
    }  # fmt: skip
    assert sum(p.size for p in lenet().parameters()) == 61_706


def test_shapes():
    assert lenet(num_classes=3)(np.zeros((2, 1, 32, 32), np.float32)).shape == (2, 3)
    with pytest.raises(ValueError) as raised:
        lenet()(np.zeros((2, 1, 28, 28), np.float32))
    assert str(raised.value) == (
        "LeNet5: x must have shape (N, 1, 32, 32), not (2, 1, 28, 28). Use data.resize(images, 32) or "
        "data.pad_to(images, 32)."
    )


def test_learns_eight_samples_by_heart():
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((8, 1, 32, 32)).astype(np.float32), np.arange(8)
    model = lenet()
    optimizer = mc.Adam(model.parameters(), lr=3e-3)
    for _ in range(60):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(mc.Tensor(x)), t)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.01
    assert (model(x).data.argmax(1) == t).all()
