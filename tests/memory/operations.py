"""Every operation with arguments that do not fit, on guarded memory: each call returns or raises, and none crashes."""

import contextlib
import faulthandler
import sys

import numpy as np

import minicnn as mc
import minicnn.functional as F
from minicnn.tensor import DTYPES
from tests.golden.cases import CASES
from tests.memory.guarded import guard, put_on_guard

HUGE = [0, -1, 1, 2, 7, 2**31, 2**62, -(2**31), 1.5, float("nan"), None, "a", (), (1,), (0, -1), (2**31, 2**31), True]
ERRORS = (TypeError, ValueError, RuntimeError, IndexError, MemoryError)


def misfits(rng, a):
    """Arrays that are nearly like a."""
    yield a[..., :-1] if a.ndim else a[None]
    yield np.concatenate([a, a], -1) if a.ndim else np.stack([a, a])
    yield a[:0] if a.ndim else np.zeros(0, a.dtype)
    yield a[None]
    yield a.T
    yield a.reshape(-1)
    yield a.reshape(-1)[:1]
    yield np.broadcast_to(a.reshape(-1)[0] if a.size else a, a.shape)
    yield np.repeat(a, 2, -1)[..., ::2] if a.ndim else a
    yield a[..., ::-1] if a.ndim else a
    yield a.astype(np.float32 if a.dtype == np.float64 else np.float64)
    yield (np.nan_to_num(a) * 1000).astype(np.int64)
    yield a.astype(np.float16)
    yield a.astype(complex)
    yield np.asfortranarray(a)
    if a.dtype.kind in "iu":
        yield a + 1000
        yield a - 1000
        yield a.astype(np.uint64) + (1 << 63)
    for _ in range(3):
        yield np.full(rng.integers(0, 4, rng.integers(0, 5)), 0.5, a.dtype)


def tried(f):
    with contextlib.suppress(*ERRORS):
        return f()
    return None


def variants(rng, case):
    """(args, options) of a case: as it is, and with one thing changed that may not fit."""
    inputs, _ = case.inputs()
    yield inputs, {}
    for i, a in enumerate(inputs):
        if isinstance(a, np.ndarray):
            for other in misfits(rng, a):
                yield [*inputs[:i], other, *inputs[i + 1 :]], {}
        else:
            for other in HUGE:
                yield [*inputs[:i], other, *inputs[i + 1 :]], {}
    for name in case.options:
        for other in HUGE:
            yield inputs, {name: other}


def drive(rng, case, operation=F):
    for inputs, changed in variants(rng, case):
        for before in (False, True):
            own = [guard(a, before) if isinstance(a, np.ndarray) and a.dtype.itemsize < 16 else a for a in inputs]
            args, options = case.arguments(own)
            both = tried(lambda: getattr(F, f"{case.operation}_vjp")(*args, **options | changed))  # noqa: B023
            if both is None:
                continue
            y, vjp = both
            y = y[0] if isinstance(y, tuple) else y
            dy = rng.standard_normal(np.shape(y))
            for other in [dy, *misfits(rng, dy)]:
                tried(lambda: vjp(guard(np.asarray(other), before)))  # noqa: B023
        tensors = [mc.Tensor(a, a.dtype.kind == "f") if isinstance(a, np.ndarray) and a.dtype in DTYPES else a
                   for a in inputs]  # fmt: skip
        y = tried(lambda: case._replace(options=case.options | changed).call(getattr(F, case.operation), tensors))  # noqa: B023
        if isinstance(y, mc.Tensor) and y.requires_grad:
            tried(y.sum().backward)


def main(seed):
    faulthandler.enable()
    put_on_guard()
    mc.set_num_threads(2)
    rng = np.random.default_rng(seed)
    one_of_each = {}
    for case in CASES:
        one_of_each.setdefault(case.operation, []).append(case)
    for operation, cases in one_of_each.items():
        print(operation, flush=True)
        for case in [cases[0], cases[int(rng.integers(len(cases)))]]:
            drive(rng, case)
    print("done")


if __name__ == "__main__":
    main(int(sys.argv[1]))
