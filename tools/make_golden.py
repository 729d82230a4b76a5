"""Write tests/golden/: small inputs with the answers that PyTorch gives to them.

Needed only to add cases, in an environment of its own; the tests read the files and need no PyTorch::

    pip install torch==2.13.0 numpy safetensors
    python tools/make_golden.py                     # all families
    python tools/make_golden.py optim resize        # only these
    python tools/make_golden.py functional unfold   # of `functional`, with a file for each operation, only this one
    python tools/make_golden.py models resnet20     # of `models`, with a file for each network, only this one

A family is a function with ``@family`` that returns what its file holds, {name: array}; a folder is one that returns
{name of a file: what it holds}. A file whose answers differ from PyTorch's by less than 1e-12, as they do from machine
to machine, stays as it is. Keep the files small.
"""

import argparse
import itertools
import operator
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"
sys.path.insert(0, str(ROOT))
import twins  # noqa: E402

from tests.golden.cases import CASES  # noqa: E402
from tests.models.every_model import MODELS, ask  # noqa: E402
from tests.porting.architectures import ALL as ARCHITECTURES  # noqa: E402
from tests.porting.architectures import projections, set_weights  # noqa: E402

FAMILIES, FOLDERS = {}, {}


def family(f):
    FAMILIES[f.__name__] = f
    return f


def folder(f):
    FOLDERS[f.__name__] = f
    return f


@folder
def functional(operations):
    """In float64, for every case in tests/golden/cases.py, the fingerprints of its output and gradients."""
    out = {}
    for case in CASES:
        if operations and case.operation not in operations:
            continue
        places = (torch.nn.functional, torch, torch.Tensor, operator)
        f = next(getattr(place, case.operation) for place in places if hasattr(place, case.operation))
        inputs, has_gradient = case.inputs()
        inputs = [torch.from_numpy(a) if isinstance(a, np.ndarray) else a for a in inputs]
        tensors = [a.requires_grad_() for a, has in zip(inputs, has_gradient, strict=True) if has]
        y = case.call(f, inputs)
        y = y[0] if isinstance(y, tuple) else y
        y.backward(torch.from_numpy(np.asarray(case.c(tuple(y.shape)))))
        answers = [y.detach(), *(t.grad for t in tensors)]
        rows = [case.fingerprint(a.numpy(), which) for which, a in enumerate(answers)]
        out.setdefault(case.operation, []).extend(rows)
    return {operation: np.array(rows) for operation, rows in out.items()}


@folder
def models(names):
    """What the networks of tests/models/every_model.py answer in float64, with weights made from their names."""
    return {
        name: ask(torch, one.build(name, twins).double(), one, one.thorough)
        for name, one in MODELS.items()
        if not names or name in names
    }


@family
def normalization():
    """What a layer answers to the last of 3 batches, before and after eval(), and its buffers: all in one row."""
    rng = np.random.default_rng(0)
    out = {f"x{axes}": rng.normal(2, 3, (3, 2, 3, *(2, 3, 1)[:axes])) for axes in (0, 1, 2, 3)}
    settings = ("", ", momentum=None", ", eps=0.1, momentum=0.3, affine=True", ", affine=False, bias=False")
    layers = [("BatchNorm1d", 0)] + [(f"{kind}{nd}d", nd) for kind in ("BatchNorm", "InstanceNorm") for nd in (1, 2, 3)]
    for (name, axes), options, track in itertools.product(layers, settings, (False, True)):
        case = f"{name}(3{options}, track_running_stats={track}) x{axes}"
        layer = eval("torch.nn." + case.split(" x")[0], {"torch": torch}).double()
        for x in torch.from_numpy(out[f"x{axes}"]):
            y = layer.train()(x)
        answers = [y, layer.eval()(x), *layer.buffers()]
        out[case] = np.concatenate([a.detach().numpy().ravel() for a in answers])
    return out


