"""Write tests/golden/: small inputs with the answers that PyTorch gives to them.

Needed only to add cases, in an environment of its own; the tests read the files and need no PyTorch::

    pip install torch==2.13.0 numpy safetensors
    python tools/make_golden.py               # all families
    python tools/make_golden.py optim resize  # only these

A family is a function with ``@family`` that returns what its file holds, {name: array}. The same call writes
the same bytes again. Keep the files small.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"
sys.path.insert(0, str(ROOT))
from tests.golden.cases import CASES  # noqa: E402

FAMILIES = {}


def family(f):
    FAMILIES[f.__name__] = f
    return f


@family
def functional():
    """In float64, for every case in tests/golden/cases.py, the fingerprints of its output and gradients."""
    out = {}
    for case in CASES:
        f = getattr(torch.nn.functional, case.operation, None) or getattr(torch, case.operation)
        inputs, has_gradient = case.inputs()
        inputs = [torch.from_numpy(a) if isinstance(a, np.ndarray) else a for a in inputs]
        tensors = [a.requires_grad_() for a, has in zip(inputs, has_gradient, strict=True) if has]
        y = f(*inputs, **case.options)
        y.backward(torch.from_numpy(np.asarray(case.c(tuple(y.shape)))))
        answers = [y.detach(), *(t.grad for t in tensors)]
        rows = [case.fingerprint(a.numpy(), which) for which, a in enumerate(answers)]
        out.setdefault(case.operation, []).extend(rows)
    return {operation: np.array(rows) for operation, rows in out.items()}


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
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(18, 3))
    (GOLDEN / "weights.safetensors").write_bytes(save(net.state_dict()))
    x = torch.randn(2, 1, 5, 5)
    return {"x": x.numpy(), "y": net(x).detach().numpy()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("families", nargs="*", help=f"of {', '.join(FAMILIES)}; default: all")
    GOLDEN.mkdir(exist_ok=True)
    for name in parser.parse_args().families or FAMILIES:
        path = GOLDEN / f"{name}.npz"
        np.savez_compressed(path, **FAMILIES[name]())
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
