"""Right answers in other styles than the reference: loops, einsum, float32, lists, Tensors, Numba, other names."""

import numba
import numpy as np
import pytest

import minicnn as mc
import minicnn.functional as F
from minicnn.exercises import check
from tests.exercises.passes import passes

# ---------------------------------------------------------------- chapter 9


@numba.njit
def dw_in_six_loops(x, dy, KH, KW, stride=1):
    N, C = x.shape[:2]
    O, OH, OW = dy.shape[1:]
    dw = np.zeros((O, C, KH, KW))
    for n in range(N):
        for o in range(O):
            for c in range(C):
                for i in range(OH):
                    for j in range(OW):
                        dw[o, c] += dy[n, o, i, j] * x[n, c, i * stride : i * stride + KH, j * stride : j * stride + KW]
    return dw


def dw_by_windows(x, dy, KH, KW, stride=1):
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(np.float32), (KH, KW), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride][:, :, : dy.shape[2], : dy.shape[3]]
    return np.einsum("noij,ncijkl->ockl", dy.astype(np.float32), windows)


def dw_in_a_tensor(x, dy, KH, KW, stride=1):
    OH, OW = dy.shape[2:]
    w = mc.Tensor(np.zeros((dy.shape[1], x.shape[1], KH, KW)))
    for u, v in np.ndindex(KH, KW):
        part = x[:, :, u : u + stride * OH : stride, v : v + stride * OW : stride]
        w.data[:, :, u, v] = np.einsum("noij,ncij->oc", dy, part)
    return w


@pytest.mark.parametrize("dw", [dw_in_six_loops, dw_by_windows, dw_in_a_tensor])
def test_weight_gradient(dw):
    passes("conv2d_weight_gradient", dw)


def backward_tap_by_tap(x, w, dy, *, stride=1, padding=0, groups=1):
    """Keyword arguments only, a tuple of a float32 array, a Tensor and a list."""
    (H, W), (KH, KW), (OH, OW), P = x.shape[2:], w.shape[2:], dy.shape[2:], padding
    xp = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P))).astype(np.float32)
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    c, o = x.shape[1] // groups, len(w) // groups
    for u, v in np.ndindex(KH, KW):
        grid = np.s_[:, :, u : u + stride * OH : stride, v : v + stride * OW : stride]
        for g in range(groups):
            cs, os = slice(g * c, g * c + c), slice(g * o, g * o + o)
            dw[os, :, u, v] = np.einsum("noij,ncij->oc", dy[:, os], xp[grid][:, cs])
            dxp[grid][:, cs] += np.einsum("noij,oc->ncij", dy[:, os], w[os, :, u, v])
    return dxp[:, :, P : P + H, P : P + W], mc.Tensor(dw), [float(dy[:, k].sum()) for k in range(len(w))]


def test_grouped_backward():
    passes("grouped_backward", backward_tap_by_tap)


def test_grouped_backward_refuses_minicnn_s_own():
    report = check("grouped_backward", lambda x, w, dy, **options: F.conv2d_vjp(x, w, None, **options)[1](dy))
    assert report.points == 0
    assert "do without minicnn's" in repr(report)


