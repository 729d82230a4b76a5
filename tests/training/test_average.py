"""Averages of weights, with the formula of torch.optim.swa_utils.AveragedModel(avg_fn=get_ema_avg_fn(decay))."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
from minicnn.data import ArrayDataset, DataLoader


def one_number():
    model = mc.Linear(1, 1, bias=False, dtype=np.float64)
    return model, model.weight.data


def test_the_first_update_sets_the_mean():
    model, w = one_number()
    ema = mc.ExponentialMovingAverage(model, 0.9)
    for value, mean in [(5, 5), (6, 5.1), (6, 5.19)]:
        w[...] = value
        ema.update()
        with ema.applied() as same:
            assert same is model
            assert_allclose(model.weight.data, [[mean]], rtol=1e-15)
            assert_allclose(model.state_dict()["weight"], [[mean]], rtol=1e-15)
        assert model.weight.data is w
        assert w == value


def test_weights_come_back_after_an_error():
    model, w = one_number()
    ema = mc.ExponentialMovingAverage(model)

    def fail():
        with ema.applied():
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert model.weight.data is w


def test_buffers_are_left_alone():
    model = mc.Linear(1, 1)
    model.register_buffer("seen", np.array(0))
    ema = mc.ExponentialMovingAverage(model)
    model.seen += 1
    ema.update()
    with ema.applied():
        assert model.seen == 1
        model.seen += 1
    assert model.seen == 2


def test_state_goes_round():
    model, w = one_number()
    ema, other = mc.ExponentialMovingAverage(model, 0.9), mc.ExponentialMovingAverage(one_number()[0], 0.5)
    w[...] = 2
    ema.update()
    other.load_state_dict(ema.state_dict())
    other.model.weight.data[...] = w[...] = 3
    ema.update()
    other.update()
    assert other.decay == 0.9
    assert_array_equal(other.means["weight"], ema.means["weight"])
    assert other.means["weight"] is not ema.means["weight"]


def test_fit_updates_it_and_validates_with_it():
    rng = np.random.default_rng(0)
    data = ArrayDataset(rng.standard_normal((20, 2)).astype(np.float32), rng.integers(0, 2, 20))
    model = mc.Linear(2, 2, rng=rng)
    ema = mc.ExponentialMovingAverage(model, 0.9)
    history = mc.fit(
        model, DataLoader(data, 5), optimizer=mc.SGD(model.parameters(), lr=1), epochs=3, average=ema,
        validation=DataLoader(data), progress=False,
    )  # fmt: skip
    assert ema.updates == 12
    with ema.applied():
        assert mc.evaluate(model, DataLoader(data))[0] == history.val_loss[-1]
    assert mc.evaluate(model, DataLoader(data))[0] != history.val_loss[-1]


def test_fit_clips():
    model = mc.Linear(2, 2, dtype=np.float64)
    before = model.weight.data.copy(), model.bias.data.copy()
    data = ArrayDataset(np.full((4, 2), 100.0), np.array([0, 1, 0, 0]))
    mc.fit(
        model, DataLoader(data), optimizer=mc.SGD(model.parameters(), lr=1), epochs=1, clip_norm=0.25, progress=False
    )
    moved = [after - b for after, b in zip((model.weight.data, model.bias.data), before, strict=True)]
    assert_allclose(np.sqrt(sum((m**2).sum() for m in moved)), 0.25, rtol=1e-5)


def test_errors():
    with pytest.raises(ValueError) as raised:
        mc.ExponentialMovingAverage(mc.Linear(1, 1), 1.5)
    assert str(raised.value) == "ExponentialMovingAverage: decay must be from 0 to 1, not 1.5."
