"""Recording or not: in blocks, functions, generators and threads."""

import threading

import numpy as np
import pytest

import minicnn as mc
from tests.limits import HANGS


def tensor(n):
    return mc.Tensor(np.ones(n, np.float32), requires_grad=True)


def test_a_generator_under_no_grad_is_one_from_step_to_step():
    w, outside = tensor(2), []

    @mc.no_grad()
    def predictions(n):
        """Docs."""
        got = None
        for i in range(n):
            got = yield w * i, got
        return "done"

    steps = predictions(2)
    y, got = next(steps)
    outside.append((w * 1.0).requires_grad)
    z, got = steps.send("hello")
    assert [y.requires_grad, z.requires_grad, got, outside] == [False, False, "hello", [True]]
    with pytest.raises(StopIteration) as stopped:
        next(steps)
    assert stopped.value.value == "done"
    assert predictions.__doc__ == "Docs."

    @mc.no_grad
    def caught():
        try:
            yield 1
        except KeyError:
            yield (w * 1.0).requires_grad

    steps = caught()
    next(steps)
    assert steps.throw(KeyError()) is False
    steps.close()


def test_modes_nest_and_end():
    x = tensor(1)

    def recorded():
        return (x * 1.0).requires_grad

    with mc.no_grad():
        assert not recorded()
        with mc.enable_grad():
            assert recorded()
            assert mc.enable_grad(recorded)()
            assert not mc.no_grad(recorded)()
            assert not mc.inference_mode()(recorded)()
        assert not recorded()
    assert recorded()
    with mc.set_grad_enabled(False):
        assert not recorded()
    assert recorded()
    assert not mc.set_grad_enabled(False)(recorded)()
    assert recorded()
    mc.set_grad_enabled(False)
    assert not recorded()
    assert not mc.is_grad_enabled()
    mc.set_grad_enabled(True)
    assert recorded()
    with pytest.raises(TypeError, match="no_grad: 3 is not a function"):
        mc.no_grad(3)
    with pytest.raises(TypeError, match="set_grad_enabled: mode must be True or False, not {}"):
        mc.set_grad_enabled({})
    assert recorded()


def test_a_decorated_function_may_run_in_several_threads():
    x, seen = tensor(1), []
    barrier = threading.Barrier(2, timeout=HANGS)

    @mc.no_grad()
    def look():
        barrier.wait()
        seen.append((x * 1.0).requires_grad)
        barrier.wait()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert seen == [False, False]
    assert (x * 1.0).requires_grad