@family
def optim():
    """Parameters after each of 5 steps; the names of the results are the constructors to call."""
    rng = np.random.default_rng(0)
    start, gradients = rng.standard_normal((2, 3)), rng.standard_normal((5, 2, 3))
    out = {"start": start, "gradients": gradients}
    for case in [
        "SGD(p)",
        "SGD(p, lr=0.1)",
        "SGD(p, lr=0.1, weight_decay=0.3)",
        "SGD(p, lr=0.1, momentum=0.9)",
        "SGD(p, lr=0.1, momentum=0.9, dampening=0.4)",
        "SGD(p, lr=0.1, momentum=0.9, dampening=0.4, weight_decay=0.3)",
        "SGD(p, lr=0.1, momentum=0.9, nesterov=True)",
        "SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.3)",
        "Adam(p)",
        "Adam(p, lr=0.1)",
        "Adam(p, lr=0.1, betas=(0.5, 0.8), eps=0.01)",
        "Adam(p, lr=0.1, weight_decay=0.3)",
        "Adam(p, lr=0.1, amsgrad=True, maximize=True, betas=(0.5, 0.6))",
        "AdamW(p)",
        "AdamW(p, lr=0.1, weight_decay=0.3)",
        "AdamW(p, lr=0.1, amsgrad=True, maximize=True, betas=(0.5, 0.6))",
        "RMSprop(p)",
        "RMSprop(p, lr=0.1, alpha=0.7, eps=0.01)",
        "RMSprop(p, lr=0.1, alpha=0.7, momentum=0.9, weight_decay=0.3)",
        "RMSprop(p, lr=0.1, alpha=0.7, momentum=0.9, centered=True, maximize=True)",
        "Adagrad(p)",
        "Adagrad(p, lr=0.1, lr_decay=0.2, initial_accumulator_value=0.4)",
        "Adagrad(p, lr=0.1, weight_decay=0.3, eps=0.01, maximize=True)",
        "Adadelta(p)",
        "Adadelta(p, lr=0.5, rho=0.7, eps=0.01, weight_decay=0.3)",
        "Adadelta(p, rho=0.5, maximize=True)",
        "Adamax(p)",
        "Adamax(p, lr=0.1, betas=(0.5, 0.8), eps=0.01)",
        "Adamax(p, lr=0.1, weight_decay=0.3, maximize=True)",
        "NAdam(p)",
        "NAdam(p, lr=0.1, betas=(0.5, 0.8), eps=0.01, momentum_decay=0.1)",
        "NAdam(p, lr=0.1, weight_decay=0.3, maximize=True)",
        "NAdam(p, lr=0.1, weight_decay=0.3, decoupled_weight_decay=True)",
        "SGD([dict(params=p, lr=0.2)], lr=0.1, momentum=0.9, maximize=True)",
    ]:
        for dtype in (torch.float32, torch.float64):
            p = torch.nn.Parameter(torch.tensor(start, dtype=dtype))
            optimizer = eval("torch.optim." + case, {"torch": torch, "p": [p]})
            steps = []
            for gradient in gradients:
                p.grad = torch.tensor(gradient, dtype=dtype)
                optimizer.step()
                steps.append(p.detach().numpy().copy())
            out[case + (" float32" if dtype == torch.float32 else "")] = np.stack(steps)
    return out


@family
def schedule():
    """Learning rate (and momentum) of two groups over 50 steps; the names are the constructors to call."""
    out = {}
    for case in [
        "StepLR(o, 7)",
        "StepLR(o, step_size=1, gamma=0.9)",
        "MultiStepLR(o, [3, 10, 10, 30], gamma=0.5)",
        "ExponentialLR(o, 0.95)",
        "CosineAnnealingLR(o, 20)",
        "CosineAnnealingLR(o, T_max=49, eta_min=0.001)",
        "LinearLR(o)",
        "LinearLR(o, start_factor=0.01, end_factor=0.5, total_iters=20)",
        "SequentialLR(o, [LinearLR(o, 0.1, total_iters=5), CosineAnnealingLR(o, 45)], [5])",
        "SequentialLR(o, [ExponentialLR(o, 0.9), StepLR(o, 4), LinearLR(o)], milestones=[10, 20])",
        "OneCycleLR(o, 0.5, total_steps=50)",
        "OneCycleLR(o, max_lr=[0.5, 0.2], epochs=5, steps_per_epoch=10, pct_start=0.1, anneal_strategy='linear')",
        "OneCycleLR(o, 0.5, 50, three_phase=True, div_factor=10, final_div_factor=100, base_momentum=0.5)",
        "OneCycleLR(o, 0.5, 60, cycle_momentum=False)",
        "SequentialLR(o, [LinearLR(o, 0.1, total_iters=5), OneCycleLR(o, 0.5, 45)], [5])",
        "ConstantLR(o)",
        "ConstantLR(o, factor=0.5, total_iters=20)",
        "PolynomialLR(o)",
        "PolynomialLR(o, total_iters=30, power=2.5)",
        "LambdaLR(o, lambda t: 0.95**t)",
        "LambdaLR(o, lr_lambda=[lambda t: 1 / (1 + t), lambda t: max(0, 1 - t / 30)])",
        "MultiplicativeLR(o, lambda t: 0.95)",
        "MultiplicativeLR(o, lr_lambda=[lambda t: 1 if t < 9 else 0.9, lambda t: t / (t + 1)])",
        "CosineAnnealingWarmRestarts(o, 7)",
        "CosineAnnealingWarmRestarts(o, T_0=3, T_mult=2, eta_min=0.001)",
        "SequentialLR(o, [ConstantLR(o, 0.1), LambdaLR(o, lambda t: 0.9**t)], [5])",
    ]:
        p, q = (torch.nn.Parameter(torch.zeros(1)) for _ in range(2))
        optimizer = torch.optim.SGD([{"params": [p]}, {"params": [q], "lr": 0.03}], lr=0.1, momentum=0.8)
        schedule = eval(case, vars(torch.optim.lr_scheduler) | {"o": optimizer})
        rows = []
        for _ in range(50):
            rows.append([[group["lr"], group["momentum"]] for group in optimizer.param_groups])
            schedule.step()
        out[case] = np.array(rows)
    return out


