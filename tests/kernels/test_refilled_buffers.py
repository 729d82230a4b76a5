"""A call returns when it is done: who refills an array afterwards changes no result, with any number of threads."""

import threading
from functools import partial

import numpy as np
import pytest
from numba.core import config
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F
from tests.golden.cases import CASES as GOLDEN

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="without Numba there is no pool")


def conv(N, C, O, *size, k=3, bad=None, **options):
    """A convolution as a case: name, function, shapes, and which argument holds what is not finite."""
    groups, nd = options.get("groups", 1), len(size)
    f = partial(getattr(F, f"conv{nd}d"), **options)
    return f, [(N, C, *size), (O, C // groups, *[k] * nd), (O,)], bad


LARGE = {
    "conv, rows": conv(4, 3, 8, 20, 20),
    "conv, images": conv(32, 4, 8, 8, 8, k=5),
    "conv, strides": conv(8, 4, 8, 16, 16, stride=2, padding=1),
    "conv, 1x1": conv(4, 32, 16, 8, 8, k=1),
    "conv, groups": conv(4, 8, 8, 16, 16, groups=2, padding=1),
    "conv, depthwise": conv(4, 8, 8, 16, 16, groups=8, padding=1),
    "conv, depthwise 5x5": conv(4, 8, 8, 16, 16, k=5, groups=8, padding=2),
    "conv, strips": conv(2, 32, 32, 12, 12, padding=1, dilation=2),
    "conv, columns": conv(1, 64, 128, 4, 4, padding=1),
    "conv, plain": conv(2, 1, 1, 2, 2, padding=1, stride=2),
    "conv, plain back": conv(1, 2, 1, 3, 3),
    "conv, Winograd": conv(8, 64, 64, 8, 8, padding=1),
    "conv, Winograd along rows": conv(8, 16, 16, 32, 32, padding=1),
    "conv1d": conv(8, 4, 8, 64, padding=2, dilation=2),
    "conv3d": conv(2, 3, 4, 6, 6, 6),
    "conv, rows, inf in x": conv(4, 3, 8, 20, 20, padding=1, bad=0),
    "conv, rows, inf in w": conv(4, 3, 8, 20, 20, padding=1, bad=1),
    "conv, Winograd, inf in x": conv(8, 64, 64, 8, 8, padding=1, bad=0),
    "conv, Winograd, inf in w": conv(8, 64, 64, 8, 8, padding=1, bad=1),
    "conv, Winograd along rows, inf in x": conv(8, 16, 16, 32, 32, padding=1, bad=0),
    "conv, Winograd along rows, inf in w": conv(8, 16, 16, 32, 32, padding=1, bad=1),
    "batch norm": (lambda x, w, b: F.batch_norm(x, None, None, w, b, True), [(4, 3, 8, 8), (3,), (3,)], None),
    "batch norm, large": (lambda x: F.batch_norm_relu(x, None, None, training=True), [(64, 8, 16, 16)], None),
    "batch norm, one image": (lambda x: F.batch_norm_relu(x, None, None, training=True), [(1, 8, 64, 64)], None),
    "batch norm, rows": (lambda x, r: F.batch_norm_relu(x, None, None, training=True, residual=r), [(9, 5)] * 2, None),
    "max pool": (partial(F.max_pool2d, kernel_size=2), [(4, 3, 8, 8)], None),
    "max pool, where": (partial(F.max_pool2d, kernel_size=2, return_indices=True), [(4, 3, 8, 8)], None),
    "average pool": (partial(F.avg_pool2d, kernel_size=2), [(4, 3, 8, 8)], None),
    "average pool, 3x3": (partial(F.avg_pool2d, kernel_size=3, stride=1, padding=1), [(4, 3, 8, 8)], None),
    "average pool, 1": (partial(F.avg_pool1d, kernel_size=1), [(4, 3, 1)], None),
    "average pool, all": (partial(F.avg_pool1d, kernel_size=8), [(4, 3, 8)], None),
    "linear": (F.linear, [(16, 40), (20, 40), (20,)], None),
    "linear, few rows": (F.linear, [(2, 40), (20, 40), (20,)], None),
    "linear, of nothing": (F.linear, [(16, 0), (20, 0), (20,)], None),
    "linear, one output": (F.linear, [(16, 40), (40,)], None),
    "linear, of columns": (lambda x, w: F.linear(x.transpose(0, 1), w), [(40, 16), (20, 40)], None),
    "relu, of columns": (lambda x: F.relu(x.transpose(0, 1)), [(40, 16)], None),
    "reshape, of columns": (lambda x: F.relu(x).transpose(0, 1).reshape(8, 80).flatten(), [(40, 16)], None),
    "relu": (F.relu, [(64, 3000)], None),
    "gelu": (F.gelu, [(64, 3000)], None),
    "softmax": (partial(F.softmax, dim=1), [(64, 3000)], None),
    "used twice": (lambda x: F.relu(x) + F.relu(x), [(400, 1600)], None),
}


class Refilling(mc.Module):
    """Copies its inputs into buffers of its own, computes from these, and refills them at once."""

    def __init__(self, f):
        self.f = f

    def forward(self, *arrays):
        buffers = [a.copy() if is_array(a) else a for a in arrays]
        y = self.f(*(mc.Tensor(a) if is_array(a) else a for a in buffers))
        for a in filter(is_array, buffers):
            if not (isinstance(y, mc.Tensor) and np.may_share_memory(a, y.data)):  # a view, which must see what comes
                a.fill(1)
        return y


def forward_and_back(f, arrays, refill, trained=lambda a: True):
    """The result and the gradients, as bits; with `refill`, arrays are written over as soon as a call returned."""
    with mc.no_grad():
        results = Refilling(f)(*arrays) if refill else f(*(mc.Tensor(a) if is_array(a) else a for a in arrays))
    results = [y.data for y in (results if isinstance(results, tuple) else (results,))]
    leaves = [
        mc.Tensor(a.copy(), requires_grad=a.dtype.kind == "f" and trained(i)) if is_array(a) else a
        for i, a in enumerate(arrays)
    ]
    y = f(*leaves)
    y = y[0] if isinstance(y, tuple) else y
    dy = np.cos(np.arange(y.size)).reshape(y.shape).astype(y.dtype)
    y.backward(dy, retain_graph=True)
    gradients = [a.grad for a in leaves if isinstance(a, mc.Tensor)]
    if refill:
        dy.fill(np.nan)
        again = [None if g is None else g.copy() for g in gradients]
        y.backward(dy)  # adds to .grad, in no array that was handed out before
        for g in gradients:
            assert_array_equal(g, again.pop(0))
    return [None if a is None else a.tobytes() for a in (*results, *gradients)]


def is_array(a):
    return isinstance(a, np.ndarray)


@pytest.mark.parametrize("name", LARGE)
def test_large_arrays_on_several_threads(two_threads, name):
    f, shapes, bad = LARGE[name]
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
    if bad is not None:
        arrays[bad].reshape(-1)[7] = np.inf
    mc.set_num_threads(1)
    expected = forward_and_back(f, arrays, refill=False)
    for threads in (2, 3):
        mc.set_num_threads(threads)
        for _ in range(3):
            assert forward_and_back(f, arrays, refill=True) == expected


ONE_OF_EACH = {case.operation: case for case in GOLDEN}


@pytest.mark.parametrize("case", ONE_OF_EACH.values(), ids=ONE_OF_EACH)
def test_every_operation(case):
    arrays, has_gradient = case.inputs()

    def call(*inputs):
        return case.call(getattr(F, case.operation), inputs)

    found, expected = (forward_and_back(call, arrays, refill, has_gradient.__getitem__) for refill in (True, False))
    assert found == expected


def train(seed, steps=3):
    rng = np.random.default_rng(seed)
    block = [mc.Conv2d(16, 16, 3, padding=1, bias=False, rng=rng), mc.BatchNormReLU2d(16)]
    head = [mc.MaxPool2d(2), mc.Flatten(), mc.Linear(16 * 64, 10, rng=rng)]
    net = mc.Sequential(mc.Conv2d(1, 16, 5, padding=2, rng=rng), mc.ReLU(), *block, *head)
    optimizer = mc.SGD(net.parameters(), lr=0.1, momentum=0.9)
    x = rng.standard_normal((16, 1, 16, 16)).astype(np.float32)
    for _ in range(steps):
        loss = F.cross_entropy(net(mc.Tensor(x)), rng.integers(10, size=16))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return np.concatenate([a.ravel() for a in net.state_dict().values()])


@pytest.mark.parametrize("n", [2, 3, 8])
def test_training_gives_the_bits_of_one_thread(two_threads, n):
    mc.set_num_threads(1)
    expected = train(0)
    mc.set_num_threads(n)
    for _ in range(10):
        assert_array_equal(train(0), expected)


def test_several_threads_may_train(two_threads):
    expected, found = [train(seed) for seed in range(4)], {}

    def again(seed):
        found[seed] = [train(seed) for _ in range(5)]

    running = [threading.Thread(target=again, args=(seed,)) for seed in range(4)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(120)
    for seed in range(4):
        for result in found[seed]:
            assert_array_equal(result, expected[seed])
