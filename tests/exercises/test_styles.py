"""Right answers to the exercises of chapters 1 to 8 in styles that nobody expected: they get full marks."""

import math

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import minicnn as mc
import minicnn.functional as F
from minicnn.exercises import check
from minicnn.exercises.chapters.ch03_padding import forward as ch03_conv
from minicnn.exercises.chapters.ch07_pooling import pooling as ch07
from tests.exercises.passes import passes


def lists_brighten(photo, by):
    return [[[min(255, max(0, int(v) + by)) for v in pixel] for pixel in row] for row in photo]


def windows(x, w, stride=1, padding=0, dilation=1):
    span = [dilation * (k - 1) + 1 for k in w.shape]
    seen = sliding_window_view(np.pad(x, padding), span)[::stride, ::stride, ::dilation, ::dilation]
    return np.einsum("ijkl,kl->ij", seen, w)


def lists_conv2d(x, w, stride=1, padding=0, dilation=1):
    H, W, KH, KW = *np.shape(x), *np.shape(w)

    def pixel(i, j):
        return x[i - padding][j - padding] if 0 <= i - padding < H and 0 <= j - padding < W else 0

    rows = range(0, H + 2 * padding - dilation * (KH - 1), stride)
    columns = range(0, W + 2 * padding - dilation * (KW - 1), stride)
    return [
        [
            sum(w[k][l] * pixel(i + dilation * k, j + dilation * l) for k in range(KH) for l in range(KW))
            for j in columns
        ]
        for i in rows
    ]


def grouped(x, w, groups=1):
    seen = sliding_window_view(x, w.shape[2:], axis=(1, 2))  # (C, OH, OW, KH, KW)
    seen = seen.reshape(groups, w.shape[1], *seen.shape[1:])
    split = w.reshape(groups, -1, *w.shape[1:])
    return np.einsum("gdijkl,godkl->goij", seen, split).reshape(-1, *seen.shape[2:4])


def from_the_end(layers):
    """What n neighbouring outputs see, for n = 1 and 2, from the last layer to the first."""

    def seen(n):
        for kernel, stride, dilation in reversed(layers):
            n = (n - 1) * stride + (kernel - 1) * dilation + 1
        return n

    return [seen(1), seen(2) - seen(1)]


def merge_by_impulse(w1, w2):
    """The response to one bright pixel, turned."""
    (H, W), (KH, KW) = w1.shape, w2.shape
    image = np.zeros((2 * (H + KH) - 3, 2 * (W + KW) - 3))
    image[H + KH - 2, W + KW - 2] = 1
    return windows(windows(image, w1), w2)[::-1, ::-1]


def pool_in_one_line(x, K, S):
    return sliding_window_view(x, (K, K))[::S, ::S].max(axis=(2, 3))


def winners_by_loops(x, K, S):
    H, W = x.shape
    found = []
    for i in range(0, H - K + 1, S):
        places = [[(a, b) for a in range(i, i + K) for b in range(j, j + K)] for j in range(0, W - K + 1, S)]
        found.append([a * W + b for a, b in (max(p, key=lambda place: x[place]) for p in places)])
    return found


def entropy_by_loops(logits, labels):
    total = 0.0
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        top = max(row)
        total += top + math.log(sum(math.exp(s - top) for s in row)) - row[label]
    return total / len(labels)


def gradient_flat(f, x, h=1e-5):
    g = []
    for k in range(x.size):
        bump = np.zeros(x.size)
        bump[k] = h
        g.append((f(x + bump.reshape(x.shape)) - f(x - bump.reshape(x.shape))) / (h + h))
    return np.reshape(g, x.shape)


def along_directions(f, gradient):
    """Random directions instead of entries: three differences are enough."""
    rng = np.random.default_rng(3)
    for _ in range(3):
        x, d = rng.standard_normal((2, 4, 4))
        slope = (f(x + 1e-6 * d) - f(x - 1e-6 * d)) / 2e-6
        if abs(slope - np.sum(np.asarray(gradient(x)) * d)) > 1e-3:
            return True
    return False


