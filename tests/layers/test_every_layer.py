"""What all layers have in common; what they say of wrong arguments is in tests/test_error_texts.py."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import minicnn as mc
from tests.layers.every_layer import HOLDERS, LAYERS

BY_CHANCE = {name for name in LAYERS if "Dropout" in name} | {"StochasticDepth"}
BY_BATCH = {name for name in LAYERS if name.startswith(("BatchNorm", "InstanceNorm"))}
# Those to which PyTorch gives no single image, or which would take its first axis for another one.
NEED_A_BATCH = {name for name in LAYERS if name.startswith(("BatchNorm", "Upsampl"))} | {
    "ChannelShuffle", "Concat", "CosineSimilarity", "Flatten", "GroupNorm", "LocalResponseNorm", "LogSoftmax",
    "Softmax", "Softmin", "Unflatten",
}  # fmt: skip
every_layer = pytest.mark.parametrize("name", LAYERS)


def tensors(arrays):
    return [mc.Tensor(a, requires_grad=True) if a.dtype.kind == "f" else a for a in arrays]


def numbers(y):
    return np.asarray(getattr(y, "data", y))


def run(layer, arrays):
    """The output, and the gradients of the inputs and of the parameters for a fixed dy."""
    inputs = tensors(arrays)
    y = layer(*inputs)
    y.backward(np.random.default_rng(7).standard_normal(y.shape).astype(y.dtype))
    return y, [x.grad for x in inputs if isinstance(x, mc.Tensor)], [p.grad for p in layer.parameters()]


def changed(layer, seed):
    """The layer with other weights and statistics than it starts with."""
    rng = np.random.default_rng(seed)
    layer.load_state_dict({key: rng.uniform(0.5, 1.5, a.shape) for key, a in layer.state_dict().items()})
    return layer


def test_every_layer_is_in_the_table():
    public = [getattr(mc, name) for name in mc.layers.__all__]
    modules = {thing.__name__ for thing in public if isinstance(thing, type) and issubclass(thing, mc.Module)}
    assert modules - HOLDERS == set(LAYERS)


@every_layer
def test_what_is_printed_makes_the_layer_again(name):
    """Or shows the layers that it holds."""
    layer = next(m for m in LAYERS[name].make().modules() if type(m) is getattr(mc, name))
    if name.startswith("Upsampling"):  # PyTorch prints the mode too, which is no argument
        assert eval(repr(layer), vars(mc) | {name: mc.Upsample}).size == layer.size
    elif held := dict(layer.named_children()):
        assert repr(layer).startswith(f"{name}(\n")
        assert all(f"({key}): {child!r}" in repr(layer) for key, child in held.items())
    else:
        assert repr(eval(repr(layer), vars(mc))) == repr(layer)


@every_layer
def test_state_makes_a_round_trip(name):
    one = LAYERS[name]
    layer, other = changed(one.make(), 0).eval(), changed(one.make(), 1).eval()
    state = layer.state_dict()
    if state:
        assert (numbers(layer(*one.inputs())) != numbers(other(*one.inputs()))).any()
    other.load_state_dict(state)
    assert_array_equal(numbers(layer(*one.inputs())), numbers(other(*one.inputs())))
    for key, a in other.state_dict().items():
        assert_array_equal(a, state[key], strict=True)
        assert a is not state[key]


@every_layer
def test_the_precision_is_kept(name):
    for dtype in (np.float32, np.float64):
        y, dxs, dps = run(LAYERS[name].make().to(dtype), LAYERS[name].inputs(dtype=dtype))
        assert {a.dtype for a in (y, *dxs, *dps)} == {np.dtype(dtype)}


@every_layer
def test_an_empty_batch_passes_and_teaches_nothing(name):
    """The mean of no losses is NaN, as in PyTorch."""
    one, layer = LAYERS[name], LAYERS[name].make()
    whole, inputs = numbers(layer(*one.inputs())), [a[:0] for a in one.inputs()]
    before = {key: a.copy() for key, a in layer.state_dict().items() if "num_batches" not in key}
    y, dxs, dps = run(layer, inputs)
    if whole.ndim == 0:
        assert np.isnan(y.item())
    else:
        assert y.shape == (0, *whole.shape[1:])
    assert [dx.shape for dx in dxs] == [a.shape for a in inputs if a.dtype.kind == "f"]
    for dp in dps:
        assert_array_equal(dp, 0)
    for key, a in before.items():
        assert_array_equal(layer.state_dict()[key], a)


@pytest.mark.parametrize("name", [name for name in LAYERS if name not in NEED_A_BATCH])
def test_an_image_needs_no_batch_where_pytorch_allows_that(name):
    layer, inputs = LAYERS[name].make().eval(), LAYERS[name].inputs()
    alone, batch = numbers(layer(*[a[0] for a in inputs])), numbers(layer(*[a[:1] for a in inputs]))
    assert_allclose(alone, batch.reshape(alone.shape), rtol=1e-6)
    assert alone.shape == batch.shape[1:]


@every_layer
def test_training_differs_from_evaluation_only_where_it_must(name):
    one, layer = LAYERS[name], LAYERS[name].make()
    training = numbers(layer(*one.inputs()))
    before = {key: a.copy() for key, a in layer.state_dict().items()}
    evaluation = numbers(layer.eval()(*one.inputs()))
    assert np.array_equal(training, evaluation) is not (name in BY_CHANCE | BY_BATCH)
    assert_array_equal(numbers(layer(*one.inputs())), evaluation)
    for key, a in layer.state_dict().items():
        assert_array_equal(a, before[key])


@every_layer
def test_a_layer_used_twice_in_one_graph_gets_the_sum_of_both_gradients(name):
    one, layer = LAYERS[name], LAYERS[name].make().to(np.float64).train(name not in BY_CHANCE)
    alone = []
    for seed in (0, 1):
        alone.append(run(layer, one.inputs(seed, np.float64)))
        layer.zero_grad()
    inputs = [tensors(one.inputs(seed, np.float64)) for seed in (0, 1)]
    y = layer(*inputs[0]) + layer(*inputs[1])
    y.backward(np.random.default_rng(7).standard_normal(y.shape))
    for given, (_, dxs, _) in zip(inputs, alone, strict=True):
        for x, dx in zip([x for x in given if isinstance(x, mc.Tensor)], dxs, strict=True):
            assert_allclose(x.grad, dx, rtol=1e-12, atol=1e-14)
    for p, dp, dq in zip(layer.parameters(), alone[0][2], alone[1][2], strict=True):
        assert_allclose(p.grad, dp + dq, rtol=1e-12, atol=1e-14)


def every_second(a):
    return np.repeat(a, 2, -1)[..., ::2]


def backwards(a):
    return np.ascontiguousarray(a[..., ::-1])[..., ::-1]


@every_layer
def test_how_an_input_lies_in_memory_is_no_matter(name):
    one = LAYERS[name]
    expected = run(one.make(), one.inputs())
    for placed in (every_second, backwards, np.asfortranarray):
        found = run(one.make(), [placed(a) for a in one.inputs()])
        assert_allclose(found[0].data, expected[0].data, rtol=1e-5, atol=1e-6)
        for a, b in zip([*found[1], *found[2]], [*expected[1], *expected[2]], strict=True):
            assert_allclose(a, b, rtol=1e-5, atol=1e-6)
