"""Layers, optimisers and what else holds arrays, with arrays that were set by hand: each call returns or raises."""

import faulthandler
import sys

import numpy as np

import minicnn as mc
from minicnn.tensor import DTYPES
from tests.layers.every_layer import LAYERS
from tests.memory.guarded import guard, put_on_guard
from tests.memory.operations import HUGE, misfits, tried

OPTIMISERS = {
    "SGD": lambda params: mc.SGD(params, lr=0.1),
    "momentum": lambda params: mc.SGD(params, lr=0.1, momentum=0.9, weight_decay=0.1),
    "Nesterov": lambda params: mc.SGD(params, lr=0.1, momentum=0.9, nesterov=True),
    "Adam": lambda params: mc.Adam(params, amsgrad=True),
    "AdamW": lambda params: mc.AdamW(params),
    "RMSprop": lambda params: mc.RMSprop(params, momentum=0.9, centered=True),
    "Adagrad": lambda params: mc.Adagrad(params),
    "Adadelta": lambda params: mc.Adadelta(params),
    "Adamax": lambda params: mc.Adamax(params),
    "NAdam": lambda params: mc.NAdam(params, weight_decay=0.1),
}


def set_in_place(module, name, array):
    """Past all checks, as `object.__setattr__` and other code that means no harm can."""
    old = vars(module)[name]
    if isinstance(old, mc.Tensor):
        old.data = array
    else:
        vars(module)[name] = array


def drive_layer(rng, one):
    module = one.make()
    places = [(m, name) for m in module.modules() for name, value in [*vars(m).items()]
              if isinstance(value, (mc.Parameter, np.ndarray))]  # fmt: skip

    def forward_and_back(*inputs):
        inputs = [mc.Tensor(guard(a), a.dtype.kind == "f") for a in inputs]
        y = module(*inputs)
        (y[0] if isinstance(y, tuple) else y).sum().backward()

    for training in (True, False):
        module.train(training)
        inputs = one.inputs()
        tried(lambda: forward_and_back(*inputs))  # noqa: B023
        for i, a in enumerate(inputs):
            for other in misfits(rng, a):
                tried(lambda: forward_and_back(*inputs[:i], other, *inputs[i + 1 :]))  # noqa: B023
        for owner, name in places:
            value = getattr(owner, name)
            right = value.data if isinstance(value, mc.Tensor) else value
            for other in misfits(rng, right):
                if other.dtype in DTYPES:
                    tried(lambda: set_in_place(owner, name, guard(other)))  # noqa: B023
                    module.zero_grad()
                    tried(lambda: forward_and_back(*inputs))  # noqa: B023
            module.zero_grad()
            set_in_place(owner, name, right)
        for name in [*vars(module)]:
            right = vars(module)[name]
            if name[0] != "_" and not isinstance(right, (mc.Module, mc.Parameter, np.ndarray, np.random.Generator)):
                for other in HUGE:
                    vars(module)[name] = other
                    tried(lambda: forward_and_back(*inputs))  # noqa: B023
                vars(module)[name] = right


def drive_optimiser(rng, make):
    def fresh(dtype=np.float32):
        p = mc.Parameter(guard(rng.standard_normal((3, 500)).astype(dtype)))
        p.grad = guard(rng.standard_normal((3, 500)).astype(dtype))
        return p, make([p])

    def step(optimizer, p):
        tried(optimizer.step)
        tried(lambda: mc.clip_grad_norm_([p], 1.0))
        tried(lambda: mc.clip_grad_value_([p], 1.0))
        tried(lambda: (p * 2.0).sum().backward())
        tried(optimizer.step)

    for dtype in (np.float32, np.float64):
        p, optimizer = fresh(dtype)
        optimizer.step()
        for other in misfits(rng, p.data):
            if other.dtype not in DTYPES:
                continue
            p, optimizer = fresh(dtype)  # data replaced before the first step, and after it
            tried(lambda: setattr(p, "data", guard(other)))  # noqa: B023
            step(optimizer, p)
            p, optimizer = fresh(dtype)
            optimizer.step()
            tried(lambda: setattr(p, "data", guard(other)))  # noqa: B023
            step(optimizer, p)
            p, optimizer = fresh(dtype)  # the gradient, past the check of the assignment
            object.__setattr__(p, "_grad", guard(other))
            step(optimizer, p)
            p, optimizer = fresh(dtype)  # the state
            optimizer.step()
            for key, value in optimizer.state[p].items():
                if isinstance(value, np.ndarray) and value.ndim:
                    optimizer.state[p][key] = guard(other)
                    step(optimizer, p)
            p, optimizer = fresh(dtype)  # a state that is loaded
            optimizer.step()
            state = optimizer.state_dict()
            for key, value in state["state"][0].items() if state["state"] else ():
                if isinstance(value, np.ndarray) and value.ndim:
                    state["state"][0][key] = guard(other)
                    tried(lambda: optimizer.load_state_dict(state))  # noqa: B023
                    step(optimizer, p)
        for key in optimizer.defaults:
            for value in HUGE:
                p, optimizer = fresh(dtype)
                optimizer.param_groups[0][key] = value
                step(optimizer, p)


def drive_average(rng):
    model = mc.Linear(4, 3, rng=rng)
    for other in misfits(rng, model.weight.data):
        average = mc.ExponentialMovingAverage(model, 0.5)
        right = model.weight.data
        tried(lambda: setattr(model.weight, "data", other))  # noqa: B023
        tried(average.update)
        model.weight.data = right
        state = average.state_dict()
        state["means"]["weight"] = other
        tried(lambda: average.load_state_dict(state))  # noqa: B023
        tried(average.update)


def main(seed):
    faulthandler.enable()
    put_on_guard()
    mc.set_num_threads(2)
    rng = np.random.default_rng(seed)
    for name, one in LAYERS.items():
        print(name, flush=True)
        drive_layer(rng, one)
    for name, make in OPTIMISERS.items():
        print(name, flush=True)
        drive_optimiser(rng, make)
    drive_average(rng)
    print("done")


if __name__ == "__main__":
    main(int(sys.argv[1]))