def weights_one_by_one(mystery):
    """Nine impulses in one large image."""
    image = np.zeros((17, 17))
    image[2::6, 2::6] = 1
    y = np.array(mystery(image))
    return [[float(y[2 - k, 2 - l]) for l in range(3)] for k in range(3)]


STYLES = {
    "brighter": {"lists": lists_brighten, "where": lambda p, by: np.minimum(np.maximum(p.astype(float) + by, 0), 255)},
    "from_photo": {
        "float32": lambda p: np.moveaxis(p, -1, 0).astype(np.float32) / 255,
        "a Tensor": lambda p: mc.Tensor(p.transpose(2, 0, 1) / 255),
        "stack": lambda p: np.stack([p[..., c] / 255 for c in range(3)]),
        "lists": lambda p: [(p[:, :, c] / 255).tolist() for c in range(3)],
    },
    "true_convolution": {
        "einsum": lambda x, w: windows(x, np.flip(w)),
        "lists": lambda x, w: lists_conv2d(x, w[::-1, ::-1]),
        "float32": lambda x, w: windows(x.astype(np.float32), w[::-1, ::-1].astype(np.float32)),
    },
    "design_a_kernel": {
        "Sobel": lambda: [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
        "an array": lambda: np.outer([-1, 0, 1], [1, 1, 1]),
        "one column": lambda: [[0, -0.5, 0], [0, 0, 0], [0, 0.5, 0]],
        "two rows": lambda: np.array([[-1, -1, -1], [1, 1, 1], [0, 0, 0]], dtype=np.float32),
    },
    "mystery_kernel": {
        "nine impulses": weights_one_by_one,
        "a large impulse": lambda m: np.flip(m(np.pad([[8.0]], 2))) / 8,
        "a Tensor": lambda m: mc.Tensor(m(np.pad([[1.0]], 2))[::-1, ::-1].copy()),
    },
    "same_padding": {
        "zeros": lambda x, K: np.block(
            [
                [np.zeros(((K - 1) // 2, x.shape[1] + K - 1))],
                [np.zeros((len(x), (K - 1) // 2)), x, np.zeros((len(x), K // 2))],
                [np.zeros((K // 2, x.shape[1] + K - 1))],
            ]
        )
    },
    "strided_conv2d": {
        "einsum": windows,
        "lists": lists_conv2d,
        "float32": lambda x, w, **k: windows(x.astype(np.float32), w.astype(np.float32), **k),
        "more options": lambda x, w, stride=1, padding=0, dilation=1, groups=1: windows(
            x, w, stride, padding, dilation
        ),
    },
    "one_by_one": {
        "einsum": lambda x, w: np.einsum("oc,chw->ohw", w, x),
        "float32": lambda x, w: np.tensordot(w.astype(np.float32), x.astype(np.float32), 1),
        "loops": lambda x, w: [sum(w[o, c] * x[c] for c in range(len(x))) for o in range(len(w))],
        "a Tensor": lambda x, w: mc.Tensor(np.tensordot(w, x, 1)),
    },
    "grouped_conv2d": {"einsum": grouped, "integers": lambda x, w, groups=1: grouped(x, w, groups).astype(int)},
    "reach": {"from the end": from_the_end, "an array": lambda layers: np.array(from_the_end(layers))},
    "two_in_one": {"by an impulse": merge_by_impulse, "float32": lambda a, b: np.float32(merge_by_impulse(a, b))},
    "smooth_relu": {
        "logaddexp": lambda x: np.logaddexp(0, x),
        "where": lambda x: np.where(x > 30, x, np.log1p(np.exp(np.minimum(x, 30)))),
        "float32": lambda x: np.logaddexp(np.float32(0), x.astype(np.float32)),
        "lists": lambda x: (
            [[max(v, 0) + math.log1p(math.exp(-abs(v))) for v in row] for row in np.atleast_2d(x).tolist()]
            if x.ndim > 1
            else [max(v, 0) + math.log1p(math.exp(-abs(v))) for v in x.tolist()]
        ),
    },
    "catch_the_tanh": {
        "one number at a time": lambda tanh: any(
            not abs(float(tanh(np.array([v]))[0]) - math.tanh(v)) < 1e-4 for v in (-900.0, -1.5, -0.3, 0.3, 1.5, 900.0)
        ),
        "a NumPy bool": lambda tanh: (
            ~np.isclose(tanh(np.linspace(-800, 800, 4001)), np.tanh(np.linspace(-800, 800, 4001)), atol=1e-4).all()
        ),
        "0 or 1": lambda tanh: int(
            not np.allclose(tanh(np.array([-2e3, -1, 1, 2e3])), np.tanh([-2e3, -1, 1, 2e3]), atol=1e-3)
        ),
    },
    "max_and_where": {
        "one line, loops": (pool_in_one_line, winners_by_loops),
        "float32, an array": (
            lambda x, K, S: pool_in_one_line(x, K, S).astype(np.float32),
            lambda x, K, S: np.array(winners_by_loops(x, K, S), dtype=float),
        ),
    },
    "stable_cross_entropy": {
        "loops": entropy_by_loops,
        "logaddexp": lambda s, y: np.mean(np.logaddexp.reduce(s, axis=1) - s[range(len(y)), y]),
        "float32": lambda s, y: np.float32(entropy_by_loops(s.astype(np.float32), y)),
        "a Tensor": lambda s, y: mc.Tensor(np.array(entropy_by_loops(s, y))),
        "an array of one": lambda s, y: np.array([entropy_by_loops(s, y)]),
    },
    "small_differences": {"flat": gradient_flat, "lists": lambda f, x, h: gradient_flat(f, x, h).tolist()},
    "catch_the_gradient": {"directions": along_directions},
}


@pytest.mark.parametrize(("id", "style"), [(id, style) for id in STYLES for style in STYLES[id]])
@pytest.mark.parametrize("seed", ["0", "1", "another"])
def test_unusual_but_right(id, style, seed):
    answer = STYLES[id][style]
    passes(id, *(answer if isinstance(answer, tuple) else (answer,)), seeds=[seed])


def test_compiled_by_numba():
    import numba

    assert check("max_and_where", numba.njit(largest_by_loops), ch07.winners).state == "passed"


def largest_by_loops(x, K, S):
    y = np.full(((x.shape[0] - K) // S + 1, (x.shape[1] - K) // S + 1), -np.inf)
    for i, j, k, l in np.ndindex(y.shape[0], y.shape[1], K, K):
        y[i, j] = max(y[i, j], x[i * S + k, j * S + l])
    return y


@pytest.mark.parametrize("case", [{"stride": 2}, {"padding": 1}, {"dilation": 2}, {"stride": 3, "padding": 2}])
def test_references_agree_with_the_library(case):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((7, 9)), rng.standard_normal((3, 2))
    assert np.allclose(ch03_conv.conv2d(x, w, **case), F.conv2d(x[None, None], w[None, None], **case)[0, 0])


def test_second_look_at_the_mystery_is_refused():
    def greedy(mystery):
        return np.stack([mystery(np.eye(3)), mystery(np.eye(3))])

    assert "mystery can be called only once." in repr(check("mystery_kernel", greedy))


@pytest.mark.parametrize(
    ("id", "answer", "points"),
    [
        ("catch_the_tanh", True, 0),
        ("catch_the_tanh", False, 0),
        ("catch_the_gradient", True, 0),
        ("catch_the_gradient", False, 0),
    ],
)
def test_a_guess_earns_nothing(id, answer, points):
    assert check(id, lambda *functions: answer).points == points