@pytest.mark.parametrize(
    "back",
    [
        lambda dy: [np.kron(dy, np.ones((2, 2))) / 4],  # a list of one
        lambda dy: (mc.Tensor(np.repeat(np.repeat(dy, 2, 2), 2, 3) * 0.25),),
        lambda dy: (
            np.einsum("ncij,kl->ncikjl", dy, np.full((2, 2), 0.25)).reshape(*dy.shape[:2], -1, 2 * dy.shape[3]),
        ),
    ],
)
def test_average_pool(back):
    passes("average_pool", lambda x: (x.reshape(*x.shape[:2], -1, 2, x.shape[3] // 2, 2).mean((3, 5)), back))


def test_residual_gradient_with_lists():
    passes(
        "residual_gradient",
        lambda dy, relu_back, conv_back: relu_back(dy) + np.array(conv_back(relu_back(dy).tolist())),
    )


# ---------------------------------------------------------------- chapter 10


class Var:
    """Without a sorted list: every way is walked, with slots, and operators as closures."""

    __slots__ = ("back", "grad", "value")

    def __init__(self, value, back=lambda g: None):
        self.value, self.back, self.grad = np.float32(value), back, 0

    def __add__(self, other):
        return Var(self.value + other.value, lambda g: (self.backward(g), other.backward(g)))

    def __mul__(self, other):
        return Var(self.value * other.value, lambda g: (self.backward(g * other.value), other.backward(g * self.value)))

    def backward(self, gradient=1):
        self.grad += gradient
        self.back(gradient)


def test_tape_of_closures():
    passes("scalar_tape", Var)


# ---------------------------------------------------------------- chapters 11 and 12


class SignedVelocity:
    """The velocity points downhill, and is scaled once more when it is used."""

    def __init__(self, momentum=0.9):
        self.mu, self.down = momentum, None

    def step(self, w, gradient, lr):
        self.down = -gradient if self.down is None else self.mu * self.down - gradient
        return mc.Tensor(w + lr * self.down)


def test_momentum():
    passes("sgd_momentum", SignedVelocity)


class PyTorchsAdam:
    """As PyTorch orders it, with the correction in the step size; in place on its own copy."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, **more):
        self.lr, self.betas, self.eps, self.steps = lr, (beta1, beta2), eps, []

    def step(self, w, gradient):
        self.steps.append(gradient)
        (b1, b2), t = self.betas, len(self.steps)
        m = sum((1 - b1) * b1 ** (t - k) * g for k, g in enumerate(self.steps, 1))
        v = sum((1 - b2) * b2 ** (t - k) * g * g for k, g in enumerate(self.steps, 1))
        w = w.copy()
        w -= self.lr / (1 - b1**t) * m / (np.sqrt(v) / np.sqrt(1 - b2**t) + self.eps)
        return w.tolist()


def test_adam():
    passes("adam_step", PyTorchsAdam)


class LoopingNorm:
    """Channel by channel, in lists, with Welford's n - 1."""

    def __init__(self, channels, momentum=0.1, eps=1e-5):
        self.momentum, self.eps, self.running_mean, self.running_var = momentum, eps, [0] * channels, [1] * channels

    def forward(self, x, training=True):
        y = np.empty_like(x, dtype=np.float32)
        for c, numbers in enumerate(x.swapaxes(0, 1)):
            mean, var = self.running_mean[c], self.running_var[c]
            if training:
                self.running_mean[c] += self.momentum * (numbers.mean() - mean)
                self.running_var[c] += self.momentum * (numbers.var(ddof=1) - var)
                mean, var = numbers.mean(), numbers.var()
            y[:, c] = (numbers - mean) * (var + self.eps) ** -0.5
        return y


def test_batch_norm():
    passes("batch_norm", LoopingNorm)


def batch_norm_by_jacobian(dy, x, gamma, eps=1e-5):
    """Each unit's whole table of slopes."""
    N, dx = len(x), np.zeros_like(x)
    for c in range(x.shape[1]):
        centred, std = x[:, c] - x[:, c].mean(), np.sqrt(x[:, c].var() + eps)
        table = (np.eye(N) - 1 / N) / std - np.outer(centred, centred) / (N * std**3)
        dx[:, c] = gamma[c] * table.T @ dy[:, c]
    z = (x - x.mean(0)) / np.sqrt(x.var(0) + eps)
    return [dx.astype(np.float32), np.einsum("nc,nc->c", dy, z), dy.sum(0).tolist()]


def test_batch_norm_backward():
    passes("batch_norm_backward", batch_norm_by_jacobian)


@pytest.mark.parametrize(
    "dropout",
    [
        lambda x, u, p, training=True: np.where(u < p, 0, x / (1 - p)) if training else x,
        lambda x, u, p, training=True: mc.Tensor(x * np.float32(1 / (1 - p)) * ~(u < p)) if training else x.tolist(),
        numba.njit(lambda x, u, p, training=True: np.where(u < p, 0.0, x / (1 - p)) if training else x.copy()),
    ],
)
def test_dropout(dropout):
    passes("dropout_train_and_test", dropout)


# ---------------------------------------------------------------- chapters 13 to 17


def columns_of_a_view(x, KH, KW, stride=1):
    windows = np.lib.stride_tricks.sliding_window_view(x, (KH, KW), axis=(2, 3))[:, :, ::stride, ::stride]
    N, C, OH, OW = windows.shape[:4]
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(N, C * KH * KW, OH * OW).astype(np.int32)


def test_window_columns():
    passes("window_columns", columns_of_a_view)


def test_products_are_numbers():
    shapes = {"conv1": 6 * (3 * 25 + 1), "fc3": np.int32(2210), "all": 63_366.0}
    passes("lenet_in_colour", shapes)
    passes("lenet_without_border", {"heights after conv1, pool, conv2, pool": (24, 12, 8, 4), "inputs of fc1": 4 * 64})
    passes("strided_by_hand", {"dx": np.array([2.0, -1, 5, -2, 2]), "dw": (1, 8, 2)})
    passes(
        "lenet_detective",
        dict(zip(["right", "labels of other images", "softmax twice", "no zero_grad"], "dbca", strict=True)),
    )


def network_of_modules(shape, layers):
    """Built with minicnn and asked."""
    x, shapes, count = mc.Tensor(np.zeros((1, *shape), np.float32)), [], 0
    for kind, *numbers in layers:
        if kind == "dense":
            x = F.flatten(x, 1)
            layer = mc.Linear(x.shape[1], *numbers)
        else:
            layer = mc.Conv2d(x.shape[1], *numbers) if kind == "conv" else mc.AvgPool2d(*numbers)
        x = layer(x)
        shapes.append([*x.shape[1:]])
        count += sum(p.size for p in layer.parameters())
    return [shapes, count]


def test_count_a_network():
    network_of_modules([1, 6, 6], [["conv", 1, 3], ["pool", 2], ["dense", 2]])  # compiled before the clock starts
    passes("count_a_network", network_of_modules)