@family
def plateau():
    """Learning rates of two groups over 60 metrics; the names are the constructors to call."""
    rng = np.random.default_rng(0)
    metrics = np.concatenate([1 / np.arange(1, 16), np.full(20, 0.05), rng.uniform(0, 0.1, 25)])
    out = {"metrics": metrics}
    for case in [
        "ReduceLROnPlateau(o)",
        "ReduceLROnPlateau(o, factor=0.5, patience=2)",
        "ReduceLROnPlateau(o, 'max', 0.5, 3, threshold=0.1)",
        "ReduceLROnPlateau(o, factor=0.5, patience=1, threshold=0.02, threshold_mode='abs', cooldown=2)",
        "ReduceLROnPlateau(o, mode='max', factor=0.7, patience=0, threshold=0.01, threshold_mode='abs')",
        "ReduceLROnPlateau(o, factor=0.5, patience=0, cooldown=1, min_lr=[0.01, 0.02])",
        "ReduceLROnPlateau(o, factor=0.5, patience=0, min_lr=0.001, eps=0.005)",
    ]:
        p, q = (torch.nn.Parameter(torch.zeros(1)) for _ in range(2))
        optimizer = torch.optim.SGD([{"params": [p]}, {"params": [q], "lr": 0.03}], lr=0.1)
        schedule = eval(case, vars(torch.optim.lr_scheduler) | {"o": optimizer})
        rows = []
        for metric in metrics:
            schedule.step(metric)
            rows.append(schedule.get_last_lr())
        out[case] = np.array(rows)
    return out


@family
def resize():
    """Bilinear interpolation with half-pixel centres, up and down."""
    x = np.random.default_rng(0).random((2, 1, 5, 6), np.float32)
    out = {"x": x}
    for size in [(5, 6), (10, 12), (7, 13), (3, 4), (1, 1), (2, 9)]:
        y = torch.nn.functional.interpolate(torch.from_numpy(x), size=size, mode="bilinear", align_corners=False)
        out["y {}x{}".format(*size)] = y.numpy()
    return out


@family
def weights():
    """A state_dict that PyTorch saved, and what that network answers."""
    torch.manual_seed(0)
    nn = torch.nn
    up = nn.Sequential(nn.ConvTranspose2d(4, 2, 3, stride=2, groups=2), nn.BatchNorm2d(2, affine=False))
    layers = dict(conv=nn.Conv2d(1, 4, 3), norm=nn.BatchNorm2d(4), act=nn.ReLU(), up=up)
    net = nn.Sequential(OrderedDict(layers, flatten=nn.Flatten(), head=nn.Linear(98, 3)))
    x = torch.randn(4, 1, 5, 5)
    for _ in range(3):
        net(x)  # gathers statistics
    (GOLDEN / "weights.safetensors").write_bytes(save(net.state_dict()))
    return {"x": x.numpy(), "y": net.eval()(x).detach().numpy(), "keys": list(net.state_dict())}


@family
def architectures():
    """Networks of tests/porting/architectures.py: the losses of three steps, and projections of the weights."""
    out, nn = {}, torch.nn
    for make in ARCHITECTURES:
        step, nets = make(torch, nn, nn.functional, torch.optim)
        for net in nets:
            state = {key: torch.from_numpy(np.asarray(a)) for key, a in set_weights(net, make.__name__).items()}
            net.load_state_dict(state)
        out[f"{make.__name__} losses"] = np.array([step().item() for _ in range(3)])
        state = {f"{i}.{key}": a.numpy() for i, net in enumerate(nets) for key, a in net.state_dict().items()}
        out[f"{make.__name__} keys"] = np.array(list(state))
        out[f"{make.__name__} weights"] = projections(state)
    return out


def write(path, arrays):
    """Write {name: array} to a .npz, or one array to a .npy, unless the same is there to 1e-12."""
    if path.exists():
        old = np.load(path)
        old, new = (dict(a) if path.suffix == ".npz" else {"": a} for a in (old, arrays))
        if old.keys() == new.keys() and all(_same(old[key], np.asarray(new[key])) for key in new):
            return
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".npz":
        np.savez_compressed(path, **arrays)
    else:
        np.save(path, arrays)
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")


def _same(a, b):
    if a.shape != b.shape or a.dtype != b.dtype or a.dtype.kind != "f":
        return np.array_equal(a, b)
    tolerance = 1e-12 if a.dtype == np.float64 else 1e-6
    return np.allclose(a, b, tolerance, tolerance, equal_nan=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    every = FOLDERS | FAMILIES
    parser.add_argument(
        "names", nargs="*", help=f"of {', '.join(every)}; or files of {' and '.join(FOLDERS)}; default: all"
    )
    names = parser.parse_args().names
    files, found = {name for name in names if name not in every}, set()
    for name in [name for name in names if name in every] or every:
        if name in FAMILIES:
            write(GOLDEN / f"{name}.npz", FAMILIES[name]())
            continue
        for file, arrays in FOLDERS[name](files).items():
            found.add(file)
            write(GOLDEN / name / f"{file}{'.npz' if isinstance(arrays, dict) else '.npy'}", arrays)
    if files - found:
        parser.error(f"there is no {', '.join(sorted(files - found))}")


if __name__ == "__main__":
    main()
