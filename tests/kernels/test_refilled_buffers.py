"""Operations that run ahead of their kernels wait where they touch numbers themselves: results have the same bits."""

import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numba.core import config
from numpy.testing import assert_array_equal

import minicnn as mc
import minicnn.functional as F
from minicnn.kernels import _asynchronous
from minicnn.kernels._asynchronous import running_ahead

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="without Numba there is no pool")


def conv(N, C, O, *size, k=3, bad=None, **options):
    """A convolution as a case: name, function, shapes, and which argument holds what is not finite."""
    groups, nd = options.get("groups", 1), len(size)
    f = partial(getattr(F, f"conv{nd}d"), **options)
    return f, [(N, C, *size), (O, C // groups, *[k] * nd), (O,)], bad


CASES = {
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
    "used twice": (lambda x: F.relu(x) + F.relu(x), [(40, 16)], None),
}


def computed(f, shapes, bad, last, seed):
    """The result and the gradients, where all arguments, the one of number `last` as the last, come from a kernel."""
    rng = np.random.default_rng(seed)
    leaves = [mc.Tensor(rng.standard_normal(s).astype(np.float32), requires_grad=True) for s in shapes]
    if bad is not None:
        leaves[bad].data.reshape(-1)[7] = np.inf
    args = dict.fromkeys(range(len(leaves)))
    with running_ahead():
        for i in sorted(args, key=lambda i: i == last):
            args[i] = F.leaky_relu(leaves[i])
        y = f(*args.values())
        y, *others = y if isinstance(y, tuple) else (y,)
        others = [other.data.copy() for other in others]
        y = F.leaky_relu(y)
        y.backward(rng.standard_normal(y.shape).astype(np.float32))
    return y.data, *(leaf.grad for leaf in leaves), *others


@pytest.mark.parametrize("name", CASES)
def test_operations_that_run_ahead_wait_where_they_must(late, name):
    f, shapes, bad = CASES[name]
    for last in range(len(shapes)):
        late(True)
        found = computed(f, shapes, bad, last, seed=last)  # first, lest what it should wait for lies there already
        late(False)
        for a, b in zip(found, computed(f, shapes, bad, last, seed=last), strict=True):
            assert_array_equal(a, b)


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


@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_the_bits_are_those_of_one_kernel_after_the_other(two_threads, n, monkeypatch):
    mc.set_num_threads(n)
    ahead = [train(0) for _ in range(10)]
    monkeypatch.setattr(_asynchronous._State, "ahead", property(lambda self: 0, lambda self, value: None))
    expected = train(0)
    for result in ahead:
        assert_array_equal(result, expected)


def test_threads_may_all_run_ahead(two_threads):
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


def test_everything_waits_where_it_must():
    """Other tests again, when what is begun runs only where somebody waits."""
    tests = Path(__file__).parents[1]
    files = "layers", "training/test_optim.py", "functional/test_golden.py", "functional/test_batch_norm_relu.py"
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *(tests / file for file in files)]
    done = subprocess.run(command, env=os.environ | {"MINICNN_LATE": "1"}, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-3000:]
