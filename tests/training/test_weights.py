"""Weights on disk: there and back, from PyTorch, and nothing half done."""

import os
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

import minicnn as mc
from minicnn.training import weights

GOLDEN = Path(__file__).parents[1] / "golden"


def network():
    return mc.Sequential(mc.Conv2d(1, 2, 3), mc.ReLU(), mc.Flatten(), mc.Linear(18, 3))


def snapshot(model):
    return {key: value.copy() for key, value in model.state_dict().items()}


def assert_same(state, other):
    assert list(state) == list(other)
    for key in state:
        np.testing.assert_array_equal(state[key], other[key], strict=True)


def test_round_trip(tmp_path):
    model, other = network(), network()
    mc.save_weights(model, tmp_path / "net.safetensors")
    assert os.listdir(tmp_path) == ["net.safetensors"]
    assert mc.load_weights(other, str(tmp_path / "net.safetensors")) is other
    assert_same(model.state_dict(), other.state_dict())
    x = np.random.default_rng(0).standard_normal((2, 1, 5, 5)).astype(np.float32)
    np.testing.assert_array_equal(model(x).data, other(x).data)


def test_arrays_that_are_not_contiguous(tmp_path):
    model, other = mc.Linear(3, 2), mc.Linear(3, 2)
    model.weight.data = np.arange(12, dtype=np.float32).reshape(3, 4).T[::2]  # transposed, sliced: (2, 3)
    mc.save_weights(model, tmp_path / "net.safetensors")
    mc.load_weights(other, tmp_path / "net.safetensors")
    assert other.weight.data.tolist() == [[0, 4, 8], [2, 6, 10]]


def test_loaded_weights_can_be_trained(tmp_path):
    mc.save_weights(network(), tmp_path / "net.safetensors")
    model = mc.load_weights(network(), tmp_path / "net.safetensors")
    before = snapshot(model)
    model(np.ones((1, 1, 5, 5), np.float32)).sum().backward()
    mc.SGD(model.parameters(), lr=0.1).step()
    assert not np.array_equal(model.state_dict()["3.bias"], before["3.bias"])


def pytorchs_network():
    """The one that tools/make_golden.py made: strides, groups, running statistics, a counter with no axes."""
    up = mc.Sequential(mc.ConvTranspose2d(4, 2, 3, stride=2, groups=2), mc.BatchNorm2d(2, affine=False))
    layers = dict(conv=mc.Conv2d(1, 4, 3), norm=mc.BatchNorm2d(4), act=mc.ReLU(), up=up)
    return mc.Sequential(OrderedDict(layers, flatten=mc.Flatten(), head=mc.Linear(98, 3)))


def test_a_file_from_pytorch():
    model = mc.load_weights(pytorchs_network(), GOLDEN / "weights.safetensors").eval()
    golden = np.load(GOLDEN / "weights.npz")
    assert list(model.state_dict()) == list(golden["keys"])
    assert model.norm.num_batches_tracked == 3
    np.testing.assert_allclose(model(golden["x"]).data, golden["y"], rtol=1e-5, atol=1e-6)


def test_a_file_for_pytorch(tmp_path):
    """It has the very bytes of PyTorch's own file, so that PyTorch loads it."""
    model = mc.load_weights(pytorchs_network(), GOLDEN / "weights.safetensors")
    mc.save_weights(model, tmp_path / "net.safetensors")
    assert (tmp_path / "net.safetensors").read_bytes() == (GOLDEN / "weights.safetensors").read_bytes()


@pytest.fixture
def wrong(tmp_path):
    """A file in which one key is missing, one too many, two of another shape."""
    state = snapshot(network())
    state["4.weight"] = state.pop("0.bias")
    state["3.weight"] = state["3.weight"].T.copy()
    state["3.bias"] = state["3.bias"][:2]
    path = tmp_path / "wrong.safetensors"
    path.write_bytes(save(state))
    return path


def test_strict_load_names_everything_and_changes_nothing(wrong):
    model = network()
    before = snapshot(model)
    with pytest.raises(ValueError) as error:
        mc.load_weights(model, wrong)
    assert str(error.value) == (
        "load_state_dict: these weights are not for this Sequential. missing: 0.bias; unexpected: 4.weight; "
        "of another shape: 3.weight (model (3, 18), given (18, 3)), 3.bias (model (3,), given (2,)). "
        "Nothing was loaded."
    )
    assert_same(model.state_dict(), before)


def test_load_that_is_not_strict(tmp_path):
    state = snapshot(network())
    state["4.weight"] = state.pop("0.bias")
    (tmp_path / "net.safetensors").write_bytes(save(state))
    model = network()
    bias = model.state_dict()["0.bias"].copy()
    last = {key: state[key] for key in ("3.weight", "3.bias")}
    mc.load_weights(model, tmp_path / "net.safetensors", strict=False)
    assert_same(model.state_dict(), {"0.weight": state["0.weight"], "0.bias": bias} | last)


def test_not_strict_still_refuses_other_shapes(wrong):
    model = network()
    before = snapshot(model)
    with pytest.raises(ValueError, match="of another shape: 3.weight .*Nothing was loaded"):
        mc.load_weights(model, wrong, strict=False)
    assert_same(model.state_dict(), before)


@pytest.mark.parametrize("damage", ["truncated", "empty", "header", "another format"])
def test_damaged_file(tmp_path, damage):
    good = save(snapshot(network()))
    bad = {
        "truncated": good[:-5],
        "empty": b"",
        "header": b"\xff" * 8 + good[8:],
        "another format": b"PK\x03\x04" + bytes(100),
    }[damage]
    path = tmp_path / "net.safetensors"
    path.write_bytes(bad)
    model = network()
    before = snapshot(model)
    with pytest.raises(ValueError) as error:
        mc.load_weights(model, path)
    text = str(error.value)
    assert text.startswith(f"load_weights: {path} ({len(bad):,} bytes) is damaged, or no .safetensors file (")
    assert text.endswith("). Fetch it again, or write it anew with save_weights.")
    assert_same(model.state_dict(), before)


def test_numbers_that_numpy_does_not_have(tmp_path):
    good = save({"weight": np.ones((2, 3), np.float16)})  # its header ends in }} and two blanks
    path = tmp_path / "net.safetensors"
    path.write_bytes(good.replace(b'"F16"', b'"BF16"').replace(b"}}  ", b"}} "))
    with pytest.raises(ValueError) as error:
        mc.load_weights(mc.Linear(3, 2), path)
    assert str(error.value) == (
        f"load_weights: {path} holds numbers of type BF16, which NumPy does not have. "
        "Convert them to float32 where the file was made."
    )


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.safetensors"):
        mc.load_weights(network(), tmp_path / "nothing.safetensors")


def test_a_failed_save_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "net.safetensors"
    mc.save_weights(network(), path)
    before = path.read_bytes()

    def half_written(self, content):
        with open(self, "wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError("no space left on device")

    monkeypatch.setattr(weights.Path, "write_bytes", half_written)
    with pytest.raises(OSError, match="no space left"):
        mc.save_weights(network(), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["net.safetensors"]


def test_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        mc.save_weights(network(), tmp_path / "nowhere" / "net.safetensors")
