"""What goes wrong is said in words: no private names, no bare errors of Python or NumPy, no repair that fails."""

import re
from inspect import signature

import numpy as np
import pytest

import minicnn as mc
import minicnn.functional as F
from minicnn.tensor import DTYPES
from tests.golden.cases import CASES
from tests.layers.every_layer import LAYERS

# What no reader wrote, and what Python and NumPy say when nobody has looked before them.
FORBIDDEN = re.compile(
    r"_vjp|[a-z]Nd\b|__\w+__\(|\b_\w+\(|object has no attribute|has no attribute 'dtype'|unsupported operand"
    r"|not subscriptable|positional argument|unexpected keyword argument|object is not iterable|not callable|ufunc"
    r"|broadcast together|only integer|only 0-dimensional|setting an array|inhomogeneous|cannot interpret"
    r"|could not be broadcast|not supported between|bad operand|invalid literal|must be real number|can't convert"
    r"|object of type|cannot unpack|cannot be interpreted"
)
ERRORS = (TypeError, ValueError, RuntimeError, IndexError)


class Foreign:
    """Looks like another library's tensor."""

    def __init__(self, array):
        self.array, self.shape, self.dtype, self.ndim = array, array.shape, "torch.float32", array.ndim

    def __array__(self, dtype=None, copy=None):
        return np.array(self.array, dtype)


def said(f, *args, **options):
    """What the error says; None if there is none."""
    try:
        f(*args, **options)
    except ERRORS as error:
        return str(error)
    return None


def check(name, text):
    assert text is None or not FORBIDDEN.search(text), f"{name} says: {text}"
    assert text is None or re.match(r"(F\.)?\w+(\.\w+)*(\(…\))?: \S", text), f"{name} does not say where: {text}"


OPERATIONS = {case.operation: case for case in CASES}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operations(operation):
    case = OPERATIONS[operation]
    inputs = case.inputs()[0]
    f = getattr(F, operation)

    def call(arrays, **more):
        return case._replace(options=case.options | more).call(f, arrays)

    if operation not in ("getitem", "einsum"):  # these are called in a way of their own
        text = said(call, inputs, qqq=3)
        assert text.startswith(f"{operation}: there is no argument 'qqq'. It takes ("), text
    check(operation, said(f))
    check(operation, said(getattr(F, f"{operation}_vjp")))
    for i, a in enumerate(inputs):
        if not isinstance(a, np.ndarray):
            continue
        tensor = mc.Tensor(inputs[0]) if getattr(inputs[0], "dtype", None) in DTYPES else inputs[0]
        for other in (a.tolist(), Foreign(a), (a * 10).astype(np.int64), "cat", {}, None, lambda: 3, mc.ReLU()):
            for first in (inputs, [tensor if k == 0 else x for k, x in enumerate(inputs)]):
                text = said(call, [*first[:i], other, *first[i + 1 :]])
                check(operation, text)
                if isinstance(other, list) and text and ".astype" in text:
                    raise AssertionError(f"a list has no astype: {text}")


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    one = LAYERS[name]
    layer = one.make()
    cls = getattr(mc, name)
    if name not in ("Identity", "Sequential", "Concat"):
        text = said(cls, qqq=3)
        assert re.match(rf"{name}: (there is no argument 'qqq'|the argument)", text), text
        assert said(cls, *range(20)).startswith(f"{name}: "), said(cls, *range(20))
    if type(layer) is not cls:  # within one that makes its inputs
        return
    inputs = one.inputs()
    check(name, said(layer))
    check(name, said(layer, *inputs, *inputs, *inputs))
    check(name, said(layer, *inputs, qqq=3))
    for i, a in enumerate(inputs):
        for other in (a.tolist(), Foreign(a), (a * 10).astype(np.int64), "cat", None, layer):
            check(name, said(layer, *inputs[:i], other, *inputs[i + 1 :]))


def others():
    for room in (mc, mc.init, mc.data, mc.models):
        for name in room.__all__:
            thing = getattr(room, name)
            if callable(thing) and name not in LAYERS and not isinstance(thing, type(mc)) and name != "Tensor":
                yield pytest.param(thing, id=name)


@pytest.mark.parametrize("thing", list(others()))
def test_everything_else(thing):
    name = thing.__name__
    try:
        parameters = signature(thing).parameters.values()
    except ValueError:
        pytest.skip("no signature")
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return
    text = said(thing, qqq=3)
    assert text is None or re.match(rf"{name}: (there is no argument 'qqq'|the argument)", text), text
    if any(p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters):
        assert re.match(rf"{name}: the argument '\w+' is missing. It takes \(", said(thing)), said(thing)
    if name not in ("mnist", "fashion_mnist"):  # these would ask the network
        check(name, said(thing, "cat"))
        check(name, said(thing, {}))


def test_arguments_in_words():
    relu = "It takes (x)." if "inplace" not in signature(F.relu).parameters else "It takes (x, inplace=False)."
    assert said(F.relu, np.ones(2), in_place=True).endswith(relu)
    assert said(mc.Conv2d, 3, 4, kernelsize=3).startswith(
        "Conv2d: there is no argument 'kernelsize'. Did you mean 'kernel_size'? It takes (in_channels, out_channels, "
    )
    assert said(mc.Linear, 3) == (
        "Linear: the argument 'out_features' is missing. It takes (in_features, out_features, bias=True, *, rng=None, "
        "dtype=np.float32)."
    )
    assert said(mc.Linear(2, 3), np.ones(2), 3).startswith("Linear: 2 arguments are too many. It takes (x")
    assert said(mc.SGD, [], learning_rate=0.1).startswith("SGD: there is no argument 'learning_rate'. ")
    assert said(mc.Linear, 3, 4, in_features=3).startswith("Linear: the argument 'in_features' is given twice, by its")
    assert said(mc.Tensor, 2, 3) == (
        "Tensor: requires_grad must be True or False, not 3. For sizes (2, 3) use mc.zeros(2, 3) or mc.empty(2, 3)."
    )


def test_an_error_of_ones_own_stays_what_it_is():
    class Broken(mc.Module):
        def forward(self, x):
            return x + None

    with pytest.raises(TypeError, match="unsupported operand"):
        Broken()(mc.Tensor([1.0]))
