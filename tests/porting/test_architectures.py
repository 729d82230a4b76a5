"""Networks written for PyTorch train here as there: three steps, every weight."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import minicnn
import minicnn.functional as F
from tests.porting.architectures import ALL, projections, set_weights

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "architectures.npz")


@pytest.mark.parametrize("make", ALL, ids=lambda f: f.__name__)
def test_three_steps_beside_pytorch(make):
    minicnn.manual_seed(0)
    step, nets = make(minicnn, minicnn, F, minicnn)
    for net in nets:
        net.load_state_dict(set_weights(net, make.__name__))
    losses = [step().item() for _ in range(3)]
    assert_allclose(losses, GOLDEN[f"{make.__name__} losses"], rtol=1e-10)
    state = {f"{i}.{key}": a for i, net in enumerate(nets) for key, a in net.state_dict().items()}
    assert list(state) == list(GOLDEN[f"{make.__name__} keys"])
    assert_allclose(projections(state), GOLDEN[f"{make.__name__} weights"], rtol=1e-7, atol=1e-8)
